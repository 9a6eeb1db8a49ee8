// The functions that units compute with: one formula for float and lanes, no library call, its error stated.
// Polynomials are minimax fits (Lawson, "Contributions to the theory of linear least maximum approximation", 1961); the errors
// are theirs, float rounding (about 1e-7) comes on top.
#pragma once

#include "server/dsp/lane_functions.h"

namespace hocket::dsp {
namespace {

/// The polynomial with these coefficients, that of the highest power first.
template <class V, class... C>
inline V polynomial(V x, float highest, C... rest) {
  V y(highest);
  ((y = mul_add(y, x, V(rest))), ...);
  return y;
}

/// The greatest integer not above x; |x| < 2^31. Gives +0, never -0.
template <class V>
inline V floor(V x) {
#if defined(__SSE4_1__)
  return rounded_down(x) + 0.F;
#else
  const V t = to_float(to_bits(x));
  return t - select(t > x, V(1.F), V(0.F));
#endif
}
/// sin(pi h) for |h| <= 1, in half turns. Error 1.1e-7; exactly 0 at 0 and +-1.
template <class V>
inline V sin_half_turn(V h) {
  const V z = h * h;  // of the fit in turns, with the powers of 4 and 2 taken into its coefficients: no bit changes
  const V q = polynomial<V>(z, 3.05832562F / 512, -9.53079934F / 128, 16.7609745F / 32, -16.2086703F / 8, 6.2831826F / 2);
  return mul_add(-z, h, h) * q;
}
/// sin(2 pi p) for |p| <= 0.5.
template <class V>
inline V sin_turn(V p) {
  return sin_half_turn(p + p);
}
/// sin(2 pi x) and cos(2 pi x) for |x| < 2^30.
template <class V>
inline V sin_cycles(V x) {
  return sin_turn(wrap(x));
}
template <class V>
inline V cos_cycles(V x) {
  return sin_turn(wrap(x + 0.25F));
}

/// 2^x, relative error 9.3e-8; exact at integers; x is held within -126..127.
template <class V>
inline V exp2(V x) {
  x = clamp(x, V(-126.F), V(127.F));
  const V whole = floor(x);
  const V f = x - whole;
  const V q = polynomial<V>(f, -0.00187931856F, -0.0108703138F, -0.0666889897F, -0.306848261F);
  const V mantissa = mul_add(f * (1.F - f), q, 1.F + f);
  return mantissa * float_of_bits((to_bits(whole) + 127U) << 23);
}

/// log2 x, error 5e-8 + 1e-7 |log2 x|; exact at powers of two. Whatever is below 2^-126 counts as that.
template <class V>
inline V log2(V x) {
  x = max(x, V(1.17549435e-38F));
  // the mantissa is taken from sqrt(1/2) to sqrt(2): no cancellation near x = 1
  const Bits<V> b = bits_of(x) + (0x3f800000U - 0x3f3504f3U);
  const V exponent = to_float(b >> 23) - 127.F;
  const V t = float_of_bits((b & 0x007fffffU) + 0x3f3504f3U) - 1.F;
  const V q =
      polynomial<V>(t, -0.145744312F, 0.236890309F, -0.250069067F, 0.286707466F, -0.360087215F, 0.480939444F, -0.721357149F, 1.44269477F);
  return mul_add(t, q, exponent);
}

/// 2^x - 1 for -1 <= x <= 0 without cancellation, relative error 1e-7.
template <class V>
inline V exp2_less_one(V x) {
  return x * polynomial<V>(x, 0.000115640169F, 0.00129357251F, 0.00959891245F, 0.0555000161F, 0.240226223F, 0.693147181F);
}

/// x^y for x > 0, relative error 2e-7 (1 + |log2 x^y|).
template <class V>
inline V power(V x, V y) {
  return exp2(log2(x) * y);
}

/// tanh x, error 2e-7.
template <class V>
inline V tanh(V x) {
  const V e = exp2(abs(x) * -2.88539008F);
  return with_sign((1.F - e) / (1.F + e), x);
}

/// tan(pi f) as above / below, for 0 <= f < 0.5: a filter then divides once. Relative error 1.3e-6.
template <class V>
struct Ratio {
  V above, below;
};
template <class V>
inline Ratio<V> tan_half_cycle(V f) {
  const V z = f * f;
  return {f * polynomial<V>(z, -0.264572777F, -0.529970593F, -2.23142868F, 3.14159671F), mul_add(V(-4.F), z, V(1.F))};
}

/// A linear gain from decibels. Error 0.00001 dB.
template <class V>
inline V from_db(V db) {
  return exp2(db * 0.166096405F);
}
/// A level as players give it: above 0 linear, at or below 0 decibels.
template <class V>
inline V from_level(V x) {
  return select(x > 0.F, x, from_db(x));
}

}  // namespace
}  // namespace hocket::dsp
