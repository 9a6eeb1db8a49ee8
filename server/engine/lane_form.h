// Between rows and lanes: signals one after the other in memory, and the same signals side by side, frame by frame.
#pragma once

#include "server/dsp/kernel.h"

namespace hocket {

/// The two ways, compiled for one instruction set; they move bits and change none.
struct LaneForm {
  /// out[frame * lanes + k] = rows[k] at that frame. Rows of step 0 and 1 go fast.
  void (*weave)(const Wire* rows, float* out, int frames) RT;
  /// rows[k][frame] = in[frame * lanes + k]; a null row is left out.
  void (*unweave)(const float* in, float* const* rows, int frames) RT;
  /// out[frame] = the sum of the lanes in `live`, a bit each, in their order, begun with 0: as the rows would be added up.
  void (*sum)(const float* in, std::uint32_t live, float* out, int frames) RT;
};
/// For so many lanes (8 or 16) on this machine.
const LaneForm& lane_form(int lanes);

}  // namespace hocket
