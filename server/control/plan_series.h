// Which nodes of a flow run as a wave: units one behind the other on one signal.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "server/control/plan_flow.h"

namespace hocket {

/// Nodes of the same unit, or of kin, one behind the other, each heard by the next alone, run as a wave.
using NodeSeries = std::vector<std::uint32_t>;

/// Those that run faster so than by themselves, or side by side as lanes; `order`: of all nodes, each after what it reads.
std::vector<NodeSeries> series_in(const Flow&, std::span<const std::uint32_t> order, int width);

/// Are all of them the same unit?
bool all_alike(const Flow&, std::span<const std::uint32_t> series);
/// Does the parameter move which the coefficients of some of them follow?
bool any_follows(const Flow&, std::span<const std::uint32_t> series);
/// All that a series hears from outside.
template <class F>
void each_heard(const Flow& flow, const NodeSeries& series, F f) {
  for (const auto n : series)
    for (std::size_t p = n == series[0] ? 0 : 1; p < flow.nodes[n].inputs.size(); ++p) f(flow.nodes[n].inputs[p]);
}

/// What nodes in series cost, in nanoseconds a frame.
float series_cost_of(const Flow&, const NodeSeries&, int width);

}  // namespace hocket
