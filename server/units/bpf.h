// Band-pass filter, 6 dB an octave to both sides, 0 dB at its centre.
#pragma once

#include "server/dsp/svf.h"

namespace hocket::units {
namespace {

template <class V>
struct bpf {
  static constexpr bool waits = true;
  static constexpr Port ports[] = {
      {"in", PortUnit::signal, 0, 0, 0, "what is filtered"},
      {"cutoff", PortUnit::hz, 1000, 5, 100000, "centre; held below 0.49 of the sample rate"},
      {"res", PortUnit::number, 0, 0, 1, "resonance: 0 is wide (Q 0.71), 1 rings (Q 25); 1 / Q falls in a straight line"},
  };

  Svf<V> filter;

  using Tangent = typename Svf<V>::Tangent;
  using Kin = AnySvf<V>;
  static constexpr SvfKind kind = SvfKind::band;
  static auto prepare(V cutoff, V res, const Clock& clock) { return Svf<V>::prepare(cutoff, res, clock); }
  V tick(V in, const typename Svf<V>::Coefs& c) { return filter.tick(in, c).template as<kind>(c); }
};

}  // namespace
}  // namespace hocket::units
