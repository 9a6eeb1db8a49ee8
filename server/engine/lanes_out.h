// From lanes to a signal: voices side by side are levelled, panned and summed in their order.
#pragma once

#include <cstdint>

#include "server/dsp/kernel.h"

namespace hocket {

/// What one lane adds to the sum. `envelope`: a factor a frame, or null for 1.
struct LaneOut {
  float left = 0, right = 0;
  const float* envelope = nullptr;
};

/// out[c] += lane by lane, in the order of the lanes and one addition each, so that neither the width of the lanes nor the
/// cutting of time changes a bit. `in`: one or two channels of [frame][lane]; a mono voice goes to both sides of a stereo
/// sum. Lanes whose bit in `sounding` is 0 add nothing, whatever they hold.
void add_lanes(const float* const* in, int in_channels, int lanes, std::uint32_t sounding, const LaneOut* lane, float* const* out,
               int out_channels, int frames) RT;

/// peaks[k] = max of it and the bits of |x| in lane k: they order as the numbers do, with inf and NaN above all.
void lane_peaks(const float* in, int lanes, int frames, std::int32_t* peaks) RT;

}  // namespace hocket
