// Sine oscillator, -1..1. Distortion below -120 dB.
#pragma once

#include "server/dsp/turning.h"

namespace hocket::units {
namespace {

/// A lane whose ports have not moved since the frame before a span of absolute frames began is turned from that span's middle;
/// elsewhere each frame is worked out by itself. It is the same whether a wire is constant or a stream that stands still.
template <class V>
struct sine {
  static constexpr bool takes_anything = true;
  static constexpr Port ports[] = {
      {"freq", PortUnit::hz, 440, 0, 0, "pitch; negative runs backwards"},
      {"phase", PortUnit::cycles, 0, 0, 0, "added to the phase, for phase modulation"},
  };

  Bits<V> at, by, shift;  // by, shift: of the last frame
  Bits<V> steady;         // in this span

  /// What a run over streams carries along.
  struct Work {
    int frame;  // within its span
    bool any_steady, stands;
    Turning<V> turning;  // where it stands
    Work(int place, bool steady) : frame(place), any_steady(steady), stands(false) {}
  };
  Work open(Memory, const Clock& clock) const { return Work(place(clock), any(steady != Bits<V>(0U))); }

  V tick(V freq, V phase, Work& work, const Clock& clock) {
    const Bits<V> step = phase_bits(freq * clock.period), shifted = phase_bits(phase);
    if (work.any_steady || work.frame == 0) look(step, shifted, work);
    V y = sin_half_turn(half_turns<V>(at + shifted));
    if (work.any_steady) {
      if (!work.stands) {
        work.turning = Turning<V>(step);
        work.turning.stand(at + shifted + step * Bits<V>(static_cast<std::uint32_t>(kMiddle - work.frame)));
        work.stands = true;
      }
      y = select(steady != Bits<V>(0U), work.turning.at(work.frame), y);
    }
    if (++work.frame == kSpan) work.frame = 0, work.stands = false;
    at += step, by = step, shift = shifted;
    return y;
  }

  bool sweep(V freq, V phase, const Clock& clock, float* out, int frames) {
    constexpr int kWidth = lanes_of<V>;
    const Bits<V> step = phase_bits(freq * clock.period), shifted = phase_bits(phase);
    const int place_of_first = place(clock);
    Work work(place_of_first, true);
    look(step, shifted, work);
    Turning<V> turning(step);
    const Bits<V> first = at + shifted;
    const auto middle = [&](int i) { return first + step * Bits<V>(static_cast<std::uint32_t>(i + kMiddle)); };
    int i = -place_of_first;  // where the span begins
    if (place_of_first > 0 || !all(steady != Bits<V>(0U))) {
      turning.stand(middle(i));
      const auto turns = steady != Bits<V>(0U);
      for (int n = place_of_first; n < kSpan && i + n < frames; ++n) {
        V y = turning.at(n);
        if (!all(turns)) y = select(turns, y, sin_half_turn(half_turns<V>(first + step * Bits<V>(static_cast<std::uint32_t>(i + n)))));
        store(out + (i + n) * kWidth, y);
      }
      i += kSpan;
    }
    if (i < frames) steady = Bits<V>(1U);
    for (; i + kSpan <= frames; i += kSpan) {
      turning.stand(middle(i));
      turning.all(out + i * kWidth);
    }
    if (i < frames) {
      turning.stand(middle(i));
      for (int n = 0; i + n < frames; ++n) store(out + (i + n) * kWidth, turning.at(n));
    }
    at += step * Bits<V>(static_cast<std::uint32_t>(frames)), by = step, shift = shifted;
    return true;
  }

 private:
  static int place(const Clock& clock) { return static_cast<int>(clock.frame & (kSpan - 1)); }
  /// Is it still steady, in the frame to come?
  void look(Bits<V> step, Bits<V> shifted, Work& work) {
    const Bits<V> still = select((step == by) & (shifted == shift), Bits<V>(1U), Bits<V>(0U));
    steady = work.frame == 0 ? still : steady & still;
    work.any_steady = any(steady != Bits<V>(0U));
  }
};

}  // namespace
}  // namespace hocket::units
