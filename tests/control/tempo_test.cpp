// Exact conversions between cycles and frames.
#include "server/control/tempo.h"

#include <catch2/catch.hpp>

using namespace hocket;

TEST_CASE("frames a cycle are exact at every usual rate and tempo") {
  CHECK(frames_per_cycle(Rational(1, 2), 48000) == Rational(96000));
  CHECK(frames_per_cycle(Rational(5713, 10000), 44100) == Rational(441000000, 5713));
  CHECK(frames_per_cycle(Rational(3), 44100.5) == Rational(88201, 6));
}

TEST_CASE("a query step is a power-of-two part of a cycle, about an eighth of a second or less") {
  CHECK(query_step(Rational(1, 2)) == Rational(1, 16));
  CHECK(query_step(Rational(8)) == Rational(1));
  CHECK(query_step(Rational(100)) == Rational(8));
  CHECK(query_step(Rational(1, 1000)) == Rational(1, 4096));
}

TEST_CASE("multiples of a step are found on either side of zero") {
  CHECK(next_multiple(Rational(1, 2), Rational(1, 4)) == Rational(3, 4));
  CHECK(next_multiple(Rational(5, 8), Rational(1, 4)) == Rational(3, 4));
  CHECK(next_multiple(Rational(-1, 8), Rational(1, 4)) == Rational(0));
  CHECK(multiple_from(Rational(1, 2), Rational(1, 4)) == Rational(1, 2));
  CHECK(multiple_from(Rational(-5, 8), Rational(1, 4)) == Rational(-1, 2));
}
