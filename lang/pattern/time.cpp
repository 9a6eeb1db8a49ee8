// Rational arithmetic where 64 bits do not do.
#include "lang/pattern/time.h"

#include <cmath>
#include <limits>

namespace hocket {
namespace {

__extension__ using Wide = __int128;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

Wide wide_gcd(Wide a, Wide b) {
  while (b != 0) {
    const Wide r = a % b;
    a = b;
    b = r;
  }
  return a;
}

struct Parts {
  std::int64_t num, den;
};

// The nearest fraction with 64-bit parts: the last convergent or semiconvergent of the continued fraction that fits.
// Source: Hardy & Wright, "An Introduction to the Theory of Numbers", 1938, chapter X.
Parts nearest_fit(Wide num, Wide den) {
  const bool negative = num < 0;
  if (negative) num = -num;
  if (num / den >= kMost) return {negative ? -kMost : kMost, 1};
  Wide p0 = 0, q0 = 1, p1 = 1, q1 = 0;
  while (den != 0) {
    const Wide a = num / den;
    Wide fit = a;
    if (q1 != 0 && (kMost - q0) / q1 < fit) fit = (kMost - q0) / q1;
    if (p1 != 0 && (kMost - p0) / p1 < fit) fit = (kMost - p0) / p1;
    const bool whole = fit == a;
    if (!whole && 2 * fit <= a) break;
    const Wide p2 = fit * p1 + p0;
    const Wide q2 = fit * q1 + q0;
    p0 = p1, q0 = q1, p1 = p2, q1 = q2;
    if (!whole) break;
    const Wide rest = num % den;
    num = den;
    den = rest;
  }
  const auto p = static_cast<std::int64_t>(p1);
  return {negative ? -p : p, static_cast<std::int64_t>(q1)};
}

Parts fit(Wide num, Wide den) {
  if (den < 0) num = -num, den = -den;
  const Wide g = wide_gcd(num < 0 ? -num : num, den);
  if (g > 1) num /= g, den /= g;
  if (num <= kMost && num >= -kMost && den <= kMost) return {static_cast<std::int64_t>(num), static_cast<std::int64_t>(den)};
  return nearest_fit(num, den);
}

}  // namespace

void Rational::set_any(std::int64_t num, std::int64_t den) {
  if (den == 0) return;
  const Parts parts = fit(num, den);
  num_ = parts.num;
  den_ = parts.den;
}

Rational Rational::near(double x) {
  if (!std::isfinite(x)) return {};
  if (std::abs(x) >= 9e18) return x < 0 ? -kMost : kMost;
  if (x == std::floor(x)) return static_cast<std::int64_t>(x);
  const bool negative = x < 0;
  const double target = std::abs(x);
  const double tolerance = std::max(1e-12, target * 0x1p-52);
  double rest = target;
  double p0 = 0, q0 = 1, p1 = 1, q1 = 0;
  for (int i = 0; i < 40; ++i) {
    const double a = std::floor(rest);
    const double p2 = a * p1 + p0;
    const double q2 = a * q1 + q0;
    if (p2 > 9e15 || q2 > 9e15) break;
    p0 = p1, q0 = q1, p1 = p2, q1 = q2;
    if (std::abs(p1 / q1 - target) <= tolerance || rest == a) break;
    rest = 1 / (rest - a);
  }
  return Rational(static_cast<std::int64_t>(negative ? -p1 : p1), static_cast<std::int64_t>(q1));
}

Rational Rational::add_far(Rational a, Rational b) {
  const std::int64_t g = common_divisor(a.den_, b.den_);
  const Wide num = static_cast<Wide>(a.num_) * (b.den_ / g) + static_cast<Wide>(b.num_) * (a.den_ / g);
  std::int64_t small_den = 0;
  if (num <= kMost && num >= -kMost && !__builtin_mul_overflow(a.den_ / g, b.den_, &small_den)) {
    const auto small = static_cast<std::int64_t>(num);
    const std::int64_t common = common_divisor(small, g);  // Knuth, "The Art of Computer Programming" vol. 2, 1969, 4.5.1
    return reduced(small / common, small_den / common);
  }
  const Parts parts = fit(num, static_cast<Wide>(a.den_ / g) * b.den_);
  return reduced(parts.num, parts.den);
}

Rational Rational::multiply_far(Rational a, Rational b) {
  if (a.num_ == 0 || b.num_ == 0) return {};
  const Parts parts = fit(static_cast<Wide>(a.num_) * b.num_, static_cast<Wide>(a.den_) * b.den_);
  return reduced(parts.num, parts.den);
}

std::int64_t floor_div(std::int64_t x, std::int64_t y) {
  const std::int64_t q = x / y;
  return x % y != 0 && (x < 0) != (y < 0) ? q - 1 : q;
}

std::int64_t modulo(std::int64_t x, std::int64_t period) {
  const std::int64_t r = x % period;
  return r < 0 ? r + period : r;
}

Rational modulo(Rational x, Rational period) {
  return x - Rational((x / period).floor()) * period;
}

Rational least_common_multiple(Rational a, Rational b) {
  const std::int64_t den = common_divisor(a.den(), b.den());
  const Rational num = Rational(a.num() / common_divisor(a.num(), b.num())) * Rational(b.num());
  return num / Rational(den);
}

std::string to_string(Rational r) {
  return std::to_string(r.num()) + "/" + std::to_string(r.den());
}

}  // namespace hocket
