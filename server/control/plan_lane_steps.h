// Writes the steps of like nodes that run side by side, and of those that run as a wave.
#pragma once

#include <span>
#include <string>

#include "server/control/plan_steps.h"
#include "server/engine/lane_steps.h"

namespace hocket {

class LaneStepWriter {
 public:
  LaneStepWriter(const Flow&, const Lanes&, const LanePasses&, PlanStore&, Signals&, StepWriter&);

  void write_lanes(std::uint32_t group);
  void write_series(const NodeSeries&);

 private:
  void write_run(const LaneGroup&, const FlowNode& one, std::uint32_t group, int state, LaneCare*);
  void write_wave(std::span<const std::uint32_t> nodes, Wire in, float* out, float* const* spare, int state);
  std::string names_of(std::span<const std::uint32_t> nodes) const;
  void unweave(const LaneGroup&, std::uint32_t group, int channels);
  bool may_break(const LaneGroup&, const FlowNode& one) const;
  Woven weave_states(std::span<float* const> by_lane, std::uint32_t bytes);
  Wire lane_wire(const LaneGroup&, std::size_t port, int channel);

  const Flow& flow_;
  const Lanes& lanes_;
  const LanePasses& passes_;
  PlanStore& store_;
  Signals& signals_;
  StepWriter& steps_;
};

}  // namespace hocket
