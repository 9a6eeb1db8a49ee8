// Sine oscillator, -1..1. Distortion below -120 dB.
#pragma once

#include "server/dsp/chunk.h"
#include "server/dsp/turning.h"

namespace hocket::units {
namespace {

/// A lane whose ports have not moved since the frame before a span of absolute frames began is turned from that span's middle;
/// elsewhere each frame is worked out by itself. It is the same whether a wire is constant or a stream that stands still.
template <class V>
struct sine {
  static constexpr bool takes_anything = true, flows = true, scales = true, swings = true;
  static constexpr Port ports[] = {
      {"freq", PortUnit::hz, 440, 0, 0, "pitch; negative runs backwards"},
      {"phase", PortUnit::cycles, 0, 0, 0, "added to the phase, for phase modulation"},
  };

  Bits<V> at, by, shift;  // by, shift: of the last frame
  Bits<V> steady;         // in this span
  using Kept = Turns<V>;

  /// What begins in the middle of a span was steady before: it can be turned at once.
  void start(Mask<V> fresh, V freq, V phase, const Clock& clock) {
    by = select(fresh, phase_bits(freq * clock.period), by);
    shift = select(fresh, phase_bits(phase), shift);
    steady = select(fresh, Bits<V>(1U), steady);
  }

  template <unsigned m, class Freq, class Shift, bool scaled>
  void flow(Freq& freq, Shift& phase, const Clock& clock, Moving<m>, Out<V, scaled> out, int frames) {
    const auto steps = [period = clock.period](V hz) { return phase_bits(hz * period); };  // a copy: no output can change it
    for (int i = 0; i < frames;) {
      int place = place_of(clock.frame + i);
      const int end = least(frames, i + kSpan - place);
      V moved = phase.now();
      const auto next = [&] {
        moved = phase.next();
        const V now = alone(at, moved);
        at += by = steps(freq.next());
        return now;
      };
      look(steps(freq.now()), phase_bits(phase.now()), place == 0);
      if (!any(steady != Bits<V>(0U))) {  // nor will any lane be in this span
        if constexpr (lanes_of<V> == 1) {
          span_alone(freq, phase, clock, out.to + i, end - i);
          i = end;
        } else {
          for (; i < end; ++i) out.write(i, out.made_of(next()));
          shift = phase_bits(moved);
        }
        continue;
      }
      const Turns<V> turns(steps(freq.now()));
      Turning<V, scaled> turning(turns);
      turning.stand(at + phase_bits(phase.now()) + by * Bits<V>(static_cast<std::uint32_t>(kMiddle - place)), out);
      for (; i < end; ++i, ++place) {
        look(steps(freq.now()), phase_bits(phase.now()), false);
        const V turned = turning.at(place);
        out.write(i, select(steady != Bits<V>(0U), turned, out.made_of(next())));
        shift = phase_bits(moved);
      }
    }
  }

  template <bool scaled>
  void sweep(V freq, V phase, const Clock& clock, Out<V, scaled> out, int frames) {
    const Bits<V> step = phase_bits(freq * clock.period), shifted = phase_bits(phase);
    const int place = place_of(clock.frame);
    look(step, shifted, place == 0);
    Turns<V> own;
    Turns<V>& turns = clock.kept ? *static_cast<Kept*>(clock.kept) : own;
    if (!clock.kept || !clock.same) turns = Turns<V>(step);
    Turning<V, scaled> turning(turns);
    const Bits<V> first = at + shifted;
    const auto middle = [&](int i) { return first + step * Bits<V>(static_cast<std::uint32_t>(i + kMiddle)); };
    int i = -place;  // where the span begins
    if (place > 0 || !all(steady != Bits<V>(0U))) {
      turning.stand(middle(i), out);
      const auto turned = steady != Bits<V>(0U);
      for (int n = place; n < kSpan && i + n < frames; ++n) {
        V y = turning.at(n);
        if (!all(turned)) {
          y = select(turned, y, out.made_of(alone(at + step * Bits<V>(static_cast<std::uint32_t>(i + n)), phase)));
        }
        out.write(i + n, y);
      }
      i += kSpan;
    }
    if (i < frames) steady = Bits<V>(1U);
    for (; i + kSpan <= frames; i += kSpan) {
      turning.stand(middle(i), out);
      turning.all(out.to + i * lanes_of<V>);
    }
    if (i < frames) {
      turning.stand(middle(i), out);
      for (int n = 0; i + n < frames; ++n) out.write(i + n, turning.at(n));
    }
    at += step * Bits<V>(static_cast<std::uint32_t>(frames)), by = step, shift = shifted;
  }

 private:
  /// A frame by itself.
  static V alone(Bits<V> at, V cycles) { return sin_turn(moved_turns<V>(at, cycles)); }
  /// Frames of one signal by themselves, no more than a span: side by side as lanes.
  template <class Freq, class Shift>
  void span_alone(Freq& freq, Shift& phase, const Clock& clock, float* to, int frames) {
    std::uint32_t steps[kSpan], places[kSpan];
    side_by_side(frames, [&]<class W>(W, int f) { store(steps + f, phase_bits(freq.template ahead<W>(f) * clock.period)); });
    for (int f = 0; f < frames; ++f) places[f] = at, at += steps[f];
    side_by_side(
        frames, [&]<class W>(W, int f) { store(to + f, sin_turn(moved_turns<W>(load<Bits<W>>(places + f), phase.template ahead<W>(f)))); });
    by = steps[frames - 1], shift = phase_bits(phase.template ahead<float>(frames - 1));
    freq.skip(frames), phase.skip(frames);
  }
  static int place_of(std::int64_t frame) { return static_cast<int>(frame & (kSpan - 1)); }
  /// Is a lane still steady in the frame to come?
  void look(Bits<V> step, Bits<V> shifted, bool span_begins) {
    const Bits<V> still = select((step == by) & (shifted == shift), Bits<V>(1U), Bits<V>(0U));
    steady = span_begins ? still : steady & still;
  }
};

}  // namespace
}  // namespace hocket::units
