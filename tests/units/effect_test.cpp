// Delays, reverbs, dynamics, places in the stereo field.
#include <catch2/catch.hpp>

#include "tests/units/rig.h"
#include "tests/units/spectrum.h"

using namespace hocket;
using namespace hocket::test;

namespace {

std::vector<float> one_at(int frames, int at = 0) {
  std::vector<float> x(static_cast<std::size_t>(frames), 0.F);
  x[static_cast<std::size_t>(at)] = 1;
  return x;
}

float peak(const std::vector<float>& x, std::size_t from = 0, std::size_t to = 1U << 30) {
  float y = 0;
  for (std::size_t i = from; i < std::min(to, x.size()); ++i) y = std::max(y, std::abs(x[i]));
  return y;
}

double power_db(const std::vector<float>& x, std::size_t from, std::size_t to) {
  double sum = 0;
  for (std::size_t i = from; i < to; ++i) sum += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  return 10 * std::log10(sum / static_cast<double>(to - from) + 1e-30);
}

}  // namespace

TEST_CASE("delay repeats on the exact frame, each time by its feedback softer") {
  for (const float rate : {44100.F, 48000.F}) {
    const auto time = static_cast<std::size_t>(0.1F * rate + 0.5F);
    Rig r = Rig::mono("delay", {Input::of(one_at(30000)), Input::constant(0.1F), Input::constant(0.5F), Input::constant(1)}, rate);
    const std::vector<float>& y = r.render(30000);
    for (std::size_t i = 0; i < y.size(); ++i) {
      const float ideal = i == 0 || i % time != 0 ? 0.F : std::pow(0.5F, static_cast<float>(i / time - 1));
      REQUIRE(y[i] == Approx(ideal).margin(1e-6));
    }
  }
}

TEST_CASE("delay between frames loses less than 0.1 dB at 5 kHz") {
  std::vector<float> in;
  for (int i = 0; i < 9600; ++i) in.push_back(static_cast<float>(std::sin(2 * kPi * 5000 / 48000 * i)));
  Rig r = Rig::mono("delay", {Input::of(in), Input::constant(100.5F / 48000), Input::constant(0), Input::constant(1)});
  CHECK(db(amplitude_at(r.render(9600), 5000.0 / 48000, 4800)) == Approx(0).margin(0.1));
}

TEST_CASE("delay fades over to a new time without a click") {
  std::vector<float> in, time(48000, 0.1F);
  for (int i = 0; i < 48000; ++i) in.push_back(static_cast<float>(std::sin(2 * kPi * 200 / 48000 * i)));
  std::fill(time.begin() + 20000, time.end(), 0.1637F);
  Rig r = Rig::mono("delay", {Input::of(in), Input::of(time), Input::constant(0), Input::constant(1)});
  const std::vector<float>& y = r.render(48000);
  float jump = 0;
  for (std::size_t i = 9000; i < y.size(); ++i) jump = std::max(jump, std::abs(y[i] - y[i - 1]));
  CHECK(jump < 0.03F);  // a sine of 200 Hz moves by 0.026 a frame
  Rig straight = Rig::mono("delay", {Input::of(in), Input::constant(0.1637F), Input::constant(0), Input::constant(1)});
  straight.run(48000);
  for (std::size_t i = 30000; i < 48000; ++i) REQUIRE(y[i] == Approx(straight.out[0][i]).margin(1e-5));
}

TEST_CASE("pan keeps the power of a mono signal and is silent on the far side") {
  for (const float at : {0.F, 0.25F, 0.5F, 0.8F, 1.F}) {
    Rig r = Rig::mono("pan", {Input::constant(1), Input::constant(at)});
    r.run(1);
    CHECK(r.out[0][0] == Approx(std::cos(at * kPi / 2)).margin(1e-6));
    CHECK(r.out[1][0] == Approx(std::sin(at * kPi / 2)).margin(1e-6));
  }
  Rig left = Rig::mono("pan", {Input::constant(1), Input::constant(0)});
  left.run(1);
  CHECK(left.out[1][0] == 0.F);
}

TEST_CASE("pan leaves a stereo signal as it is in the centre, and fades one side out") {
  Rig centre = Rig::stereo("pan", {Input::constant(0.3F), Input::constant(-0.7F), Input::constant(0.5F)});
  centre.run(1);
  CHECK(centre.out[0][0] == 0.3F);
  CHECK(centre.out[1][0] == -0.7F);
  Rig right = Rig::stereo("pan", {Input::constant(0.3F), Input::constant(-0.7F), Input::constant(1)});
  right.run(1);
  CHECK(right.out[0][0] == 0.F);
  CHECK(right.out[1][0] == -0.7F);
}

