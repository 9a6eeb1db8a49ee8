// How clean the oscillators are, and where they begin.
#include <catch2/catch.hpp>

#include "tests/units/rig.h"
#include "tests/units/spectrum.h"

using namespace hocket;
using namespace hocket::test;

namespace {

constexpr std::size_t kFrames = 65536;
constexpr double kBin = 48000.0 / kFrames;

struct Purity {
  double fundamental_db, alias_db;  ///< the loudest partial that does not belong, against the fundamental, below the limit
};

/// `top`: partials that belong have a number up to this.
Purity purity(const std::vector<float>& sound, double freq, double limit, int top = 1 << 20) {
  const std::vector<double> s = spectrum(sound);
  const auto bin = [](double f) { return static_cast<std::size_t>(std::lround(f / kBin)); };
  std::vector<bool> belongs(s.size(), false);
  for (int k = 0; k <= top && k * freq < 24000; ++k) {
    for (std::size_t b = bin(k * freq) < 8 ? 0 : bin(k * freq) - 8; b <= bin(k * freq) + 8 && b < s.size(); ++b) belongs[b] = true;
  }
  double fundamental = 0, alias = 0;
  for (std::size_t b = bin(freq) - 3; b <= bin(freq) + 3; ++b) fundamental = std::max(fundamental, s[b]);
  for (std::size_t b = 0; b < bin(limit); ++b) {
    if (!belongs[b]) alias = std::max(alias, s[b]);
  }
  return {db(fundamental), db(alias / fundamental)};
}

std::vector<float> play(std::string_view name, float freq) {
  Rig r = Rig::mono(name, {Input::constant(freq)});
  r.run(kFrames);
  return r.out[0];
}

/// An exact number of cycles in kFrames, and odd, so that folded partials fall between the others.
float on_bin(double freq) {
  return static_cast<float>((2 * std::floor(freq / kBin / 2) + 1) * kBin);
}

/// Smoothly moving ports of an oscillator, `lanes` of them side by side, with pitches about `pitch`.
std::vector<Input> wandering(const UnitEntry& e, int lanes, float pitch, unsigned moving, int frames) {
  std::vector<Input> in;
  for (std::size_t p = 0; p < e.info.ports.size(); ++p) {
    Input port{{}, (moving >> p & 1U) != 0};
    for (int i = 0; i < (port.stream ? frames : 1); ++i)
      for (int k = 0; k < lanes; ++k) {
        const float swing = std::sin(0.002F * static_cast<float>(i * (k + 1)) + static_cast<float>(k));
        const float base = pitch * (1 + 0.3F * static_cast<float>(k));
        port.data.push_back(p == 0 ? base * (k == 3 ? swing : 1 + 0.1F * swing) : p == 1 ? 0.4F * swing : 0.5F + 0.45F * swing);
      }
    in.push_back(std::move(port));
  }
  return in;
}

}  // namespace

TEST_CASE("Every lane of an oscillator that wanders is the oscillator by itself, with few edges and with many") {
  constexpr int kLong = 3000;
  for (const UnitTable* t : all_unit_tables())
    for (const char* name : {"saw", "square", "tri", "pulse", "sine", "impulse"})
      for (const float pitch : {20.F, 300.F, 900.F, 5000.F})
        for (unsigned moving = 1; moving < 1U << unit(name, *t).info.ports.size(); ++moving) {
          const UnitEntry& e = unit(name, *t);
          const auto in = wandering(e, t->lanes, pitch, moving, kLong);
          Rig lanes(e, e.voice_mono, t->lanes, in);
          Dice dice(moving);
          for (int left = kLong; left > 0;) {
            const int frames = std::min(left, dice.unit() < 0.5F ? 64 : 1 + static_cast<int>(dice.bits() % 100U));
            lanes.run(frames);
            left -= frames;
          }
          for (int k = 0; k < t->lanes; k += 3) {
            CAPTURE(t->isa, name, pitch, moving, k);
            Rig alone(e, e.mono, 1, lane_of(in, t->lanes, k));
            alone.run(kLong);
            REQUIRE(same_bits(alone.out[0], lane_of(lanes.out[0], t->lanes, k)));
          }
        }
}

