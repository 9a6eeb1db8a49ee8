// Pulse oscillator, -1..1, band-limited, of any width, which may be modulated. Starts with its upper part.
#pragma once

#include "server/dsp/osc.h"

namespace hocket::units {
namespace {

template <class V>
struct pulse {
  static constexpr bool takes_anything = true;
  static constexpr Port ports[] = {
      {"freq", PortUnit::hz, 440, 0, 0, "pitch; negative runs backwards"},
      {"phase", PortUnit::cycles, 0, 0, 0, "added to the phase, for phase modulation"},
      {"width", PortUnit::number, 0.5F, 0.01F, 0.99F, "share of the period in which it is up"},
  };

  Phase<V> phase;

  void start(Mask<V> fresh, V, V shift, V, const Clock&) { phase.start(fresh, shift); }

  template <unsigned m>
  V tick(V freq, V shift, V width, const Clock& clock, Moving<m> moving) {
    const auto now = phase.advance(freq, shift, clock, moving);
    return pulse_wave<V>(now.at, to_bits(width * 2147483648.F) << 1, now.speed) + (2.F * width - 1.F);
  }
};

}  // namespace
}  // namespace hocket::units
