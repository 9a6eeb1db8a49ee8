// Played notes through the whole house: at their frames, through patterns, and always to their end.
#include <catch2/catch.hpp>
#include <random>

#include "tests/midi/rig.h"

using namespace hocket;
using namespace hocket::test;

namespace {

using Steps = std::vector<std::pair<std::int64_t, float>>;

/// The steps as whole MIDI notes, 0 for silence: the voice gives its frequency while its gate is open.
std::vector<std::pair<std::int64_t, int>> notes_of(const Rig& rig) {
  std::vector<std::pair<std::int64_t, int>> notes;
  for (const auto& [frame, x] : rig.steps())
    notes.emplace_back(frame, x > 0 ? static_cast<int>(std::lround(69 + 12 * std::log2(x / 440))) : 0);
  return notes;
}
using Notes = std::vector<std::pair<std::int64_t, int>>;

const std::string kLevel = "synth level: gate * vel\n";
const std::string kPitch = "synth pitch: gate * freq\n";

}  // namespace

TEST_CASE("a played note sounds from its frame to its release, with its velocity") {
  const int block = GENERATE(16, 64, 1000);
  Rig rig(kLevel + "out: midi # level", Performance().on(4801, 60, 127).off(9999, 60), block);
  rig.run_to(20000);
  CHECK(rig.steps() == Steps{{4801, 1.F}, {9999, 0.F}});
  rig.run_to(40000);
  CHECK(rig.voices() == 0);
}

TEST_CASE("a note as short as can be still sounds for a frame") {
  Rig rig(kLevel + "out: midi # level", Performance().on(500, 60).off(500, 60));
  rig.run_to(2000);
  CHECK(rig.steps() == Steps{{500, 1.F}, {501, 0.F}});
}

TEST_CASE("velocity curves bend the velocity, and a pattern's own velocity counts before the key's") {
  Rig curved(kLevel + "out: midi curve=2 # level", Performance().on(100, 60, 64));
  curved.run_to(1000);
  CHECK(curved.heard(500) == Approx(64 / 127. * 64 / 127.));
  Rig fixed(kLevel + "out: midi # level # vel 0.25", Performance().on(100, 60, 127));
  fixed.run_to(1000);
  CHECK(fixed.heard(500) == 0.25F);
}

TEST_CASE("played notes go through operators and transforms") {
  Rig rig(kPitch + "out: midi + 12 $ off 1/8 (+ 7) # pitch", Performance().on(1000, 60).off(3000, 60));
  rig.run_to(12000);
  CHECK(notes_of(rig) == Notes{{1000, 72}, {3000, 0}, {7000, 79}, {9000, 0}});
}

TEST_CASE("an echo of a key that is held longer than the echo waits sounds as long as the key") {
  Rig rig(kPitch + "out: (midi $ late 1/8) # pitch", Performance().on(1000, 60).off(20000, 60));
  rig.run_to(40000);
  CHECK(notes_of(rig) == Notes{{7000, 60}, {26000, 0}});
}

TEST_CASE("keys and channels split") {
  const auto played = Performance().on(1000, 40).off(2000, 40).on(3000, 70).off(4000, 70).on(5000, 71, 127, 2).off(6000, 71, 2);
  Rig low(kPitch + "out: midi high=\"b3\" # pitch", played);
  low.run_to(10000);
  CHECK(notes_of(low) == Notes{{1000, 40}, {2000, 0}});
  Rig channel(kPitch + "out: midi \"\" 2 # pitch", played);
  channel.run_to(10000);
  CHECK(notes_of(channel) == Notes{{5000, 71}, {6000, 0}});
  Rig port(kPitch + "out: midi \"another\" # pitch", played);
  port.run_to(10000);
  CHECK(notes_of(port).empty());
  Rig both(kPitch + "out: stack [midi low=\"c4\" - 12, midi high=\"b3\"] # pitch", played);
  both.run_to(4500);
  CHECK(notes_of(both) == Notes{{1000, 40}, {2000, 0}, {3000, 58}, {4000, 0}});
}

TEST_CASE("the sustain pedal holds a voice") {
  Rig rig(kPitch + "out: midi # pitch", Performance().cc(500, 64, 127).on(1000, 60).off(2000, 60).cc(5000, 64, 0));
  rig.run_to(8000);
  CHECK(notes_of(rig) == Notes{{1000, 60}, {5000, 0}});
}

TEST_CASE("a bend moves a sounding voice within ten milliseconds, and a new voice starts bent") {
  Rig rig(kPitch + "out: midi # pitch", Performance().on(1000, 60).at(2000, midi_bend(1, 8191)).off(4000, 60).on(5000, 60).off(6000, 60));
  rig.run_to(8000);
  CHECK(rig.heard(1999) == Approx(hz(60)));
  CHECK(rig.heard(2480) == Approx(hz(62)));
  CHECK(rig.heard(5000) == Approx(hz(62)));
  for (int i = 2000; i < 2480; ++i) REQUIRE(std::abs(rig.heard(i + 1) - rig.heard(i)) < 2);  // no jump on the way
}

TEST_CASE("the bend's range is the program's where it says one") {
  Rig rig(kPitch + "out: midi bend=12 # pitch", Performance().on(1000, 60).at(2000, midi_bend(1, -8192)));
  rig.run_to(4000);
  CHECK(rig.heard(3000) == Approx(hz(48)));
}

TEST_CASE("pressure moves the parameter that an instrument calls touch") {
  Rig rig("synth soft touch=0: gate * touch\nout: midi # soft",
          Performance().on(1000, 60).at(2000, midi_message(MidiKind::touch, 1, 127)).at(4000, midi_message(MidiKind::touch, 1, 0)));
  rig.run_to(6000);
  CHECK(rig.heard(1500) == 0);
  CHECK(rig.heard(3000) == 1);
  CHECK(rig.heard(5000) == 0);
}

