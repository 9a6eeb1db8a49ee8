// What nodes cost, as far as it can be told before they play.
#pragma once

#include "server/control/plan_flow.h"

namespace hocket {

inline bool is_constant(const FlowInput& input) {
  return input.empty() || (input.size() == 1 && input[0].constant && input[0].fade == Fade::none);
}

inline const UnitNode& unit_of(const FlowNode& node) {
  return static_cast<const UnitNode&>(*node.object);
}

/// What a node costs by itself, in nanoseconds a frame: a guess that the measured cost replaces once it plays.
float cost_of(const FlowNode&);
/// What a group of such nodes costs as lanes, whatever number of them are idle.
float lanes_cost_of(const FlowNode&);
/// What it costs to bring one signal a lane into lanes, or back.
inline constexpr float kWeave_ns = 2;

}  // namespace hocket
