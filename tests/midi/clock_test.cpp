// Clock from stamps that are a period coarse, and clock made from the transport.
#include "server/control/midi_clock.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>

using namespace hocket;

namespace {

MidiMessage only(MidiKind kind) {
  return {static_cast<std::uint8_t>(kind), 0, 0};
}

/// A sender's true tick times, seen through a driver that hands over once a period. Half a period, what stamps are late by on the
/// average, is taken out.
struct Sender {
  double period_s;
  double phase_s = 0.0004;
  double jitter_s = 0.0001;
  std::mt19937 random{7};

  double stamp(double true_s) {
    std::normal_distribution<double> jitter(0, jitter_s);
    return (std::floor((true_s + jitter(random) - phase_s) / period_s) + 0.5) * period_s + phase_s;
  }
};

double bpm_of(const ClockFollower& clock) {
  return clock.beats_per_s() * 60;
}

}  // namespace

TEST_CASE("a steady sender is followed within 0.1 beats a minute and 3 milliseconds") {
  const double bpm = GENERATE(60., 87.3, 120., 140., 180., 187.5, 240.);  // at 187.5 each tick is five periods of 128
  const double period_s = GENERATE(64 / 48000., 128 / 48000., 256 / 48000.);
  Sender sender{period_s};
  ClockFollower clock(period_s);
  const double tick_s = 60 / bpm / 24;
  clock.take(only(MidiKind::start), 0);
  for (int i = 0; i < static_cast<int>(20 / tick_s); ++i) {
    const double at_s = 1 + i * tick_s;
    clock.take(only(MidiKind::clock), sender.stamp(at_s));
    if (i * tick_s < 6) continue;
    INFO("bpm " << bpm << " period " << period_s << " after " << i * tick_s << " s: " << bpm_of(clock));
    REQUIRE(clock.locked(at_s));
    REQUIRE(std::fabs(bpm_of(clock) - bpm) < 0.1);
    REQUIRE(std::fabs(clock.beats_at(at_s) - i / 24.) * 60 / bpm < 0.003);
  }
}

TEST_CASE("a sender that is uneven by 2 milliseconds is followed as closely, over a longer time") {
  const double bpm = GENERATE(90., 133.);
  Sender sender{0.001, 0.0004, 0.002};
  ClockFollower clock(0.001);
  const double tick_s = 60 / bpm / 24;
  clock.take(only(MidiKind::start), 0);
  for (int i = 0; i < static_cast<int>(40 / tick_s); ++i) {
    const double at_s = 1 + i * tick_s;
    clock.take(only(MidiKind::clock), sender.stamp(at_s));
    if (i * tick_s < 15) continue;
    INFO("bpm " << bpm << " after " << i * tick_s << " s: " << bpm_of(clock));
    REQUIRE(std::fabs(bpm_of(clock) - bpm) < 0.1);
    REQUIRE(std::fabs(clock.beats_at(at_s) - i / 24.) * 60 / bpm < 0.003);
  }
}

TEST_CASE("ticks that come late, and in heaps, are counted and leave a steady tempo steady") {
  Sender sender{128 / 48000.};
  ClockFollower clock(128 / 48000.);
  const double tick_s = 60 / 120. / 24;
  const double stall_s = GENERATE(0.005, 0.03, 0.1, 0.3);
  clock.take(only(MidiKind::start), 0);
  double held_until = 0;
  for (int i = 0; i < 1500; ++i) {
    const double at_s = 1 + i * tick_s;
    if (i % 211 == 200) held_until = at_s + stall_s;  // the machine stalls: ticks come late, all at once
    clock.take(only(MidiKind::clock), std::max(sender.stamp(at_s), held_until));
    if (i < 300) continue;
    INFO("stall " << stall_s << " tick " << i << " bpm " << bpm_of(clock));
    REQUIRE(std::fabs(bpm_of(clock) - 120) < 0.1);
    REQUIRE(std::fabs(clock.beats_at(at_s) - i / 24.) * 0.5 < 0.003);
  }
}

