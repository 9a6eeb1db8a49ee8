// Pattern time: exact rational cycles.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace hocket {

/// Euclid's: one of the two is nearly always small here, and then he needs few divisions. 0 where both are 0.
inline std::int64_t common_divisor(std::int64_t a, std::int64_t b) {
  auto x = static_cast<std::uint64_t>(a), y = static_cast<std::uint64_t>(b);
  if (a < 0) x = 0 - x;
  if (b < 0) y = 0 - y;
  while (y != 0) {
    const auto rest = x % y;
    x = y;
    y = rest;
  }
  return static_cast<std::int64_t>(x);
}

/// An exact fraction in lowest terms, den > 0. Arithmetic is exact while the result fits 64-bit parts; past that it is
/// rounded to the nearest fraction whose denominator fits (never undefined, never a wrapped value).
class Rational {
 public:
  constexpr Rational() = default;
  constexpr Rational(std::int64_t whole) : num_(whole == INT64_MIN ? -INT64_MAX : whole) {}  // NOLINT: whole numbers are rationals
  constexpr Rational(int whole) : num_(whole) {}                                             // NOLINT
  Rational(std::int64_t num, std::int64_t den) {                                             // den != 0
    if (den > 0 && num != INT64_MIN) {
      const std::int64_t common = common_divisor(num, den);
      num_ = num / common;
      den_ = den / common;
    } else {
      set_any(num, den);
    }
  }

  /// The simplest fraction within about 1e-12 of x (so 0.1 is 1/10 and 0.3333333333333333 is 1/3).
  static Rational near(double x);

  constexpr std::int64_t num() const { return num_; }
  constexpr std::int64_t den() const { return den_; }
  double to_double() const { return static_cast<double>(num_) / static_cast<double>(den_); }

  std::int64_t floor() const;
  std::int64_t ceil() const;
  Rational fraction() const { return *this - Rational(floor()); }  ///< position in its cycle, [0, 1)

  friend Rational operator+(Rational, Rational);
  friend Rational operator-(Rational, Rational);
  friend Rational operator*(Rational, Rational);
  friend Rational operator/(Rational, Rational);  // divisor != 0
  friend Rational operator-(Rational a);
  Rational& operator+=(Rational b) { return *this = *this + b; }
  Rational& operator-=(Rational b) { return *this = *this - b; }
  Rational& operator*=(Rational b) { return *this = *this * b; }
  friend bool operator==(const Rational&, const Rational&) = default;
  friend std::strong_ordering operator<=>(const Rational&, const Rational&);

 private:
  static Rational reduced(std::int64_t num, std::int64_t den);  // already in lowest terms, den > 0
  void set_any(std::int64_t num, std::int64_t den);
  static Rational add_far(Rational, Rational);
  static Rational multiply_far(Rational, Rational);

  std::int64_t num_ = 0;
  std::int64_t den_ = 1;
};

Rational min(Rational, Rational);
Rational max(Rational, Rational);
Rational abs(Rational);
/// x - floor(x / period) * period: in [0, period). period > 0.
Rational modulo(Rational x, Rational period);
/// The same for whole numbers.
std::int64_t modulo(std::int64_t x, std::int64_t period);
/// The least positive fraction that both divide without rest. Both above 0.
Rational least_common_multiple(Rational, Rational);
std::int64_t floor_div(std::int64_t x, std::int64_t y);
/// "3/4"; whole numbers too are written with their denominator: "2/1".
std::string to_string(Rational);

/// A half-open stretch of cycle time; begin == end asks for the instant.
struct TimeSpan {
  Rational begin;
  Rational end;

  Rational length() const { return end - begin; }
  friend bool operator==(const TimeSpan&, const TimeSpan&) = default;
};

/// What two spans share. Spans that only touch share nothing, except that an instant lies in the span that begins with it.
std::optional<TimeSpan> overlap(const TimeSpan&, const TimeSpan&);

// ---- inline: the cases that pattern queries meet nearly always

inline Rational Rational::reduced(std::int64_t num, std::int64_t den) {
  Rational r;
  r.num_ = num;
  r.den_ = den;
  return r;
}

inline std::int64_t Rational::floor() const {
  if (den_ == 1) return num_;
  const std::int64_t q = num_ / den_;
  return num_ < 0 ? q - 1 : q;  // lowest terms: den > 1 never divides num
}

inline std::int64_t Rational::ceil() const {
  return den_ == 1 ? num_ : floor() + 1;
}

inline Rational operator+(Rational a, Rational b) {
  if (b.num_ == 0) return a;
  if (a.num_ == 0) return b;
  std::int64_t product = 0;
  std::int64_t sum = 0;
  if (b.den_ == 1) {
    if (!__builtin_mul_overflow(b.num_, a.den_, &product) && !__builtin_add_overflow(a.num_, product, &sum))
      return Rational::reduced(sum, a.den_);
  } else if (a.den_ == 1) {
    if (!__builtin_mul_overflow(a.num_, b.den_, &product) && !__builtin_add_overflow(b.num_, product, &sum))
      return Rational::reduced(sum, b.den_);
  } else if (a.den_ == b.den_ && !__builtin_add_overflow(a.num_, b.num_, &sum)) {
    if (sum == 0) return {};
    const std::int64_t g = common_divisor(sum, a.den_);
    return Rational::reduced(sum / g, a.den_ / g);
  }
  return Rational::add_far(a, b);
}

inline Rational operator-(Rational a) {
  return Rational::reduced(-a.num_, a.den_);
}
inline Rational operator-(Rational a, Rational b) {
  return a + -b;
}

inline Rational operator*(Rational a, Rational b) {
  if (b.den_ == 1 && b.num_ == 1) return a;
  if (a.den_ == 1 && a.num_ == 1) return b;
  const std::int64_t g = b.den_ == 1 ? 1 : common_divisor(a.num_, b.den_);
  const std::int64_t h = a.den_ == 1 ? 1 : common_divisor(b.num_, a.den_);
  std::int64_t num = 0;
  std::int64_t den = 0;
  if (g != 0 && h != 0 && !__builtin_mul_overflow(a.num_ / g, b.num_ / h, &num) && !__builtin_mul_overflow(a.den_ / h, b.den_ / g, &den))
    return Rational::reduced(num, den);
  return Rational::multiply_far(a, b);
}

inline Rational operator/(Rational a, Rational b) {
  if (b.num_ == 0) return {};
  return a * (b.num_ < 0 ? Rational::reduced(-b.den_, -b.num_) : Rational::reduced(b.den_, b.num_));
}

inline std::strong_ordering operator<=>(const Rational& a, const Rational& b) {
  if (a.den_ == b.den_) return a.num_ <=> b.num_;
  __extension__ using Product = __int128;
  return static_cast<Product>(a.num_) * b.den_ <=> static_cast<Product>(b.num_) * a.den_;
}

inline Rational min(Rational a, Rational b) {
  return b < a ? b : a;
}
inline Rational max(Rational a, Rational b) {
  return a < b ? b : a;
}
inline Rational abs(Rational a) {
  return a.num() < 0 ? -a : a;
}

inline std::optional<TimeSpan> overlap(const TimeSpan& a, const TimeSpan& b) {
  const TimeSpan both{max(a.begin, b.begin), min(a.end, b.end)};
  if (both.begin < both.end) return both;
  if (both.begin > both.end) return std::nullopt;
  const bool past_a = both.begin == a.end && a.begin < a.end;
  const bool past_b = both.begin == b.end && b.begin < b.end;
  if (past_a || past_b) return std::nullopt;
  return both;
}

}  // namespace hocket
