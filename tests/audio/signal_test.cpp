#include "tests/audio/signal.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "tests/audio/programmes.h"

using namespace hocket::test;

TEST_CASE("the level of a full sine is 3 dB below its peak") {
  const Samples x = make(48000, [](double t) { return sine(1000, t); });
  CHECK(to_db(rms(x)) == Approx(-3.0103).margin(1e-3));
  CHECK(peak(x) == Approx(1).margin(1e-4));
  CHECK(offset(x) == Approx(0).margin(1e-6));
  CHECK(zero_crossings(x, kRate) == Approx(2000).margin(2));
}

TEST_CASE("samples that are not finite are counted") {
  CHECK(non_finite(Samples{0, NAN, 1, INFINITY, -INFINITY}) == 3);
}

TEST_CASE("a level track follows a step of 20 dB") {
  Samples x = make(48000, [](double t) { return sine(1000, t); });
  for (std::size_t i = 24000; i < x.size(); ++i) x[i] *= 0.1F;
  const auto track = level_track(x, 480, 240);
  CHECK(track[50] == Approx(-3).margin(0.1));
  CHECK(track[150] == Approx(-23).margin(0.1));
}

TEST_CASE("onsets are found to the frame, once each") {
  Samples x(1000, 0.F);
  x[100] = 1, x[103] = -0.5F, x[400] = -1, x[999] = 0.2F;
  CHECK(onsets(x, 0.1, 50) == std::vector<std::int64_t>{100, 400, 999});
  CHECK(onsets(x, 0.3, 50) == std::vector<std::int64_t>{100, 400});
}

TEST_CASE("the first difference is found by value") {
  Samples a(100, 0.F), b(100, 0.F);
  CHECK(first_difference(a, b) == -1);
  b[42] = 1e-30F;
  CHECK(first_difference(a, b) == 42);
  CHECK(difference(b, a)[42] == 1e-30F);
}
