// What a player asks of the keys and knobs: learn, record, keep, follow.
#include <catch2/catch.hpp>
#include <random>

#include "tests/midi/rig.h"

using namespace hocket;
using namespace hocket::test;

namespace {

constexpr int kSettled = 48 * 80;

bool says(const Rig& rig, const std::string& text) {
  INFO(rig.said());
  return rig.said().find(text) != std::string::npos;
}

/// The line after `recorded:`.
std::string recorded(const Rig& rig) {
  const auto at = rig.said().find("recorded:\n");
  if (at == std::string::npos) return "";
  const auto begin = at + 10;
  return rig.said().substr(begin, rig.said().find('\n', begin) - begin);
}

}  // namespace

TEST_CASE("learn binds the next knob that moves, keeps the sound until the knob comes by, and says the statement") {
  Rig rig("~cut: 400\nout: ~cut * 1", Performance().cc(5000, 21, 0).cc(20000, 21, 30).cc(30000, 21, 127));
  rig.run_to(2000);
  rig.evaluate("learn ~cut");
  CHECK(says(rig, "turn the knob"));
  rig.run_to(60000);
  CHECK(says(rig, "learnt: ~cut: cc 21 0 800"));
  CHECK(rig.heard(4000) == 400);
  CHECK(rig.heard(19000) == Approx(400).epsilon(0.001));
  CHECK(rig.heard(29000) == Approx(400).epsilon(0.001));
  CHECK(rig.heard(30000 + kSettled) == Approx(800).epsilon(0.002));
}

TEST_CASE("learn takes the knob that has just moved, and the range that it is given") {
  Rig rig("out: ~cut * 1\n~cut: 5", Performance().cc(5000, 33, 127).cc(30000, 33, 0));
  rig.run_to(20000);
  rig.evaluate("learn ~cut 2 10");
  CHECK(says(rig, "learnt: ~cut: cc 33 2 10"));
  rig.run_to(40000);
  CHECK(rig.heard(29000) == Approx(10).epsilon(0.002));
  CHECK(rig.heard(39999) == Approx(2).epsilon(0.002));
}

TEST_CASE("learning another knob keeps the way that the first was given") {
  Rig rig("~cut: cc 1 200 8k curve=\"exp\"\nout: ~cut * 1", Performance().cc(5000, 9, 64));
  rig.evaluate("learn ~cut");
  rig.run_to(20000);
  CHECK(says(rig, "learnt: ~cut: cc 9 200 8k curve=\"exp\""));
}

TEST_CASE("where two knobs have one number, what is learnt says which") {
  Rig rig("~cut: cc 1 200 8k channel=3\nout: ~cut * 1", Performance().cc(4000, 9, 64, 2).cc(5000, 9, 64, 1).cc(30000, 9, 127, 2));
  rig.evaluate("learn ~cut");
  rig.run_to(20000);
  CHECK(says(rig, "learnt: ~cut: cc 9 200 8k\n"));  // the other has not moved yet
  rig.evaluate("learn ~cut");
  rig.run_to(29000);
  const auto before = rig.heard(28999);
  rig.run_to(40000);
  CHECK(says(rig, "learnt: ~cut: cc 9 200 8k channel=1\n"));
  CHECK(rig.heard(39999) == before);
}

TEST_CASE("a recorded phrase renders back to the same frames") {
  const auto seed = GENERATE(range(1U, 6U));
  std::mt19937 random(seed);
  Performance played;
  // A hand of two: notes of any length, the keys' own releases, some together.
  std::int64_t ends[2] = {96000, 96000};
  for (auto& at : ends)
    while (true) {
      const auto on = at + static_cast<std::int64_t>(random() % 3000);
      const auto off = on + 200 + static_cast<std::int64_t>(random() % 9000);
      if (off >= 4 * 48000) break;
      const int key = (&at == ends ? 48 : 72) + static_cast<int>(random() % 12);
      played.on(on, key, 1 + static_cast<int>(random() % 127)).off(off, key);
      at = off;
    }
  const std::string synth = "synth pitch: gate * freq * (1 + vel)\n";
  Rig live(synth + "out: midi # pitch", played);
  live.run_to(100);
  live.evaluate("record midi 2 exact");
  live.run_to(5 * 48000);
  CHECK(says(live, "from cycle 2 to 4"));
  const auto text = recorded(live);
  INFO(text);
  REQUIRE_FALSE(text.empty());
  Rig again(synth + "out: silence # pitch");
  again.run_to(100);
  again.evaluate("~riff: " + text + "\nout: ~riff # pitch");
  again.run_to(4 * 48000);
  int compared = 0;
  for (int i = 2 * 48000; i < 4 * 48000 - 1; ++i) {
    const bool steps = std::abs(live.heard(i + 1) - live.heard(i)) > 1;
    const bool stepped = std::abs(again.heard(i + 1) - again.heard(i)) > 1;
    if (steps != stepped) FAIL_CHECK("at frame " << i << ": " << steps << " played, " << stepped << " from text");
    compared += steps;
    REQUIRE(again.heard(i) == Approx(live.heard(i)).epsilon(0.001));
  }
  CHECK(compared > 5);
}

TEST_CASE("a phrase on a grid comes out on it, with the knobs that were moved") {
  Performance played;
  played.on(48000 - 200, 60, 127).off(48000 + 11000, 60).on(48000 + 12500, 64, 127).off(48000 + 23000, 64).cc(48000 + 24000, 74, 127);
  Rig rig("synth level: gate * vel\nout: midi # level", played);
  rig.evaluate("record midi 1 1/4");
  rig.run_to(40000);
  CHECK(says(rig, "recording what is played from cycle 1 to 2"));
  rig.run_to(150000);
  CHECK(recorded(rig) == "note \"c4 e4 ~@2\" # vel 1");
  CHECK(says(rig, "\"0 1\"  -- cc 74"));
}

TEST_CASE("a phrase can be given up, and nothing played is silence") {
  Rig rig("out: saw 50 * 0");
  rig.evaluate("record midi 1");
  rig.evaluate("record midi stop");
  CHECK(says(rig, "the phrase is given up"));
  rig.evaluate("record midi 1");
  rig.run_to(150000);
  CHECK(recorded(rig) == "silence");
}

TEST_CASE("knobs are kept and brought back, and wait for their hands") {
  Rig first("out: cc 74", Performance().cc(10, 74, 100));
  first.run_to(8000);
  const auto kept = first.offline().session().midi_desk()->knobs();
  CHECK(kept == "cc 74 1 0.787401575 \"file\"\n");
  Rig second("out: cc 74", Performance().cc(20000, 74, 20).cc(40000, 74, 110));
  second.run_to(4000);
  CHECK(second.offline().session().midi_desk()->put_knobs(kept).value == 1);
  second.run_to(60000);
  CHECK(second.heard(15000) == Approx(100 / 127.).epsilon(0.001));
  CHECK(second.heard(30000) == Approx(100 / 127.).epsilon(0.001));
  CHECK(second.heard(59999) == Approx(110 / 127.).epsilon(0.001));
  CHECK_FALSE(second.offline().session().midi_desk()->put_knobs("nonsense"));
}
