// The sampler: pitch, ends, noise between frames, and many lanes as each alone.
#include <catch2/catch.hpp>

#include "tests/units/rig.h"
#include "tests/units/spectrum.h"

using namespace hocket;
using namespace hocket::test;

namespace {

/// Some noise to play.
struct Sounds {
  std::vector<float> left, right;
  explicit Sounds(std::size_t frames) : left(frames), right(frames) {
    Dice dice;
    for (std::size_t i = 0; i < frames; ++i) left[i] = dice.within(-1, 1), right[i] = dice.within(-1, 1);
  }
  SampleView mono(std::uint32_t frames, float rate = 48000) const { return {{left.data(), left.data()}, frames, rate}; }
  SampleView stereo(std::uint32_t frames, float rate = 48000) const { return {{left.data(), right.data()}, frames, rate}; }
};

/// Every lane its own values of the four ports, of `choices` in turn.
std::vector<Input> each_lane(int lanes, const std::vector<std::vector<float>>& choices) {
  std::vector<Input> in;
  for (const auto& some : choices) {
    Input x;
    for (int k = 0; k < lanes; ++k) x.data.push_back(some[static_cast<std::size_t>(k) % some.size()]);
    in.push_back(std::move(x));
  }
  return in;
}

}  // namespace

TEST_CASE("sampler plays a sample at its own pitch unchanged, at any rate of its file, and says when it is over") {
  std::vector<float> ramp;
  for (int i = 0; i < 480; ++i) ramp.push_back(static_cast<float>(i + 1) / 480);
  const SampleView views[2] = {{{ramp.data(), ramp.data()}, 480, 48000}, {{ramp.data(), ramp.data()}, 480, 24000}};
  Rig r = Rig::mono("sampler", {Input::constant(0)});
  r.clock.samples = views;
  r.clock.sample_count = 2;
  r.run(480);
  CHECK(!r.done());
  CHECK(same_bits(r.out[0], ramp));
  CHECK(same_bits(r.out[1], ramp));
  r.run(1);
  CHECK(r.done());
  CHECK(r.out[0].back() == 0.F);
  Rig slow = Rig::mono("sampler", {Input::constant(1)});
  slow.clock.samples = views;
  slow.clock.sample_count = 2;
  slow.run(960);
  for (std::size_t i = 4; i < 950; ++i) REQUIRE(slow.out[0][i] == Approx((static_cast<float>(i) / 2 + 1) / 480).margin(1e-5));
}

TEST_CASE("sampler between frames adds less than -75 dB to a sine of 1 kHz and -45 dB to one of 4 kHz") {
  for (const auto& [freq, most_db] : {std::pair{1000., -75.}, {4000., -45.}}) {
    INFO(freq);
    std::vector<float> sound;
    for (int i = 0; i < 40000; ++i) sound.push_back(static_cast<float>(std::sin(2 * kPi * freq / 48000 * i)));
    const SampleView view{{sound.data(), sound.data()}, static_cast<std::uint32_t>(sound.size()), 48000};
    constexpr double kSpeed = 0.7103;
    Rig r = Rig::mono("sampler", {Input::constant(0), Input::constant(static_cast<float>(kSpeed))});
    r.clock.samples = &view;
    r.clock.sample_count = 1;
    const std::vector<float>& y = r.render(30000);
    double noise = 0;
    for (std::size_t i = 100; i < y.size(); ++i)
      noise += std::pow(static_cast<double>(y[i]) - std::sin(2 * kPi * freq / 48000 * kSpeed * static_cast<double>(i)), 2);
    CHECK(10 * std::log10(2 * noise / static_cast<double>(y.size() - 100)) < most_db);
  }
}

TEST_CASE("sampler plays backwards from its end at a negative speed, and between begin and end") {
  std::vector<float> ramp;
  for (int i = 0; i < 480; ++i) ramp.push_back(static_cast<float>(i + 1) / 480);
  const SampleView view{{ramp.data(), ramp.data()}, 480, 48000};
  Rig back = Rig::mono("sampler", {Input::constant(0), Input::constant(-1)});
  back.clock.samples = &view;
  back.clock.sample_count = 1;
  back.run(482);
  for (std::size_t i = 0; i < 480; ++i) REQUIRE(back.out[0][i] == ramp[479 - i]);
  CHECK(back.done());
  Rig part = Rig::mono("sampler", {Input::constant(0), Input::constant(1), Input::constant(0.25F), Input::constant(0.5F)});
  part.clock.samples = &view;
  part.clock.sample_count = 1;
  part.run(200);
  CHECK(part.out[0][0] == ramp[120]);
  CHECK(part.out[0][119] == ramp[239]);
  CHECK(part.out[0][120] == 0.F);
  CHECK(part.done());
}

