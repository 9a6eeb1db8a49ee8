// From lanes to a signal: voices side by side are levelled, panned and summed.
//
// The order of the sum is fixed, whatever the width of the lanes: voices whose slots differ by a multiple of kColumns are
// added up in the order of their slots, then the columns as LanePasses::add_columns says. A silent voice adds 0, which changes no bit.
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
  std::int32_t most[kMaxLanes];  ///< the bits of the largest |x| that is added: of the largest number, or -1 for nothing at all
  const float* envelope = nullptr;
};

/// A bundle's output: x, or x times y.
struct LaneSource {
  Wire x, y;  ///< y.at null: x alone
};

/// Passes over a bundle's lanes, compiled for one instruction set; all give the same bits.
struct LanePasses {
  /// columns[frame][first + k] += x[frame][k] * gain[k]; right too unless it is null; `fresh`: what is there counts as 0. peaks[k] =
  /// the largest of it and the bits of |x|: they order as the numbers do, with inf and NaN above all.
  void (*add)(const LaneSource&, const LaneGains&, std::int32_t* peaks, float* left, float* right, bool fresh, int frames) RT;
  /// The same into `left` with the gains of the right.
  void (*add_right)(const LaneSource&, const LaneGains&, std::int32_t* peaks, float* left, float* right, bool fresh, int frames) RT;
  /// `add` of two or four bundles that follow one another in the sum, without envelopes; all are products, or none is.
  void (*add_several)(int bundles, const LaneSource* from, const LaneGains* const* gains, std::int32_t* const* peaks, float* left,
                      float* right, bool fresh, int frames) RT;
  /// peaks[k] = the largest of it and the bits of |x| in lane k.
  void (*peaks)(const float* in, int frames, std::int32_t* peaks) RT;
  /// Whether all of so many lanes' frames are numbers.
  bool (*finite)(const float* in, int frames) RT;
  /// out = the sum of the wires, in their order.
  void (*mix)(const Wire* in, int wires, float* out, int frames) RT;
  /// Every lane of out = a plain signal.
  void (*spread)(Wire in, float* out, int frames) RT;
  /// out[frame] = the sum of its kColumns columns: ((c0 + c4) + (c8 + c12)) and so on for c1, c2, c3, those pairwise.
  void (*add_columns)(const float* columns, float* out, int frames) RT;
};
/// The passes for so many lanes (4, 8 or 16) on this machine.
const LanePasses& lane_passes(int lanes);

}  // namespace hocket
