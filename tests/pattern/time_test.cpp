// Rational time.
#include <rapidcheck.h>
#include <catch2/catch.hpp>
#include <cmath>

#include "lang/pattern/time.h"

using namespace hocket;

TEST_CASE("fractions are kept in lowest terms with a positive denominator") {
  CHECK(to_string(Rational(6, 8)) == "3/4");
  CHECK(to_string(Rational(6, -8)) == "-3/4");
  CHECK(to_string(Rational(0, -5)) == "0/1");
  CHECK(to_string(Rational(4)) == "4/1");
}

TEST_CASE("floor and ceil round towards the ends, not towards zero") {
  CHECK(Rational(-1, 3).floor() == -1);
  CHECK(Rational(-1, 3).ceil() == 0);
  CHECK(Rational(7, 3).floor() == 2);
  CHECK(Rational(-2).floor() == -2);
  CHECK(Rational(-1, 3).fraction() == Rational(2, 3));
}

TEST_CASE("decimals become the fractions that were meant") {
  CHECK(Rational::near(0.1) == Rational(1, 10));
  CHECK(Rational::near(-0.3) == Rational(-3, 10));
  CHECK(Rational::near(1.0 / 3) == Rational(1, 3));
  CHECK(Rational::near(0.3333333333333333) == Rational(1, 3));
  CHECK(Rational::near(0.0625) == Rational(1, 16));
  CHECK(Rational::near(12345.678) == Rational(12345678, 1000));
  CHECK(Rational::near(std::nan("")) == Rational(0));
  CHECK(Rational::near(1e300) > Rational(INT64_MAX - 1));
}

TEST_CASE("rational arithmetic obeys the field laws") {
  const auto fraction = [] { return Rational(*rc::gen::inRange(-100000, 100000), *rc::gen::inRange(1, 5000)); };
  CHECK(rc::check([&] {
    const Rational a = fraction(), b = fraction(), c = fraction();
    RC_ASSERT(a + b == b + a);
    RC_ASSERT((a + b) + c == a + (b + c));
    RC_ASSERT(a * (b + c) == a * b + a * c);
    RC_ASSERT(a - a == Rational(0));
    if (b != Rational(0)) RC_ASSERT(a / b * b == a);
    RC_ASSERT((a < b) == (a - b < Rational(0)));
  }));
}

TEST_CASE("sums too fine for 64 bits are rounded to the nearest fraction, never wrapped") {
  const Rational tiny(1, 4000000007), other(1, 4000000009), third(1, 3999999979);
  const Rational sum = tiny + other + third;
  CHECK(std::abs(sum.to_double() - 3.0 / 4e9) < 1e-17);
  CHECK(sum.den() > 0);
  const Rational most(INT64_MAX);
  CHECK(most + most == most);
  CHECK(most * most == most);
  CHECK(-most - most == -most);
  CHECK(Rational(1, INT64_MAX) * Rational(1, INT64_MAX) == Rational(0));
  CHECK(Rational(INT64_MIN) == -most);
}

TEST_CASE("spans that only touch share nothing, an instant lies in the span that begins with it") {
  CHECK_FALSE(overlap({0, 1}, {1, 2}));
  CHECK(overlap({0, 2}, {1, 3}) == TimeSpan{1, 2});
  CHECK(overlap({1, 1}, {1, 2}) == TimeSpan{1, 1});
  CHECK_FALSE(overlap({1, 1}, {0, 1}));
  CHECK(overlap({1, 1}, {1, 1}) == TimeSpan{1, 1});
}
