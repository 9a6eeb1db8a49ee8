// Plays a loaded sample once, stereo, at any speed, with cubic interpolation.
#pragma once

#include "server/dsp/player.h"

namespace hocket::units {
namespace {

template <class V>
struct sampler {
  static constexpr Shape shape = Shape::spread;
  static constexpr Port ports[] = {
      {"sample", PortUnit::number, 0, 0, 1e6F, "number of the loaded sample; an unknown one is silence"},
      {"speed", PortUnit::number, 1, -1000, 1000, "1 is its own pitch; below 0 it plays backwards, from its end"},
      {"begin", PortUnit::number, 0, 0, 1, "where in the sample it begins, as a share of its length"},
      {"end", PortUnit::number, 1, 0, 1, "where it ends"},
  };

  Bits<V> whole;    // position in frames of the sample …
  V part;           // … and between them, 0..1
  Bits<V> playing;  // 0 before the first frame, 1 after it, 2 past the end

  Loaded<V> open(Memory, const Clock&) const { return {}; }

  Stereo<V> tick(V sample, V speed, V begin, V end, Loaded<V>& loaded, const Clock& clock) {
    loaded.find(sample, clock);
    const V from = begin * loaded.frames, to = end * loaded.frames;
    const Mask<V> fresh = playing == Bits<V>(0U);
    if (any(fresh)) {
      const V first = select(speed < 0.F, to - 1.F, from), below = dsp::floor(first);
      whole = select(fresh, to_bits(below), whole);
      part = select(fresh, first - below, part);
      playing = select(fresh, Bits<V>(1U), playing);
    }
    const V position = to_float(whole) + part;
    const Mask<V> backwards = speed < 0.F;
    const Mask<V> over = (backwards & (position < from)) | ((!backwards) & (position >= to));
    playing = select(over, Bits<V>(2U), playing);
    const Mask<V> sounding = playing != Bits<V>(2U);
    if (!any(sounding)) return {V(0.F), V(0.F)};

    const V left = select(sounding, loaded.read(0, whole, part, sounding), V(0.F));
    V right = left;
    if (loaded.stereo) right = select(sounding, loaded.read(1, whole, part, sounding), V(0.F));

    move(speed * (loaded.rate * clock.period));
    return {left, right};
  }

  /// Until a lane begins or ends, or comes near an edge of its sample.
  int calm(V sample, V speed, V begin, V end, Loaded<V>& loaded, const Clock& clock) const {
    loaded.find(sample, clock);
    if (clock.twins) *clock.twins = !loaded.stereo;
    if (any(playing == Bits<V>(0U))) return 0;
    loaded.step = speed * (loaded.rate * clock.period);
    const V position = to_float(whole) + part;
    const V low = dsp::max(begin * loaded.frames, V(1.F)), high = dsp::min(end * loaded.frames, loaded.frames) - 4.F;
    const V way = select(speed < 0.F, position - low, high - position);
    const V frames = select((position >= low) & (position <= high), way / dsp::abs(loaded.step) - 2.F, V(0.F));
    return static_cast<int>(least(clamp(select(playing == Bits<V>(1U), frames, V(1e6F)), V(0.F), V(1e6F))));
  }
  Stereo<V> glide(Loaded<V>& loaded) {
    const Mask<V> sounding = playing == Bits<V>(1U);
    const Bits<V> first = select(sounding, whole - Bits<V>(1U), Bits<V>(0U));
    const V left = select(sounding, loaded.within(0, first, part), V(0.F));
    V right = left;
    if (loaded.stereo) right = select(sounding, loaded.within(1, first, part), V(0.F));
    move(loaded.step);
    return {left, right};
  }
  /// So many of them at once. Where the lanes read is found some frames ahead: it waits long enough for the frame before.
  void glides(Loaded<V>& loaded, float* left, float* right, int frames) requires(lanes_of<V> != 1) {
    struct Spot {
      alignas(64) typename Loaded<V>::Four at[2];
      V part;
    };
    constexpr int kAhead = 4;
    Spot spots[kAhead];
    const Mask<V> sounding = playing == Bits<V>(1U);
    const int sides = loaded.stereo ? 2 : 1;
    const auto find = [&](Spot& spot) {
      const Bits<V> first = select(sounding, whole - Bits<V>(1U), Bits<V>(0U));
      for (int c = 0; c < sides; ++c) find_four(loaded.four_from[c], first, spot.at[c]);
      spot.part = part;
      move(loaded.step);
    };
    const auto side = [&](const Spot& spot, int c) {
      V y[4];
      read_four(spot.at[c], y);
      return select(sounding, cubic(y, spot.part), V(0.F));
    };
    for (int i = 0; i < kAhead && i < frames; ++i) find(spots[i]);
    for (int i = 0; i < frames; ++i) {
      Spot& spot = spots[i % kAhead];
      const V one = side(spot, 0), other = sides == 2 ? side(spot, 1) : one;
      store(left + i * lanes_of<V>, one);
      if (right) store(right + i * lanes_of<V>, other);
      if (i + kAhead < frames) find(spot);
    }
  }
  void skip(int) {}
  Mask<V> done() const { return playing == Bits<V>(2U); }

 private:
  void move(V step) {
    const V next = part + step;
    const V below = dsp::floor(next);
    whole += to_bits(below);
    part = next - below;
  }
};

}  // namespace
}  // namespace hocket::units
