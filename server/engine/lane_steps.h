// Steps that work on several nodes at once, a lane each.
#pragma once

#include "server/dsp/lane_passes.h"
#include "server/engine/steps.h"
#include "server/engine/woven.h"

namespace hocket {

inline constexpr int kMostCells = 256;  ///< of a state that can be run as lanes

/// What the steps of one group of nodes share.
struct LaneCare {
  Woven woven[2];  ///< a state of each node's each
  int states = 1;
  bool calm = false;  ///< none is muted, and all memory is its owner's
};

/// One kernel for like units of different nodes. An idle lane repeats the first that is not.
struct LaneStep {
  Run run = nullptr;
  const LanePasses* passes = nullptr;
  LaneCare* care = nullptr;
  UnitNode* const* nodes = nullptr;  ///< by lane; null: idle
  int lanes = 0;
  std::uint32_t busy = 0;  ///< lanes that are not idle, a bit each
  int state = 0;           ///< which of each node's states; the first step of a group has 0
  Memory memory;
  bool watched = true;  ///< may give what is no number
  const Wire* in = nullptr;
  float* out[2] = {nullptr, nullptr};  ///< lanes side by side
  int outs = 1;
};
void run_lanes(void*, const Block&, int) RT;

/// Like units one behind the other on one signal, as a wave.
struct SeriesStep {
  Series run = nullptr;
  FollowedSeries run_followed = nullptr;  ///< in place of `run`, where `followed` is not null
  const Wire* followed = nullptr;         ///< a wire a unit
  UnitStep* alone = nullptr;              ///< each by itself: where one is muted or gives what is no number
  int count = 0;
  int groups = 0;
  int lanes = 0;
  Woven woven[kMostSeriesGroups];
  bool calm = false;    ///< none is muted
  int settles = kGrid;  ///< frames to go by themselves first: coefficients that followed what stands now do so up to the grid
  const float* constants = nullptr;
  Wire in;
  float* out = nullptr;
};
void run_series(void*, const Block&, int) RT;

/// Signals into lanes.
struct WeaveStep {
  const LaneForm* form = nullptr;
  const Wire* rows = nullptr;
  float* out = nullptr;
};
void run_weave(void*, const Block&, int) RT;

/// And back: into those rows that are not null.
struct UnweaveStep {
  const LaneForm* form = nullptr;
  const float* in = nullptr;
  float* const* rows = nullptr;
};
void run_unweave(void*, const Block&, int) RT;

/// The lanes of a group, added up in their order.
struct SumLanesStep {
  const LaneForm* form = nullptr;
  const float* in[2] = {nullptr, nullptr};
  std::uint32_t live = 0;  ///< the lanes that are not idle, a bit each
  float* out[2] = {nullptr, nullptr};
  int outs = 1;
};
void run_sum_lanes(void*, const Block&, int) RT;

}  // namespace hocket
