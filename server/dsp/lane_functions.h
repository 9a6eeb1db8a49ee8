// What float and lanes need beyond operators. Written for both, in the same order of operations.
#pragma once

#include "server/dsp/lanes.h"

namespace hocket::dsp {
namespace {

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

#if defined(__SSE4_1__)
/// The greatest integer not above x; of -0, and of what is no number, itself.
inline float rounded_down(float x) {
  return _mm_cvtss_f32(_mm_floor_ss(_mm_setzero_ps(), _mm_set_ss(x)));
}
inline lanes rounded_down(lanes x) {
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  return zip([](auto p) { return (FloatPart)_mm512_roundscale_ps((__m512)p, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC); }, x.v);
#elif defined(__AVX2__)
  return zip([](auto p) { return (FloatPart)_mm256_floor_ps((__m256)p); }, x.v);
#else
  return zip([](auto p) { return (FloatPart)_mm_floor_ps((__m128)p); }, x.v);
#endif
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

/// True in these lanes.
template <class V>
inline Mask<V> lanes_in(std::uint32_t set);
template <>
inline bool lanes_in<float>(std::uint32_t set) {
  return (set & 1U) != 0;
}
template <>
inline lane_mask lanes_in<lanes>(std::uint32_t set) {
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  return {{static_cast<MaskPart>(set)}};
#else
  alignas(32) std::uint32_t bit[kLanes];
  for (int k = 0; k < kLanes; ++k) bit[k] = 1U << k;
  lane_bits bits;
  __builtin_memcpy(&bits, bit, sizeof bits);
  return (lane_bits(set) & bits) == bits;
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

/// The greater of two, as signed numbers.
inline std::uint32_t later(std::uint32_t x, std::uint32_t y) {
  return before(x, y) ? y : x;
}
inline lane_bits later(lane_bits x, lane_bits y) {
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  return zip([](auto p, auto q) { return (BitsPart)_mm512_max_epi32((__m512i)p, (__m512i)q); }, x.v, y.v);
#elif defined(__AVX2__)
  return zip([](auto p, auto q) { return (BitsPart)_mm256_max_epi32((__m256i)p, (__m256i)q); }, x.v, y.v);
#else
  return select(before(x, y), y, x);
#endif
}

/// The lesser of two, as signed numbers.
inline std::uint32_t sooner(std::uint32_t x, std::uint32_t y) {
  return before(x, y) ? x : y;
}
inline lane_bits sooner(lane_bits x, lane_bits y) {
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  return zip([](auto p, auto q) { return (BitsPart)_mm512_min_epi32((__m512i)p, (__m512i)q); }, x.v, y.v);
#elif defined(__AVX2__)
  return zip([](auto p, auto q) { return (BitsPart)_mm256_min_epi32((__m256i)p, (__m256i)q); }, x.v, y.v);
#else
  return select(before(x, y), x, y);
#endif
}

inline int least(int a, int b) {
  return a < b ? a : b;
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
template <int... i>
inline FloatPart shifted(FloatPart before, FloatPart x, std::integer_sequence<int, i...>) {
  return __builtin_shufflevector(before, x, (i + kPartLanes - 1)...);
}
template <class T>
inline PartsOf<T, 1> previous_parts(PartsOf<T, 1> before, PartsOf<T, 1> x) {
  return {shifted(before.a, x.a, std::make_integer_sequence<int, kPartLanes>{})};
}
template <class T>
inline PartsOf<T, 2> previous_parts(PartsOf<T, 2> before, PartsOf<T, 2> x) {
  constexpr auto kEach = std::make_integer_sequence<int, kPartLanes>{};
  return {shifted(before.b, x.a, kEach), shifted(x.a, x.b, kEach)};
}
/// Every lane takes its lower neighbour's value, the first one the last of `before`.
inline lanes previous_lane(lanes before, lanes x) {
  return previous_parts(before.v, x.v);
}
inline float previous_lane(float before, float) {
  return before;
}
inline float last_lane(lanes x) {
  float all[kLanes];
  store(all, x);
  return all[kLanes - 1];
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
