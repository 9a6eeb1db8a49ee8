// What a performer does beside playing: undo, once, moving the clock, slow redefinitions.
#include <catch2/catch.hpp>

#include "tests/control/studio.h"

using namespace hocket;
using namespace hocket::test;

namespace {

constexpr int kCycle = 96000;  // frames at 48 kHz and 0.5 cycles a second

/// Clicks between two frames of what was rendered.
int clicks_between(Studio& studio, std::int64_t from, std::int64_t to) {
  int count = 0;
  for (const std::int64_t frame : studio.clicks()) count += frame >= from && frame < to ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("undo brings back what was, redo what was undone") {
  Studio studio;
  studio.must(kTick + "~a: s \"tick*2\" * 0.9\nout: ~a");
  studio.run(kCycle);
  studio.must("~a: s \"tick*8\" * 0.9");
  studio.run(kCycle);
  REQUIRE(studio.offline.session().undo().ok);
  studio.run(kCycle);
  REQUIRE(studio.offline.session().redo().ok);
  studio.run(kCycle);
  CHECK(clicks_between(studio, 0, kCycle - 100) == 2);
  CHECK(clicks_between(studio, kCycle + 100, 2 * kCycle - 100) == 7);
  CHECK(clicks_between(studio, 2 * kCycle + 100, 3 * kCycle - 100) == 1);
  CHECK(clicks_between(studio, 3 * kCycle + 100, 4 * kCycle - 100) == 7);
}

TEST_CASE("there is an end to undoing, and it says so") {
  Studio studio;
  studio.must("out: sine 440 * 0.1");
  CHECK(studio.eval("undo").ok);
  const auto again = studio.eval("undo");
  CHECK_FALSE(again.ok);
  CHECK(again.diagnostics.at(0).message == "there is nothing to undo");
  CHECK(studio.eval("redo").ok);
  CHECK_FALSE(studio.eval("redo").ok);
}

TEST_CASE("an evaluation after an undo forgets what was undone") {
  Studio studio;
  studio.must("out: sine 440 * 0.1");
  studio.must("out: sine 550 * 0.1");
  CHECK(studio.eval("undo").ok);
  studio.must("out: sine 660 * 0.1");
  CHECK_FALSE(studio.eval("redo").ok);
  CHECK(studio.offline.session().history().texts.size() == 2);
}

TEST_CASE("once plays one cycle of a sound and no more") {
  Studio studio;
  studio.must(kTick + "out: sine 50 * 0.01");
  studio.run(kCycle / 2);
  studio.must("once s \"tick*4\" # gain 0.9");
  studio.run(3 * kCycle);
  CHECK(studio.clicks().size() == 4);
}

TEST_CASE("setCycle and resetCycles move the cycle, events and all") {
  Studio studio;
  studio.must(kTick + "out: s \"<tick ~>\" * 0.9");
  studio.run(kCycle / 2);
  studio.must("setCycle 7.5");
  studio.run(kCycle);
  CHECK(to_rational(position_at(studio.offline.engine().status().transport, studio.frame())) > Rational(8));
  CHECK(clicks_between(studio, kCycle / 2, 3 * kCycle / 2) == 1);  // cycle 8 plays, half a cycle on
  studio.must("resetCycles");
  studio.run(1000);
  CHECK(to_rational(position_at(studio.offline.engine().status().transport, studio.frame())) < Rational(1, 10));
}

TEST_CASE("nudge makes everything come later by so many seconds") {
  Studio studio;
  studio.must(kTick + "out: s \"tick*4\" * 0.9");
  studio.run(kCycle / 2 + 5000);
  studio.must("nudge 50ms");
  studio.run(kCycle);
  const auto clicks = studio.clicks();
  REQUIRE(clicks.size() >= 5);
  CHECK(clicks[2] == kCycle / 2);
  CHECK(clicks[3] == 3 * kCycle / 4 + 2400);
  CHECK(clicks[4] == kCycle + 2400);
}

TEST_CASE("jumpIn waits its cycles before the new pattern starts") {
  Studio studio;
  studio.must(kTick + "cps: 1\n~a: s \"tick*2\" * 0.9\nout: ~a");
  studio.run(48000 - 4000);
  studio.must("jumpIn 2\n~a: s \"tick*8\" * 0.9");
  studio.run(5 * 48000);
  CHECK(clicks_between(studio, 0, 2 * 48000) == 4);
  CHECK(clicks_between(studio, 4 * 48000, 5 * 48000) == 8);
}

TEST_CASE("clutch replaces event by event until all are new") {
  Studio studio;
  studio.must(kTick + "cps: 1\n~a: s \"tick*8\" * 0.9\nout: ~a");
  studio.run(48000 - 4000);
  studio.must("clutch 4\n~a: s \"~\" * 0.9");
  studio.run(8 * 48000);
  const int begun = clicks_between(studio, 48000, 2 * 48000);
  const int late = clicks_between(studio, 4 * 48000, 5 * 48000);
  CHECK(begun > late);
  CHECK(clicks_between(studio, 6 * 48000, 8 * 48000) == 0);
}

TEST_CASE("xfade joins signals at equal power") {
  Studio studio;
  studio.must("cps: 1\n~a: sine 440 * 0.4\nout: ~a");
  studio.run(48000);
  studio.must("xfade 2\n~a: sine 660 * 0.4");
  studio.run(4 * 48000);
  const auto level = [&](std::size_t from) {
    double sum = 0;
    for (std::size_t i = from; i < from + 4800; ++i) sum += static_cast<double>(studio.left[i]) * studio.left[i];
    return 10 * std::log10(sum / 4800);
  };
  const double before = level(24000);
  for (const std::size_t at : {60000U, 96000U, 130000U, 200000U}) CHECK(level(at) == Approx(before).margin(0.6));
}
