// Which nodes of a flow run side by side, as lanes of one kernel.
#pragma once

#include <cstdint>
#include <vector>

#include "server/control/plan_series.h"

namespace hocket {

/// Up to so many nodes of the same unit in the same form, none of which needs another. Where a lane holds a node's source and the
/// node itself, what is between them stays in lanes.
struct LaneGroup {
  static constexpr std::uint32_t kIdle = UINT32_MAX;
  std::vector<std::uint32_t> nodes;  ///< by lane, or kIdle
};

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

}  // namespace hocket
