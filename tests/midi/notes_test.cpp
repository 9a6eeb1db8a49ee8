// Keys, pedals and modes: one begin and one end a note, whatever comes.
#include "server/control/midi_notes.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <map>
#include <set>

using namespace hocket;

namespace {

using Kind = NoteChange::Kind;

/// Plays on port 0 and keeps what came of it.
struct Keyboard {
  MidiNotes notes;
  std::vector<NoteChange> changes;
  double now_s = 0;

  void play(MidiKind kind, int channel, int a, int b = 0) {
    const auto more = notes.take(0, midi_message(kind, channel, a, b), now_s);
    changes.insert(changes.end(), more.begin(), more.end());
  }
  void on(int key, int channel = 1) { play(MidiKind::note_on, channel, key, 100); }
  void off(int key, int channel = 1) { play(MidiKind::note_off, channel, key, 64); }
  void cc(int number, int value, int channel = 1) { play(MidiKind::control, channel, number, value); }
  std::set<int> sounding() const {
    std::set<int> keys;
    for (const auto& note : notes.sounding()) keys.insert(note.key);
    return keys;
  }
  const NoteChange& last() const { return changes.back(); }
};

}  // namespace

TEST_CASE("a key down begins a note, its release ends the same one") {
  Keyboard k;
  k.play(MidiKind::note_on, 3, 60, 127);
  REQUIRE(k.changes.size() == 1);
  CHECK(k.changes[0].kind == Kind::on);
  CHECK(k.changes[0].note.vel == 1);
  CHECK(k.changes[0].note.channel == 3);
  k.off(60, 3);
  REQUIRE(k.changes.size() == 2);
  CHECK(k.changes[1].kind == Kind::off);
  CHECK(k.changes[1].note.id == k.changes[0].note.id);
}

TEST_CASE("a key struck again ends its first note before the second") {
  Keyboard k;
  k.on(60);
  k.on(60);
  REQUIRE(k.changes.size() == 3);
  CHECK(k.changes[1].kind == Kind::off);
  CHECK(k.changes[1].note.id == k.changes[0].note.id);
  CHECK(k.changes[2].note.id != k.changes[0].note.id);
  k.off(60);
  CHECK(k.sounding().empty());
}

TEST_CASE("the sustain pedal holds what is released while it is down") {
  Keyboard k;
  k.on(60);
  k.cc(64, 127);
  k.off(60);
  k.on(64);
  CHECK(k.sounding() == std::set{60, 64});
  k.cc(64, 0);
  CHECK(k.sounding() == std::set{64});
}

TEST_CASE("the sostenuto pedal holds only what was down when it was pressed") {
  Keyboard k;
  k.on(60);
  k.cc(66, 127);
  k.on(64);
  k.off(60);
  k.off(64);
  CHECK(k.sounding() == std::set{60});
  k.cc(66, 0);
  CHECK(k.sounding().empty());
}

TEST_CASE("all notes off ends notes that a pedal holds too") {
  Keyboard k;
  k.cc(64, 127);
  k.on(60);
  k.off(60);
  k.on(62, 2);
  k.cc(123, 0);
  CHECK(k.sounding() == std::set{62});
}

TEST_CASE("the bend's range follows its parameter, and a new note is told of the bend") {
  Keyboard k;
  k.cc(101, 0);
  k.cc(100, 0);
  k.cc(6, 12);
  k.play(MidiKind::bend, 1, 127, 127);
  k.on(60);
  REQUIRE(k.last().kind == Kind::bend);
  CHECK(k.last().bend.semis() == 12);
  k.play(MidiKind::bend, 1, 0, 0);
  CHECK(k.last().bend.semis() == -12);
  k.play(MidiKind::bend, 1, 0, 64);
  CHECK(k.last().bend.semis() == 0);
}

