#include "server/control/plan_voice_swing.h"

#include <algorithm>

#include "server/control/plan_voice.h"

namespace hocket {

bool is_steady(const GraphDef& graph, const UnitTable& table, const std::vector<bool>& absorbed, const Ref& ref) {
  if (ref.kind != Ref::Kind::node) return ref.kind == Ref::Kind::number || (ref.kind == Ref::Kind::param && ref.index != kGateParam);
  const NodeDef& node = graph.nodes[ref.index];
  const UnitEntry* const entry = find_unit(table, node.unit);
  return entry && entry->info.pure && !absorbed[ref.index] &&
         std::all_of(node.inputs.begin(), node.inputs.end(), [&](const Ref& each) { return is_steady(graph, table, absorbed, each); });
}

bool swings_filter(const GraphDef& graph, const UnitTable& table, const std::vector<bool>& absorbed, std::uint32_t oscillator,
                   const Scaling& scaling) {
  const auto steady = [&](const Ref& ref) { return is_steady(graph, table, absorbed, ref); };
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
