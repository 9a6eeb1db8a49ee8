// Reading loaded samples at any speed, every lane its own sample.
#pragma once

#include "server/dsp/neighbours.h"
#include "server/dsp/unit.h"

namespace hocket::dsp {
namespace {

/// Between y[1] and y[2], by a cubic through their neighbours' slopes (Catmull, Rom, "A class of local interpolating splines",
/// 1974); exactly y[1] at f = 0.
template <class V>
inline V cubic(const V (&y)[4], V f) {
  const V c1 = 0.5F * (y[2] - y[0]);
  const V c2 = mul_add(V(-0.5F), y[3], mul_add(V(2.F), y[2], mul_add(V(-2.5F), y[1], y[0])));
  const V c3 = mul_add(V(1.5F), y[1] - y[2], 0.5F * (y[3] - y[0]));
  return mul_add(mul_add(mul_add(c3, f, c2), f, c1), f, y[1]);
}

/// The samples that the lanes play, found again when a lane's index changes.
template <class V>
struct Loaded {
  static constexpr float kSilence[4] = {};
  using Four = const float * [lanes_of<V>];

  Loaded() {}  // filled when it is asked for

  V index, frames, rate;
  V step;  ///< frames of the sample a frame, as `calm` last saw it
  bool found = false, stereo = false;
  Four channel[2];
  alignas(64) Four four_from[2];  ///< the same, or silence where four frames cannot be read
  std::uint32_t length[lanes_of<V>];

  void find(V new_index, const Clock& clock) {
    if (found && !any(new_index != index)) return;
    found = true;
    stereo = false;
    index = new_index;
    float at[lanes_of<V>], long_[lanes_of<V>], fast[lanes_of<V>];
    store(at, new_index);
    SampleView view;
    for (int k = 0; k < lanes_of<V>; ++k) {
      if (k == 0 || at[k] != at[k - 1]) {  // mostly all play the same
        const bool known = at[k] >= 0.F && at[k] < static_cast<float>(clock.sample_count);
        view = known ? clock.samples[static_cast<std::uint32_t>(at[k])] : SampleView{};
        if (!view.channel[0] || !view.channel[1]) view = {{kSilence, kSilence}, 0, 0};
        stereo |= view.channel[0] != view.channel[1];
      }
      for (int c = 0; c < 2; ++c) {
        channel[c][k] = view.channel[c];
        four_from[c][k] = view.frames < 4 ? kSilence : view.channel[c];
      }
      length[k] = view.frames;
      long_[k] = static_cast<float>(view.frames);
      fast[k] = view.rate;
    }
    frames = load<V>(long_);
    rate = load<V>(fast);
  }

  /// One channel at part after the second of the four frames from `first` on, all inside.
  V within(int c, Bits<V> first, V part) const {
    V y[4];
    four(c, first, y);
    return cubic(y, part);
  }

  /// One channel at whole + part, where `sounding`; frames outside of a sample are silence.
  V read(int c, Bits<V> whole, V part, Mask<V> sounding) const {
    const V at = to_float(whole);
    const Mask<V> inside = sounding & (at >= 1.F) & (at < frames - 2.F);
    V y[4];
    four(c, select(inside, whole - Bits<V>(1U), Bits<V>(0U)), y);
    if (any(sounding & (!inside))) at_edges(c, whole, sounding & (!inside), y);
    return cubic(y, part);
  }

 private:
  void four(int c, Bits<V> first, V (&y)[4]) const {
    Four at;
    find_four(four_from[c], first, at);
    read_four(at, y);
  }
  void at_edges(int c, Bits<V> whole, Mask<V> which, V (&y)[4]) const {
    std::uint32_t at[lanes_of<V>], wanted[lanes_of<V>];
    float four[4][lanes_of<V>];
    store(at, whole);
    store(wanted, select(which, Bits<V>(1U), Bits<V>(0U)));
    for (int i = 0; i < 4; ++i) store(four[i], y[i]);
    for (int k = 0; k < lanes_of<V>; ++k) {
      for (std::uint32_t i = 0; wanted[k] && i < 4; ++i) {
        const std::uint32_t frame = at[k] + i - 1;  // before the beginning it wraps, and so lies beyond the end
        four[i][k] = frame < length[k] ? channel[c][k][frame] : 0.F;
      }
    }
    for (int i = 0; i < 4; ++i) y[i] = load<V>(four[i]);
  }
};

}  // namespace
}  // namespace hocket::dsp