TEST_CASE("poly pressure reaches its key alone, channel pressure all of its channel") {
  Keyboard k;
  k.on(60);
  k.on(64);
  k.changes.clear();
  k.play(MidiKind::poly_touch, 1, 64, 127);
  REQUIRE(k.changes.size() == 1);
  CHECK(k.last().note.key == 64);
  k.play(MidiKind::touch, 1, 64);
  REQUIRE(k.changes.size() == 3);
  CHECK(k.changes[1].value == Approx(64 / 127.));
  CHECK(k.changes[2].value == 1);  // the key's own is the greater
}

TEST_CASE("in an MPE zone each note bends by itself, and all by the master") {
  Keyboard k;
  k.cc(101, 0, 1);
  k.cc(100, 6, 1);
  k.cc(6, 15, 1);
  k.on(60, 2);
  k.on(64, 3);
  k.changes.clear();
  k.play(MidiKind::bend, 2, 127, 127);
  REQUIRE(k.changes.size() == 1);
  CHECK(k.last().note.key == 60);
  CHECK(k.last().bend.semis() == 48);
  k.play(MidiKind::bend, 1, 127, 127);
  REQUIRE(k.changes.size() == 3);
  CHECK(k.changes[1].bend.semis() == 50);
  CHECK(k.changes[2].bend.semis() == 2);
  k.cc(64, 127, 1);  // the master's pedal
  k.off(60, 2);
  CHECK(k.sounding() == std::set{60, 64});
  k.cc(64, 0, 1);
  CHECK(k.sounding() == std::set{64});
}

TEST_CASE("a port that goes, or falls silent after active sensing, lets go of its notes") {
  Keyboard k;
  k.on(60);
  CHECK(k.notes.leave(0).size() == 1);
  CHECK(k.sounding().empty());
  k.notes.take(0, {static_cast<std::uint8_t>(MidiKind::sensing), 0, 0}, 1);
  k.now_s = 1.1;
  k.on(60);
  CHECK(k.notes.expire(1.2).empty());
  CHECK(k.notes.expire(1.5).size() == 1);
  CHECK(k.sounding().empty());
  k.on(60);
  CHECK(k.notes.expire(9).empty());  // no sensing since: silence means nothing
}

TEST_CASE("every note that begins ends exactly once, whatever is played") {
  CHECK(rc::check([] {
    MidiNotes notes;
    std::map<std::uint64_t, int> state;  // 1: sounding, 2: ended
    const auto read = [&](const std::vector<NoteChange>& changes) {
      for (const auto& c : changes) {
        auto& s = state[c.note.id];
        if (c.kind == Kind::on) {
          RC_ASSERT(s == 0);
          s = 1;
        } else {
          RC_ASSERT(s == 1);  // bends and pressure too reach only what sounds
          if (c.kind == Kind::off) s = 2;
        }
      }
    };
    const int count = *rc::gen::inRange(0, 300);
    for (int i = 0; i < count; ++i) {
      const int port = *rc::gen::inRange(0, 2);
      const int channel = *rc::gen::element(1, 2, 16);
      const int key = *rc::gen::inRange(58, 62);
      const auto kind = *rc::gen::weightedElement<MidiKind>({{6, MidiKind::note_on},
                                                             {4, MidiKind::note_off},
                                                             {3, MidiKind::control},
                                                             {1, MidiKind::bend},
                                                             {1, MidiKind::touch},
                                                             {1, MidiKind::poly_touch},
                                                             {1, MidiKind::program}});
      int a = key, b = *rc::gen::inRange(0, 128);
      if (kind == MidiKind::control) a = *rc::gen::element(6, 64, 66, 74, 100, 101, 120, 121, 123, 127);
      if (*rc::gen::inRange(0, 60) == 0)
        read(notes.leave(port));
      else
        read(notes.take(port, midi_message(kind, channel, a, b), i * 0.01));
      std::size_t sounding = 0;
      for (const auto& [id, s] : state) sounding += s == 1;
      RC_ASSERT(notes.sounding().size() == sounding);
    }
    read(notes.silence());
    for (const auto& [id, s] : state) RC_ASSERT(s == 2);
    RC_ASSERT(notes.sounding().empty());
  }));
}
