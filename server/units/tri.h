// Triangle oscillator, -1..1, band-limited. Starts at 0, rising.
#pragma once

#include "server/dsp/osc.h"

namespace hocket::units {
namespace {

template <class V>
struct tri {
  static constexpr bool takes_anything = true;
  static constexpr Port ports[] = {
      {"freq", PortUnit::hz, 440, 0, 0, "pitch; negative runs backwards"},
      {"phase", PortUnit::cycles, 0, 0, 0, "added to the phase, for phase modulation"},
  };

  Phase<V> phase;

  void start(Mask<V> fresh, V, V shift, const Clock&) { phase.start(fresh, shift); }

  template <unsigned m>
  V tick(V freq, V shift, const Clock& clock, Moving<m> moving) {
    const auto now = phase.advance(freq, shift, clock, moving);
    return triangle<V>(now.at - 0x40000000U, now.speed);
  }
};

}  // namespace
}  // namespace hocket::units
