// Envelopes take exactly as long as they should, and never jump.
#include <catch2/catch.hpp>

#include "tests/units/rig.h"

using namespace hocket;
using namespace hocket::test;

namespace {

/// 1 from frame `from` to `to`, else 0.
std::vector<float> gate(int frames, int from, int to) {
  std::vector<float> x(static_cast<std::size_t>(frames), 0.F);
  for (int i = from; i < to; ++i) x[static_cast<std::size_t>(i)] = 1;
  return x;
}

}  // namespace

TEST_CASE("adsr is at 1, at its sustain level and at 0 on the very frame") {
  for (const float rate : {44100.F, 48000.F, 96000.F}) {
    const int at = 100, attack = static_cast<int>(rate * 0.01F + 0.5F), decay = static_cast<int>(rate * 0.1F + 0.5F);
    const int off = at + 12000, release = static_cast<int>(rate * 0.2F + 0.5F);
    Rig r = Rig::mono(
        "adsr",
        {Input::of(gate(40000, at, off)), Input::constant(0.01F), Input::constant(0.1F), Input::constant(0.5F), Input::constant(0.2F)},
        rate);
    const std::vector<float>& y = r.render(40000);
    const auto frame = [&](int i) { return y[static_cast<std::size_t>(i)]; };
    INFO(rate);
    CHECK(frame(at) == 0.F);
    CHECK(frame(at + 1) == Approx(1.F / static_cast<float>(attack)).epsilon(1e-3));
    CHECK(frame(at + attack - 1) < 1.F);
    CHECK(frame(at + attack) == 1.F);
    CHECK(frame(at + attack + decay - 1) > 0.5F);
    CHECK(frame(at + attack + decay) == Approx(0.5F).margin(1e-6));
    CHECK(frame(off) == Approx(0.5F).margin(1e-6));
    CHECK(frame(off + 1) < 0.5F);
    CHECK(frame(off + release - 1) > 0.F);
    CHECK(frame(off + release) == 0.F);
  }
}

TEST_CASE("An envelope nears its goal without a jump, whatever its time") {
  for (const float seconds : {0.002F, 0.05F, 1.F, 8.F}) {
    INFO(seconds);
    const int frames = static_cast<int>(seconds * 48000);
    Rig r = Rig::mono("perc", {Input::of(gate(frames + 10, 0, 5)), Input::constant(0), Input::constant(seconds)});
    const std::vector<float>& y = r.render(frames + 10);
    CHECK(y[0] == 1.F);
    CHECK(y[static_cast<std::size_t>(frames)] == 0.F);
    // the curve: 1 - (1 - e^-4t) / (1 - e^-4)
    for (const double share : {0.1, 0.3, 0.5, 0.8}) {
      const auto at = static_cast<std::size_t>(share * frames);
      const double t = static_cast<double>(at) / frames;
      const double curve = 1 - (1 - std::exp(-4 * t)) / (1 - std::exp(-4.0));
      CHECK(y[at] == Approx(curve).margin(0.001));
    }
    for (std::size_t i = 1; i <= static_cast<std::size_t>(frames); ++i) REQUIRE(y[i] <= y[i - 1]);
    CHECK(y[static_cast<std::size_t>(frames) - 1] < 0.001F + 0.1F / static_cast<float>(frames));
  }
}

TEST_CASE("A stage of no time is passed at once") {
  Rig r =
      Rig::mono("adsr", {Input::of(gate(100, 10, 50)), Input::constant(0), Input::constant(0), Input::constant(0.25F), Input::constant(0)});
  const std::vector<float>& y = r.render(100);
  for (std::size_t i = 0; i < 100; ++i) REQUIRE(y[i] == (i >= 10 && i < 50 ? 0.25F : 0.F));
}

TEST_CASE("A note that comes again goes on from where the envelope is") {
  std::vector<float> again = gate(20000, 0, 3000);
  for (std::size_t i = 4000; i < 9000; ++i) again[i] = 1;
  for (const char* name : {"adsr", "env", "perc"}) {
    INFO(name);
    Rig r = Rig::mono(name, {Input::of(again), Input::constant(0.02F), Input::constant(0.3F)});
    const std::vector<float>& y = r.render(20000);
    CHECK(y[3999] > 0.1F);
    float jump = 0;
    for (std::size_t i = 1; i < y.size(); ++i) jump = std::max(jump, std::abs(y[i] - y[i - 1]));
    CHECK(jump < 2.F / (0.02F * 48000));
    CHECK(*std::max_element(y.begin() + 4000, y.end()) == 1.F);
  }
}

TEST_CASE("The height of the gate scales nothing") {
  std::vector<float> soft = gate(5000, 10, 3000), loud = soft;
  for (float& x : soft) x *= 0.1F;
  Rig a = Rig::mono("adsr", {Input::of(soft)}), b = Rig::mono("adsr", {Input::of(loud)});
  CHECK(same_bits(a.render(5000), b.render(5000)));
}

TEST_CASE("env holds at 1 as long as its gate, perc does not wait for it") {
  Rig held = Rig::mono("env", {Input::of(gate(48000, 0, 30000)), Input::constant(0.01F), Input::constant(0.1F)});
  held.run(48000);
  CHECK(held.out[0][480] == 1.F);
  CHECK(held.out[0][29999] == 1.F);
  CHECK(held.out[0][30000 + 4800] == 0.F);
  Rig hit = Rig::mono("perc", {Input::of(gate(48000, 0, 30000)), Input::constant(0.01F), Input::constant(0.1F)});
  hit.run(480 + 4800);
  CHECK(!hit.done());
  hit.run(1);
  CHECK(hit.done());
  CHECK(hit.out[0].back() == 0.F);
}

TEST_CASE("A sustain level that moves is followed smoothly") {
  std::vector<float> sustain(20000, 0.5F);
  std::fill(sustain.begin() + 10000, sustain.end(), 0.8F);
  Rig r = Rig::mono("adsr", {Input::of(gate(20000, 0, 20000)), Input::constant(0.01F), Input::constant(0.01F), Input::of(sustain)});
  const std::vector<float>& y = r.render(20000);
  CHECK(y[9999] == Approx(0.5F).margin(1e-5));
  CHECK(y[12000] == Approx(0.8F).margin(1e-3));
  float jump = 0;
  for (std::size_t i = 10000; i < 12000; ++i) jump = std::max(jump, std::abs(y[i] - y[i - 1]));
  CHECK(jump < 0.01F);
}
