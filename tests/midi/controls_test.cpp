// Knobs: what they mean, who takes over, and how they are kept.
#include "server/control/midi_controls.h"

#include <catch2/catch.hpp>

using namespace hocket;

namespace {

const ControlFilter kCc74{.number = 74};

struct Box {
  MidiControls controls;
  std::optional<KnobMove> cc(int number, int value, int channel = 1, const std::string& port = "box") {
    return controls.take(port, midi_message(MidiKind::control, channel, number, value));
  }
  double at(const ControlFilter& filter) { return controls.value(filter).value_or(-9); }
};

}  // namespace

TEST_CASE("a knob of 7 bits goes from 0 to 1") {
  Box box;
  CHECK_FALSE(box.controls.value(kCc74));
  box.cc(74, 0);
  CHECK(box.at(kCc74) == 0);
  box.cc(74, 127);
  CHECK(box.at(kCc74) == 1);
}

TEST_CASE("a coarse and a fine controller right after it are one of 14 bits") {
  Box box;
  box.cc(7, 127);
  CHECK(box.at({.number = 7}) == 1);
  box.cc(39, 127);
  CHECK(box.at({.number = 7}) == 1);
  box.cc(7, 64);
  box.cc(39, 32);
  CHECK(box.at({.number = 7}) == Approx((64 * 128 + 32) / 16383.));
  box.cc(39, 33);  // the fine part may move alone
  CHECK(box.at({.number = 7}) == Approx((64 * 128 + 33) / 16383.));
}

TEST_CASE("a controller 32 to 63 by itself is a knob of its own") {
  Box box;
  box.cc(7, 64);
  box.cc(10, 1);
  box.cc(39, 127);
  CHECK(box.at({.number = 7}) == Approx(64 / 127.));
  CHECK(box.at({.number = 39}) == 1);
}

TEST_CASE("non-registered parameters have 14 bits of number and of value") {
  Box box;
  box.cc(99, 2);
  box.cc(98, 44);
  CHECK(box.cc(6, 127)->key.number == 300);
  const ControlFilter nrpn{.kind = ControlFilter::Kind::nrpn, .number = 300};
  CHECK(box.at(nrpn) == 1);
  box.cc(6, 64);
  box.cc(38, 1);
  CHECK(box.at(nrpn) == Approx((64 * 128 + 1) / 16383.));
  box.cc(96, 0);
  CHECK(box.at(nrpn) == Approx((64 * 128 + 2) / 16383.));
  box.cc(99, 127);
  box.cc(98, 127);
  CHECK(box.cc(6, 5)->key.kind == ControlFilter::Kind::cc);  // none selected: a knob like any other
}

TEST_CASE("endless encoders count steps in each of the three usual ways") {
  using Encoding = ControlFilter::Encoding;
  const auto turn = [](Encoding encoding, std::initializer_list<int> bytes) {
    Box box;
    for (const int byte : bytes) box.cc(20, byte);
    return box.at({.encoding = encoding, .number = 20}) * 127;
  };
  CHECK(turn(Encoding::twos, {10, 1, 127, 126}) == Approx(8));
  CHECK(turn(Encoding::offset, {74, 65, 63, 62}) == Approx(8));
  CHECK(turn(Encoding::sign, {10, 1, 65, 66}) == Approx(8));
  CHECK(turn(Encoding::twos, {63, 63, 63, 63, 127}) == Approx(126));  // stops at its ends
  CHECK(turn(Encoding::twos, {127, 127, 5}) == Approx(5));
}

TEST_CASE("of several knobs that fit, the one that moved last counts") {
  Box box;
  box.cc(74, 127, 1, "left");
  box.cc(74, 0, 2, "right");
  CHECK(box.at(kCc74) == 0);
  CHECK(box.at({.number = 74, .port = "LEF"}) == 1);
  CHECK(box.at({.number = 74, .channel = 1}) == 1);
  box.cc(74, 127, 1, "left");
  CHECK(box.at(kCc74) == 1);
}

TEST_CASE("a bend goes from -1 to 1, and its middle is 0") {
  Box box;
  const ControlFilter bend{.kind = ControlFilter::Kind::bend};
  const auto at = [&](int x) {
    box.controls.take("box", midi_bend(1, x));
    return box.at(bend);
  };
  CHECK(at(-8192) == -1);
  CHECK(at(0) == 0);
  CHECK(at(8191) == 1);
}

TEST_CASE("a value that was put waits until its knob comes by") {
  Box box;
  box.controls.put({"box", 1, ControlFilter::Kind::cc, 74}, 0.5);
  box.cc(74, 10);
  CHECK(box.at(kCc74) == 0.5);
  box.cc(74, 40);
  CHECK(box.at(kCc74) == 0.5);
  box.cc(74, 80);  // went past it
  CHECK(box.at(kCc74) == Approx(80 / 127.));
  box.cc(74, 20);
  CHECK(box.at(kCc74) == Approx(20 / 127.));
}

TEST_CASE("a knob that already stands where its value is takes over at once") {
  Box box;
  box.controls.put({"box", 1, ControlFilter::Kind::cc, 74}, 64 / 127.);
  box.cc(74, 65);
  CHECK(box.at(kCc74) == Approx(65 / 127.));
}

TEST_CASE("knobs are kept as text and come back waiting for their hand") {
  Box box;
  box.cc(74, 100);
  box.controls.take("a \"b\" c", midi_bend(5, -4096));
  const auto text = box.controls.to_text();
  Box later;
  const auto read = later.controls.read(text);
  REQUIRE(read);
  CHECK(*read == 2);
  CHECK(later.controls.to_text() == text);
  CHECK(later.at(kCc74) == Approx(100 / 127.));
  later.cc(74, 3);
  CHECK(later.at(kCc74) == Approx(100 / 127.));
  CHECK(later.controls.read("cc 74 99 1 \"x\"").error.find("line 1") != std::string::npos);
  CHECK(later.controls.read("cc x").error.find("line 1") != std::string::npos);
}
