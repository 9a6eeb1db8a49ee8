// Sine oscillator, -1..1. Distortion below -120 dB.
#pragma once

#include "server/dsp/osc.h"

namespace hocket::units {
namespace {

template <class V>
struct sine {
  static constexpr bool takes_anything = true;
  static constexpr Port ports[] = {
      {"freq", PortUnit::hz, 440, 0, 0, "pitch; negative runs backwards"},
      {"phase", PortUnit::cycles, 0, 0, 0, "added to the phase, for phase modulation"},
  };

  Bits<V> at;

  V tick(V freq, V phase, const Clock& clock) {
    const V y = sin_half_turn(to_float(at + phase_bits(phase)) * (2.F / 4294967296.F));
    at += phase_bits(freq * clock.period);
    return y;
  }
};

}  // namespace
}  // namespace hocket::units