TEST_CASE("saw, square and pulse fold back less than -80 dB below 10 kHz, -60 dB below 15 and -39 dB below 20") {
  for (const char* name : {"saw", "square", "pulse"}) {
    for (const double f : {55., 110., 441., 1234., 2637., 3520., 5000.}) {
      INFO(name << ' ' << f);
      const float freq = on_bin(f);
      const std::vector<float> sound = play(name, freq);
      CHECK(purity(sound, freq, 10000).alias_db < -80);
      CHECK(purity(sound, freq, 15000).alias_db < -60);
      CHECK(purity(sound, freq, 20000).alias_db < -39);
    }
  }
}

TEST_CASE("tri folds back less than -85 dB below 10 kHz and -65 dB below 20 kHz") {
  for (const double f : {110., 441., 1234., 2637., 5000., 9000., 15000.}) {
    INFO(f);
    const float freq = on_bin(f);
    const std::vector<float> sound = play("tri", freq);
    CHECK(purity(sound, freq, 10000).alias_db < -85);
    CHECK(purity(sound, freq, 20000).alias_db < -65);
  }
}

TEST_CASE("sine is alone down to -120 dB") {
  for (const double f : {55., 997., 7001., 19000.}) {
    INFO(f);
    const float freq = on_bin(f);
    std::vector<float> sound = play("sine", freq);
    double residue = 0;
    for (std::size_t i = 0; i < sound.size(); ++i) {
      const double ideal = std::sin(2 * kPi * std::fmod(static_cast<double>(freq) / 48000 * static_cast<double>(i), 1.0));
      residue = std::max(residue, std::abs(static_cast<double>(sound[i]) - ideal));
    }
    CHECK(residue < 2e-5);                                // phase included: its step is rounded to 2^-32 cycles, and the frequency to float
    CHECK(purity(sound, freq, 24000, 1).alias_db < -90);  // what the window can show
    const double amplitude = amplitude_at(sound, static_cast<double>(freq) / 48000);
    double power = 0;
    for (const float y : sound) power += static_cast<double>(y) * static_cast<double>(y);
    CHECK(amplitude == Approx(1).margin(1e-6));
    CHECK(db(std::sqrt(std::abs(power / kFrames - amplitude * amplitude / 2) * 2)) < -60);
  }
}

TEST_CASE("Partials of saw and square are as loud as they should be") {
  const double freq = on_bin(300);
  const std::vector<float> saw = play("saw", static_cast<float>(freq)), square = play("square", static_cast<float>(freq));
  for (int k = 1; k * freq < 15000; ++k) {
    INFO(k);
    const double tolerance = k * freq < 11000 ? 0.42 : 1.5;
    CHECK(db(amplitude_at(saw, k * freq / 48000.0) * k * kPi / 2) == Approx(0).margin(tolerance));
    if (k % 2 == 1) CHECK(db(amplitude_at(square, k * freq / 48000.0) * k * kPi / 4) == Approx(0).margin(tolerance));
  }
}

TEST_CASE("Oscillators start at their phase: sine, saw and tri at 0 and rising, square with its upper half") {
  for (const char* name : {"sine", "saw", "tri"}) {
    INFO(name);
    const std::vector<float> y = play(name, 100);
    CHECK(y[0] == Approx(0).margin(1e-6));
    CHECK(y[10] > y[0]);
    CHECK(y[479] < 0.02F);
  }
  const std::vector<float> y = play("square", 100);
  CHECK(y[100] == Approx(1).margin(1e-5));
  CHECK(y[340] == Approx(-1).margin(1e-5));
}

TEST_CASE("A negative frequency plays an oscillator backwards") {
  for (const char* name : {"sine", "saw", "tri"}) {
    const std::vector<float> forwards = play(name, 1000.3F), backwards = play(name, -1000.3F);
    for (std::size_t i = 0; i < 2000; ++i) REQUIRE(backwards[i] == Approx(-forwards[i]).margin(1e-5));
  }
}

TEST_CASE("pulse spends its width above") {
  for (const float width : {0.1F, 0.25F, 0.5F, 0.8F}) {
    Rig r = Rig::mono("pulse", {Input::constant(on_bin(200)), Input::constant(0), Input::constant(width)});
    r.run(kFrames);
    double mean = 0;
    for (const float y : r.out[0]) mean += static_cast<double>(y) / kFrames;
    CHECK(mean == Approx(2 * width - 1).margin(2e-3));
  }
}

