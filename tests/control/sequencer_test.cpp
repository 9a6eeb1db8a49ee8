// The sequencer against a made-up engine: exact positions, nothing missing, nothing double.
#include "server/control/sequencer.h"

#include <catch2/catch.hpp>

#include "lang/pattern/function.h"
#include "lang/pattern/mini.h"
#include "server/control/tempo.h"

using namespace hocket;

namespace {

constexpr double kRate = 48000;

Pattern mini(const std::string& text) {
  Diagnostics diagnostics;
  auto pattern = parse_mini(text, 0, diagnostics);
  REQUIRE(diagnostics.empty());
  return pattern;
}

PlayedSource sound(std::uint32_t id, const std::string& text) {
  PlayedSource played;
  played.id = id;
  played.def.key = "source " + std::to_string(id);
  played.def.kind = SourceKind::sound;
  played.def.pattern = make_control("s", mini(text));
  VoiceDef voice;
  voice.name = "click";
  voice.params = {{"freq", 262}, {"note", 60}, {"vel", 1}, {"gate", 0}};
  played.voices = {voice};
  return played;
}

PlayedSource numbers(std::uint32_t id, SourceKind kind, Pattern pattern) {
  PlayedSource played;
  played.id = id;
  played.def.key = "source " + std::to_string(id);
  played.def.kind = kind;
  played.def.pattern = std::move(pattern);
  return played;
}

// An engine that only counts frames.
struct Rig {
  explicit Rig(SequencerSettings settings = {})
      : sequencer(
            settings,
            [this](const TimedEvent& e) {
              if (room == 0) return false;
              --room;
              given.push_back(e);
              return true;
            },
            nullptr, [this](const Report& r) { reports.push_back(r.text); }) {}

  std::vector<TimedEvent> swap(std::vector<PlayedSource> sources, bool reset = false) {
    SourceSet set;
    set.fresh.assign(sources.size(), true);
    set.sources = std::move(sources);
    set.cps = cps;
    set.from = position();
    set.reset = reset;
    set.serial = ++serial;
    return sequencer.exchange(std::move(set), position());
  }
  Rational position() const { return to_rational(position_at(status.transport, status.frame)); }
  // Renders up to a frame in runs of so many.
  void run_to(std::int64_t frame, std::int64_t run) {
    status.swap_serial = serial;
    while (status.frame < frame) {
      sequencer.advance(status);
      status.frame += std::min(run, frame - status.frame);
    }
  }
  void tempo(Rational x) {
    cps = x;
    status.transport = {status.frame, to_position(position()), to_position(frames_per_cycle(x, kRate))};
  }

  EngineStatus status;
  Rational cps{1, 2};
  std::size_t room = 1 << 20;
  std::uint64_t serial = 0;
  std::vector<TimedEvent> given;
  std::vector<std::string> reports;
  Sequencer sequencer;
};

std::vector<Rational> onsets(const std::vector<TimedEvent>& first, const std::vector<TimedEvent>& more) {
  std::vector<Rational> list;
  for (const auto* events : {&first, &more})
    for (const auto& e : *events) list.push_back(to_rational(e.at));
  return list;
}

}  // namespace

TEST_CASE("onsets are the pattern's own fractions, each once and in order, however time is cut") {
  for (const std::int64_t run : {16, 100, 1024, 5000, 30000}) {
    for (const auto cps : {Rational(1, 2), Rational(5713, 10000), Rational(3)}) {
      SequencerSettings settings;
      settings.live = false;  // a run of 30000 frames is a stall for a live one
      Rig rig(settings);
      rig.tempo(cps);
      const auto first = rig.swap({sound(1, "click(3,8)")});
      rig.run_to(480000, run);
      const auto list = onsets(first, rig.given);
      REQUIRE(list.size() >= 15);
      const std::vector<Rational> cycle{0, Rational(3, 8), Rational(6, 8)};
      for (std::size_t i = 0; i < list.size(); ++i) CHECK(list[i] == Rational(static_cast<std::int64_t>(i / 3)) + cycle[i % 3]);
    }
  }
}

TEST_CASE("events of several sources come in time order") {
  Rig rig;
  rig.swap({sound(1, "click*3"), sound(2, "click*5")});
  rig.run_to(480000, 1000);
  REQUIRE(rig.given.size() > 30);
  for (std::size_t i = 1; i < rig.given.size(); ++i) CHECK(to_rational(rig.given[i - 1].at) <= to_rational(rig.given[i].at));
}

