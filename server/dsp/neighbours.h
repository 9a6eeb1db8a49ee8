// Values that lie side by side in memory, for interpolation: each lane's own.
#pragma once

#include "server/dsp/lane_functions.h"

namespace hocket::dsp {
namespace {

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
/// Where each lane reads four neighbours: at[lane] = base[lane] + first[lane].
inline void find_four(const float* const (&base)[1], std::uint32_t first, const float* (&at)[1]) {
  at[0] = base[0] + first;
}
inline void find_four(const float* const (&base)[kLanes], lane_bits first, const float* (&at)[kLanes]) {
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  const auto find = [](const float* const* from, __m256i some, const float** to) {
    _mm512_storeu_si512(to, _mm512_add_epi64(_mm512_loadu_si512(from), _mm512_slli_epi64(_mm512_cvtepu32_epi64(some), 2)));
  };
  const auto n = (__m512i)first.v.a;
  find(base, _mm512_castsi512_si256(n), at);
  find(base + 8, _mm512_extracti64x4_epi64(n, 1), at + 8);
#else
  alignas(64) std::uint32_t n[kLanes];
  __builtin_memcpy(n, &first, sizeof n);
  for (int k = 0; k < kLanes; ++k) at[k] = base[k] + n[k];
#endif
}
/// What lies there: y[i] = at[lane][i].
inline void read_four(const float* const (&at)[1], float (&y)[4]) {
  for (int i = 0; i < 4; ++i) y[i] = at[0][i];
}
inline void read_four(const float* const (&at)[kLanes], lanes (&y)[4]) {
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  // row j holds four neighbours of the lanes j, j + 4, j + 8, j + 12; then a transposition within each quarter
  const auto half = [&](int j) {
    return _mm256_mask_broadcast_f32x4(_mm256_castps128_ps256(_mm_loadu_ps(at[j])), 0xf0, _mm_loadu_ps(at[j + 4]));
  };
  const auto row = [&](int j) { return _mm512_insertf32x8(_mm512_castps256_ps512(half(j)), half(j + 8), 1); };
  const __m512 a = row(0), b = row(1), c = row(2), d = row(3);
  const __m512 ab = _mm512_unpacklo_ps(a, b), cd = _mm512_unpacklo_ps(c, d), ab2 = _mm512_unpackhi_ps(a, b), cd2 = _mm512_unpackhi_ps(c, d);
  y[0].v.a = (FloatPart)_mm512_shuffle_ps(ab, cd, 0x44);
  y[1].v.a = (FloatPart)_mm512_shuffle_ps(ab, cd, 0xee);
  y[2].v.a = (FloatPart)_mm512_shuffle_ps(ab2, cd2, 0x44);
  y[3].v.a = (FloatPart)_mm512_shuffle_ps(ab2, cd2, 0xee);
#elif defined(__AVX2__)
  const auto row = [&](int j) { return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(at[j])), _mm_loadu_ps(at[j + 4]), 1); };
  const __m256 a = row(0), b = row(1), c = row(2), d = row(3);
  const __m256 ab = _mm256_unpacklo_ps(a, b), cd = _mm256_unpacklo_ps(c, d), ab2 = _mm256_unpackhi_ps(a, b), cd2 = _mm256_unpackhi_ps(c, d);
  y[0].v.a = (FloatPart)_mm256_shuffle_ps(ab, cd, 0x44);
  y[1].v.a = (FloatPart)_mm256_shuffle_ps(ab, cd, 0xee);
  y[2].v.a = (FloatPart)_mm256_shuffle_ps(ab2, cd2, 0x44);
  y[3].v.a = (FloatPart)_mm256_shuffle_ps(ab2, cd2, 0xee);
#else
  for (int i = 0; i < 4; ++i) {
    y[i].v.a = FloatPart{at[0][i], at[1][i], at[2][i], at[3][i]};
    y[i].v.b = FloatPart{at[4][i], at[5][i], at[6][i], at[7][i]};
  }
#endif
}

/// y[i] = from[at + i], where `at` lies between 0 and kNear; elsewhere any of these numbers. `from` has 2 kLanes floats. What lanes read
/// may overlap: frames of one signal do, if they are read at about the pace of time.
inline constexpr std::uint32_t kNear = 2 * kLanes - 4;
inline void read_near(const float* from, lane_bits at, lanes (&y)[4]) {
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  const __m512 low = _mm512_loadu_ps(from), high = _mm512_loadu_ps(from + kLanes);
  for (int i = 0; i < 4; ++i, at += lane_bits(1U)) y[i].v.a = (FloatPart)_mm512_permutex2var_ps(low, (__m512i)at.v.a, high);
#elif defined(__AVX2__)
  const __m256 low = _mm256_loadu_ps(from), high = _mm256_loadu_ps(from + kLanes);
  for (int i = 0; i < 4; ++i, at += lane_bits(1U)) {
    const auto n = (__m256i)at.v.a;
    const auto beyond = (__m256)_mm256_cmpgt_epi32(n, _mm256_set1_epi32(kLanes - 1));
    y[i].v.a = (FloatPart)_mm256_blendv_ps(_mm256_permutevar8x32_ps(low, n), _mm256_permutevar8x32_ps(high, n), beyond);
  }
#else
  alignas(32) std::uint32_t n[kLanes];
  __builtin_memcpy(n, &at, sizeof n);
  const float* each[kLanes];
  for (int k = 0; k < kLanes; ++k) each[k] = from + (n[k] < kNear ? n[k] : kNear);
  read_four(each, y);
#endif
}

}  // namespace
}  // namespace hocket::dsp
