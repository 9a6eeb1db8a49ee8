#include "server/control/plan_series.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "server/control/plan_cost.h"
#include "server/engine/lane_steps.h"

namespace hocket {

namespace {

constexpr float kSeriesRatio = 3.5F;     // one wave against one node; at most 4 where each depends long on the frame before
constexpr float kKinSeriesRatio = 4.5F;  // where they are not all the same unit
constexpr float kFollowedRatio = 1.2F;   // and where what their coefficients follow moves

// Could it be part of a series? One signal in, all else constant, but for what coefficients follow.
bool waves(const FlowNode& node) {
  if (node.kind != FlowNode::Kind::unit || !node.entry->series[0] || node.rings) return false;
  const UnitNode& unit = unit_of(node);
  if (unit.kernel.in_channels != 1 || unit.kernel.out_channels != 1 || unit.kernel.state_bytes > kMostCells * 4) return false;
  if (is_constant(node.inputs[0])) return false;
  for (std::size_t p = 1; p < node.inputs.size(); ++p)
    if (!is_constant(node.inputs[p]) && (p != kFollowedPort || !node.entry->followed_series[0])) return false;
  return true;
}

// Is it heard by one reader alone, which does the same to it?
bool leads_on(const FlowNode& before, int readers, const FlowNode& node) {
  const FlowInput& input = node.inputs[0];
  const UnitEntry &unit = *node.entry, &last = *before.entry;
  const bool kin = &unit == &last || (unit.kin_series[0] && unit.kin_series[0] == last.kin_series[0]);
  return kin && input.size() == 1 && input[0].fade == Fade::none && readers == 1 && node.channels == before.channels;
}

std::vector<int> count_readers(const Flow& flow) {
  std::vector<int> readers(flow.nodes.size(), 0);
  const auto count = [&](const FlowInput& input) {
    for (const auto& term : input)
      if (!term.constant) ++readers[term.node];
  };
  for (const auto& node : flow.nodes)
    for (const auto& input : node.inputs) count(input);
  for (const auto& output : flow.outputs) count(output.input);
  return readers;
}

// All of them, whether it is worth it or not.
std::vector<NodeSeries> all_series(const Flow& flow, std::span<const std::uint32_t> order) {
  const auto readers = count_readers(flow);
  std::vector<NodeSeries> found;
  std::vector<int> at(flow.nodes.size(), -1);
  for (const auto n : order) {
    const FlowNode& node = flow.nodes[n];
    if (!waves(node)) continue;
    const FlowTerm& from = node.inputs[0][0];
    if (!from.constant && at[from.node] >= 0 && leads_on(flow.nodes[from.node], readers[from.node], node)) {
      at[n] = at[from.node];
    } else {
      at[n] = static_cast<int>(found.size());
      found.emplace_back();
    }
    found[static_cast<std::size_t>(at[n])].push_back(n);
  }
  return found;
}

}  // namespace

// Where more buses do the same than there are units in a row, each row is run bus by bus instead.
std::vector<NodeSeries> series_in(const Flow& flow, std::span<const std::uint32_t> order, int width) {
  auto found = all_series(flow, order);
  std::map<std::vector<const UnitEntry*>, std::size_t> alike;
  const auto likeness = [&](const NodeSeries& s) {
    std::vector<const UnitEntry*> units;
    for (const auto n : s) units.push_back(flow.nodes[n].entry);
    return units;
  };
  for (const auto& series : found) ++alike[likeness(series)];
  const auto gains_nothing = [&](const NodeSeries& series) {
    const FlowNode& one = flow.nodes[series[0]];
    const auto units = static_cast<float>(series.size()), rows = static_cast<float>(alike[likeness(series)]);
    const auto groups = std::ceil(rows / static_cast<float>(width));
    const float side_by_side = std::min(rows * cost_of(one), groups * lanes_cost_of(one)) * units;
    return rows * series_cost_of(flow, series, width) >= side_by_side;
  };
  std::erase_if(found, gains_nothing);
  return found;
}

bool all_alike(const Flow& flow, std::span<const std::uint32_t> series) {
  return std::all_of(series.begin(), series.end(), [&](auto n) { return flow.nodes[n].entry == flow.nodes[series[0]].entry; });
}

bool any_follows(const Flow& flow, std::span<const std::uint32_t> series) {
  return std::any_of(series.begin(), series.end(),
                     [&](auto n) { return flow.nodes[n].entry->followed_series[0] && !is_constant(flow.nodes[n].inputs[kFollowedPort]); });
}

float series_cost_of(const Flow& flow, const NodeSeries& series, int width) {
  const auto waves = (series.size() + static_cast<std::size_t>(width) - 1) / static_cast<std::size_t>(width);
  const float ratio = (all_alike(flow, series) ? kSeriesRatio : kKinSeriesRatio) * (any_follows(flow, series) ? kFollowedRatio : 1);
  return ratio * cost_of(flow.nodes[series[0]]) * static_cast<float>(waves);
}

}  // namespace hocket