TEST_CASE("what is queued reaches ahead of the sound, and not far") {
  Rig rig;
  rig.swap({sound(1, "click*64")});
  rig.run_to(96000, 480);
  const auto last = to_rational(rig.given.back().at);
  CHECK(last > rig.position() + Rational(1, 10));
  CHECK(last < rig.position() + Rational(1, 4));
}

TEST_CASE("an unchanged source goes on where it was, with nothing first") {
  Rig rig;
  auto first = rig.swap({sound(1, "click*8")});
  rig.run_to(50000, 500);
  SourceSet set;
  set.sources = {sound(1, "click*8"), sound(2, "click*8")};
  set.fresh = {false, true};
  set.from = rig.position();
  set.serial = ++rig.serial;
  const auto more = rig.sequencer.exchange(set, rig.position());
  for (const auto& e : more) CHECK(e.source == 2);
  first.insert(first.end(), more.begin(), more.end());
  rig.run_to(480000, 500);
  std::vector<TimedEvent> one;
  for (const auto& events : {first, rig.given})
    for (const auto& e : events)
      if (e.source == 1) one.push_back(e);
  REQUIRE(one.size() >= 40);
  for (std::size_t i = 0; i < one.size(); ++i) CHECK(to_rational(one[i].at) == Rational(static_cast<std::int64_t>(i), 8));
}

TEST_CASE("a replaced source is fed until its swap is taken, and not after") {
  Rig rig;
  rig.swap({sound(1, "click*8")});
  rig.run_to(10000, 500);
  rig.swap({sound(2, "click*8")});
  const auto fed = [&](std::uint32_t id) {
    const auto n = std::count_if(rig.given.begin(), rig.given.end(), [&](const TimedEvent& e) { return e.source == id; });
    return n;
  };
  const auto before = fed(1);
  rig.status.frame += 48000;
  rig.sequencer.advance(rig.status);  // the engine has not reported the swap
  CHECK(fed(1) > before);
  rig.status.swap_serial = rig.serial;
  rig.status.frame += 48000;
  const auto until = fed(1);
  rig.sequencer.advance(rig.status);
  CHECK(fed(1) == until);
  CHECK(fed(2) > 0);
}

TEST_CASE("a fresh hold starts with the value in force, or the last one before it") {
  Rig rig;
  rig.status.frame = 30000;  // cycle 5/16
  const auto first = rig.swap({numbers(1, SourceKind::hold, mini("1 2 ~ 3")), numbers(2, SourceKind::hold, mini("7 ~@3")),
                               numbers(3, SourceKind::hold, mini("<5 ~ ~>")), numbers(4, SourceKind::hold, mini("~"))});
  const auto value_of = [&](std::uint32_t id) {
    for (const auto& e : first)
      if (e.source == id && to_rational(e.at) == Rational(5, 16)) return e.values[0];
    return -1.F;
  };
  CHECK(value_of(1) == 2);
  CHECK(value_of(2) == 7);
  CHECK(value_of(3) == 5);
  CHECK(value_of(4) == -1);
}

TEST_CASE("a gate is the true events, for as long as they last") {
  Rig rig;
  const auto first = rig.swap({numbers(1, SourceKind::gate, mini("1 0 x 0.5"))});
  rig.run_to(96000, 1000);
  std::vector<TimedEvent> cycle;
  for (const auto& events : {first, rig.given})
    for (const auto& e : events)
      if (to_rational(e.at) < Rational(1)) cycle.push_back(e);
  REQUIRE(cycle.size() == 3);
  CHECK(to_rational(cycle[1].at) == Rational(1, 2));
  CHECK(to_rational(cycle[1].until) == Rational(3, 4));
  CHECK(cycle[1].values[0] == 1);
  CHECK(cycle[2].values[0] == 0.5F);
}

TEST_CASE("a continuous pattern becomes lines that meet, and jump where it jumps") {
  Rig rig;
  const auto first = rig.swap({numbers(1, SourceKind::curve, *find_signal("saw"))});
  rig.run_to(192000, 1000);
  std::vector<TimedEvent> lines = first;
  lines.insert(lines.end(), rig.given.begin(), rig.given.end());
  REQUIRE(lines.size() >= 512);
  for (std::size_t i = 0; i < 512; ++i) {
    CHECK(to_rational(lines[i].at) == Rational(static_cast<std::int64_t>(i), 256));
    CHECK(to_rational(lines[i].until) == to_rational(lines[i + 1].at));
    CHECK(lines[i].values[0] == Approx(static_cast<double>(i % 256) / 256));
    CHECK(lines[i].values[1] == Approx(static_cast<double>(i % 256 + 1) / 256).margin(1e-5));
  }
}

