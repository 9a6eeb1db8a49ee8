// The two-pole state-variable filter that lpf, hpf, bpf and notch share.
#pragma once

#include "server/dsp/unit.h"

namespace hocket::dsp {
namespace {

/// Topology-preserving form by trapezoidal integration: what it holds are the two integrators' states, so any coefficients at
/// any frame leave it stable. Source: Zavalishin, "The Art of VA Filter Design", 2018; solved as in Simper, "Solving the
/// continuous SVF equations using trapezoidal integration", 2013.
template <class V>
struct Svf {
  V band_state, low_state;

  struct Coefs {
    V k, a1, a2, a3;
  };
  struct Out {
    V low, band, high;
  };

  /// `cutoff` Hz, held below 0.49 of the rate; `res` 0..1. The damping 1 / Q goes from sqrt 2 at res 0 (Butterworth) in a
  /// straight line to 0.04 at res 1 (Q 25): 0.5 is Q 1.4, 0.8 is Q 3.2. There is no self-oscillation.
  static Coefs prepare(V cutoff, V res, const Clock& clock) {
    const V k = 1.41421356F - 1.37421356F * res;
    const Ratio<V> g = tan_half_cycle(clamp(cutoff * clock.period, V(1e-5F), V(0.49F)));
    // with g = above / below: a1 = 1 / (1 + g (g + k)), a2 = g a1, a3 = g a2, in one division
    const V inverse = 1.F / (g.below * g.below + g.above * (g.above + k * g.below));
    const V above = g.above * inverse;
    return {k, g.below * g.below * inverse, g.below * above, g.above * above};
  }

  Out tick(V in, const Coefs& c) {
    const V rest = in - low_state;
    const V band = c.a1 * band_state + c.a2 * rest;
    const V low = low_state + (c.a2 * band_state + c.a3 * rest);
    band_state = band + band - band_state;
    low_state = low + low - low_state;
    return {low, band, in - c.k * band - low};
  }
};

}  // namespace
}  // namespace hocket::dsp
