// Standard MIDI Files: exact times in, the same notes out.
#include "server/control/midi_file.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>

using namespace hocket;

namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes header(int format, int tracks, int division) {
  return {'M',
          'T',
          'h',
          'd',
          0,
          0,
          0,
          6,
          0,
          static_cast<std::uint8_t>(format),
          0,
          static_cast<std::uint8_t>(tracks),
          static_cast<std::uint8_t>(division >> 8),
          static_cast<std::uint8_t>(division)};
}

Bytes with_track(Bytes file, const Bytes& body) {
  for (const char c : {'M', 'T', 'r', 'k'}) file.push_back(static_cast<std::uint8_t>(c));
  for (int shift = 24; shift >= 0; shift -= 8) file.push_back(static_cast<std::uint8_t>(body.size() >> shift));
  file.insert(file.end(), body.begin(), body.end());
  return file;
}

const Bytes kEnd{0x00, 0xFF, 0x2F, 0x00};

Bytes joined(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

TEST_CASE("a beat at 120 a minute lasts half a second") {
  const auto file = read_midi_file(with_track(header(0, 1, 96), joined({0x60, 0x90, 60, 100, 0x60, 60, 0}, kEnd)));
  REQUIRE(file);
  REQUIRE(file->events.size() == 2);
  CHECK(file->events[0].at_s == Rational(1, 2));
  CHECK(file->events[0].at_beats == Rational(1));
  CHECK(file->events[1].at_s == Rational(1));
  CHECK(file->events[1].message.kind() == MidiKind::note_off);
  CHECK_FALSE(file->damaged);
}

TEST_CASE("tempo changes on the first track move the notes of the others, exactly") {
  // one beat at 500000 us, then 333333 us a beat
  auto bytes = with_track(header(1, 2, 3), joined({0x03, 0xFF, 0x51, 3, 0x05, 0x16, 0x15}, kEnd));
  bytes = with_track(bytes, joined({0x04, 0x90, 60, 100}, kEnd));
  const auto file = read_midi_file(bytes);
  REQUIRE(file);
  CHECK(file->tracks == 2);
  REQUIRE(file->events.size() == 1);
  CHECK(file->events[0].at_s == Rational(1, 2) + Rational(333333, 3000000));
  REQUIRE(file->tempi.size() == 1);
  CHECK(file->tempi[0].beat_s == Rational(333333, 1000000));
}

TEST_CASE("a division in frames of film counts seconds") {
  // 25 frames a second, 40 ticks a frame
  const auto file = read_midi_file(with_track(header(0, 1, 0xE728), joined({0x64, 0x90, 60, 100}, kEnd)));
  REQUIRE(file);
  CHECK(file->events[0].at_s == Rational(1, 10));
}

TEST_CASE("unknown chunks, system exclusive and texts are skipped") {
  Bytes bytes = header(0, 1, 96);
  bytes = joined(bytes, {'X', 'F', 'I', 'H', 0, 0, 0, 2, 1, 2});
  bytes = with_track(bytes, joined({0, 0xF0, 3, 1, 2, 0xF7, 0, 0xFF, 0x01, 2, 'h', 'i', 0, 0xB0, 7, 100}, kEnd));
  const auto file = read_midi_file(bytes);
  REQUIRE(file);
  CHECK(file->events.size() == 1);
  CHECK_FALSE(file->damaged);
}

TEST_CASE("of a damaged track what stands before the damage counts") {
  const auto file = read_midi_file(with_track(header(0, 1, 96), {0x00, 0x90, 60, 100, 0x10, 0x80, 60}));
  REQUIRE(file);
  CHECK(file->damaged);
  CHECK(file->events.size() == 1);
}

TEST_CASE("what is no MIDI file is refused in words") {
  CHECK(read_midi_file(Bytes{'R', 'I', 'F', 'F'}).error.find("MThd") != std::string::npos);
  CHECK(read_midi_file(header(2, 1, 96)).error.find("format 2") != std::string::npos);
  CHECK_FALSE(read_midi_file(header(1, 1, 96)));
  CHECK_FALSE(read_midi_file({}));
}

TEST_CASE("what is written is read back at the same ticks") {
  CHECK(rc::check([] {
    MidiScore score;
    score.ticks_per_beat = *rc::gen::inRange(1, 32768);
    const int tracks = *rc::gen::inRange(1, 4);
    score.tempi.push_back({0, static_cast<std::uint32_t>(*rc::gen::inRange(1000, 1 << 24))});
    for (int t = 0; t < tracks; ++t) {
      MidiTrack track{"track", {}};
      std::int64_t tick = 0;
      const int events = *rc::gen::inRange(0, 20);
      for (int i = 0; i < events; ++i) {
        tick += *rc::gen::element<std::int64_t>(0, 1, 127, 128, 16384, 1 << 22, (std::int64_t{1} << 29) + 3);
        track.entries.push_back({tick, midi_message(*rc::gen::element(MidiKind::note_on, MidiKind::control), *rc::gen::inRange(1, 17),
                                                    *rc::gen::inRange(0, 128), *rc::gen::inRange(1, 128))});
      }
      score.tracks.push_back(track);
    }
    const auto file = read_midi_file(write_midi_file(score));
    RC_ASSERT(static_cast<bool>(file));
    RC_ASSERT(!file->damaged);
    std::vector<std::vector<MidiFileEvent>> by_track(score.tracks.size());
    const std::size_t first = tracks > 1 ? 1 : 0;
    for (const auto& e : file->events) by_track.at(e.track - first).push_back(e);
    for (std::size_t t = 0; t < score.tracks.size(); ++t) {
      RC_ASSERT(by_track[t].size() == score.tracks[t].entries.size());
      for (std::size_t i = 0; i < by_track[t].size(); ++i) {
        const auto& entry = score.tracks[t].entries[i];
        RC_ASSERT(by_track[t][i].message == entry.message);
        RC_ASSERT(by_track[t][i].at_beats == Rational(entry.tick, score.ticks_per_beat));
        RC_ASSERT(by_track[t][i].at_s == by_track[t][i].at_beats * Rational(score.tempi[0].beat_us, 1000000));
      }
    }
  }));
}

TEST_CASE("random bytes behind a header are bounded and never escape") {
  CHECK(rc::check([] {
    const auto body = *rc::gen::arbitrary<Bytes>();
    const auto file = read_midi_file(with_track(header(*rc::gen::inRange(0, 2), 1, *rc::gen::inRange(1, 0x10000)), body));
    RC_ASSERT(static_cast<bool>(file));
    RC_ASSERT(file->events.size() <= body.size());
    for (std::size_t i = 1; i < file->events.size(); ++i) RC_ASSERT(file->events[i - 1].at_s <= file->events[i].at_s);
  }));
}