TEST_CASE("a tick that is lost is a 24th of a beat, and leaves the tempo alone") {
  Sender sender{128 / 48000.};
  ClockFollower clock(128 / 48000.);
  const double tick_s = 60 / 120. / 24;
  clock.take(only(MidiKind::start), 0);
  for (int i = 0; i < 900; ++i) {
    if (i == 500) continue;
    clock.take(only(MidiKind::clock), sender.stamp(1 + i * tick_s));
    INFO("tick " << i << " bpm " << bpm_of(clock));
    if (i > 300) REQUIRE(std::fabs(bpm_of(clock) - 120) < (i < 500 || i > 600 ? 0.1 : 2));
  }
  CHECK(clock.beats_at(1 + 899 * tick_s) == Approx(898 / 24.).margin(0.003 / 0.5));
}

TEST_CASE("time that the sound lost is found again within a second") {
  Sender sender{0.001};
  ClockFollower clock(0.001);
  const double tick_s = 60 / 140. / 24;
  const double lost_s = GENERATE(-0.02, -0.006, -0.003);  // the sound stood still: in its time the sender has come earlier
  clock.take(only(MidiKind::start), 0);
  for (int i = 0; i < 1200; ++i) {
    const double at_s = 1 + i * tick_s + (i < 600 ? 0 : lost_s);
    clock.take(only(MidiKind::clock), sender.stamp(at_s));
    INFO("lost " << lost_s << " tick " << i << " bpm " << bpm_of(clock));
    if (i > 400 && (i < 600 || i > 600 + 2 / tick_s)) REQUIRE(std::fabs(bpm_of(clock) - 140) < 0.1);
    if (i > 400 && (i < 600 || i > 600 + 1 / tick_s)) REQUIRE(std::fabs(clock.beats_at(at_s) - i / 24.) * 60 / 140 < 0.003);
  }
}

TEST_CASE("a change of tempo is followed within a second and a half") {
  const double period_s = GENERATE(64 / 48000., 128 / 48000., 256 / 48000.);
  const double to = GENERATE(60., 119., 121., 132., 240.);
  Sender sender{period_s};
  ClockFollower clock(period_s);
  clock.take(only(MidiKind::start), 0);
  double at_s = 0, beats = 0;
  for (; at_s < 10; at_s += 60 / 120. / 24, beats += 1 / 24.) clock.take(only(MidiKind::clock), sender.stamp(at_s));
  const double changed_s = at_s;
  for (; at_s < changed_s + 1.5; at_s += 60 / to / 24, beats += 1 / 24.) clock.take(only(MidiKind::clock), sender.stamp(at_s));
  INFO("period " << period_s << " to " << to);
  CHECK(bpm_of(clock) == Approx(to).margin(0.8));
  CHECK(std::fabs(clock.beats_at(at_s) - beats) * 60 / to < 0.004);
  for (; at_s < changed_s + 8; at_s += 60 / to / 24, beats += 1 / 24.) clock.take(only(MidiKind::clock), sender.stamp(at_s));
  CHECK(bpm_of(clock) == Approx(to).margin(0.1));
  CHECK(std::fabs(clock.beats_at(at_s) - beats) * 60 / to < 0.003);
}

TEST_CASE("a tempo that glides is followed within 10 milliseconds") {
  Sender sender{128 / 48000.};
  ClockFollower clock(128 / 48000.);
  clock.take(only(MidiKind::start), 0);
  double at_s = 0;
  for (int i = 0; at_s < 30; ++i) {
    const double bpm = at_s < 10 ? 120 : std::min(140., 120 + (at_s - 10));  // a beat a minute faster each second
    clock.take(only(MidiKind::clock), sender.stamp(at_s));
    INFO("after " << at_s << " s: " << bpm_of(clock));
    if (at_s > 5) REQUIRE(std::fabs(clock.beats_at(at_s) - i / 24.) * 60 / bpm < 0.01);
    if (at_s > 5) REQUIRE(std::fabs(bpm_of(clock) - bpm) < 2.5);
    at_s += 60 / bpm / 24;
  }
}