TEST_CASE("sampler leaves the right side of mono samples to those who ask whether it is the left") {
  const Sounds sounds(3000);
  const SampleView views[] = {sounds.mono(3000), sounds.stereo(3000, 44100)};
  for (const UnitTable* t : all_unit_tables()) {
    for (const bool stereo : {false, true}) {
      auto in = each_lane(t->lanes, {{0}, {0.5F, 0.6F, 0.7F, 0.8F, 0.9F, 1.F, 1.1F, 1.2F, 1.3F, 1.4F, 1.5F}, {0}, {1}});
      if (stereo) in[0].data[2] = 1;
      const UnitEntry& e = unit("sampler", *t);
      Rig asks(e, e.voice_mono, t->lanes, in), plain(e, e.voice_mono, t->lanes, in);
      asks.clock.samples = plain.clock.samples = views;
      asks.clock.sample_count = plain.clock.sample_count = 2;
      for (const int frames : {64, 7, 64, 1, 64, 64}) {
        bool twins = false;
        asks.clock.twins = &twins;
        asks.run(frames);
        plain.run(frames);
        CHECK(twins == !stereo);
      }
      INFO(t->isa << (stereo ? " stereo" : " mono"));
      CHECK(same_bits(asks.out[0], plain.out[0]));
      if (stereo) CHECK(same_bits(asks.out[1], plain.out[1]));
      CHECK(same_bits(plain.out[0], plain.out[1]) != stereo);
    }
  }
}

TEST_CASE("sampler lanes play what each would alone, at any speeds, in runs of any length, whoever else is heard") {
  const Sounds sounds(4000);
  const SampleView views[] = {sounds.mono(4000), sounds.stereo(3000, 44100), sounds.mono(25), sounds.stereo(3), sounds.mono(34, 96000)};
  struct Case {
    const char* name;
    std::vector<std::vector<float>> values;  // sample, speed, begin, end
  };
  const Case cases[] = {
      {"one sample, near its own pitch", {{0}, {1, 0.97F, 1.0213F, 0.5F, 1.4983F}, {0}, {1}}},
      {"stereo and mono", {{0, 1, 1}, {1, 0.97F, 1.31F, 0.5F}, {0, 0.1F}, {1}}},
      {"backwards among others", {{0, 1}, {-1, 0.9F, -0.7123F, 1.2F, -1.9F}, {0}, {1, 0.9F}}},
      {"fast and very fast", {{1, 0}, {1.79F, 1.81F, 2, 2.9F, 3.1F, 5, 17.3F, -4.4F}, {0}, {1}}},
      {"slow and still", {{0}, {0.001F, 0, -0.01F, 0.25F}, {0.3F, 0, 0.5F}, {1}}},
      {"samples shorter than what is looked at", {{2, 0, 3, 4, 1}, {0.2F, 1, 0.03F, 0.125F, -0.3F}, {0}, {1}}},
      {"between places", {{0, 1}, {1, -1, 0.5F}, {0.25F, 0.95F}, {0.5F, 1}}},
      {"samples there are none of", {{7, 0, -1, 1}, {1}, {0}, {1}}},
  };
  for (const UnitTable* t : all_unit_tables())
    for (const Case& c : cases)
      for (const std::uint32_t live : {~0U, 0x5a5aU, 0x10U & ((1U << t->lanes) - 1), 1U}) {
        INFO(t->isa << ' ' << c.name << " live " << live);
        const UnitEntry& e = unit("sampler", *t);
        const auto in = each_lane(t->lanes, c.values);
        const auto with_samples = [&](Rig r) {
          r.clock.samples = views;
          r.clock.sample_count = 5;
          return r;
        };
        Rig all = with_samples(Rig(e, e.voice_mono, t->lanes, in));
        all.clock.live = live;
        for (int i = 0; i < 20; ++i)
          for (const int frames : {64, 16, 64, 1, 13, 37, 64}) all.run(frames);
        const int frames = static_cast<int>(all.out[0].size()) / t->lanes;
        for (int k = 0; k < t->lanes; ++k) {
          if ((live >> k & 1U) == 0) continue;
          INFO("lane " << k);
          Rig alone = with_samples(Rig(e, e.mono, 1, lane_of(in, t->lanes, k)));
          alone.run(frames);
          CHECK(same_bits(lane_of(all.out[0], t->lanes, k), alone.out[0]));
          CHECK(same_bits(lane_of(all.out[1], t->lanes, k), alone.out[1]));
          CHECK(all.done(k) == alone.done());
        }
      }
}

TEST_CASE("sampler is less than a quarter of a frame off its way after a minute") {
  std::vector<float> ramp;
  for (int i = 0; i < 1 << 21; ++i) ramp.push_back(static_cast<float>(i % 1024));
  const SampleView view{{ramp.data(), ramp.data()}, 1U << 21, 48000};
  for (const float speed : {0.7103F, 0.3333F}) {
    Rig r = Rig::mono("sampler", {Input::constant(0), Input::constant(speed)});
    r.clock.samples = &view;
    r.clock.sample_count = 1;
    const int frames = 60 * 48000;
    const std::vector<float>& y = r.render(frames);
    double worst = 0;
    for (int i = frames - 1000; i < frames; ++i) {
      const double at = std::fmod(static_cast<double>(speed) * i, 1024);
      if (at > 4 && at < 1019) worst = std::max(worst, std::abs(static_cast<double>(y[static_cast<std::size_t>(i)]) - at));
    }
    INFO(speed);
    CHECK(worst < 0.25);
  }
}

TEST_CASE("sampler without a sample is silence that is over at once") {
  Rig r = Rig::mono("sampler", {Input::constant(7)});
  r.run(10);
  CHECK(r.done());
  CHECK(same_bits(r.out[0], std::vector<float>(10)));
}
