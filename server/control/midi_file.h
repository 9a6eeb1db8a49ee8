// Standard MIDI Files: read into messages at exact times, and written.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lang/pattern/time.h"
#include "server/control/midi_message.h"
#include "server/result.h"

namespace hocket {

struct MidiFileEvent {
  Rational at_s;      ///< from the file's beginning, exact
  Rational at_beats;  ///< quarter notes; in files that count seconds instead, seconds
  MidiMessage message;
  std::uint16_t track = 0;
};

/// From `at_beats` on a quarter note lasts so long.
struct MidiTempo {
  Rational at_beats;
  Rational beat_s{1, 2};
};

struct MidiFile {
  std::vector<MidiFileEvent> events;  ///< by time; at one time as in the file, track by track
  std::vector<MidiTempo> tempi;
  int tracks = 0;
  Rational length_s;
  bool damaged = false;  ///< some track ends too early or has something unreadable: what stands before it counts
};

/// Formats 0 and 1. Bounded by the size of what is read: a file of n bytes gives fewer than n events.
/// Source: MIDI Manufacturers Association, "Standard MIDI Files 1.0", 1996.
Result<MidiFile> read_midi_file(std::span<const std::uint8_t> bytes);

/// What is to be written: tracks of messages in the order of their ticks.
struct MidiTrack {
  struct Entry {
    std::int64_t tick = 0;
    MidiMessage message;
  };
  std::string name;
  std::vector<Entry> entries;
};
struct MidiScore {
  struct Tempo {
    std::int64_t tick = 0;
    std::uint32_t beat_us = 500000;  ///< microseconds a quarter note, below 2^24
  };
  /// 2^5 3^3 5 7: every usual tuplet falls on a tick, and a tick at 120 a minute lasts less than a frame at 48 kHz.
  static constexpr int kTicksPerBeat = 30240;
  int ticks_per_beat = kTicksPerBeat;  ///< 1..32767
  std::vector<Tempo> tempi;
  std::vector<MidiTrack> tracks;
};

/// Format 0 where there is one track at most, format 1 otherwise (the first track then holds the tempi).
std::vector<std::uint8_t> write_midi_file(const MidiScore&);

}  // namespace hocket
