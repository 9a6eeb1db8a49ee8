// Triangle oscillator, -1..1, band-limited. Starts at 0, rising.
#pragma once

#include "server/dsp/moving_edges.h"

namespace hocket::units {
namespace {

template <class V>
struct tri {
  static constexpr bool takes_anything = true, scales = true, flows = true;
  static constexpr Port ports[] = {
      {"freq", PortUnit::hz, 440, 0, 0, "pitch; negative runs backwards"},
      {"phase", PortUnit::cycles, 0, 0, 0, "added to the phase, for phase modulation"},
  };

  Phase<V> phase;
  using Kept = Pace<V, 2>;

  void start(Mask<V> fresh, V, V shift, const Clock&) { phase.start(fresh, shift); }

  template <unsigned m>
  V tick(V freq, V shift, const Clock& clock, Moving<m> moving) {
    const auto now = phase.advance(freq, shift, clock, moving);
    return triangle<V>(now.at - kTop, now.speed);
  }
  template <bool scaled>
  bool sweep(V freq, V shift, const Clock& clock, Out<V, scaled> out, int frames) {
    const auto plain = [](Bits<V> now) { return plain_triangle<V>(now - kTop); };
    const auto full = [](slot_bits now, SpeedAtEdge<slots> speed, const Edge&) { return triangle<slots>(now - kTop, speed); };
    return sweep_edges<2, V>(phase, freq, shift, clock, {Bits<V>(kTop), Bits<V>(kTop + 0x80000000U)}, plain, full, out, frames);
  }

  template <unsigned m, class Freq, class Shift, bool scaled>
  void flow(Freq& freq, Shift& shift, const Clock& clock, Moving<m> moving, Out<V, scaled> out, int frames) {
    const auto plain = [](const PhaseNow<V>& now) -> Plain<V> {
      const V y = plain_triangle<V>(now.at - kTop);
      return {y, 0.5F * (1.F - dsp::abs(y))};
    };
    const auto full = []<class W>(const PhaseNow<W>& now) { return triangle<W>(now.at - kTop, now.speed); };
    flow_edges(phase, clock, moving, plain, full, out, frames, freq, shift);
  }

 private:
  static constexpr std::uint32_t kTop = 0x40000000U;
};

}  // namespace
}  // namespace hocket::units