TEST_CASE("reverb fades by 60 dB in the time that its room says") {
  for (const auto& [room, seconds] : {std::pair{0.F, 0.3}, {0.5F, 1.897}, {0.75F, 4.77}}) {
    INFO(room);
    Rig r = Rig::mono("reverb", {Input::of(one_at(48000 * 4)), Input::constant(1), Input::constant(room), Input::constant(0)});
    r.run(48000 * 4);
    const auto from = static_cast<std::size_t>(0.15 * seconds * 48000) + 4000, to = from + static_cast<std::size_t>(0.5 * seconds * 48000);
    const std::size_t span = 2400 + static_cast<std::size_t>(0.05 * seconds * 48000);
    const double fall = power_db(r.out[0], from, from + span) - power_db(r.out[0], to, to + span);
    CHECK(fall == Approx(30).margin(4));
  }
}

TEST_CASE("reverb is stereo, smooth, about as loud as its input, and ends") {
  std::vector<float> in(48000 * 4, 0.F);
  Dice dice(3);
  for (std::size_t i = 0; i < 48000; ++i) in[i] = dice.within(-1, 1);
  Rig r = Rig::mono("reverb", {Input::of(in), Input::constant(1), Input::constant(0.3F)});
  r.run(48000 * 4);
  const double loud = power_db(in, 0, 48000), left = power_db(r.out[0], 24000, 48000), right = power_db(r.out[1], 24000, 48000);
  CHECK(left - loud == Approx(0).margin(6));
  CHECK(right - left == Approx(0).margin(1));
  double together = 0, alone = 0;
  for (std::size_t i = 24000; i < 48000; ++i) {
    together += static_cast<double>(r.out[0][i]) * static_cast<double>(r.out[1][i]);
    alone += static_cast<double>(r.out[0][i]) * static_cast<double>(r.out[0][i]);
  }
  CHECK(std::abs(together / alone) < 0.3);
  CHECK(power_db(r.out[0], 180000, 190000) < -90);
}

TEST_CASE("freeverb gives the impulse response of its definition") {
  // the textbook form, in double
  const int comb[] = {1116, 1188, 1277, 1356, 1422, 1491, 1557, 1617}, all_pass[] = {556, 441, 341, 225};
  std::vector<std::vector<double>> combs, all_passes;
  for (const int n : comb) combs.emplace_back(n, 0.0);
  for (const int n : all_pass) all_passes.emplace_back(n, 0.0);
  double low[8] = {};
  const int frames = 20000;
  Rig r = Rig::mono("freeverb", {Input::of(one_at(frames)), Input::constant(0.33F), Input::constant(0.5F), Input::constant(0.5F)});
  r.run(frames);
  for (std::size_t i = 0; i < frames; ++i) {
    const double x = i == 0 ? 1 : 0;
    double y = 0;
    for (std::size_t k = 0; k < 8; ++k) {
      double& cell = combs[k][i % combs[k].size()];
      y += cell;
      low[k] = 0.8 * cell + 0.2 * low[k];
      cell = 0.015 * x + 0.84 * low[k];
    }
    for (std::size_t k = 0; k < 4; ++k) {
      double& cell = all_passes[k][i % all_passes[k].size()];
      const double out = cell - y;
      cell = y + 0.5 * cell;
      y = out;
    }
    REQUIRE(r.out[0][i] == Approx(0.67 * x + 0.33 * y).margin(1e-6));
  }
}

TEST_CASE("compressor lets soft sound pass and lessens loud sound by its ratio") {
  const auto level_after = [](double in_db) {
    std::vector<float> in;
    for (int i = 0; i < 48000; ++i) in.push_back(static_cast<float>(std::pow(10, in_db / 20) * (i % 2 ? 1 : -1)));
    Rig r = Rig::mono("compressor", {Input::of(in), Input::constant(-20), Input::constant(4)});
    r.run(48000);
    return db(std::abs(static_cast<double>(r.out[0].back())));
  };
  CHECK(level_after(-40) == Approx(-40).margin(0.01));
  CHECK(level_after(-8) == Approx(-17).margin(0.05));
  CHECK(level_after(0) == Approx(-15).margin(0.05));
  CHECK(level_after(-20) < -20.3);  // within the knee
}

