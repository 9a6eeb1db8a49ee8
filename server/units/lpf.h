// Low-pass filter, 12 dB an octave, resonant.
#pragma once

#include "server/dsp/svf.h"

namespace hocket::units {
namespace {

template <class V>
struct lpf {
  static constexpr bool waits = true;
  static constexpr Port ports[] = {
      {"in", PortUnit::signal, 0, 0, 0, "what is filtered"},
      {"cutoff", PortUnit::hz, 1000, 5, 100000, "corner; held below 0.49 of the sample rate"},
      {"res", PortUnit::number, 0, 0, 1, "resonance: 0 is Butterworth, 1 rings (Q 25); 1 / Q falls in a straight line"},
  };

  Svf<V> filter;

  using Tangent = typename Svf<V>::Tangent;
  using Kin = AnySvf<V>;
  static constexpr SvfKind kind = SvfKind::low;
  static auto prepare(V cutoff, V res, const Clock& clock) { return Svf<V>::prepare(cutoff, res, clock); }
  V tick(V in, const typename Svf<V>::Coefs& c) { return filter.tick(in, c).template as<kind>(c); }
};

}  // namespace
}  // namespace hocket::units
