// Several voices side by side in one value: `lanes` behaves as float does, so one formula serves both.
//
// All that depends on the instruction set lives in unnamed namespaces: every file compiled for an instruction set of its own
// has its own copy, and the linker cannot mix them. One order of operations, and what is rounded once is said (mul_add): then float,
// AVX2 and AVX-512 agree bit for bit, and so do float and SSE2. Measured: without AVX, g++ keeps a 32-byte vector in memory; two named
// members stay in registers.
#pragma once

#include <cstdint>
#include <utility>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace hocket::dsp {
namespace {

#if defined(__AVX512F__) && defined(__AVX512DQ__)
inline constexpr int kPartLanes = 16;
inline constexpr int kParts = 1;
#elif defined(__AVX2__)
inline constexpr int kPartLanes = 8;
inline constexpr int kParts = 1;
#else
inline constexpr int kPartLanes = 4;
inline constexpr int kParts = 2;
#endif
inline constexpr int kLanes = kPartLanes * kParts;

using FloatPart [[gnu::vector_size(kPartLanes * 4)]] = float;
using BitsPart [[gnu::vector_size(kPartLanes * 4)]] = std::uint32_t;
using IntPart [[gnu::vector_size(kPartLanes * 4)]] = std::int32_t;

template <class T, int n>
struct PartsOf;
template <class T>
struct PartsOf<T, 1> {
  T a;
};
template <class T>
struct PartsOf<T, 2> {
  T a, b;
};
template <class T>
using Parts = PartsOf<T, kParts>;

/// f of each part of the arguments, side by side.
template <class F, class... T>
inline auto zip(F f, PartsOf<T, 1>... x) {
  return PartsOf<decltype(f(x.a...)), 1>{f(x.a...)};
}
template <class F, class... T>
inline auto zip(F f, PartsOf<T, 2>... x) {
  return PartsOf<decltype(f(x.a...)), 2>{f(x.a...), f(x.b...)};
}
template <class Part, class T>
inline Parts<Part> splat_parts(T x) {
  if constexpr (kParts == 1) {
    return {x - Part{}};  // x - 0 is x, its sign too
  } else {
    return {x - Part{}, x - Part{}};
  }
}

// The outcome of comparing parts: a bit a lane where the processor has such registers, else all ones or all zeros a lane.
#if defined(__AVX512F__) && defined(__AVX512DQ__)
using MaskPart = __mmask16;
inline MaskPart less(FloatPart x, FloatPart y) {
  return _mm512_cmp_ps_mask((__m512)x, (__m512)y, _CMP_LT_OQ);
}
inline MaskPart not_above(FloatPart x, FloatPart y) {
  return _mm512_cmp_ps_mask((__m512)x, (__m512)y, _CMP_LE_OQ);
}
inline MaskPart equal(FloatPart x, FloatPart y) {
  return _mm512_cmp_ps_mask((__m512)x, (__m512)y, _CMP_EQ_OQ);
}
inline MaskPart equal(BitsPart x, BitsPart y) {
  return _mm512_cmpeq_epi32_mask((__m512i)x, (__m512i)y);
}
inline MaskPart less(IntPart x, IntPart y) {
  return _mm512_cmplt_epi32_mask((__m512i)x, (__m512i)y);
}
inline FloatPart chosen(MaskPart m, FloatPart x, FloatPart y) {
  return (FloatPart)_mm512_mask_blend_ps(m, (__m512)y, (__m512)x);
}
inline BitsPart chosen(MaskPart m, BitsPart x, BitsPart y) {
  return (BitsPart)_mm512_mask_blend_epi32(m, (__m512i)y, (__m512i)x);
}
#else
using MaskPart = IntPart;
inline MaskPart less(FloatPart x, FloatPart y) {
  return x < y;
}
inline MaskPart not_above(FloatPart x, FloatPart y) {
  return x <= y;
}
inline MaskPart equal(FloatPart x, FloatPart y) {
  return x == y;
}
inline MaskPart equal(BitsPart x, BitsPart y) {
  return x == y;
}
inline MaskPart less(IntPart x, IntPart y) {
  return x < y;
}
template <class Part>
inline Part chosen(MaskPart m, Part x, Part y) {
  return m ? x : y;
}
#endif

struct lane_mask {
  Parts<MaskPart> v;
};

/// 32 bits a lane: phases, counters, seeds. Arithmetic wraps.
struct lane_bits {
  Parts<BitsPart> v;
  lane_bits() = default;
  lane_bits(Parts<BitsPart> parts) : v(parts) {}
  lane_bits(std::uint32_t x) : v(splat_parts<BitsPart>(x)) {}
};

struct lanes {
  Parts<FloatPart> v;
  lanes() = default;
  lanes(Parts<FloatPart> parts) : v(parts) {}
  lanes(float x) : v(splat_parts<FloatPart>(x)) {}
};

template <class V>
struct Companion;
template <>
struct Companion<float> {
  using Bits = std::uint32_t;
  using Mask = bool;
  static constexpr int lanes = 1;
};
template <>
struct Companion<lanes> {
  using Bits = lane_bits;
  using Mask = lane_mask;
  static constexpr int lanes = kLanes;
};
template <class V>
using Bits = typename Companion<V>::Bits;  ///< 32 bits a lane
template <class V>
using Mask = typename Companion<V>::Mask;  ///< true or false a lane
template <class V>
inline constexpr int lanes_of = Companion<V>::lanes;

inline lanes operator+(lanes x, lanes y) {
  return zip([](auto p, auto q) { return p + q; }, x.v, y.v);
}
inline lanes operator-(lanes x, lanes y) {
  return zip([](auto p, auto q) { return p - q; }, x.v, y.v);
}
inline lanes operator*(lanes x, lanes y) {
  return zip([](auto p, auto q) { return p * q; }, x.v, y.v);
}
inline lanes operator/(lanes x, lanes y) {
  return zip([](auto p, auto q) { return p / q; }, x.v, y.v);
}
inline lanes operator-(lanes x) {
  return zip([](auto p) { return -p; }, x.v);
}
inline lanes& operator+=(lanes& x, lanes y) {
  return x = x + y;
}
inline lanes& operator-=(lanes& x, lanes y) {
  return x = x - y;
}
inline lanes& operator*=(lanes& x, lanes y) {
  return x = x * y;
}

inline lane_mask operator<(lanes x, lanes y) {
  return {zip([](auto p, auto q) { return less(p, q); }, x.v, y.v)};
}
inline lane_mask operator<=(lanes x, lanes y) {
  return {zip([](auto p, auto q) { return not_above(p, q); }, x.v, y.v)};
}
inline lane_mask operator>(lanes x, lanes y) {
  return y < x;
}
inline lane_mask operator>=(lanes x, lanes y) {
  return y <= x;
}
inline lane_mask operator==(lanes x, lanes y) {
  return {zip([](auto p, auto q) { return equal(p, q); }, x.v, y.v)};
}

inline lane_mask operator&(lane_mask m, lane_mask n) {
  return {zip([](auto p, auto q) { return static_cast<MaskPart>(p & q); }, m.v, n.v)};
}
inline lane_mask operator|(lane_mask m, lane_mask n) {
  return {zip([](auto p, auto q) { return static_cast<MaskPart>(p | q); }, m.v, n.v)};
}
inline lane_mask operator!=(lane_mask m, lane_mask n) {
  return {zip([](auto p, auto q) { return static_cast<MaskPart>(p ^ q); }, m.v, n.v)};
}
inline lane_mask operator!(lane_mask m) {
  return {zip([](auto p) { return static_cast<MaskPart>(~p); }, m.v)};
}
inline lane_mask operator!=(lanes x, lanes y) {
  return !(x == y);
}

inline lane_bits operator+(lane_bits x, lane_bits y) {
  return zip([](auto p, auto q) { return p + q; }, x.v, y.v);
}
inline lane_bits operator-(lane_bits x, lane_bits y) {
  return zip([](auto p, auto q) { return p - q; }, x.v, y.v);
}
inline lane_bits operator*(lane_bits x, lane_bits y) {
  return zip([](auto p, auto q) { return p * q; }, x.v, y.v);
}
inline lane_bits operator&(lane_bits x, lane_bits y) {
  return zip([](auto p, auto q) { return p & q; }, x.v, y.v);
}
inline lane_bits operator|(lane_bits x, lane_bits y) {
  return zip([](auto p, auto q) { return p | q; }, x.v, y.v);
}
inline lane_bits operator^(lane_bits x, lane_bits y) {
  return zip([](auto p, auto q) { return p ^ q; }, x.v, y.v);
}
inline lane_bits operator<<(lane_bits x, int n) {
  return zip([n](auto p) { return p << n; }, x.v);
}
inline lane_bits operator>>(lane_bits x, int n) {
  return zip([n](auto p) { return p >> n; }, x.v);
}
inline lane_bits& operator+=(lane_bits& x, lane_bits y) {
  return x = x + y;
}
inline lane_mask operator==(lane_bits x, lane_bits y) {
  return {zip([](auto p, auto q) { return equal(p, q); }, x.v, y.v)};
}
inline lane_mask operator!=(lane_bits x, lane_bits y) {
  return !(x == y);
}
/// x < y as signed numbers.
inline lane_mask before(lane_bits x, lane_bits y) {
  return {zip([](auto p, auto q) { return less(__builtin_bit_cast(IntPart, p), __builtin_bit_cast(IntPart, q)); }, x.v, y.v)};
}
/// x > y as they are, without a sign.
inline lane_mask beyond(lane_bits x, lane_bits y) {
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  return {zip([](auto p, auto q) { return static_cast<MaskPart>(_mm512_cmpgt_epu32_mask((__m512i)p, (__m512i)q)); }, x.v, y.v)};
#else
  return before(y ^ lane_bits(1U << 31), x ^ lane_bits(1U << 31));
#endif
}
inline bool before(std::uint32_t x, std::uint32_t y) {
  return static_cast<std::int32_t>(x) < static_cast<std::int32_t>(y);
}

}  // namespace
}  // namespace hocket::dsp