TEST_CASE("compressor takes its threshold in linear measure or in decibels and turns both sides down alike") {
  std::vector<float> loud(20000, 0.9F), soft(20000, 0.1F);
  Rig decibels = Rig::stereo("compressor", {Input::of(loud), Input::of(soft), Input::constant(-6.0206F)});
  Rig linear = Rig::stereo("compressor", {Input::of(loud), Input::of(soft), Input::constant(0.5F)});
  decibels.run(20000);
  linear.run(20000);
  CHECK(decibels.out[0].back() == Approx(linear.out[0].back()).margin(1e-5));
  CHECK(decibels.out[0].back() / 0.9F == Approx(decibels.out[1].back() / 0.1F).margin(1e-5));
  CHECK(decibels.out[0].back() < 0.7F);
}

TEST_CASE("limiter never lets a frame above its ceiling and leaves softer sound alone") {
  Dice dice(8);
  std::vector<float> loud, soft;
  for (int i = 0; i < 48000; ++i) loud.push_back(dice.within(-4, 4)), soft.push_back(dice.within(-0.8F, 0.8F));
  Rig r = Rig::stereo("limiter", {Input::of(loud), Input::of(soft), Input::constant(0.9F)});
  r.run(48000);
  CHECK(peak(r.out[0]) <= 0.9F);
  CHECK(peak(r.out[0]) > 0.89F);
  Rig clean = Rig::mono("limiter", {Input::of(soft), Input::constant(0.9F)});
  CHECK(same_bits(clean.render(48000), soft));
}

TEST_CASE("dist is clean when soft, bounded when loud, and folds little back") {
  std::vector<float> in;
  const double freq = 2049.0 / 65536;  // 1.5 kHz
  for (int i = 0; i < 65536; ++i) in.push_back(static_cast<float>(std::sin(2 * kPi * freq * i)));
  std::vector<float> soft = in;
  for (float& x : soft) x *= 0.001F;
  Rig clean = Rig::mono("dist", {Input::of(soft), Input::constant(1)});
  CHECK(db(amplitude_at(clean.render(65536), freq) / 0.001) == Approx(0).margin(0.05));
  Rig hot = Rig::mono("dist", {Input::of(in), Input::constant(4)});
  const std::vector<double> s = spectrum(hot.render(65536));
  double alias = 0;
  for (std::size_t b = 8; b < 65536 * 10 / 48; ++b) {
    if (b % 2049 > 8 && b % 2049 < 2041) alias = std::max(alias, s[b]);
  }
  CHECK(peak(hot.out[0]) < 1.3F);
  CHECK(db(alias) < -55);
}

TEST_CASE("lag covers 99.9 percent of a step in its time") {
  std::vector<float> step(9600, 1.F);
  step[0] = 0;
  Rig r = Rig::mono("lag", {Input::of(step), Input::constant(0.1F)});
  const std::vector<float>& y = r.render(9600);
  CHECK(y[0] == 0.F);
  CHECK(y[4800] == Approx(0.999).margin(1e-4));
}

TEST_CASE("chorus and width give both sides, mono joins them") {
  std::vector<float> in;
  for (int i = 0; i < 9600; ++i) in.push_back(static_cast<float>(std::sin(0.05 * i)));
  Rig r = Rig::mono("chorus", {Input::of(in)});
  r.run(9600);
  CHECK(!same_bits(r.out[0], r.out[1]));
  CHECK(peak(r.out[0], 2000) < 1.01F);
  CHECK(peak(r.out[0], 2000) > 0.3F);
  Rig wide = Rig::stereo("width", {Input::constant(0.6F), Input::constant(0.2F), Input::constant(2)});
  wide.run(1);
  CHECK(wide.out[0][0] == Approx(0.8F));
  CHECK(wide.out[1][0] == Approx(0.F).margin(1e-6));
  Rig joined = Rig::stereo("mono", {Input::constant(0.6F), Input::constant(0.2F)});
  joined.run(1);
  CHECK(joined.out[0][0] == Approx(0.4F));
  CHECK(joined.out[1][0] == Approx(0.4F));
}

TEST_CASE("Effects with a memory give the same however their runs are cut, for longer than the memory lasts, at any rate") {
  for (const float rate : {8000.F, 44100.F, 96000.F}) {
    for (const char* name : {"delay", "chorus", "reverb", "freeverb"}) {
      const int frames = static_cast<int>(1.3F * rate);
      Dice dice(3);
      std::vector<float> noise;
      for (int i = 0; i < frames; ++i) noise.push_back(dice.within(-1, 1));
      std::vector<Input> in = {Input::of(noise)};
      if (std::string_view(name) == "delay") in.push_back(Input::constant(0.0123F));
      Rig whole = Rig::mono(name, in, rate), pieces = Rig::mono(name, in, rate);
      whole.run(frames);
      for (int left = frames; left > 0;) {
        const int n = std::min(left, 1 + static_cast<int>(dice.bits() % (dice.unit() < 0.3F ? 3U : 130U)));
        pieces.run(n);
        left -= n;
      }
      INFO(name << " at " << rate);
      CHECK(same_bits(whole.out[0], pieces.out[0]));
      CHECK(same_bits(whole.out[1], pieces.out[1]));
    }
  }
}

