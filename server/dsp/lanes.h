// Several voices side by side in one value: `lanes` behaves as float does, so one formula serves both.
//
// All that depends on the instruction set lives in unnamed namespaces: every file compiled for an instruction set of its own
// has its own copy, and the linker cannot mix them. No fused multiply-add and one order of operations: then float, SSE2, AVX2
// and AVX-512 agree bit for bit. Measured: without AVX, g++ keeps a 32-byte vector in memory; two named members stay in registers.
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
inline bool before(std::uint32_t x, std::uint32_t y) {
  return static_cast<std::int32_t>(x) < static_cast<std::int32_t>(y);
}

// What float and lanes need beyond operators. Written for both, in the same order of operations.

inline float select(bool m, float x, float y) {
  return m ? x : y;
}
inline lanes select(lane_mask m, lanes x, lanes y) {
  return zip([](auto k, auto p, auto q) { return chosen(k, p, q); }, m.v, x.v, y.v);
}
inline std::uint32_t select(bool m, std::uint32_t x, std::uint32_t y) {
  return m ? x : y;
}
inline lane_bits select(lane_mask m, lane_bits x, lane_bits y) {
  return zip([](auto k, auto p, auto q) { return chosen(k, p, q); }, m.v, x.v, y.v);
}

/// The bits of a float, and back.
inline std::uint32_t bits_of(float x) {
  return __builtin_bit_cast(std::uint32_t, x);
}
inline lane_bits bits_of(lanes x) {
  return zip([](auto p) { return __builtin_bit_cast(BitsPart, p); }, x.v);
}
inline float float_of_bits(std::uint32_t x) {
  return __builtin_bit_cast(float, x);
}
inline lanes float_of_bits(lane_bits x) {
  return zip([](auto p) { return __builtin_bit_cast(FloatPart, p); }, x.v);
}

/// Truncates towards zero; |x| < 2^31.
inline std::uint32_t to_bits(float x) {
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(x));
}
inline lane_bits to_bits(lanes x) {
  return zip([](auto p) { return __builtin_bit_cast(BitsPart, __builtin_convertvector(p, IntPart)); }, x.v);
}
/// Rounds to the nearest integer, halves to even; gives 2^31 for what is no number or beyond |x| < 2^31.
inline std::uint32_t round_to_bits(float x) {
#if defined(__SSE2__)
  return static_cast<std::uint32_t>(_mm_cvtss_si32(_mm_set_ss(x)));
#else
  if (!(x >= -2147483648.F && x < 2147483648.F)) return 0x80000000U;
  const float magic = __builtin_copysignf(8388608.F, x);  // beyond 2^23, floats are integers
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(__builtin_fabsf(x) < 8388608.F ? (x + magic) - magic : x));
#endif
}
inline lane_bits round_to_bits(lanes x) {
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  return zip([](auto p) { return (BitsPart)_mm512_cvtps_epi32((__m512)p); }, x.v);
#elif defined(__AVX2__)
  return zip([](auto p) { return (BitsPart)_mm256_cvtps_epi32((__m256)p); }, x.v);
#elif defined(__SSE2__)
  return zip([](auto p) { return (BitsPart)_mm_cvtps_epi32((__m128)p); }, x.v);
#else
  return zip(
      [](auto p) {
        BitsPart y{};
        for (int k = 0; k < kPartLanes; ++k) y[k] = round_to_bits(p[k]);
        return y;
      },
      x.v);
#endif
}
/// Of the bits as a signed number, rounded to nearest.
inline float to_float(std::uint32_t x) {
  return static_cast<float>(static_cast<std::int32_t>(x));
}
inline lanes to_float(lane_bits x) {
  return zip([](auto p) { return __builtin_convertvector(__builtin_bit_cast(IntPart, p), FloatPart); }, x.v);
}

