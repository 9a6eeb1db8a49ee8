// What leaves by MIDI: at its place, and every note-on with its note-off.
#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "tests/midi/rig.h"

using namespace hocket;
using namespace hocket::test;

namespace {

struct Sent {
  std::int64_t frame;
  std::string text;
  friend bool operator==(const Sent&, const Sent&) = default;
};

std::vector<Sent> sent(Rig& rig, std::int64_t until) {
  rig.run_to(until);
  std::vector<Sent> list;
  for (const auto& s : rig.offline().sent()) list.push_back({s.frame, to_text(s.message)});
  return list;
}

/// Every note-on is followed by a note-off of the same port, channel and key before the next one, and none comes alone.
void check_matched(const std::vector<MidiSend>& messages) {
  std::map<std::tuple<std::string, int, int>, bool> sounding;
  for (const auto& m : messages) {
    const auto kind = m.message.kind();
    if (kind != MidiKind::note_on && kind != MidiKind::note_off) continue;
    auto& on = sounding[{m.port, m.message.channel(), m.message.a}];
    INFO(m.frame << ' ' << to_text(m.message));
    REQUIRE(on == (kind == MidiKind::note_off));
    on = !on;
  }
  for (const auto& [key, on] : sounding) REQUIRE_FALSE(on);
}

}  // namespace

TEST_CASE("notes are sent at their frames, with their ends") {
  Rig rig("out: \"c4 e4\" # midiout \"port\" 2");
  CHECK(sent(rig, 48000) == std::vector<Sent>{{0, "note on 60 c4 vel 100 ch 2"},
                                              {24000, "note off 60 c4 vel 64 ch 2"},
                                              {24000, "note on 64 e4 vel 100 ch 2"},
                                              {48000, "note off 64 e4 vel 64 ch 2"},
                                              {48000, "cc 123 0 ch 2"}});
}

TEST_CASE("controls say velocity, length and channel; chords are several notes") {
  Rig rig("out: note \"c4'maj\" # vel 1 # legato 0.5 # midiout \"port\"");
  const auto list = sent(rig, 40000);
  REQUIRE(list.size() == 6);
  CHECK(list[0].text == "note on 60 c4 vel 127 ch 1");
  CHECK(list[2].text == "note on 67 g4 vel 127 ch 1");
  CHECK(list[3].frame == 24000);
  Rig channel("out: note \"0\" # channel 5 # midiout \"port\"");
  CHECK(sent(channel, 100)[0].text == "note on 60 c4 vel 100 ch 5");
}

TEST_CASE("a bus that ends in midiout plays without an output, and hush ends it") {
  Rig rig("~ext: \"c4\" # midiout \"port\"\nout: saw 50 * 0");
  rig.run_to(10000);
  rig.evaluate("hush");
  rig.run_to(100000);
  const auto messages = rig.offline().sent();
  check_matched(messages);
  REQUIRE(messages.size() >= 2);
  CHECK(messages[0].frame == 0);
  CHECK(messages[1].message.kind() == MidiKind::note_off);
  CHECK(messages.back().frame < 12000);
}

TEST_CASE("controllers, programs, bends and pressure go out as patterns") {
  Rig cc("out: \"0 0.5 1 1\" # midiout \"port\" 1 cc=74");
  CHECK(sent(cc, 47000) == std::vector<Sent>{{0, "cc 74 0 ch 1"}, {12000, "cc 74 64 ch 1"}, {24000, "cc 74 127 ch 1"}});
  Rig program("out: \"<5 6>\" # midiout \"port\" 1 as=\"program\"");
  CHECK(sent(program, 60000) == std::vector<Sent>{{0, "program 5 ch 1"}, {48000, "program 6 ch 1"}});
  Rig bend("out: \"-1 1\" # midiout \"port\" 1 as=\"bend\"");
  CHECK(sent(bend, 40000) == std::vector<Sent>{{0, "bend -8192 ch 1"}, {24000, "bend 8191 ch 1"}});
  Rig curve("out: (saw $ slow 2) # midiout \"port\" 1 cc=1");
  const auto list = sent(curve, 96000);
  CHECK(list.size() > 100);
  CHECK(list.size() < 130);
  CHECK(list[64].text == "cc 1 64 ch 1");
}

TEST_CASE("what is played by hand can be sent on, and ends with the key") {
  Rig rig("out: midi + 12 # midiout \"port\" 1", Performance().on(1000, 60, 90).off(5000, 60));
  CHECK(sent(rig, 10000) == std::vector<Sent>{{1000, "note on 72 c5 vel 90 ch 1"}, {5000, "note off 72 c5 vel 64 ch 1"}});
}

TEST_CASE("a muted or cleared pattern sends no more, and leaves nothing sounding") {
  Rig rig("o1: \"c4*8\" # midiout \"port\"");
  rig.run_to(10000);
  rig.evaluate("mute o1");
  rig.run_to(100000);
  const auto messages = rig.offline().sent();
  check_matched(messages);
  CHECK(messages.back().frame < 20000);
}

