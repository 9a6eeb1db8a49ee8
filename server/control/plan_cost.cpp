#include "server/control/plan_cost.h"

namespace hocket {

namespace {

// Measured (unit_bench, AVX-512): lanes take 1.3 to 2.2 times as long as one node does, and longer where a node alone runs its frames as
// lanes: UnitEntry::few. With a memory that is told where they are given one in common, see RackBook. Stateless units alone run so too.
constexpr float kLanesRatio = 1.8F;
constexpr float kPureLanes_ns = 0.9F;
constexpr float kPureAlone_ns = 0.35F;

}  // namespace

float cost_of(const FlowNode& node) {
  if (node.kind == FlowNode::Kind::voices) return 2.F * static_cast<float>(node.voice->steps_a_frame);
  if (node.kind != FlowNode::Kind::unit) return 0.5F;
  const UnitNode& unit = unit_of(node);
  if (node.entry->info.pure) return kPureAlone_ns * static_cast<float>(node.channels);
  return static_cast<float>(unit.states) *
         (1.F + 0.1F * static_cast<float>(unit.kernel.state_bytes) / 4 + (unit.memory[0].frames ? 3.F : 0.F));
}

float lanes_cost_of(const FlowNode& node) {
  if (node.entry->info.pure) return kPureLanes_ns * static_cast<float>(node.channels);
  const auto more = static_cast<float>(node.entry->memory ? 0 : node.entry->few - 1);
  return (kLanesRatio + more) * cost_of(node);
}

}  // namespace hocket
