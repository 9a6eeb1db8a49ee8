// The master: transparent below its ceiling, never above it, free of offset.
#include "server/engine/master.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "tests/audio/signal.h"

using namespace hocket;
using namespace hocket::test;

namespace {

Samples tone(double freq, float level, std::size_t frames) {
  Samples x(frames);
  for (std::size_t i = 0; i < frames; ++i) x[i] = level * static_cast<float>(std::sin(2 * M_PI * freq * static_cast<double>(i) / 48000));
  return x;
}

Samples through(Samples left) {
  Master master(48000);
  Samples right = left;
  master.run(left.data(), right.data(), static_cast<int>(left.size()));
  return left;
}

}  // namespace

TEST_CASE("below the ceiling the limiter only delays") {
  Master master(48000);
  auto x = tone(1000, 0.9F, 20000), other = tone(1000, 0.45F, 20000);
  auto y = x, z = other, spare = x;
  master.run(y.data(), spare.data(), 20000);
  Master second(48000);
  spare = other;
  second.run(z.data(), spare.data(), 20000);
  // twice the level, twice each sample: no gain was at work
  for (std::size_t i = 0; i < y.size(); ++i) REQUIRE(y[i] == 2 * z[i]);
  const auto late = static_cast<std::size_t>(master.latency());
  for (std::size_t i = late; i < y.size(); ++i) REQUIRE(y[i] == Approx(x[i - late]).margin(4e-3));
}

TEST_CASE("nothing gets above the ceiling") {
  for (const float level : {0.99F, 1.5F, 4.F, 100.F}) {
    auto x = tone(333, level, 48000);
    x[24000] += 3 * level;
    CHECK(peak(through(x)) <= static_cast<double>(kCeiling) * (1 + 1e-6));
  }
}

TEST_CASE("after a peak the level comes back") {
  auto x = tone(500, 0.5F, 96000);
  x[24000] = 8;
  const auto y = through(x);
  CHECK(rms({y.data() + 60000, 30000}) == Approx(rms({x.data() + 60000, 30000})).epsilon(0.001));
}

TEST_CASE("a constant offset goes") {
  Samples x(96000 * 2, 0.25F);
  const auto y = through(x);
  CHECK(std::fabs(y.back()) < 0.001F);
  CHECK(y[100] == Approx(0.25).epsilon(0.02));
}

TEST_CASE("what is no number is silence") {
  Samples x(1000, 0.1F);
  x[500] = NAN;
  x[600] = INFINITY;
  CHECK(non_finite(through(x)) == 0);
}

TEST_CASE("the cutting of time changes no sample") {
  auto whole = tone(250, 2, 10000);
  Samples cut = whole, spare = whole;
  Master a(48000), b(48000);
  a.run(whole.data(), spare.data(), 10000);
  spare = cut;
  for (int at = 0; at < 10000;) {
    const int count = std::min(10000 - at, 1 + at % 97);
    b.run(cut.data() + at, spare.data() + at, count);
    at += count;
  }
  CHECK(first_difference(whole, cut) == -1);
}
