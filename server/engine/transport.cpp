#include "server/engine/transport.h"

#include <cmath>

namespace hocket {

namespace {

constexpr Wide kTicks = Wide{1} << 32;

Wide magnitude(Wide x) {
  return x < 0 ? -x : x;
}

Wide gcd(Wide a, Wide b) {
  while (b != 0) {
    const Wide rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

Wide floor_div(Wide a, Wide b) {  // b > 0
  const Wide q = a / b;
  return q * b > a ? q - 1 : q;
}

// Past what 128 bits hold, 64 bits of mantissa place a frame to better than a millionth.
std::int64_t approximate_frame(const TransportAnchor& a, Position p) {
  const auto at = static_cast<long double>(p.num) / static_cast<long double>(p.den);
  const auto from = static_cast<long double>(a.at.num) / static_cast<long double>(a.at.den);
  const auto per_cycle = static_cast<long double>(a.frames_per_cycle.num) / static_cast<long double>(a.frames_per_cycle.den);
  const auto x = static_cast<long double>(a.frame) + (at - from) * per_cycle + 0.5L;
  if (!(x < 9e18L)) return kNever - 1;
  if (!(x > -9e18L)) return INT64_MIN + 1;
  return static_cast<std::int64_t>(std::floor(x));
}

}  // namespace

Position fine_position(Wide num, Wide den) RT {
  const Wide common = gcd(magnitude(num), den);
  if (common > 1) {
    num /= common;
    den /= common;
  }
  if (den > kTicks) {
    Wide scaled = 0;
    if (__builtin_mul_overflow(num, 2 * kTicks, &scaled)) {
      scaled = num / den * 2 * kTicks;
      num = floor_div(scaled + 1, 2);
    } else {
      num = floor_div(scaled + den, 2 * den);
    }
    den = kTicks;
    while (num % 2 == 0 && den > 1) {
      num /= 2;
      den /= 2;
    }
  }
  if (magnitude(num) > INT64_MAX) return {num < 0 ? INT64_MIN + 1 : INT64_MAX, 1};
  return {static_cast<std::int64_t>(num), static_cast<std::int64_t>(den)};
}

Position shifted(Position a, Position b, Position c) RT {
  const Position difference = fine_position(Wide{b.num} * c.den - Wide{c.num} * b.den, Wide{b.den} * c.den);
  return fine_position(Wide{a.num} * difference.den + Wide{difference.num} * a.den, Wide{a.den} * difference.den);
}

Position position_at(const TransportAnchor& a, std::int64_t frame) {
  const Wide cycles_num = (Wide{frame} - a.frame) * a.frames_per_cycle.den;
  const Position since = fine_position(cycles_num, a.frames_per_cycle.num);
  // Exact where it can be: the sum is worked out before it is rounded.
  Wide left = 0, right = 0, num = 0, den = 0;
  const bool fits = !__builtin_mul_overflow(Wide{a.at.num}, Wide{a.frames_per_cycle.num}, &left) &&
                    !__builtin_mul_overflow(cycles_num, Wide{a.at.den}, &right) && !__builtin_add_overflow(left, right, &num) &&
                    !__builtin_mul_overflow(Wide{a.at.den}, Wide{a.frames_per_cycle.num}, &den);
  if (fits) return fine_position(num, den);
  return shifted(a.at, since, {0, 1});
}

std::int64_t frame_at(const TransportAnchor& a, Position p) RT {
  if (p.den <= 0) return kNever;
  Wide num = 0, den = 0, doubled = 0;
  const Wide cycles = Wide{p.num} * a.at.den - Wide{a.at.num} * p.den;
  const bool fits = !__builtin_mul_overflow(cycles, Wide{a.frames_per_cycle.num}, &num) &&
                    !__builtin_mul_overflow(Wide{p.den} * a.at.den, Wide{a.frames_per_cycle.den}, &den) &&
                    !__builtin_mul_overflow(num, Wide{2}, &doubled) && den < (Wide{1} << 125) && doubled < (Wide{1} << 125);
  if (!fits) return approximate_frame(a, p);
  const Wide frame = floor_div(doubled + den, 2 * den) + a.frame;
  if (frame >= kNever) return kNever - 1;
  if (frame <= INT64_MIN) return INT64_MIN + 1;
  return static_cast<std::int64_t>(frame);
}

TransportAnchor retimed(const TransportAnchor& a, std::int64_t frame, Position frames_per_cycle) RT {
  return {frame, position_at(a, frame), frames_per_cycle};
}

TransportAnchor sane(TransportAnchor a) RT {
  if (a.at.den <= 0) a.at = {0, 1};
  if (a.frames_per_cycle.den <= 0 || a.frames_per_cycle.num <= 0) a.frames_per_cycle = TransportAnchor{}.frames_per_cycle;
  return a;
}

}  // namespace hocket
