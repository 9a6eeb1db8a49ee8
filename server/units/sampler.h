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

    const V next = part + speed * (loaded.rate * clock.period);
    const V below = dsp::floor(next);
    whole += to_bits(below);
    part = next - below;
    return {left, right};
  }
  bool done() const { return playing == 2U; }
};

}  // namespace
}  // namespace hocket::units
