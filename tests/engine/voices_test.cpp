// Voices: polyphony, whose turn it is to go, cut groups, and when a voice has ended.
#include <catch2/catch.hpp>
#include <cmath>

#include "server/engine/voices.h"
#include "tests/audio/clicks.h"
#include "tests/engine/rig.h"

using namespace hocket;
using namespace hocket::test;

namespace {

GraphDef lead(VoiceDef def, int channels = 1) {
  GraphMaker g;
  g.out(g.voices("~lead", std::move(def), channels), channels);
  return g.graph;
}

Play note(std::int64_t at_frame, std::int64_t until_frame, float freq = 220, float gain = 0.2F) {
  Play play{0, {at_frame, 96000}, {until_frame, 96000}, {freq, 57, 1, 1}};
  if (until_frame < 0) play.until = {0, 0};
  play.gain = gain;
  return play;
}

void check_clean(const Samples& x) {
  for (const auto& click : find_clicks(x)) {
    INFO("a " << to_string(click.kind) << " of " << click.level_db << " dB at " << click.frame);
    CHECK(false);
  }
}

}  // namespace

TEST_CASE("a chord is the sum of its notes") {
  Rig chord, one, other;
  chord.swap(lead(tone_voice()), {note(100, 5000), note(2000, 7000, 330)});
  one.swap(lead(tone_voice()), {note(100, 5000)});
  other.swap(lead(tone_voice()), {note(2000, 7000, 330)});
  const auto x = chord.stem(20000), a = one.stem(20000), b = other.stem(20000);
  for (std::size_t i = 0; i < x.size(); ++i) REQUIRE(x[i] == a[i] + b[i]);
}

TEST_CASE("a voice that has ended leaves nothing behind, and a note in its place is like the first") {
  Rig rig;
  rig.swap(lead(tone_voice(1)), {note(0, 2000), note(48000, 50000)});
  const auto x = rig.stem(96000);
  CHECK(first_difference({x.data(), 48000}, {x.data() + 48000, 48000}) == -1);
  CHECK(rms({x.data(), 4000}) > 0.01);
  CHECK(peak({x.data() + 10000, 38000}) == 0);
  CHECK(rig.engine.status().voices == 0);
  CHECK(rig.engine.status().stolen_voices == 0);
}

TEST_CASE("beyond the polyphony the oldest released voice goes first, else the oldest") {
  // three held notes of one voice each, told apart by their pitch; the second is released when the fourth comes
  Rig rig;
  rig.swap(lead(tone_voice(3, 2, "sine")), {note(0, -1, 500), note(1000, 10000, 1500), note(2000, -1, 2500), note(20000, -1, 3500)});
  const auto x = rig.stem(60000);
  const auto level = [&](double freq) {
    double re = 0, im = 0;
    for (std::size_t i = 40000; i < 49600; ++i) {
      const double turn = 2 * M_PI * freq * static_cast<double>(i) / 48000;
      re += static_cast<double>(x[i]) * std::cos(turn);
      im += static_cast<double>(x[i]) * std::sin(turn);
    }
    return std::hypot(re, im) / 4800;
  };
  CHECK(level(500) > 0.1);
  CHECK(level(1500) < 1e-3);
  CHECK(level(2500) > 0.1);
  CHECK(level(3500) > 0.1);
  CHECK(rig.engine.status().stolen_voices == 1);
  CHECK(rig.engine.status().voices == 3);
}

TEST_CASE("stealing does not click") {
  Rig rig;
  std::vector<Play> plays;
  for (std::int64_t n = 0; n < 40; ++n) plays.push_back(note(n * 2400, -1, 200 + static_cast<float>(n % 5) * 40));
  rig.swap(lead(tone_voice(4, 1, "sine", 0.04)), plays);
  const auto x = rig.stem(96000);
  CHECK(rig.engine.status().stolen_voices == 36);
  check_clean(x);
}

TEST_CASE("a note fades the earlier voices of its cut group, in all instruments of its source") {
  GraphMaker g;
  const Ref open = g.voices("~open", tone_voice(8, 3, "sine"));
  const Ref closed = g.more_voices("~closed", 0, tone_voice(8, 3, "sine"));
  g.out(open, 1, "o1").out(closed, 1, "o2");
  Rig rig;
  auto first = note(0, -1, 300), second = note(12000, -1, 400), third = note(24000, -1, 500);
  first.cut = second.cut = 1;
  second.voice = 1;
  rig.swap(g.graph, {first, second, third});
  const auto x = rig.stem(20000);
  CHECK(rms({x.data() + 6000, 6000}) > 0.05);
  CHECK(peak({x.data() + 12144, 7000}) == 0);
  check_clean(x);
  CHECK(rig.engine.status().voices == 1);
}

TEST_CASE("a voice that hears neither gate nor envelope fades when its event ends") {
  GraphMaker tone;
  tone.unit("sine", {Ref::param(0), Ref::of(0)});
  Rig rig;
  rig.swap(lead(voice(std::move(tone))), {note(0, 10000, 300)});
  const auto x = rig.stem(30000);
  CHECK(rms({x.data() + 5000, 5000}) > 0.1);
  CHECK(peak({x.data() + 10144, 19000}) == 0);
  check_clean({x.data() + 100, x.data() + 30000});
}

