// Reading loaded samples at any speed, every lane its own sample.
#pragma once

#include "server/dsp/unit.h"

namespace hocket::dsp {
namespace {

/// The samples that the lanes play, found again when a lane's index changes.
template <class V>
struct Loaded {
  V index = V(-1.F);
  V frames = V(0.F), rate = V(0.F);
  SampleView view[lanes_of<V>];
  bool found = false, stereo = false;

  void find(V new_index, const Clock& clock) {
    if (found && !any(new_index != index)) return;
    found = true;
    stereo = false;
    index = new_index;
    float at[lanes_of<V>], length[lanes_of<V>], speed[lanes_of<V>];
    store(at, new_index);
    for (int k = 0; k < lanes_of<V>; ++k) {
      const bool known = at[k] >= 0.F && at[k] < static_cast<float>(clock.sample_count);
      view[k] = known ? clock.samples[static_cast<std::uint32_t>(at[k])] : SampleView{};
      if (!view[k].channel[0]) view[k].frames = 0;
      length[k] = static_cast<float>(view[k].frames);
      speed[k] = view[k].rate;
      stereo |= view[k].channel[0] != view[k].channel[1];
    }
    frames = load<V>(length);
    rate = load<V>(speed);
  }

  /// Four frames around `whole` of one channel, those outside of the sample as silence; lane k's go to y[..][k].
  void around(Bits<V> whole, int channel, V (&y)[4]) const {
    std::uint32_t at[lanes_of<V>];
    float four[4][lanes_of<V>];
    store(at, whole);
    for (int k = 0; k < lanes_of<V>; ++k) {
      const SampleView& s = view[k];
      const std::uint32_t first = at[k] - 1;  // wraps before the beginning, and so lies beyond the end
      if (first + 3 < s.frames && first < s.frames) {
        for (int i = 0; i < 4; ++i) four[i][k] = s.channel[channel][first + static_cast<std::uint32_t>(i)];
      } else {
        for (std::uint32_t i = 0; i < 4; ++i) four[i][k] = first + i < s.frames ? s.channel[channel][first + i] : 0.F;
      }
    }
    for (int i = 0; i < 4; ++i) y[i] = load<V>(four[i]);
  }
};

/// Between y[1] and y[2], by a cubic through their neighbours' slopes (Catmull and Rom, "A class of local interpolating
/// splines", 1974); exactly y[1] at f = 0.
template <class V>
inline V cubic(const V (&y)[4], V f) {
  const V c1 = 0.5F * (y[2] - y[0]);
  const V c2 = y[0] - 2.5F * y[1] + 2.F * y[2] - 0.5F * y[3];
  const V c3 = 1.5F * (y[1] - y[2]) + 0.5F * (y[3] - y[0]);
  return ((c3 * f + c2) * f + c1) * f + y[1];
}

}  // namespace
}  // namespace hocket::dsp
