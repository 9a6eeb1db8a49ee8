// The two-pole state-variable filter that lpf, hpf, bpf and notch share.
#pragma once

#include "server/dsp/unit.h"

namespace hocket::dsp {
namespace {

enum class SvfKind : std::uint8_t { low, high, band, notch };

/// Topology-preserving form by trapezoidal integration: what it holds are the two integrators' states, so any coefficients at
/// any frame leave it stable. Source: Zavalishin, "The Art of VA Filter Design", 2018; solved as in Simper, "Solving the
/// continuous SVF equations using trapezoidal integration", 2013.
template <class V>
struct Svf {
  V band_state, low_state;  // halves of the textbook's, so that their sums need no halving

  struct Coefs {
    V k, band_in, band_out, low_in;

    /// From one set to another of equal k: a share of the way, which can be taken again and again.
    friend Coefs between(const Coefs& from, const Coefs& to, float share) {
      return {from.k, (to.band_in - from.band_in) * share, (to.band_out - from.band_out) * share, (to.low_in - from.low_in) * share};
    }
    friend Coefs along(const Coefs& c, const Coefs& by, float steps) {
      const V n(steps);
      return {c.k, mul_add(n, by.band_in, c.band_in), mul_add(n, by.band_out, c.band_out), mul_add(n, by.low_in, c.low_in)};
    }
    friend Coefs moved(const Coefs& c, const Coefs& by) {
      return {c.k, c.band_in + by.band_in, c.band_out + by.band_out, c.low_in + by.low_in};
    }
    friend Coefs chosen(Mask<V> which, const Coefs& c, const Coefs& other) {
      return {c.k, select(which, c.band_in, other.band_in), select(which, c.band_out, other.band_out),
              select(which, c.low_in, other.low_in)};
    }
  };
  struct Out {
    V low, band, high;

    template <SvfKind kind>
    V as(const Coefs& c) const {
      if constexpr (kind == SvfKind::low) return low;
      if constexpr (kind == SvfKind::high) return high;
      if constexpr (kind == SvfKind::band) return c.k * band;
      if constexpr (kind == SvfKind::notch) return low + high;
    }
  };

  /// `cutoff` Hz, held below 0.49 of the rate; `res` 0..1. The damping 1 / Q goes from sqrt 2 at res 0 (Butterworth) in a
  /// straight line to 0.04 at res 1 (Q 25): 0.5 is Q 1.4, 0.8 is Q 3.2. There is no self-oscillation.
  static Coefs prepare(V cutoff, V res, const Clock& clock) { return Solved(cutoff, res, clock).coefs; }

  /// The coefficients near a cutoff: as there, and how they change from there on. All three are smooth functions of the cutoff
  /// (in the angle 2 pi f they are quotients of sines), so within `reach` the tangent is off by less than 2e-5 of them.
  struct Tangent {
    Coefs value, slope;  // slope.k is 0
    V reach;             // Hz

    Tangent(V cutoff, V res, const Clock& clock) {
      const Solved s(cutoff, res, clock);
      value = s.coefs;
      // dg / df = pi (1 + g^2), so with n = g's above^2 + below^2 and the quotient q of `Solved`:
      const V aa = s.g.above * s.g.above, bb = s.g.below * s.g.below;
      const V n = select(s.inside, (aa + bb) * (s.q * s.q) * (6.28318531F * clock.period), V(0.F));
      slope.k = V(0.F);
      slope.band_in = n * (bb - aa);
      slope.band_out = n * (s.g.below * (s.g.above + s.sum));
      slope.low_in = slope.band_out - value.k * slope.band_in;
      reach = dsp::min(cutoff * (1.F / 256), V(0.0008F * clock.rate));
    }
    Coefs at(V away) const {
      return {value.k, mul_add(away, slope.band_in, value.band_in), mul_add(away, slope.band_out, value.band_out),
              mul_add(away, slope.low_in, value.low_in)};
    }
    /// One of two with equal k.
    void choose(Mask<V> which, const Tangent& other) {
      value = chosen(which, other.value, value);
      slope = chosen(which, other.slope, slope);
      reach = select(which, other.reach, reach);
    }
  };

  /// The textbook's update, ordered for a short way from state to state: three operations, not six.
  Out tick(V in, const Coefs& c) {
    const V rest = mul_add(V(0.5F), in, -low_state);
    const V band = mul_add(c.band_in, rest, mul_add(-c.band_out, band_state, band_state));
    const V low = mul_add(c.low_in, rest, mul_add(c.band_in, band_state, low_state));
    const V band_now = band_state + band, low_now = low_state + low;
    band_state = band;
    low_state = low;
    return {low_now, band_now, mul_add(-c.k, band_now, in) - low_now};
  }

 private:
  struct Solved {
    Ratio<V> g;
    Mask<V> inside;  // the cutoff is not held
    V sum, q;        // k and g's above and below: above + k below; 1 / (below^2 + above sum)
    Coefs coefs;

    /// With g = above / below and d = 1 + g (g + k): 2 g / d, 2 g (g + k) / d and 2 g^2 / d, in one division.
    Solved(V cutoff, V res, const Clock& clock) {
      const V k = 1.41421356F - 1.37421356F * res;
      const V f = cutoff * clock.period, held = clamp(f, V(1e-5F), V(0.49F));
      inside = f == held;
      g = tan_half_cycle(held);
      sum = mul_add(k, g.below, g.above);
      q = 1.F / mul_add(g.above, sum, g.below * g.below);
      const V scaled = (g.above + g.above) * q;
      coefs = {k, scaled * g.below, scaled * sum, scaled * g.above};
    }
  };
};

/// The four as one, told by a number which it is: what runs where they follow one another. Same bits as each of them.
template <class V>
struct AnySvf {
  static constexpr Port ports[] = {
      {"in", PortUnit::signal, 0, 0, 0, ""},
      {"cutoff", PortUnit::hz, 1000, 5, 100000, ""},
      {"res", PortUnit::number, 0, 0, 1, ""},
      {"kind", PortUnit::number, 0, 0, 3, "a SvfKind"},
  };

  Svf<V> filter;

  struct Kinds {
    Mask<V> high, band, notch;
    explicit Kinds(V kind) : high(is(kind, SvfKind::high)), band(is(kind, SvfKind::band)), notch(is(kind, SvfKind::notch)) {}
    static Mask<V> is(V kind, SvfKind one) { return kind == V(static_cast<float>(one)); }
  };
  struct Coefs {
    typename Svf<V>::Coefs filter;
    Kinds is;
  };
  static Coefs prepare(V cutoff, V res, V kind, const Clock& clock) { return {Svf<V>::prepare(cutoff, res, clock), Kinds(kind)}; }
  struct Tangent : Svf<V>::Tangent {
    Kinds is;
    Tangent(V cutoff, V res, V kind, const Clock& clock) : Svf<V>::Tangent(cutoff, res, clock), is(kind) {}
    Coefs at(V away) const { return {Svf<V>::Tangent::at(away), is}; }
  };
  V tick(V in, const Coefs& c) {
    const auto out = filter.tick(in, c.filter);
    const V low_or_band = select(c.is.band, out.template as<SvfKind::band>(c.filter), out.template as<SvfKind::low>(c.filter));
    const V others = select(c.is.high, out.template as<SvfKind::high>(c.filter), low_or_band);
    return select(c.is.notch, out.template as<SvfKind::notch>(c.filter), others);
  }
};

}  // namespace
}  // namespace hocket::dsp
