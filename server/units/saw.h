// Sawtooth oscillator, rising, -1..1, band-limited. Starts at 0.
#pragma once

#include "server/dsp/moving_edges.h"

namespace hocket::units {
namespace {

template <class V>
struct saw {
  static constexpr bool takes_anything = true, scales = true, flows = true;
  static constexpr Port ports[] = {
      {"freq", PortUnit::hz, 440, 0, 0, "pitch; negative runs backwards"},
      {"phase", PortUnit::cycles, 0, 0, 0, "added to the phase, for phase modulation"},
  };

  Phase<V> phase;
  using Kept = Pace<V, 1>;

  void start(Mask<V> fresh, V, V shift, const Clock&) { phase.start(fresh, shift); }

  template <unsigned m>
  V tick(V freq, V shift, const Clock& clock, Moving<m> moving) {
    const auto now = phase.advance(freq, shift, clock, moving);
    return wave<V>(now.at, now.speed);
  }
  template <bool scaled>
  bool sweep(V freq, V shift, const Clock& clock, Out<V, scaled> out, int frames) {
    const auto plain = [](Bits<V> now) { return half_turns<V>(now); };
    const auto full = [](slot_bits now, SpeedAtEdge<slots> speed, const Edge&) { return wave<slots>(now, speed); };
    return sweep_edges<1, V>(phase, freq, shift, clock, {Bits<V>(kFall)}, plain, full, out, frames);
  }

  template <unsigned m, class Freq, class Shift, bool scaled>
  void flow(Freq& freq, Shift& shift, const Clock& clock, Moving<m> moving, Out<V, scaled> out, int frames) {
    const auto plain = [](const PhaseNow<V>& now) -> Plain<V> {
      const V y = half_turns<V>(now.at);
      return {y, 1.F - dsp::abs(y)};
    };
    const auto full = []<class W>(const PhaseNow<W>& now) { return wave<W>(now.at, now.speed); };
    flow_edges(phase, clock, moving, plain, full, out, frames, freq, shift);
  }

 private:
  static constexpr std::uint32_t kFall = 0x80000000U;
  template <class W, class S>
  static W wave(Bits<W> at, S speed) {
    return falling_at_zero<W>(at - kFall, speed);
  }
};

}  // namespace
}  // namespace hocket::units