TEST_CASE("an arpeggio runs over the keys that are held, in time with the cycle") {
  Rig rig(kPitch + "out: midi $ arp \"up\" # pitch", Performance().on(40000, 64).on(40000, 60).off(96500, 60).off(96500, 64));
  rig.run_to(150000);
  // steps of half a cycle; the last one, begun while the keys were down, is played out
  CHECK(notes_of(rig) == Notes{{48000, 60}, {72000, 64}, {96000, 60}, {120000, 0}});
}

TEST_CASE("a rhythm strikes the held keys again") {
  Rig rig(kPitch + "out: (midi $ struct \"t ~ t ~\") # pitch", Performance().on(30000, 60).off(80000, 60));
  rig.run_to(150000);
  CHECK(notes_of(rig) == Notes{{48000, 60}, {60000, 0}, {72000, 60}, {84000, 0}});
}

TEST_CASE("a key that is down in time is heard on its step, also on the first of all") {
  const std::int64_t struck = GENERATE(0, 11999, 12000);
  Rig rig(kLevel + "out: (midi $ struct \"t*4\") # level", Performance().on(struck, 69), GENERATE(16, 64, 1000));
  rig.run_to(30000);
  REQUIRE_FALSE(rig.steps().empty());
  CHECK(rig.steps()[0].first == (struck == 0 ? 0 : 12000));
  CHECK(rig.said().empty());
}

TEST_CASE("without keys programs with midi are silent, and without a word") {
  Rig rig(kPitch + "~keys: midi # pitch\nout: ~keys * 0.5 + (saw midi * 0) # lpf (cc 74 200 8k)");
  rig.run_to(5000);
  CHECK(rig.steps().empty());
  CHECK(rig.said().empty());
}

TEST_CASE("keys play a signal's frequency, the newest that is down") {
  Rig rig("out: 1 * (midi # as_hz)\nfn as_hz x: 0 * saw 1 + x", Performance().on(1000, 69).on(2000, 72).off(3000, 72).off(4000, 69));
  rig.run_to(6000);
  CHECK(rig.heard(1500) == 9);  // semitones from c4: a plain number has no unit
  CHECK(rig.heard(2500) == 12);
  CHECK(rig.heard(3500) == 9);
  CHECK(rig.heard(5500) == 9);  // nothing is down: it holds its last, as a rest does
}

TEST_CASE("on a frequency a key is its pitch") {
  Rig keys("out: saw midi", Performance().on(1000, 69));
  keys.run_to(49000);
  const auto crossings = [&](int from, int to) {
    int count = 0;
    for (int i = from; i < to; ++i) count += keys.heard(i) < 0 && keys.heard(i + 1) >= 0 ? 1 : 0;
    return count;
  };
  CHECK(std::abs(crossings(1000, 48999) - 440) <= 1);
}

TEST_CASE("keys open and close an envelope outside of any voice") {
  Rig rig("out: 1 * (midi # env 0 0)", Performance().on(1000, 60).off(3000, 60));
  rig.run_to(6000);
  CHECK(rig.heard(999) == 0);
  CHECK(rig.heard(2500) > 0.9F);
  CHECK(rig.heard(4500) < 0.1F);
}

TEST_CASE("a voice that is redefined under a held key ends when the key does") {
  Rig rig(kPitch + "~keys: midi # pitch\nout: ~keys", Performance().on(1000, 60).off(30000, 60));
  rig.run_to(5000);
  rig.evaluate("~keys: (midi + 12) # pitch");
  rig.run_to(15000);
  rig.evaluate("synth pitch decay=1: gate * freq * 2");
  rig.run_to(60000);
  CHECK(rig.voices() == 0);
  CHECK(rig.heard(50000) == 0);
}

TEST_CASE("no note hangs over random playing with swaps in between") {
  const auto seed = GENERATE(range(1U, 9U));
  std::mt19937 random(seed);
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  Performance played;
  std::int64_t at = 100;
  for (int i = 0; i < 2000; ++i) {
    at += pick(120);  // about eight hundred messages a second
    const int key = 48 + pick(12);
    switch (pick(8)) {
      case 0:
      case 1:
      case 2:
        played.on(at, key, 1 + pick(127), 1 + pick(2));
        break;
      case 3:
      case 4:
      case 5:
        played.off(at, key, 1 + pick(2));
        break;
      case 6:
        played.cc(at, pick(2) ? 64 : 66, pick(128), 1 + pick(2));
        break;
      default:
        played.at(at, midi_bend(1 + pick(2), pick(16384) - 8192));
        break;
    }
  }
  for (const int channel : {1, 2}) played.cc(at + 10, 123, 0, channel);
  const std::vector<std::string> edits{"~keys: midi + 12 # pluck",
                                       "~keys: midi $ off 1/16 (+ 7) # pluck",
                                       "synth pluck decay=0.4: tri freq * adsr 0.01 decay 0.2 0.1",
                                       "synth pluck decay=0.2: saw freq * gate",
                                       "cps: 1.5",
                                       "cps: 1",
                                       "~keys: (midi # pluck) # lpf (cc 74 200 8k)",
                                       "hush",
                                       "out: ~keys"};
  Rig rig("synth pluck decay=0.2: saw freq * adsr 0.001 decay 0.5 0.05\n~keys: midi # pluck\nout: ~keys", played);
  for (std::int64_t frame = 0; frame < at; frame += 3000) {
    rig.run_to(frame);
    rig.evaluate(edits[static_cast<std::size_t>(pick(static_cast<int>(edits.size())))]);
  }
  rig.run_to(at + 3 * 48000);
  INFO(rig.said());
  CHECK(rig.voices() == 0);
}
