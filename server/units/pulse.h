// Pulse oscillator, -1..1, band-limited, of any width, which may be modulated. Starts with its upper part.
#pragma once

#include "server/dsp/edges.h"

namespace hocket::units {
namespace {

template <class V>
struct pulse {
  static constexpr bool takes_anything = true, scales = true;
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
    return pulse_wave<V>(now.at, width_bits(width), now.speed) + (2.F * width - 1.F);
  }
  template <bool scaled>
  bool sweep(V freq, V shift, V width, const Clock& clock, Out<V, scaled> out, int frames) {
    const Bits<V> share = width_bits(width);
    const V mean = 2.F * width - 1.F;
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

 private:
  static Bits<V> width_bits(V width) { return to_bits(width * 2147483648.F) << 1; }
};

}  // namespace
}  // namespace hocket::units