TEST_CASE("A phase input at audio rate gives the sidebands that Bessel functions tell") {
  const double carrier = 2001 * kBin, modulator = 301 * kBin, index = 1.5;
  std::vector<float> phase;
  for (std::size_t i = 0; i < kFrames; ++i)
    phase.push_back(static_cast<float>(index / (2 * kPi) * std::sin(2 * kPi * modulator / 48000 * static_cast<double>(i))));
  Rig r = Rig::mono("sine", {Input::constant(static_cast<float>(carrier)), Input::of(phase)});
  r.run(kFrames);
  const double bessel[] = {0.5118276717, 0.5579365079, 0.2320876721, 0.0609639511};  // J0..J3 of 1.5
  for (int k = 0; k < 4; ++k) CHECK(amplitude_at(r.out[0], (carrier + k * modulator) / 48000) == Approx(bessel[k]).margin(2e-5));
}

TEST_CASE("saw stays clean under vibrato at audio rate") {
  // a fast, wide vibrato of a saw: naive edges would fold back at about -40 dB; where the true spectrum ends is measured on the
  // sum of its partials, each a sine with the same phase
  const double freq = 1201 * kBin, rate = 37 * kBin, depth = 0.02;
  std::vector<float> wave;
  std::vector<double> ideal(kFrames, 0);
  double phase = 0;
  for (std::size_t i = 0; i < kFrames; ++i) {
    const double f = freq * (1 + depth * std::sin(2 * kPi * rate / 48000 * static_cast<double>(i)));
    wave.push_back(static_cast<float>(f));
    for (int k = 1; k <= 11; ++k) ideal[i] += (k % 2 ? 2 : -2) / (kPi * k) * std::sin(2 * kPi * k * phase);
    phase += static_cast<double>(wave.back()) / 48000;
  }
  Rig r = Rig::mono("saw", {Input::of(wave)});
  r.run(kFrames);
  std::vector<float> difference;
  for (std::size_t i = 0; i < kFrames; ++i) difference.push_back(static_cast<float>(static_cast<double>(r.out[0][i]) - ideal[i]));
  const std::vector<double> s = spectrum(difference);
  double worst = 0;
  for (std::size_t b = 0; b < static_cast<std::size_t>(700 / kBin); ++b) worst = std::max(worst, s[b]);
  CHECK(db(worst) < -80);  // below the fundamental there is nothing but what folded back
}

TEST_CASE("impulse 0 is one frame, impulse n one frame n times a second") {
  Rig once = Rig::mono("impulse", {Input::constant(0)});
  once.run(1000);
  CHECK(once.out[0][0] == 1.F);
  for (std::size_t i = 1; i < 1000; ++i) REQUIRE(once.out[0][i] == 0.F);
  Rig often = Rig::mono("impulse", {Input::constant(480)});
  often.run(1000);
  for (std::size_t i = 0; i < 1000; ++i) REQUIRE(often.out[0][i] == Approx(i % 100 == 0 ? 1 : 0).margin(1e-4));
}

TEST_CASE("noise is white and even, pink falls 3 dB an octave") {
  Rig white = Rig::mono("noise", {}), pink = Rig::mono("pink", {});
  white.seed(1);
  pink.seed(1);
  white.run(1 << 18);
  pink.run(1 << 18);
  const auto band = [](const std::vector<float>& x, double low) {
    const std::vector<double> s = spectrum(x);
    const double bin = 48000.0 / (2.0 * static_cast<double>(s.size()));
    double power = 0;
    for (auto b = static_cast<std::size_t>(low / bin); b < static_cast<std::size_t>(2 * low / bin); ++b) power += s[b] * s[b];
    return 10 * std::log10(power);
  };
  double mean = 0, square = 0;
  for (const float y : white.out[0]) mean += y, square += static_cast<double>(y) * y;
  CHECK(mean / (1 << 18) == Approx(0).margin(0.005));
  CHECK(square / (1 << 18) == Approx(1.0 / 3).margin(0.005));
  for (const double low : {100., 400., 1600., 5000.}) {
    INFO(low);
    CHECK(band(white.out[0], low * 2) - band(white.out[0], low) == Approx(3.01).margin(0.6));
    CHECK(band(pink.out[0], low * 2) - band(pink.out[0], low) == Approx(0).margin(0.6));
  }
}
