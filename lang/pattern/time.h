// Pattern time: exact rational cycles.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace hocket {

/// An exact fraction in lowest terms, den > 0. Arithmetic is exact while the result fits 64-bit parts; past that it is
/// rounded to the nearest fraction whose denominator fits (never undefined, never a wrapped value).
class Rational {
 public:
  constexpr Rational() = default;
  constexpr Rational(std::int64_t whole) : num_(whole) {}  // NOLINT: whole numbers are rationals
  constexpr Rational(int whole) : num_(whole) {}           // NOLINT
  Rational(std::int64_t num, std::int64_t den);            // den != 0

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
  std::int64_t num_ = 0;
  std::int64_t den_ = 1;
};

Rational min(Rational, Rational);
Rational max(Rational, Rational);
/// "3/4"; whole numbers too are written with their denominator: "2/1".
std::string to_string(Rational);

/// A half-open stretch of cycle time; begin == end asks for the instant.
struct TimeSpan {
  Rational begin;
  Rational end;

  Rational length() const { return end - begin; }
  friend bool operator==(const TimeSpan&, const TimeSpan&) = default;
};

}  // namespace hocket
