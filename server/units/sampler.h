// Plays a loaded sample once, stereo, at any speed, with cubic interpolation.
#pragma once

#include "server/dsp/player.h"
#include "server/dsp/player_frames.h"

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

  Place<V> place;
  Bits<V> playing;  // 0 before the first frame, 1 after it, 2 past the end

  Loaded<V> open(Memory, const Clock&) const { return {}; }

  Stereo<V> tick(V sample, V speed, V begin, V end, Loaded<V>& loaded, const Clock& clock) {
    loaded.find(sample, clock);
    const V from = begin * loaded.frames, to = end * loaded.frames;
    const Mask<V> fresh = playing == Bits<V>(0U);
    if (any(fresh)) {
      const auto first = Place<V>::of(select(speed < 0.F, to - 1.F, from));
      place = {select(fresh, first.whole, place.whole), select(fresh, first.part, place.part)};
      playing = select(fresh, Bits<V>(1U), playing);
    }
    const V position = place.frames();
    const Mask<V> backwards = speed < 0.F;
    const Mask<V> over = (backwards & (position < from)) | ((!backwards) & (position >= to));
    playing = select(over, Bits<V>(2U), playing);
    const Mask<V> sounding = playing != Bits<V>(2U);
    if (!any(sounding)) return {V(0.F), V(0.F)};

    const V left = select(sounding, loaded.read(0, place, sounding), V(0.F));
    V right = left;
    if (loaded.stereo) right = select(sounding, loaded.read(1, place, sounding), V(0.F));

    place.move(Place<V>::of(speed * (loaded.rate * clock.period)));
    return {left, right};
  }

  /// Until a lane begins or ends, or comes near an edge of its sample.
  int calm(V sample, V speed, V begin, V end, Loaded<V>& loaded, const Clock& clock) const {
    loaded.find(sample, clock);
    if (clock.twins) *clock.twins = !loaded.stereo;
    if (any(playing == Bits<V>(0U))) return 0;
    const V step = speed * (loaded.rate * clock.period);
    loaded.step = Place<V>::of(step);
    loaded.live = clock.live;
    const V position = place.frames();
    const V low = dsp::max(begin * loaded.frames, V(1.F)), high = dsp::min(end * loaded.frames, loaded.frames) - 4.F;
    const V way = select(speed < 0.F, position - low, high - position);
    const V frames = select((position >= low) & (position <= high), way / dsp::abs(step) - 2.F, V(0.F));
    return static_cast<int>(least(clamp(select(playing == Bits<V>(1U), frames, V(1e6F)), V(0.F), V(1e6F))));
  }
  Stereo<V> glide(Loaded<V>& loaded) {
    const Mask<V> sounding = playing == Bits<V>(1U);
    const Bits<V> first = select(sounding, place.whole - Bits<V>(1U), Bits<V>(0U));
    const V left = select(sounding, loaded.within(0, first, place.fraction()), V(0.F));
    V right = left;
    if (loaded.stereo) right = select(sounding, loaded.within(1, first, place.fraction()), V(0.F));
    place.move(loaded.step);
    return {left, right};
  }
  void glides(Loaded<V>& loaded, float* left, float* right, int frames) requires(lanes_of<V> != 1) {
    const Mask<V> sounding = playing == Bits<V>(1U);
    play_frames(loaded, place, sounding, left, right, frames);
  }
  void skip(int) {}
  Mask<V> done() const { return playing == Bits<V>(2U); }
};

}  // namespace
}  // namespace hocket::units
