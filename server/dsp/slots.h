// The frames about one edge, side by side: eight, which is half of the widest lanes and then takes half the time. Elsewhere these are
// lanes.
#pragma once

#include "server/dsp/lane_functions.h"

namespace hocket::dsp {
namespace {

inline constexpr int kSlots = 8;

#if defined(__AVX512F__) && defined(__AVX512DQ__)

struct slot_bits {
  using Part [[gnu::vector_size(kSlots * 4)]] = std::uint32_t;
  Part v;
  slot_bits() = default;
  slot_bits(Part x) : v(x) {}
  slot_bits(std::uint32_t x) : v(x - Part{}) {}
};
struct slots {
  using Part [[gnu::vector_size(kSlots * 4)]] = float;
  Part v;
  slots() = default;
  slots(Part x) : v(x) {}
  slots(float x) : v(x - Part{}) {}
};
struct slot_mask {
  __mmask8 v;
};
template <>
struct Companion<slots> {
  using Bits = slot_bits;
  using Mask = slot_mask;
  static constexpr int lanes = kSlots;
};

inline slots operator+(slots x, slots y) {
  return x.v + y.v;
}
inline slots operator-(slots x, slots y) {
  return x.v - y.v;
}
inline slots operator*(slots x, slots y) {
  return x.v * y.v;
}
inline slots operator/(slots x, slots y) {
  return x.v / y.v;
}
inline slot_mask operator>(slots x, slots y) {
  return {_mm256_cmp_ps_mask((__m256)x.v, (__m256)y.v, _CMP_GT_OQ)};
}
inline bool any(slot_mask m) {
  return m.v != 0;
}
inline slot_bits operator+(slot_bits x, slot_bits y) {
  return x.v + y.v;
}
inline slot_bits operator-(slot_bits x, slot_bits y) {
  return x.v - y.v;
}
inline slot_bits operator*(slot_bits x, slot_bits y) {
  return x.v * y.v;
}
inline slot_bits operator&(slot_bits x, slot_bits y) {
  return x.v & y.v;
}
inline slot_bits operator<<(slot_bits x, int n) {
  return x.v << n;
}
inline slot_bits operator^(slot_bits x, slot_bits y) {
  return x.v ^ y.v;
}
inline slot_bits bits_of(slots x) {
  return (slot_bits::Part)x.v;
}
inline slots float_of_bits(slot_bits x) {
  return (slots::Part)x.v;
}
inline slots to_float(slot_bits x) {
  return (slots::Part)_mm256_cvtepi32_ps((__m256i)x.v);
}
inline slot_bits to_bits(slots x) {
  return (slot_bits::Part)_mm256_cvttps_epi32((__m256)x.v);
}
inline slots min(slots x, slots y) {
  return (slots::Part)_mm256_min_ps((__m256)x.v, (__m256)y.v);
}
inline slots max(slots x, slots y) {
  return (slots::Part)_mm256_max_ps((__m256)x.v, (__m256)y.v);
}
inline slots mul_add(slots x, slots y, slots z) {
  return (slots::Part)_mm256_fmadd_ps((__m256)x.v, (__m256)y.v, (__m256)z.v);
}

#else

using slots = lanes;
using slot_bits = lane_bits;
static_assert(kLanes == kSlots);

#endif

/// Eight floats, `stride` apart.
inline slots column(const float* at, int stride) {
  slots made;
  [&]<int... k>(std::integer_sequence<int, k...>) {
    using Eight [[gnu::vector_size(kSlots * 4)]] = float;
    const Eight x{at[k * stride]...};
    __builtin_memcpy(&made, &x, sizeof made);
  }
  (std::make_integer_sequence<int, kSlots>{});
  return made;
}

}  // namespace
}  // namespace hocket::dsp
