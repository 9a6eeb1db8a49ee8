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
    V k, band_in, band_out, low_in;
  };
  struct Out {
    V low, band, high;
  };

  /// `cutoff` Hz, held below 0.49 of the rate; `res` 0..1. The damping 1 / Q goes from sqrt 2 at res 0 (Butterworth) in a
  /// straight line to 0.04 at res 1 (Q 25): 0.5 is Q 1.4, 0.8 is Q 3.2. There is no self-oscillation.
  static Coefs prepare(V cutoff, V res, const Clock& clock) {
    const V k = 1.41421356F - 1.37421356F * res;
    const Ratio<V> g = tan_half_cycle(clamp(cutoff * clock.period, V(1e-5F), V(0.49F)));
    // with g = above / below and d = 1 + g (g + k): 2 g / d, 2 g (g + k) / d and 2 g^2 / d, in one division
    const V sum = g.above + k * g.below;
    const V scaled = (g.above + g.above) / (g.below * g.below + g.above * sum);
    return {k, scaled * g.below, scaled * sum, scaled * g.above};
  }

  /// The textbook's update, ordered for a short way from state to state: three operations, not six.
  Out tick(V in, const Coefs& c) {
    const V band = (band_state + c.band_in * in) - (c.band_in * low_state + c.band_out * band_state);
    const V low = (low_state + c.low_in * in) + (c.band_in * band_state - c.low_in * low_state);
    const V band_now = 0.5F * (band_state + band), low_now = 0.5F * (low_state + low);
    band_state = band;
    low_state = low;
    return {low_now, band_now, in - c.k * band_now - low_now};
  }
};

}  // namespace
}  // namespace hocket::dsp
