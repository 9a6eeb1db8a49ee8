// From lanes to a signal: voices side by side are levelled, panned and summed.
//
// The order of the sum is fixed, whatever the width of the lanes: voices whose slots differ by a multiple of kColumns are
// added up in the order of their slots, then the columns as `add_columns` says. A silent voice adds 0, which changes no bit.
#pragma once

#include <cstdint>

#include "server/dsp/kernel.h"

namespace hocket {

inline constexpr int kColumns = 16;  ///< the widest lanes
static_assert(kColumns == kMaxLanes);

/// What the lanes of one bundle add. `envelope`: factors [frame][lane] on top, or null for 1.
struct alignas(64) LaneGains {
  float left[kMaxLanes] = {};
  float right[kMaxLanes] = {};
  std::int32_t sounds[kMaxLanes] = {};  ///< all bits, or none: adds nothing, whatever it holds
  const float* envelope = nullptr;
};

/// The passes over a bundle's output, compiled for one instruction set; all give the same bits.
struct LanePasses {
  /// peaks[k] = the largest of it and the bits of |x| in lane k: they order as the numbers do, with inf and NaN above all.
  void (*peaks)(const float* in, int frames, std::int32_t* peaks) RT;
  /// columns[frame][first + k] += x[frame][k] * gain[k], for lanes that sound.
  void (*add)(const float* in, const float* gain, const LaneGains&, float* columns, int frames) RT;
};
/// The passes for so many lanes (4, 8 or 16) on this machine.
const LanePasses& lane_passes(int lanes);

/// out[frame] = the sum of its kColumns columns: ((c0 + c4) + (c8 + c12)) and so on for c1, c2, c3, those pairwise.
void add_columns(const float* columns, float* out, int frames) RT;

}  // namespace hocket
