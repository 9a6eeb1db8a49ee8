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

/// A bundle's output: x, or x times y, or that times z, which stands still.
struct LaneSource {
  Wire x, y, z;  ///< y.at null: x alone. z.at null: no third
};

/// One bundle on its way into the sum.
struct LaneAdd {
  LaneSource from;
  const LaneGains* gains = nullptr;
  /// A lane each: the largest of it and the bits of |x|, which order as the numbers do, with inf and NaN above all. Kept up if
  /// `watched`, and in any case where some x is no number.
  std::int32_t* peaks = nullptr;
  bool watched = true;
};

/// Passes over lanes, compiled for one instruction set. Those of tables that round alike (UnitTable::fused) give the same bits.
struct LanePasses {
  /// columns[frame][first + k] += x[frame][k] * gain[k] for so many bundles, one after the other; right too unless it is null;
  /// `fresh`: what is there counts as 0. What is no number is left out. Several bundles have no envelopes.
  void (*add)(const LaneAdd*, int bundles, float* left, float* right, bool fresh, int frames) RT;
  /// The same of one bundle into `right` alone.
  void (*add_right)(const LaneAdd&, float* right, bool fresh, int frames) RT;
  /// to[frame] += x[frame] * gain: one lane of `add`. Gives its peak.
  std::int32_t (*add_one)(const float* x, float gain, float* to, bool fresh, int frames) RT;
  /// peaks[k] = the largest of it and the bits of |x| in lane k.
  void (*peaks)(const float* in, int frames, std::int32_t* peaks) RT;
  /// Whether all of so many lanes' frames are numbers.
  bool (*finite)(const float* in, int frames) RT;
  /// out = the sum of the wires, in their order; 0 of none.
  /// Sums of products: `terms` of them, of `factors` wires each, 2 or 3, as mul and mix would give them.
  void (*blend)(const Wire* in, int terms, int factors, float* out, int frames) RT;
  void (*mix)(const Wire* in, int wires, float* out, int frames) RT;
  /// Every lane of out = a plain signal.
  void (*spread)(Wire in, float* out, int frames) RT;
  /// out[frame] = the sum of its kColumns columns: ((c0 + c4) + (c8 + c12)) and so on for c1, c2, c3, those pairwise.
  void (*add_columns)(const float* columns, float* out, int frames) RT;
};

}  // namespace hocket
