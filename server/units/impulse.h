// Pulses of one frame and level 1, band-limited where they fall between frames. The first comes at once; freq 0 gives just that.
#pragma once

#include "server/dsp/edges.h"

namespace hocket::units {
namespace {

template <class V>
struct impulse {
  static constexpr bool takes_anything = true;
  static constexpr Port ports[] = {
      {"freq", PortUnit::hz, 1, 0, 0, "pulses a second"},
      {"phase", PortUnit::cycles, 0, 0, 0, "added to the phase, for phase modulation"},
  };

  Phase<V> phase;
  using Kept = Pace<V, 1>;
  Bits<V> sounded;

  void start(Mask<V> fresh, V, V shift, const Clock&) { phase.start(fresh, shift); }

  template <unsigned m>
  V tick(V freq, V shift, const Clock& clock, Moving<m> moving) {
    const auto now = phase.advance(freq, shift, clock, moving);
    const Mask<V> stands = (now.speed.step <= 1e-9F) & (sounded == Bits<V>(1U));
    sounded = Bits<V>(1U);
    return select(stands, V(0.F), pulse_at_zero<V>(now.at, now.speed));
  }
  template <bool scaled>
  bool sweep(V freq, V shift, const Clock& clock, Out<V, scaled> out, int frames) {
    if (any(Speed<V>(phase_cycles<V>(phase_bits(freq * clock.period))).step <= 1e-9F)) return false;  // one that stands has sounded, or not
    const auto plain = [](Bits<V>) { return V(0.F); };
    const auto full = [](slot_bits now, SpeedAtEdge<slots> speed, const Edge&) { return pulse_at_zero<slots>(now, speed); };
    if (!sweep_edges<1, V>(phase, freq, shift, clock, {Bits<V>(0U)}, plain, full, out, frames)) return false;
    sounded = Bits<V>(1U);
    return true;
  }
};

}  // namespace
}  // namespace hocket::units
