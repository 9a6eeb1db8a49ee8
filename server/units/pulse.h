// Pulse oscillator, -1..1, band-limited, of any width, which may be modulated. Starts with its upper part.
#pragma once

#include "server/dsp/moving_edges.h"

namespace hocket::units {
namespace {

template <class V>
struct pulse {
  static constexpr bool takes_anything = true, scales = true, flows = true;
  static constexpr Port ports[] = {
      {"freq", PortUnit::hz, 440, 0, 0, "pitch; negative runs backwards"},
      {"phase", PortUnit::cycles, 0, 0, 0, "added to the phase, for phase modulation"},
      {"width", PortUnit::number, 0.5F, 0.01F, 0.99F, "share of the period in which it is up"},
  };

  Phase<V> phase;
  using Kept = Pace<V, 2>;

  void start(Mask<V> fresh, V, V shift, V, const Clock&) { phase.start(fresh, shift); }

  template <unsigned m>
  V tick(V freq, V shift, V width, const Clock& clock, Moving<m> moving) {
    const auto now = phase.advance(freq, shift, clock, moving);
    return pulse_wave<V>(now.at, width_bits(width), now.speed) + mean_of(width);
  }
  template <bool scaled>
  bool sweep(V freq, V shift, V width, const Clock& clock, Out<V, scaled> out, int frames) {
    const Bits<V> share = width_bits(width);
    const V mean = mean_of(width);
    alignas(64) std::uint32_t shares[lanes_of<V>];
    alignas(64) float means[lanes_of<V>];
    store(shares, share);
    store(means, mean);
    const auto plain = [&](Bits<V> now) { return plain_pulse<V>(now, share) + mean; };
    const auto full = [&](slot_bits now, SpeedAtEdge<slots> speed, const Edge& edge) {
      return pulse_wave<slots>(now, edge.of(shares), speed) + edge.of(means);
    };
    return sweep_edges<2, V>(phase, freq, shift, clock, {Bits<V>(0U), share}, plain, full, out, frames);
  }

  template <unsigned m, class Freq, class Shift, class Width, bool scaled>
  void flow(Freq& freq, Shift& shift, Width& width, const Clock& clock, Moving<m> moving, Out<V, scaled> out, int frames) {
    const auto plain = [](const PhaseNow<V>& now, V share) -> Plain<V> {
      const V down = half_turns<V>(now.at - width_bits(share) + 0x80000000U), up = half_turns<V>(now.at + 0x80000000U);
      return {down - up + mean_of(share), 1.F - dsp::max(dsp::abs(down), dsp::abs(up))};
    };
    const auto full = []<class W>(const PhaseNow<W>& now, W share) {
      return pulse_wave<W>(now.at, width_bits(share), now.speed) + mean_of(share);
    };
    flow_edges(phase, clock, moving, plain, full, out, frames, freq, shift, width);
  }

 private:
  template <class W>
  static Bits<W> width_bits(W width) {
    return to_bits(width * 2147483648.F) << 1;
  }
  template <class W>
  static W mean_of(W width) {
    return 2.F * width - 1.F;
  }
};

}  // namespace
}  // namespace hocket::units
