// Phases that never lose their place, and waveforms without the harmonics that would fold back.
#pragma once

#include "server/dsp/unit.h"

namespace hocket::dsp {
namespace {

/// Cycles as a fraction of 2^32, whole cycles dropped: a phase in this form wraps by itself and never loses precision.
/// Whatever is no number gives some phase.
template <class V>
inline Bits<V> phase_bits(V cycles) {
  return round_to_bits(wrap(cycles) * 4294967296.F);
}
/// The phase as cycles, -0.5..0.5.
template <class V>
inline V phase_cycles(Bits<V> phase) {
  return to_float(phase) * (1.F / 4294967296.F);
}

/// The phase in half turns, -1..1.
template <class V>
inline V half_turns(Bits<V> phase) {
  return to_float(phase) * (2.F / 4294967296.F);
}

/// A phase moved on by so many cycles, in turns, -0.5..0.5. Error 3e-8 (1 + the cycles). Whatever is no number gives some phase.
template <class V>
inline V moved_turns(Bits<V> phase, V cycles) {
  const V turns = wrap(mul_add(to_float(phase), V(1.F / 4294967296.F), cycles));
  return with_sign(float_of_bits(sooner(bits_of(abs(turns)), bits_of(V(0.5F)))), turns);
}

/// How far a phase moves in this frame, for the corrections below, most of which are 0 most of the time: the inverse is worked out
/// where one is not.
template <class V>
struct Speed {
  V step;
  Speed() = default;
  explicit Speed(V signed_step) : step(max(abs(signed_step), V(1e-9F))) {}
  V inverse() const { return 1.F / step; }
  /// Is it within so many frames of what is `away` cycles away? A little too soon, lest rounding tell another tale. Of several
  /// lanes one mostly is: there the question costs more than it saves.
  bool reaches([[maybe_unused]] float frames, [[maybe_unused]] V away) const {
    if constexpr (lanes_of<V> == 1) {
      return away < 1.01F * frames * step;
    } else {
      return true;
    }
  }
};
/// The same about an edge, where the inverse is known.
template <class V>
struct SpeedAtEdge {
  V step, known;
  V inverse() const { return known; }
  static bool reaches(float, V) { return true; }
};

/// Where an oscillator is in a frame, and how fast.
template <class V>
struct PhaseNow {
  Bits<V> at;
  Speed<V> speed;
};

/// The phase of an oscillator with frequency and phase modulation, both at audio rate.
template <class V>
struct Phase {
  Bits<V> at, shift;

  using Now = PhaseNow<V>;

  void start(Mask<V> fresh, V shift_cycles) { shift = select(fresh, phase_bits(shift_cycles), shift); }

  /// Where this frame is, and how fast: as far as the last frame's was from it. Port 0 is `freq`, port 1 the shift.
  template <unsigned m>
  Now advance(V freq, V shift_cycles, const Clock& clock, Moving<m>) {
    const Bits<V> shifted = phase_bits(shift_cycles);
    const Bits<V> by = phase_bits(freq * clock.period);
    Bits<V> step = by;
    if constexpr (Moving<m>::port(1)) step = by + (shifted - shift);
    const Now now{at + shifted, Speed<V>(phase_cycles<V>(step))};
    at += by;
    shift = shifted;
    return now;
  }