TEST_CASE("a start that does not keep to the ticks before it is the beginning") {
  Sender sender{128 / 48000.};
  ClockFollower clock(128 / 48000.);
  const double tick_s = 60 / 120. / 24;
  double at_s = 0;
  for (; at_s < 5; at_s += tick_s) clock.take(only(MidiKind::clock), sender.stamp(at_s));
  at_s += GENERATE(-0.015, -0.01, 0.01, 0.2);
  clock.take(only(MidiKind::start), at_s - 0.001);
  const double began_s = at_s;
  for (int i = 0; at_s < began_s + 4; ++i, at_s += tick_s) {
    clock.take(only(MidiKind::clock), sender.stamp(at_s));
    if (at_s < began_s + 1) continue;
    REQUIRE(std::fabs(clock.beats_at(at_s) - i / 24.) * 0.5 < 0.003);
  }
}

TEST_CASE("start, stop, song position and continue place the song") {
  ClockFollower clock(0.001);
  double at_s = 0;
  const double tick_s = 0.02;
  const auto ticks = [&](int n) {
    for (int i = 0; i < n; ++i, at_s += tick_s) clock.take(only(MidiKind::clock), at_s);
  };
  ticks(48);
  CHECK(clock.beats_at(at_s) == 0);  // not started
  clock.take(only(MidiKind::start), at_s);
  ticks(48);
  CHECK(clock.beats_at(at_s) == Approx(2).margin(0.05));
  clock.take(only(MidiKind::stop), at_s);
  ticks(24);
  CHECK(clock.beats_at(at_s) == Approx(2));
  clock.take(only(MidiKind::resume), at_s);
  ticks(24);
  CHECK(clock.beats_at(at_s) == Approx(3).margin(0.05));
  clock.take(only(MidiKind::stop), at_s);
  const auto jumps = clock.jumps();
  clock.take({static_cast<std::uint8_t>(MidiKind::song_position), 16, 1}, at_s);  // 144 sixteenths
  CHECK(clock.beats_at(at_s) == Approx(36));
  CHECK(clock.jumps() == jumps + 1);
  clock.take(only(MidiKind::resume), at_s);
  ticks(25);
  CHECK(clock.beats_at(at_s - tick_s) == Approx(37).margin(0.05));
}

TEST_CASE("a sender that falls silent is no longer followed, and found again") {
  ClockFollower clock(0.003);
  for (int i = 0; i < 100; ++i) clock.take(only(MidiKind::clock), i * 0.02);
  CHECK(clock.locked(2));
  CHECK_FALSE(clock.locked(3));
  for (int i = 0; i < 100; ++i) clock.take(only(MidiKind::clock), 10 + i * 0.03);
  CHECK(clock.locked(13));
  CHECK(clock.beats_per_s() == Approx(1 / (0.03 * 24)).epsilon(0.001));
}

TEST_CASE("the clock that is made begins at the beginning with a start, elsewhere with a position and a continue") {
  ClockMaker maker;
  maker.from(0);
  CHECK(maker.next().message.kind() == MidiKind::start);
  maker.done();
  for (int i = 0; i < 100; ++i) {
    const auto due = maker.next();
    CHECK(due.message.kind() == MidiKind::clock);
    CHECK(due.at_cycle == Rational(i, 96));
    maker.done();
  }
  maker.from(Rational(17, 100));  // the next sixteenth is 3/16
  auto due = maker.next();
  CHECK(due.message.kind() == MidiKind::song_position);
  CHECK(due.message.wide() == 3);
  CHECK(due.at_cycle == Rational(3, 16));
  maker.done();
  CHECK(maker.next().message.kind() == MidiKind::resume);
  maker.done();
  CHECK(maker.next().at_cycle == Rational(3, 16));
  CHECK(maker.next().message.kind() == MidiKind::clock);
}