TEST_CASE("a curve starts with the line that is under way") {
  Rig rig;
  rig.status.frame = 30001;
  const auto first = rig.swap({numbers(1, SourceKind::curve, *find_signal("sine"))});
  REQUIRE_FALSE(first.empty());
  CHECK(to_rational(first[0].at) <= rig.position());
  CHECK(to_rational(first[0].until) > rig.position());
}

TEST_CASE("nothing is lost where the queue was full, and the order stays") {
  Rig rig;
  const auto first = rig.swap({sound(1, "click*32")});
  for (int i = 0; i < 400; ++i) {
    rig.room = 1;
    rig.run_to(rig.status.frame + 480, 480);
  }
  rig.room = 1 << 20;
  rig.run_to(rig.status.frame + 480, 480);
  const auto list = onsets(first, rig.given);
  for (std::size_t i = 0; i < list.size(); ++i) CHECK(list[i] == Rational(static_cast<std::int64_t>(i), 32));
}

TEST_CASE("after a stall the past is left out, live; offline nothing is late") {
  for (const bool live : {true, false}) {
    SequencerSettings settings;
    settings.live = live;
    Rig rig(settings);
    rig.swap({sound(1, "click*8")});
    rig.run_to(9600, 480);
    const auto before = rig.given.size();
    rig.status.frame += 480000;
    rig.sequencer.advance(rig.status);
    const auto gap = to_rational(rig.given[before].at) - to_rational(rig.given[before - 1].at);
    CHECK((gap > Rational(1, 8)) == live);
  }
}

TEST_CASE("a reset waits for the engine, and then starts over from its cycle") {
  Rig rig;
  rig.swap({sound(1, "click*4")});
  rig.run_to(100000, 480);
  const auto before = rig.given.size();
  SourceSet set;
  set.sources = {sound(1, "click*4")};
  set.fresh = {false};
  set.from = 0;
  set.reset = true;
  set.serial = ++rig.serial;
  const auto first = rig.sequencer.exchange(set, rig.position());
  REQUIRE_FALSE(first.empty());
  CHECK(to_rational(first[0].at) == Rational(0));
  rig.sequencer.advance(rig.status);
  CHECK(rig.given.size() == before);
  rig.status.transport = {rig.status.frame, {0, 1}, {96000, 1}};
  rig.run_to(rig.status.frame + 96000, 480);
  std::vector<TimedEvent> after(rig.given.begin() + static_cast<std::ptrdiff_t>(before), rig.given.end());
  const auto list = onsets(first, after);
  for (std::size_t i = 0; i < list.size(); ++i) CHECK(list[i] == Rational(static_cast<std::int64_t>(i), 4));
}

TEST_CASE("a tempo change moves no position") {
  Rig rig;
  const auto first = rig.swap({sound(1, "click*8")});
  rig.run_to(33333, 480);
  rig.tempo(Rational(7, 5));
  SourceSet set;
  set.sources = {sound(1, "click*8")};
  set.fresh = {false};
  set.cps = rig.cps;
  set.from = rig.position();
  set.serial = ++rig.serial;
  CHECK(rig.sequencer.exchange(set, rig.position()).empty());
  rig.run_to(200000, 480);
  const auto list = onsets(first, rig.given);
  REQUIRE(list.size() > 30);
  for (std::size_t i = 0; i < list.size(); ++i) CHECK(list[i] == Rational(static_cast<std::int64_t>(i), 8));
}

TEST_CASE("a pattern that gives too much is reported once, and the others go on") {
  SequencerSettings settings;
  settings.query_budget = 2000;
  Rig rig(settings);
  rig.swap({sound(1, "click*100000"), sound(2, "click*4")});
  rig.run_to(480000, 480);
  CHECK(rig.reports.size() == 1);
  CHECK(std::count_if(rig.given.begin(), rig.given.end(), [](const TimedEvent& e) { return e.source == 2; }) > 15);
}

TEST_CASE("an unknown sound is reported once a source") {
  Rig rig;
  rig.swap({sound(1, "click clack"), sound(2, "clack*2")});
  rig.run_to(480000, 480);
  CHECK(rig.reports.size() == 2);
}
