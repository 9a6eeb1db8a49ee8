// Pulses of one frame and level 1, band-limited where they fall between frames. The first comes at once; freq 0 gives just that.
#pragma once

#include "server/dsp/osc.h"

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
  Bits<V> sounded;

  void start(Mask<V> fresh, V, V shift, const Clock&) { phase.start(fresh, shift); }

  template <unsigned m>
  V tick(V freq, V shift, const Clock& clock, Moving<m> moving) {
    const auto now = phase.advance(freq, shift, clock, moving);
    const Mask<V> stands = (now.speed.step <= 1e-9F) & (sounded == Bits<V>(1U));
    sounded = Bits<V>(1U);
    return select(stands, V(0.F), pulse_at_zero<V>(now.at, now.speed));
  }
};

}  // namespace
}  // namespace hocket::units
