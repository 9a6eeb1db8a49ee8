#include "server/control/plan_voice_swing.h"

#include <algorithm>

#include "server/control/plan_voice.h"

namespace hocket {

std::vector<bool> steady_nodes(const GraphDef& graph, const UnitTable& table) {
  std::vector<bool> steady;
  const auto is_steady = [&](const Ref& ref) {
    if (ref.kind == Ref::Kind::node) return ref.index < steady.size() && steady[ref.index];
    return ref.kind == Ref::Kind::number || (ref.kind == Ref::Kind::param && ref.index != kGateParam);
  };
  for (const NodeDef& node : graph.nodes) {
    const UnitEntry* const entry = find_unit(table, node.unit);
    const bool pure = node.unit == "mix" ? node.inputs.size() <= kMaxVoiceWires : entry && entry->info.pure;
    steady.push_back(pure && node.channels == 1 && std::all_of(node.inputs.begin(), node.inputs.end(), is_steady));
  }
  return steady;
}

bool swings_filter(const GraphDef& graph, const UnitTable& table, const std::vector<bool>& absorbed,
                   const std::function<bool(const Ref&)>& steady, std::uint32_t oscillator, const Scaling& scaling) {
  const auto last = scaling.nodes.empty() ? oscillator : scaling.last();
  const NodeDef& node = graph.nodes[oscillator];
  const UnitEntry* const entry = find_unit(table, node.unit);
  if (!entry || !entry->swings || node.channels != 1) return false;
  if (!steady(scaling.factor) || !steady(scaling.offset) || !std::all_of(node.inputs.begin(), node.inputs.end(), steady)) return false;
  for (auto n = last + 1; n < graph.nodes.size(); ++n) {
    const NodeDef& filter = graph.nodes[n];
    if (std::find(filter.inputs.begin(), filter.inputs.end(), Ref::node(last)) == filter.inputs.end()) continue;
    const UnitEntry* const form = find_unit(table, filter.unit);
    return form && form->voice_swung.run && filter.channels == 1 && filter.inputs.size() > 1 && filter.inputs[1] == Ref::node(last) &&
           !absorbed[n] && (filter.inputs.size() < 3 || steady(filter.inputs[2]));
  }
  return false;
}

bool is_bounded(const GraphDef& graph, const UnitTable& table, const Ref& ref) {
  if (ref.kind != Ref::Kind::node) return false;
  const UnitEntry* const entry = find_unit(table, graph.nodes[ref.index].unit);
  return entry && entry->bounded;
}

}  // namespace hocket
