// Which nodes of a flow run side by side, as lanes of one kernel.
#pragma once

#include <cstdint>
#include <vector>

#include "server/control/plan_flow.h"

namespace hocket {

/// Up to so many nodes of the same unit in the same form, none of which needs another. Where a lane holds a node's source and the
/// node itself, what is between them stays in lanes.
struct LaneGroup {
  static constexpr std::uint32_t kIdle = UINT32_MAX;
  std::vector<std::uint32_t> nodes;  ///< by lane, or kIdle
};

/// Nodes of the same unit, or of kin, one behind the other, each heard by the next alone, run as a wave.
using NodeSeries = std::vector<std::uint32_t>;
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

/// A node, a group of lanes, or a series.
struct FlowStep {
  enum class Kind : std::uint8_t { node, lanes, series };
  Kind kind = Kind::node;
  std::uint32_t index = 0;
};

struct Lanes {
  int width = 0;  ///< 0: every node by itself
  std::vector<LaneGroup> groups;
  std::vector<NodeSeries> series;
  std::vector<FlowStep> order;  ///< each follows what it reads
  std::vector<int> group_of;    ///< by node, or -1
  std::vector<int> lane_of;     ///< by node

  std::uint32_t member(std::uint32_t group) const;  ///< any of its nodes
  /// What one wire of the group's inputs hears of the group that stands before it, lane by lane; -1: not so.
  int direct_source(const Flow&, const LaneGroup&, std::size_t port, int channel, int* source_channel = nullptr) const;
  /// The group whose lanes, all of them in their order, are the terms of a mix, which then adds them up as they stand; -1: there is none.
  int summed_group(const Flow&, std::uint32_t mix) const;
};

Lanes side_by_side(const Flow&, int width);

/// What a node costs by itself, in nanoseconds a frame: a guess that the measured cost replaces once it plays.
float cost_of(const FlowNode&);
/// What a group costs, whatever number of its lanes are idle.
float lanes_cost_of(const FlowNode&);
/// What nodes in series cost.
float series_cost_of(const Flow&, const NodeSeries&, int width);
/// What it costs to bring one signal a lane into lanes, or back.
inline constexpr float kWeave_ns = 2;

}  // namespace hocket