/// x less the nearest integer, -0.5..0.5; |x| < 2^31. Further out, and of what is no number, it is some number or none.
#if defined(__AVX512F__) && defined(__AVX512DQ__)
inline float wrap(float x) {
  return _mm_cvtss_f32(_mm_reduce_ss(_mm_set_ss(x), _mm_set_ss(x), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}
inline lanes wrap(lanes x) {
  return zip([](auto p) { return (FloatPart)_mm512_reduce_ps((__m512)p, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }, x.v);
}
#else
template <class V>
inline V wrap(V x) {
  return x - to_float(round_to_bits(x));
}
#endif

/// y where x is not below it or is no number: as the processor's own minimum does.
inline float min(float x, float y) {
  return x < y ? x : y;
}
inline float max(float x, float y) {
  return x > y ? x : y;
}
inline lanes min(lanes x, lanes y) {
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  return zip([](auto p, auto q) { return (FloatPart)_mm512_min_ps((__m512)p, (__m512)q); }, x.v, y.v);
#elif defined(__AVX2__)
  return zip([](auto p, auto q) { return (FloatPart)_mm256_min_ps((__m256)p, (__m256)q); }, x.v, y.v);
#else
  return zip([](auto p, auto q) { return p < q ? p : q; }, x.v, y.v);
#endif
}
inline lanes max(lanes x, lanes y) {
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  return zip([](auto p, auto q) { return (FloatPart)_mm512_max_ps((__m512)p, (__m512)q); }, x.v, y.v);
#elif defined(__AVX2__)
  return zip([](auto p, auto q) { return (FloatPart)_mm256_max_ps((__m256)p, (__m256)q); }, x.v, y.v);
#else
  return zip([](auto p, auto q) { return p > q ? p : q; }, x.v, y.v);
#endif
}

/// x y + z, rounded once where the processor can (x86-64-v3 and up), else twice: the same for float and for lanes.
inline float mul_add(float x, float y, float z) {
#if defined(__FMA__)
  return __builtin_fmaf(x, y, z);
#else
  return x * y + z;
#endif
}
inline lanes mul_add(lanes x, lanes y, lanes z) {
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  return zip([](auto p, auto q, auto r) { return (FloatPart)_mm512_fmadd_ps((__m512)p, (__m512)q, (__m512)r); }, x.v, y.v, z.v);
#elif defined(__AVX2__) && defined(__FMA__)
  return zip([](auto p, auto q, auto r) { return (FloatPart)_mm256_fmadd_ps((__m256)p, (__m256)q, (__m256)r); }, x.v, y.v, z.v);
#else
  return x * y + z;
#endif
}
#if defined(__FMA__)
inline constexpr bool kFused = true;  ///< is mul_add rounded once?
#else
inline constexpr bool kFused = false;
#endif

inline bool any(lane_mask m) {
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  return m.v.a != 0;
#elif defined(__AVX2__)
  return _mm256_movemask_ps((__m256)m.v.a) != 0;
#elif defined(__SSE2__)
  return _mm_movemask_ps((__m128)(m.v.a | m.v.b)) != 0;
#else
  const IntPart either = m.v.a | m.v.b;
  return (either[0] | either[1] | either[2] | either[3]) != 0;
#endif
}
inline bool any(bool m) {
  return m;
}
template <class M>
inline bool all(M m) {
  return !any(!m);
}

/// The lanes of which it is true, a bit each.
inline std::uint32_t lane_set(bool m) {
  return m ? 1 : 0;
}
inline std::uint32_t lane_set(lane_mask m) {
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  return m.v.a;
#elif defined(__AVX2__)
  return static_cast<std::uint32_t>(_mm256_movemask_ps((__m256)m.v.a));
#elif defined(__SSE2__)
  return static_cast<std::uint32_t>(_mm_movemask_ps((__m128)m.v.a) | _mm_movemask_ps((__m128)m.v.b) << kPartLanes);
#else
  std::uint32_t set = 0;
  for (int k = 0; k < kPartLanes; ++k) set |= (m.v.a[k] != 0 ? 1U << k : 0U) | (m.v.b[k] != 0 ? 1U << (k + kPartLanes) : 0U);
  return set;
#endif
}

/// All lanes added up, in an order of the processor's choice.
inline float sum(float x) {
  return x;
}
inline float sum(lanes x) {
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  return _mm512_reduce_add_ps((__m512)x.v.a);
#else
  float y = 0;
  for (int k = 0; k < kPartLanes; ++k) zip([&](auto p) { return y += p[k]; }, x.v);
  return y;
#endif
}

/// The least of all lanes.
inline float least(float x) {
  return x;
}
inline float least(lanes x) {
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  return _mm512_reduce_min_ps((__m512)x.v.a);
#else
  alignas(32) float all[kLanes];
  __builtin_memcpy(all, &x, sizeof all);
  float y = all[0];
  for (int k = 1; k < kLanes; ++k) y = all[k] < y ? all[k] : y;
  return y;
#endif
}

template <class V>
inline V abs(V x) {
  return float_of_bits(bits_of(x) & 0x7fffffffU);
}
/// |x| with the sign of `sign`.
template <class V>
inline V with_sign(V x, V sign) {
  return float_of_bits((bits_of(x) & 0x7fffffffU) | (bits_of(sign) & 0x80000000U));
}
/// x, or -x where `sign` is negative.
template <class V>
inline V signed_like(V x, V sign) {
  return float_of_bits(bits_of(x) ^ (bits_of(sign) & 0x80000000U));
}
/// Within low..high; what is no number becomes low.
template <class V>
inline V clamp(V x, V low, V high) {
  return min(max(x, low), high);
}

/// One value a lane, read from and written to plain memory.
template <class V>
inline V load(const void* at) {
  V x;
  __builtin_memcpy(&x, at, sizeof x);
  return x;
}
template <class V>
inline void store(void* at, V x) {
  __builtin_memcpy(at, &x, sizeof x);
}

/// base[index] a lane.
inline float gather(const float* base, std::uint32_t index) {
  return base[index];
}
inline lanes gather(const float* base, lane_bits index) {
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  return zip([base](auto i) { return (FloatPart)_mm512_i32gather_ps((__m512i)i, base, 4); }, index.v);
#elif defined(__AVX2__)
  return zip([base](auto i) { return (FloatPart)_mm256_i32gather_ps(base, (__m256i)i, 4); }, index.v);
#else
  const auto part = [base](auto i) { return FloatPart{base[i[0]], base[i[1]], base[i[2]], base[i[3]]}; };
  return zip(part, index.v);
#endif
}
/// Four neighbours a lane: y[i] = base[lane][first[lane] + i].
inline void gather_four(const float* const (&base)[1], std::uint32_t first, float (&y)[4]) {
  for (int i = 0; i < 4; ++i) y[i] = base[0][first + static_cast<std::uint32_t>(i)];
}
inline void gather_four(const float* const (&base)[kLanes], lane_bits first, lanes (&y)[4]) {
  alignas(64) std::uint32_t n[kLanes];
  __builtin_memcpy(n, &first, sizeof n);
  const auto at = [&](int lane) { return base[lane] + n[lane]; };
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  // row j holds four neighbours of the lanes j, j + 4, j + 8, j + 12; then a transposition within each quarter
  const auto row = [&](int j) {
    const __m256 low = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(at(j))), _mm_loadu_ps(at(j + 4)), 1);
    const __m256 high = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(at(j + 8))), _mm_loadu_ps(at(j + 12)), 1);
    return _mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1);
  };
  const __m512 a = row(0), b = row(1), c = row(2), d = row(3);
  const __m512 ab = _mm512_unpacklo_ps(a, b), cd = _mm512_unpacklo_ps(c, d), ab2 = _mm512_unpackhi_ps(a, b), cd2 = _mm512_unpackhi_ps(c, d);
  y[0].v.a = (FloatPart)_mm512_shuffle_ps(ab, cd, 0x44);
  y[1].v.a = (FloatPart)_mm512_shuffle_ps(ab, cd, 0xee);
  y[2].v.a = (FloatPart)_mm512_shuffle_ps(ab2, cd2, 0x44);
  y[3].v.a = (FloatPart)_mm512_shuffle_ps(ab2, cd2, 0xee);
