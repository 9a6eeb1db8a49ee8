// Knobs through the whole house: smooth, in any parameter, and kept.
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/midi/rig.h"

using namespace hocket;
using namespace hocket::test;

namespace {

constexpr int kSettled = 48 * 40;  // frames after which a knob's step is covered, and a little

}  // namespace

TEST_CASE("a knob is a signal between its ends") {
  Rig rig("out: cc 74 2 10", Performance().cc(1000, 74, 127).cc(10000, 74, 0));
  rig.run_to(20000);
  CHECK(rig.heard(500) == 2);
  CHECK(rig.heard(1000 + kSettled) == Approx(10).epsilon(0.002));
  CHECK(rig.heard(10000 + kSettled) == Approx(2).epsilon(0.002));
}

TEST_CASE("a knob never jumps, and is there in time") {
  Rig rig("out: cc 74", Performance().cc(1000, 74, 127));
  rig.run_to(10000);
  for (int i = 900; i < 9000; ++i) REQUIRE(std::abs(rig.heard(i + 1) - rig.heard(i)) < 0.01F);
  CHECK(rig.heard(1000 + LivePlayer::kPoll + 480) > 0.85F);  // 13 ms after the turn
}

TEST_CASE("the same turn gives the same samples, however time is cut") {
  const auto played = Performance().cc(1000, 74, 60).cc(1500, 74, 90).cc(7777, 74, 3);
  Rig small("out: saw 100 # lpf (cc 74 200 8k)", played, 16);
  Rig large("out: saw 100 # lpf (cc 74 200 8k)", played, 1024);
  small.run_to(12000);
  large.run_to(12000);
  CHECK(small.heard() == large.heard());
}

TEST_CASE("a knob's way may be curved") {
  Rig power("out: cc 1 curve=2", Performance().cc(10, 1, 64));
  power.run_to(4000);
  CHECK(power.heard(3999) == Approx(64 / 127. * 64 / 127.).epsilon(0.002));
  Rig geometric("out: cc 1 100 10000 curve=\"exp\"", Performance().cc(10, 1, 64));
  geometric.run_to(4000);
  CHECK(geometric.heard(3999) == Approx(100 * std::pow(100, 64 / 127.)).epsilon(0.002));
}

TEST_CASE("before it is moved a knob stands at its low end, or where the program puts it") {
  Rig low("out: cc 1 3 9");
  low.run_to(100);
  CHECK(low.heard(50) == 3);
  Rig put("out: cc 1 3 9 init=5");
  put.run_to(100);
  CHECK(put.heard(50) == 5);
}

TEST_CASE("14 bits, parameters and endless encoders are read by their words") {
  Rig fine("out: cc 7", Performance().cc(10, 7, 64).cc(11, 39, 64));
  fine.run_to(4000);
  CHECK(fine.heard(3999) == Approx((64 * 128 + 64) / 16383.).epsilon(0.0005));
  Rig nrpn("out: nrpn 300", Performance().cc(10, 99, 2).cc(11, 98, 44).cc(12, 6, 127));
  nrpn.run_to(4000);
  CHECK(nrpn.heard(3999) == Approx(1).epsilon(0.002));
  Rig turns("out: cc 20 0 127 relative=\"twos\"", Performance().cc(10, 20, 10).cc(11, 20, 127));
  turns.run_to(4000);
  CHECK(turns.heard(3999) == Approx(9).epsilon(0.002));
}

TEST_CASE("the wheel and the pressure are signals too") {
  Rig bend("out: bend 0 100", Performance().at(2000, midi_bend(1, 8191)));
  bend.run_to(6000);
  CHECK(bend.heard(1000) == 50);
  CHECK(bend.heard(5999) == Approx(100).epsilon(0.002));
  Rig plain("out: bend", Performance().at(2000, midi_bend(1, -8192)));
  plain.run_to(6000);
  CHECK(plain.heard(1000) == 0);
  CHECK(plain.heard(5999) == Approx(-1).epsilon(0.002));
  Rig touch("out: touch 1 2", Performance().at(10, midi_message(MidiKind::touch, 3, 127)));
  touch.run_to(4000);
  CHECK(touch.heard(3999) == Approx(2).epsilon(0.002));
}

TEST_CASE("a knob works inside an instrument, for all of its voices") {
  Rig rig("synth level: gate * cc 74\nout: \"0\" # level", Performance().cc(1000, 74, 127));
  rig.run_to(8000);
  CHECK(rig.heard(500) == 0);
  CHECK(rig.heard(7000) == Approx(1).epsilon(0.002));
}

TEST_CASE("a knob's value survives a new evaluation, and a changed range is glided to") {
  Rig rig("out: cc 74", Performance().cc(100, 74, 127));
  rig.run_to(10000);
  rig.evaluate("out: cc 74 0 4");
  rig.run_to(30000);
  CHECK(rig.heard(29999) == Approx(4).epsilon(0.002));
  rig.evaluate("out: (cc 74) * 2");
  rig.run_to(50000);
  CHECK(rig.heard(49999) == Approx(2).epsilon(0.002));
}

TEST_CASE("knobs take part in patterns: in arithmetic, and as controls of events") {
  Rig sum("out: cc 74 + cc 71 0 10", Performance().cc(10, 74, 127).cc(10, 71, 127));
  sum.run_to(4000);
  CHECK(sum.heard(3999) == Approx(11).epsilon(0.002));
  Rig control("synth level: gate * vel\nout: \"0*4\" # level # vel (cc 74)", Performance().cc(10, 74, 127));
  control.run_to(48000);
  CHECK(control.heard(40000) == 1);
}
