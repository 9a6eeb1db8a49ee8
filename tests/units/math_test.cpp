// The kit's functions against the real ones: the errors that their comments state hold, and lanes give the same bits.
#include "server/dsp/math.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "server/dsp/smooth.h"
#include "tests/units/rig.h"

using namespace hocket;
using namespace hocket::dsp;
using hocket::test::Dice;

namespace {

/// The largest error of f against g on low..high, weighed: by 1, or by 1 / |g| where `relative`.
template <class F, class G>
double worst(F f, G g, double low, double high, bool relative = false) {
  double most = 0;
  for (int i = 0; i <= 20000; ++i) {
    const auto x = static_cast<float>(low + (high - low) * i / 20000);
    const double ideal = g(static_cast<double>(x));
    const double error = std::abs(static_cast<double>(f(x)) - ideal);
    most = std::max(most, relative ? error / std::max(std::abs(ideal), 1e-30) : error);
  }
  return most;
}

template <class F>
void check_lanes(F f, float low, float high) {
  Dice dice(4);
  for (int i = 0; i < 2000; ++i) {
    float x[kLanes], y[kLanes];
    for (float& one : x) one = dice.within(low, high);
    store(y, f(load<lanes>(x)));
    for (int k = 0; k < kLanes; ++k) REQUIRE(bits_of(f(x[k])) == bits_of(y[k]));
  }
}

constexpr double kTau = 6.283185307179586;

}  // namespace

TEST_CASE("The kit's sine is within 3e-7 and exactly 0 at whole and half cycles") {
  CHECK(worst([](float x) { return sin_turn(x); }, [](double x) { return std::sin(kTau * x); }, -0.5, 0.5) < 3e-7);
  CHECK(sin_turn(0.F) == 0.F);
  CHECK(sin_turn(0.5F) == 0.F);
  CHECK(sin_turn(-0.5F) == 0.F);
}

TEST_CASE("The kit's powers and logarithms keep their word") {
  CHECK(worst([](float x) { return dsp::exp2(x); }, [](double x) { return std::exp2(x); }, -20, 20, true) < 3e-7);
  CHECK(worst([](float x) { return dsp::log2(x); }, [](double x) { return std::log2(x); }, 0.5, 2) < 2.5e-7);
  CHECK(worst([](float x) { return dsp::log2(x); }, [](double x) { return std::log2(x); }, 2, 100000) < 2e-6);
  CHECK(worst([](float x) { return exp2_less_one(x); }, [](double x) { return std::expm1(x * std::log(2.0)); }, -1, -1e-6, true) < 3e-7);
  CHECK(worst([](float x) { return power(x, 2.5F); }, [](double x) { return std::pow(x, 2.5); }, 0.01, 10, true) < 5e-6);
  for (int n = -30; n <= 30; ++n) {
    CHECK(dsp::exp2(static_cast<float>(n)) == std::ldexp(1.F, n));
    CHECK(dsp::log2(std::ldexp(1.F, n)) == static_cast<float>(n));
  }
  CHECK(worst([](float x) { return from_db(x); }, [](double x) { return std::pow(10, x / 20); }, -90, 40, true) < 2e-6);
}

TEST_CASE("The kit's tan and tanh keep their word") {
  const auto tan_of = [](float x) {
    const auto r = tan_half_cycle(x);
    return r.above / r.below;
  };
  CHECK(worst(
            tan_of, [](double x) { return std::tan(kTau / 2 * x); }, 1e-5, 0.49, true) < 2e-6);
  CHECK(worst([](float x) { return dsp::tanh(x); }, [](double x) { return std::tanh(x); }, -12, 12) < 3e-7);
}

TEST_CASE("A follower covers its share of the way for any time constant") {
  CHECK(worst([](float x) { return approach(x); }, [](double x) { return -std::expm1(-1 / x); }, 0.6, 100, true) < 1e-6);
  CHECK(worst([](float x) { return approach(x); }, [](double x) { return -std::expm1(-1 / x); }, 1e3, 1e6, true) < 1e-6);
  CHECK(approach(0.F) == 1.F);
}

TEST_CASE("Lanes compute what float computes, bit for bit") {
  check_lanes([](auto x) { return sin_turn(wrap(x)); }, -3000, 3000);
  check_lanes([](auto x) { return dsp::exp2(x); }, -200, 200);
  check_lanes([](auto x) { return dsp::log2(x); }, -1, 1000);
  check_lanes([](auto x) { return dsp::tanh(x); }, -20, 20);
  check_lanes([](auto x) { return dsp::floor(x); }, -2, 2);
  check_lanes([](auto x) { return approach(x); }, -1, 50);
  check_lanes([](auto x) { return clamp(x, decltype(x)(-0.5F), decltype(x)(0.25F)); }, -1, 1);
}

TEST_CASE("Clamping turns what is no number into the lower limit") {
  CHECK(clamp(std::nanf(""), -1.F, 1.F) == -1.F);
  float y[kLanes];
  store(y, clamp(lanes(std::nanf("")), lanes(-1.F), lanes(1.F)));
  CHECK(y[kLanes - 1] == -1.F);
}
