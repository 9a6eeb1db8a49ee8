// Filters against theory.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/units/rig.h"
#include "tests/units/spectrum.h"

using namespace hocket;
using namespace hocket::test;

namespace {

/// Response at `freq` from the impulse response.
std::complex<double> response(std::string_view name, float cutoff, float res, double freq) {
  std::vector<float> in(1 << 15, 0.F);
  in[0] = 1;
  Rig r = Rig::mono(name, {Input::of(in), Input::constant(cutoff), Input::constant(res)});
  r.run(1 << 15);
  std::complex<double> sum = 0;
  for (std::size_t i = 0; i < r.out[0].size(); ++i)
    sum += static_cast<double>(r.out[0][i]) * std::polar(1.0, -2 * kPi * freq / 48000 * static_cast<double>(i));
  return sum;
}

/// The analogue filter whose frequency axis the bilinear transform bends so that the cutoff stays in its place.
double theory(std::string_view name, double cutoff, double res, double freq) {
  const double k = std::sqrt(2.0) + (0.04 - std::sqrt(2.0)) * res;
  const std::complex<double> s(0, std::tan(kPi * freq / 48000) / std::tan(kPi * cutoff / 48000));
  const std::complex<double> below = s * s + k * s + 1.0;
  if (name == "lpf") return std::abs(1.0 / below);
  if (name == "hpf") return std::abs(s * s / below);
  if (name == "bpf") return std::abs(k * s / below);
  return std::abs((s * s + 1.0) / below);
}

/// The low-pass with its coefficients worked out in double precision at every frame.
std::vector<float> exact_lpf(const std::vector<float>& in, const std::vector<float>& cutoff, double res) {
  const double k = std::sqrt(2.0) + (0.04 - std::sqrt(2.0)) * res;
  double band = 0, low = 0;
  std::vector<float> out;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const double g = std::tan(kPi * std::clamp(static_cast<double>(cutoff[i]) / 48000, 1e-5, 0.49));
    const double rest = static_cast<double>(in[i]) - low;
    const double band_now = (band + g * rest) / (1 + g * (g + k));
    const double low_now = low + g * band_now;
    band = 2 * band_now - band;
    low = 2 * low_now - low;
    out.push_back(static_cast<float>(low_now));
  }
  return out;
}

/// How far x lies from y, against y.
double distance_db(const std::vector<float>& x, const std::vector<float>& y) {
  double apart = 0, all = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    apart += std::pow(static_cast<double>(x[i]) - static_cast<double>(y[i]), 2);
    all += std::pow(static_cast<double>(y[i]), 2);
  }
  return 10 * std::log10(apart / all);
}

}  // namespace

TEST_CASE("A cutoff that moves is followed to within -90 dB, from a slow swing to audio rate") {
  struct Move {
    const char* name;
    float (*cutoff)(float seconds);
  };
  const Move moves[] = {
      {"swing of 0.3 Hz", [](float t) { return 1500 + 1000 * std::sin(6.2832F * 0.3F * t); }},
      {"swing of 9 Hz", [](float t) { return 1500 + 1400 * std::sin(6.2832F * 9 * t); }},
      {"sweep of 20 ms", [](float t) { return 60 + 12000 * std::exp(-200 * std::fmod(t, 0.2F)); }},
      {"at 330 Hz", [](float t) { return 2000 + 1800 * std::sin(6.2832F * 330 * t); }},
      {"at 5 kHz", [](float t) { return 6000 + 5500 * std::sin(6.2832F * 5000 * t); }},
      {"steps", [](float t) { return 300 + 200 * std::floor(std::fmod(t * 37, 7.F)); }},
      {"up to the limit", [](float t) { return 100 + 22900 * t; }},
  };
  for (const Move& move : moves) {
    for (const float res : {0.F, 0.66526F}) {
      INFO(move.name << " res " << res);
      Dice dice(3);
      std::vector<float> in, cutoff;
      for (int i = 0; i < 48000; ++i) {
        in.push_back(dice.within(-1, 1));
        cutoff.push_back(move.cutoff(static_cast<float>(i) / 48000));
      }
      Rig r = Rig::mono("lpf", {Input::of(in), Input::of(cutoff), Input::constant(res)});
      CHECK(distance_db(r.render(48000), exact_lpf(in, cutoff, static_cast<double>(res))) < -90);
    }
  }
}

TEST_CASE("lpf and hpf without resonance are 3 dB down at their cutoff") {
  for (const float cutoff : {40.F, 200.F, 1000.F, 5000.F, 12000.F, 20000.F}) {
    INFO(cutoff);
    CHECK(db(std::abs(response("lpf", cutoff, 0, cutoff))) == Approx(-3.0103).margin(0.01));
    CHECK(db(std::abs(response("hpf", cutoff, 0, cutoff))) == Approx(-3.0103).margin(0.01));
  }
}

TEST_CASE("Filters are within 0.1 dB of theory below a third of the rate") {
  for (const char* name : {"lpf", "hpf", "bpf", "notch"}) {
    for (const float cutoff : {60.F, 440.F, 3000.F, 11000.F}) {
      for (const float res : {0.F, 0.5F, 0.9F}) {
        for (const double freq : {30., 100., 430., 1000., 2900., 6000., 11200., 16000.}) {
          const double ideal = theory(name, cutoff, res, freq);
          if (db(ideal) < -80) continue;  // float's own noise
          INFO(name << ' ' << cutoff << " res " << res << " at " << freq);
          CHECK(db(std::abs(response(name, cutoff, res, freq))) == Approx(db(ideal)).margin(0.1));
        }
      }
    }
  }
}

TEST_CASE("Filters stay bounded whatever moves their cutoff at whatever speed") {
  for (const char* name : {"lpf", "hpf", "bpf", "notch"}) {
    for (const float res : {0.F, 0.7F, 1.F}) {
      INFO(name << ' ' << res);
      Dice dice(5);
      std::vector<float> in, cutoff;
      for (int i = 0; i < 96000; ++i) {
        in.push_back(dice.within(-1, 1));
        cutoff.push_back(i < 48000 ? dice.within(-20000, 60000) : 3000 + 9000 * std::sin(0.7F * static_cast<float>(i)));
      }
      Rig r = Rig::mono(name, {Input::of(in), Input::of(cutoff), Input::constant(res)});
      r.run(96000);
      float peak = 0;
      for (const float y : r.out[0]) peak = std::max(peak, std::abs(y));
      CHECK(peak < 30);  // Q is 25 at most
    }
  }
}

TEST_CASE("A filter at full resonance dies away") {
  std::vector<float> in(48000 * 2, 0.F);
  in[0] = 1;
  Rig r = Rig::mono("lpf", {Input::of(in), Input::constant(500), Input::constant(1)});
  r.run(96000);
  float late = 0;
  for (std::size_t i = 90000; i < 96000; ++i) late = std::max(late, std::abs(r.out[0][i]));
  CHECK(late < 1e-6F);
}