#elif defined(__AVX2__)
  const auto row = [&](int j) { return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(at(j))), _mm_loadu_ps(at(j + 4)), 1); };
  const __m256 a = row(0), b = row(1), c = row(2), d = row(3);
  const __m256 ab = _mm256_unpacklo_ps(a, b), cd = _mm256_unpacklo_ps(c, d), ab2 = _mm256_unpackhi_ps(a, b), cd2 = _mm256_unpackhi_ps(c, d);
  y[0].v.a = (FloatPart)_mm256_shuffle_ps(ab, cd, 0x44);
  y[1].v.a = (FloatPart)_mm256_shuffle_ps(ab, cd, 0xee);
  y[2].v.a = (FloatPart)_mm256_shuffle_ps(ab2, cd2, 0x44);
  y[3].v.a = (FloatPart)_mm256_shuffle_ps(ab2, cd2, 0xee);
#else
  for (int i = 0; i < 4; ++i) {
    y[i].v.a = FloatPart{at(0)[i], at(1)[i], at(2)[i], at(3)[i]};
    y[i].v.b = FloatPart{at(4)[i], at(5)[i], at(6)[i], at(7)[i]};
  }
#endif
}
template <int... i>
inline FloatPart joined(FloatPart x, FloatPart after, std::integer_sequence<int, i...>) {
  return __builtin_shufflevector(x, after, (i + 1)...);
}
template <class T>
inline PartsOf<T, 1> next_parts(PartsOf<T, 1> x, PartsOf<T, 1> after) {
  return {joined(x.a, after.a, std::make_integer_sequence<int, kPartLanes>{})};
}
template <class T>
inline PartsOf<T, 2> next_parts(PartsOf<T, 2> x, PartsOf<T, 2> after) {
  constexpr auto kEach = std::make_integer_sequence<int, kPartLanes>{};
  return {joined(x.a, x.b, kEach), joined(x.b, after.a, kEach)};
}
/// Every lane takes its upper neighbour's value, the last one the first of `after`.
inline lanes next_lane(lanes x, lanes after) {
  return next_parts(x.v, after.v);
}
/// The number of each lane: 0, 1, 2 …
template <class V>
inline Bits<V> lane_numbers() {
  alignas(64) std::uint32_t k[lanes_of<V>];
  for (int i = 0; i < lanes_of<V>; ++i) k[i] = static_cast<std::uint32_t>(i);
  return load<Bits<V>>(k);
}

}  // namespace
}  // namespace hocket::dsp