// A delay's time or a chorus's depth, a lane each: it wanders slowly or by some frames a frame, is short or long, and jumps now and then.
std::vector<float> wandering(int lane, int frames, float rate) {
  Dice dice(static_cast<std::uint32_t>(lane) + 50);
  const float speed = 0.03F * std::pow(1.5F, static_cast<float>(lane));  // of the sine, in cycles a second
  float centre = dice.within(0, 0.3F);
  std::vector<float> x;
  for (int i = 0; i < frames; ++i) {
    if (dice.unit() < 1e-4F) centre = lane % 4 == 0 ? dice.within(0, 40 / rate) : dice.within(0, 0.3F);
    x.push_back(centre + 0.3F * centre * std::sin(6.2831853F * speed * static_cast<float>(i) / rate));
  }
  return x;
}

TEST_CASE("Echoes whose time wanders are those of one signal in every lane, however runs are cut, whoever began a moment ago") {
  constexpr float kRate = 8000;
  constexpr int kFrames = 70000;  // the memory is 64000 long
  for (const UnitTable* t : all_unit_tables()) {
    for (const char* name : {"delay", "chorus"}) {
      for (const bool young : {false, true}) {
        const UnitEntry& e = unit(name, *t);
        const bool is_delay = std::string_view(name) == "delay";
        std::vector<std::vector<Input>> alone;
        const std::size_t lanes = static_cast<std::size_t>(t->lanes);
        std::vector<Input> together(e.info.ports.size());
        for (std::size_t k = 0; k < lanes; ++k) {
          Dice dice(static_cast<std::uint32_t>(k) + 9);
          std::vector<float> noise;
          for (int i = 0; i < kFrames; ++i) noise.push_back(dice.within(-1, 1));
          auto way = wandering(static_cast<int>(k), kFrames, kRate);
          if (is_delay)
            alone.push_back({Input::of(noise), Input::of(way), Input::constant(0.5F), Input::constant(0.6F)});
          else
            alone.push_back({Input::of(noise), Input::constant(0.3F + 0.4F * dice.unit()), Input::of(way), Input::constant(0.5F)});
        }
        for (std::size_t p = 0; p < together.size(); ++p) {
          together[p].stream = alone[0][p].stream;
          for (std::size_t i = 0; i < alone[0][p].data.size(); ++i)
            for (const auto& one : alone) together[p].data.push_back(one[p].data[i]);
        }
        const auto begin = [&](Rig& rig, std::size_t voices) {
          if (!young) return;
          std::fill(rig.memory.begin(), rig.memory.end(), 0.7F);
          rig.age.assign(voices, 0.F);
        };
        Rig rows(e, e.voice_mono, t->lanes, together, kRate), apart(e, apart_form(e, false), t->lanes, together, kRate);
        apart.apart = true;
        begin(rows, lanes);
        begin(apart, lanes);
        for (int left = kFrames; left > 0; left -= 1000) rows.run(1000), apart.run(1000);
        CHECK(same_bits(rows.out[0], apart.out[0]));
        for (std::size_t k = 0; k < lanes; k += 3) {
          INFO(t->isa << ' ' << name << " lane " << k << (young ? " young" : ""));
          std::vector<Input> in = alone[k];
          in[is_delay ? 3 : 1] = Input::of(std::vector<float>(kFrames, in[is_delay ? 3 : 1].data[0]));
          Rig pieces(e, e.mono, 1, in, kRate);
          begin(pieces, 1);
          Dice dice(3);
          for (int left = kFrames; left > 0;) {
            const int n = std::min(left, 1 + static_cast<int>(dice.bits() % (dice.unit() < 0.3F ? 3U : 130U)));
            pieces.run(n);
            left -= n;
          }
          REQUIRE(same_bits(pieces.out[0], lane_of(rows.out[0], t->lanes, static_cast<int>(k))));
          REQUIRE(same_bits(pieces.out[1], lane_of(rows.out[1], t->lanes, static_cast<int>(k))));
        }
      }
    }
  }
}