TEST_CASE("an event without an end sounds until its player is done") {
  Rig rig;
  rig.swap(lead(tick_voice()), {note(10, -1)});
  rig.stem(200);
  CHECK(rig.engine.status().voices == 0);
}

TEST_CASE("levels: gain is a factor, pan keeps the power, without pan both sides have all") {
  const auto at = [](float gain, float pan, int channels) {
    Rig rig;
    auto play = note(10, 100);
    play.gain = gain;
    play.pan = pan;
    rig.swap(lead(tick_voice(), channels), {play});
    rig.render(64);
    return std::pair(rig.engine.stem(0, 0)[10], rig.engine.stem(0, 1)[10]);
  };
  CHECK(at(0.5F, -1, 1) == std::pair(0.5F, 0.5F));
  CHECK(at(0.5F, -1, 2) == std::pair(0.5F, 0.5F));
  CHECK(at(1, 0, 2) == std::pair(1.F, 0.F));
  CHECK(at(1, 1, 2) == std::pair(0.F, 1.F));
  CHECK(at(1, 0.5F, 2).first == Approx(std::sqrt(0.5)));
  CHECK(at(1, 0.5F, 2).second == Approx(std::sqrt(0.5)));
  CHECK(at(1, 0.3F, 1) == std::pair(1.F, 1.F));
}

TEST_CASE("balance of a stereo voice is unity at the centre") {
  CHECK(level_pan(1, 0.5F, 2, 2).left == Approx(1));
  CHECK(level_pan(1, 0.5F, 2, 2).right == Approx(1));
  CHECK(level_pan(1, 0, 2, 2).left == Approx(1));
  CHECK(level_pan(1, 0, 2, 2).right == Approx(0).margin(1e-6));
}

TEST_CASE("a voice's echo begins empty, whoever sat there before") {
  GraphMaker echo;
  const Ref hit = echo.unit("tick", {});
  const Ref fade = echo.unit("perc", {Ref::param(3), Ref::of(0.001), Ref::of(0.6)});
  const Ref wet = echo.unit("delay", {hit, Ref::param(4), Ref::of(0.5), Ref::of(1)});
  echo.unit("mul", {wet, fade});
  Rig rig;
  auto a = note(0, -1), b = note(48000, -1);
  a.values.push_back(0.05F);
  b.values.push_back(0.2F);  // hears further back than its own beginning
  rig.swap(lead(voice(std::move(echo), 1, {{"time", 0.1}})), {a, b});
  const auto x = rig.stem(96000);
  CHECK(x[2400] != 0);
  CHECK(sounding_frames({x.data() + 48000, 9600}).empty());
  CHECK(x[48000 + 9600] != 0);
}

TEST_CASE("a seed decides a voice's noise") {
  GraphMaker grain;
  const Ref hiss = grain.unit("noise", {});
  const Ref shape = grain.unit("perc", {Ref::param(3), Ref::of(0.001), Ref::of(0.02)});
  grain.unit("mul", {hiss, shape});
  Rig rig;
  auto a = note(0, 100), b = note(9600, 9700), c = note(19200, 19300);
  a.seed = c.seed = 5;
  b.seed = 6;
  rig.swap(lead(voice(std::move(grain), 4)), {a, b, c});
  const auto x = rig.stem(28800);
  CHECK(first_difference({x.data(), 9600}, {x.data() + 19200, 9600}) == -1);
  CHECK(first_difference({x.data(), 9600}, {x.data() + 9600, 9600}) >= 0);
}

TEST_CASE("a loop inside a voice is fed back one cell late, from silence in every voice") {
  GraphMaker comb;
  const Ref hit = comb.unit("tick", {});
  const Ref sum = comb.mix({hit, Ref::of(0)});
  const Ref back = comb.unit("mul", {comb.feedback(sum), Ref::of(0.5)});
  comb.graph.nodes[sum.index].inputs[1] = comb.feedback(back);
  comb.out(sum, 1, "voice");
  Rig rig;
  rig.swap(lead(voice(std::move(comb), 1)), {note(10, -1), note(9610, -1)});
  const auto x = rig.stem(20000);
  CHECK(x[10] == Approx(0.2));
  CHECK(x[10 + 128] == Approx(0.1));
  CHECK(x[10 + 256] == Approx(0.05));
  CHECK(first_difference({x.data(), 9600}, {x.data() + 9600, 9600}) == -1);
}

TEST_CASE("twenty thousand notes a second neither drop, allocate nor run late") {
  Rig rig;
  std::vector<Play> plays;
  for (std::int64_t n = 0; n < 10000; ++n) plays.push_back(note(n * 12 / 5, n * 12 / 5 + 20, 200 + static_cast<float>(n % 50) * 30, 0.01F));
  rig.swap(lead(tone_voice(64, 0.002)), plays);
  const auto x = rig.stem(24000, 0, 0, 64);
  const auto status = rig.engine.status();
  CHECK(status.dropped_events == 0);
  CHECK(status.late_events == 0);
  CHECK(status.refused_voices == 0);
  CHECK(rms(x) > 0.001);
  CHECK(non_finite(x) == 0);
}
