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

/// A place in a sample, or a way along it: frames, and parts of one in steps of 2^-24. Ways add up exactly, so that it makes no
/// difference how many are taken at once.
template <class V>
struct Place {
  static constexpr int kPartBits = 24;
  static constexpr std::uint32_t kWhole = 1U << kPartBits;
  Bits<V> whole, part;

  static Place of(V frames) {
    const V below = dsp::floor(frames);
    return {to_bits(below), to_bits((frames - below) * static_cast<float>(kWhole))};
  }
  V fraction() const { return to_float(part) * (1.F / kWhole); }
  V frames() const { return to_float(whole) + fraction(); }
  /// `times` of this way, up to 64.
  void move(const Place& way, std::uint32_t times = 1) {
    const Bits<V> parts = part + way.part * Bits<V>(times);
    whole += way.whole * Bits<V>(times) + (parts >> kPartBits);
    part = parts & Bits<V>(kWhole - 1);
  }
};

/// The samples that the lanes play, found again when a lane's index changes.
template <class V>
struct Loaded {
  static constexpr float kSilence[4] = {};
  using Four = const float * [lanes_of<V>];

  Loaded() {}  // filled when it is asked for

  V index, frames, rate;
  Place<V> step;           ///< of the sample a frame, as `calm` last saw it
  std::uint32_t live = 0;  ///< lanes that are heard, a bit each, as it saw them
  bool found = false, stereo = false;
  Four channel[2];
  alignas(64) Four four_from[2];  ///< the same, or silence where four frames cannot be read
  std::uint32_t length[lanes_of<V>];

  void find(V new_index, const Clock& clock) {
    if (found && !any(new_index != index)) return;
    found = true;
    stereo = false;
    index = new_index;
    float at[lanes_of<V>];
    store(at, new_index);
    if (!any(new_index != V(at[0]))) {  // mostly all play the same
      const SampleView view = sample(at[0], clock);
      for (int k = 0; k < lanes_of<V>; ++k) put(k, view);
      frames = V(static_cast<float>(view.frames));
      rate = V(view.rate);
      return;
    }
    float long_[lanes_of<V>], fast[lanes_of<V>];
    for (int k = 0; k < lanes_of<V>; ++k) {
      const SampleView view = sample(at[k], clock);
      put(k, view);
      long_[k] = static_cast<float>(view.frames);
      fast[k] = view.rate;
    }
    frames = load<V>(long_);
    rate = load<V>(fast);
  }

  /// One channel at `part` after the second of the four frames from `first` on, all inside.
  V within(int c, Bits<V> first, V part) const {
    V y[4];
    four(c, first, y);
    return cubic(y, part);
  }

  /// One channel at a place, where `sounding`; frames outside of a sample are silence.
  V read(int c, const Place<V>& place, Mask<V> sounding) const {
    const Bits<V> whole = place.whole;
    const V at = to_float(whole);
    const Mask<V> inside = sounding & (at >= 1.F) & (at < frames - 2.F);
    V y[4];
    four(c, select(inside, whole - Bits<V>(1U), Bits<V>(0U)), y);
    if (any(sounding & (!inside))) at_edges(c, whole, sounding & (!inside), y);
    return cubic(y, place.fraction());
  }

 private:
  SampleView sample(float at, const Clock& clock) {
    const bool known = at >= 0.F && at < static_cast<float>(clock.sample_count);
    SampleView view = known ? clock.samples[static_cast<std::uint32_t>(at)] : SampleView{};
    if (!view.channel[0] || !view.channel[1]) view = {{kSilence, kSilence}, 0, 0};
    stereo |= view.channel[0] != view.channel[1];
    return view;
  }
  void put(int k, const SampleView& view) {
    for (int c = 0; c < 2; ++c) {
      channel[c][k] = view.channel[c];
      four_from[c][k] = view.frames < 4 ? kSilence : view.channel[c];
    }
    length[k] = view.frames;
  }
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