  /// The same over many frames in which neither port moves.
  void skip(Bits<V> by, V shift_cycles, int frames) {
    at += by * Bits<V>(static_cast<std::uint32_t>(frames));
    shift = phase_bits(shift_cycles);
  }
};

// Band-limiting: a jump, or a corner, is replaced within three frames on either side by the integral of a smooth pulse, which is a
// spline with a knot every frame. Its six coefficients are a least-squares fit: flat to 15 kHz at 48 kHz (within 0.4 dB to
// 11 kHz, -1.4 dB at 15, -5.7 dB at 20), and little left of what would fold back to below 14 kHz (the image at 38 kHz: -80 dB).
// Sources: Valimaki, Pekonen, Nam, "Perceptually informed synthesis of bandlimited classical waveforms using integrated
// polynomial interpolation", 2012; Esqueda, Valimaki, Bilbao, "Rounding corners with BLAMP", 2016.
inline constexpr float kSpline4[3] = {-0.403635476F, 0.13987997F, -0.0174366958F};    // of (k - t)^4, k = 1, 2, 3
inline constexpr float kSpline2[3] = {-0.197115952F, 0.0602034638F, 0.00380337882F};  // of (k - t)^2

/// What is left of a step of 2, t frames after (or before) it happened, t >= 0: 1 at 0, nothing from 3 on.
template <class V>
inline V step_rest(V t) {
  const V u = max(1.F - t, V(0.F)), v = max(2.F - t, V(0.F)), w = max(3.F - t, V(0.F));
  const V uu = u * u, vv = v * v, ww = w * w;
  const V a = polynomial<V>(uu, 2 * kSpline4[0], 2 * kSpline2[0]);
  const V b = polynomial<V>(vv, 2 * kSpline4[1], 2 * kSpline2[1]);
  const V c = polynomial<V>(ww, 2 * kSpline4[2], 2 * kSpline2[2]);
  return mul_add(ww, c, mul_add(vv, b, uu * a));
}
/// Its integral from t on: what is left of a corner that bends by 1 a frame.
template <class V>
inline V corner_rest(V t) {
  const V u = max(1.F - t, V(0.F)), v = max(2.F - t, V(0.F)), w = max(3.F - t, V(0.F));
  const V uu = u * u, vv = v * v, ww = w * w;
  const V a = polynomial<V>(uu, kSpline4[0] / 5, kSpline2[0] / 3);
  const V b = polynomial<V>(vv, kSpline4[1] / 5, kSpline2[1] / 3);
  const V c = polynomial<V>(ww, kSpline4[2] / 5, kSpline2[2] / 3);
  return mul_add(w * ww, c, mul_add(v * vv, b, u * uu * a));
}

/// A rising saw, -1..1, that falls from 1 to -1 where `phase` is 0. `S`: one of the two above
template <class V, class S>
inline V falling_at_zero(Bits<V> phase, S speed) {
  const V d = half_turns<V>(phase), away = abs(d);
  if (!speed.reaches(3, 0.5F * away)) return half_turns<V>(phase + 0x80000000U);
  const V inverse = 0.5F * speed.inverse();
  V rest = step_rest(away * inverse);
  // above a sixth of the rate, the jumps next to the nearest are near enough to matter
  if (any(speed.step > 1.F / 6)) rest = rest - step_rest((2.F - away) * inverse) + step_rest((2.F + away) * inverse);
  return half_turns<V>(phase + 0x80000000U) + signed_like(rest, d);
}

/// A saw that falls at `up` less one that falls where `up` is below by `width`: a pulse without its mean, 2 high.
template <class V, class S>
inline V pulse_wave(Bits<V> phase, Bits<V> width, S speed) {
  return falling_at_zero<V>(phase - width, speed) - falling_at_zero<V>(phase, speed);
}

/// The same further than three frames from either edge.
template <class V>
inline V plain_pulse(Bits<V> phase, Bits<V> width) {
  return half_turns<V>(phase - width + 0x80000000U) - half_turns<V>(phase + 0x80000000U);
}

/// A triangle, -1..1, with its upper corner where `phase` is 0.
template <class V, class S>
inline V triangle(Bits<V> phase, S speed) {
  const V away = abs(phase_cycles<V>(phase)), other = 0.5F - away;
  if (!speed.reaches(3, min(away, other))) return 1.F - 4.F * away;
  const V inverse = speed.inverse();
  V rest = corner_rest(away * inverse) - corner_rest(other * inverse);
  if (any(speed.step > 1.F / 6)) {
    const V upper = corner_rest((1.F - away) * inverse) + corner_rest((1.F + away) * inverse);
    const V lower = corner_rest((0.5F + away) * inverse) + corner_rest((1.5F - away) * inverse);
    rest = rest + (upper - lower);
  }
  return 1.F - 4.F * away - 8.F * speed.step * rest;
}
/// The same further than three frames from either corner.
template <class V>
inline V plain_triangle(Bits<V> phase) {
  return 1.F - 4.F * abs(phase_cycles<V>(phase));
}

/// A pulse of level 1 where `phase` is 0: one frame, if it falls on a frame, else a cubic spline less a sixth of its second
/// derivative, which passes through 0 at all other frames. Source: Blu, Thevenaz, Unser, "MOMS", 2001.
template <class V, class S>
inline V pulse_at_zero(Bits<V> phase, S speed) {
  const auto pulse = [](V t) {
    const V u = max(2.F - t, V(0.F)), v = max(1.F - t, V(0.F));
    return (u * (u * u - 1.F) - 4.F * (v * (v * v - 1.F))) * (1.F / 6.F);
  };
  const V away = abs(phase_cycles<V>(phase));
  if (!speed.reaches(2, away)) return V(0.F);
  const V inverse = speed.inverse();
  V y = pulse(away * inverse);
  if (any(speed.step > 0.25F)) y = y + pulse((1.F - away) * inverse);
  return y;
}

}  // namespace
}  // namespace hocket::dsp
