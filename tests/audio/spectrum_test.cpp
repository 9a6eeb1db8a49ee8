#include "tests/audio/spectrum.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "tests/audio/programmes.h"

using namespace hocket::test;

TEST_CASE("an impulse has a flat spectrum") {
  std::vector<std::complex<double>> x(64);
  x[3] = 1;
  fft(x);
  for (const auto& bin : x) CHECK(std::abs(bin) == Approx(1));
}

TEST_CASE("partials have their levels, on a bin or between two") {
  for (const double hz : {1000., 1003.7, 15000.3}) {
    const Samples x = make(1 << 15, [=](double t) { return 0.5 * sine(hz, t) + 0.0005 * sine(4321, t); });
    const Spectrum s = spectrum(x, kRate);
    CHECK(partial_db(s, hz) == Approx(-6.02).margin(0.01));
    CHECK(partial_db(s, 4321) == Approx(-66.02).margin(0.01));
    CHECK(band_db(s, 5000, 12000) < -95);
  }
}

TEST_CASE("whole periods leave no leakage") {
  const double hz = whole_periods(997, kRate, 1 << 14);
  CHECK(hz == Approx(997).margin(3));
  const Samples x = make(1 << 14, [=](double t) { return sine(hz, t); });
  CHECK(alias(spectrum(x, kRate, Window::none), hz, 24000).sum_db < -130);
}

TEST_CASE("an alias is measured against the fundamental, and harmonics are not aliases") {
  const Samples x = make(1 << 16, [](double t) { return 0.5 * sine(3000, t) + 0.05 * sine(6000, t) + 0.0005 * sine(7777, t); });
  const Spectrum s = spectrum(x, kRate);
  const Alias a = alias(s, 3000, 20000);
  CHECK(a.sum_db == Approx(-60).margin(0.1));
  CHECK(a.partial_hz == Approx(7777).margin(2));
  CHECK(harmonics_db(s, 3000) == Approx(-20).margin(0.1));
}

TEST_CASE("a saw that jumps within a sample has aliases, one built of partials has none") {
  const double hz = whole_periods(2637, kRate, 1 << 14);
  const Samples jumping = make(1 << 14, [=](double t) { return 2 * std::fmod(hz * t, 1.) - 1; });
  const Samples ideal = make(1 << 14, [=](double t) {
    double y = 0;
    for (int k = 1; k * hz < kRate / 2; ++k) y += sine(k * hz, t) / k;
    return y;
  });
  CHECK(alias(spectrum(jumping, kRate, Window::none), hz, 20000).sum_db > -30);
  CHECK(alias(spectrum(ideal, kRate, Window::none), hz, 20000).sum_db < -120);
}

TEST_CASE("the gain of a one-pole is theory's") {
  Samples h(4096);
  for (std::size_t i = 0; i < h.size(); ++i) h[i] = static_cast<float>(0.1 * std::pow(0.9, static_cast<double>(i)));
  for (const double hz : {100., 2000., 15000.}) {
    const auto z = std::polar(1., -2 * std::numbers::pi * hz / kRate);
    CHECK(response_db(h, hz, kRate) == Approx(20 * std::log10(std::abs(0.1 / (1. - 0.9 * z)))).margin(1e-3));
  }
}