TEST_CASE("every note-on outside has its note-off over random edits") {
  const auto seed = GENERATE(range(1U, 7U));
  std::mt19937 random(seed);
  const std::vector<std::string> edits{"~a: \"c4(3,8) e4*2\" # midiout \"x\" 1",
                                       "~a: \"c4*16\" $ off 1/8 (+ 7) # midiout \"x\" 1",
                                       "~a: \"[c4,e4,g4]/3\" # midiout \"y\" 1",
                                       "~b: note \"c4*3\" # legato 3 # midiout \"x\" 1",
                                       "~b: \"c4@3 d4\" $ slow 5 # midiout \"x\" 2",
                                       "hush",
                                       "panic",
                                       "cps: 0.7",
                                       "cps: 1.3",
                                       "mute ~a",
                                       "unmute ~a",
                                       "~a: \"c4\" # midiout \"x\" 1"};
  Rig rig("~a: \"c4\" # midiout \"x\" 1\n~b: \"e4\" # midiout \"x\" 1\nout: saw 50 * 0");
  for (std::int64_t frame = 0; frame < 1000000; frame += 2000 + static_cast<int>(random() % 20000)) {
    rig.run_to(frame);
    const auto& edit = edits[random() % edits.size()];
    if (edit == "mute ~a" || edit == "unmute ~a") rig.evaluate("~a: \"c4\" # midiout \"x\" 1");
    rig.evaluate(edit);
  }
  check_matched(rig.offline().sent());
}

TEST_CASE("clock goes out with the cycle: start, then 24 ticks a beat") {
  Rig rig("out: saw 50 * 0");
  rig.offline().midi_out().clock_to("port");
  rig.run_to(96000);
  std::vector<std::int64_t> ticks;
  for (const auto& s : rig.offline().sent()) {
    if (ticks.empty() && s.message.kind() != MidiKind::clock) CHECK(s.message.kind() == MidiKind::start);
    if (s.message.kind() == MidiKind::clock) ticks.push_back(s.frame);
  }
  REQUIRE(ticks.size() == 192);
  for (std::size_t i = 0; i < ticks.size(); ++i) CHECK(ticks[i] == static_cast<std::int64_t>(i) * 500);
}

TEST_CASE("clock that is switched on later begins with its position, on a sixteenth, and follows the tempo") {
  Rig rig("out: saw 50 * 0");
  rig.run_to(50000);
  rig.offline().midi_out().clock_to("port");
  rig.run_to(60000);
  rig.evaluate("cps: 2");
  rig.run_to(84000);
  const auto messages = rig.offline().sent();
  REQUIRE(messages.size() > 3);
  CHECK(messages[0].message.kind() == MidiKind::song_position);
  CHECK(messages[0].message.wide() == 17);
  CHECK(messages[0].frame == 51000);
  CHECK(messages[1].message.kind() == MidiKind::resume);
  CHECK(messages[2].frame == 51000);
  CHECK(messages.back().frame - messages[messages.size() - 2].frame == 250);
}

TEST_CASE("clock that a jump of the cycles moves stops, says its position and goes on") {
  const std::string jump = GENERATE("resetCycles", "setCycle 8", "nudge 0.5");
  Rig rig("out: saw 50 * 0");
  rig.offline().midi_out().clock_to("port");
  rig.run_to(60000);
  rig.evaluate(jump);
  rig.run_to(180000);
  const auto messages = rig.offline().sent();
  std::vector<MidiSend> told;
  for (const auto& m : messages)
    if (m.message.kind() != MidiKind::clock) told.push_back(m);
  INFO(jump);
  REQUIRE(told.size() >= 3);
  CHECK(told[0].message.kind() == MidiKind::start);
  CHECK(told[1].message.kind() == MidiKind::stop);
  CHECK(told[1].frame >= 60000);
  if (told.size() > 3) CHECK(told[2].message.kind() == MidiKind::song_position);
  CHECK(told.back().message.kind() == (told.size() > 3 ? MidiKind::resume : MidiKind::start));
  // From there on 24 a beat, and none in a heap.
  std::int64_t last = told.back().frame - 500;
  for (const auto& m : messages) {
    if (m.message.kind() != MidiKind::clock || m.frame < told.back().frame) continue;
    CHECK(std::abs(m.frame - last - 500) <= 1);
    last = m.frame;
  }
  CHECK(last > 179000);
}

TEST_CASE("asking again for the same clock changes nothing") {
  Rig rig("clockout \"port\"\nout: saw 50 * 0");
  rig.run_to(50000);
  rig.evaluate("clockout \"port\"");
  rig.run_to(96000);
  int others = 0;
  for (const auto& s : rig.offline().sent()) others += s.message.kind() == MidiKind::clock ? 0 : 1;
  CHECK(others == 1);
}
