// Live input as patterns: what is played and turned just now, seen through one narrow door.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lang/pattern/pattern.h"

namespace hocket {

/// Which of the notes that are played, and how they are read.
struct NoteFilter {
  std::string port;  ///< part of its name, case aside; empty: any
  int channel = 0;   ///< 1..16; 0: any
  int low = 0;       ///< MIDI notes
  int high = 127;
  double curve = 1;            ///< velocity to the power of this
  std::optional<double> bend;  ///< semitones at the end of the wheel; none: what the sender says, 2 if nothing

  friend bool operator==(const NoteFilter&, const NoteFilter&) = default;
};

/// Which knob, wheel or pedal, and what its messages mean.
struct ControlFilter {
  enum class Kind : std::uint8_t { cc, nrpn, rpn, bend, touch, program };
  /// How an endless encoder says its steps: 65..127 below 0 as two's complement, 64 in the middle, or bit 6 as the sign.
  enum class Encoding : std::uint8_t { absolute, twos, offset, sign };
  Kind kind = Kind::cc;
  Encoding encoding = Encoding::absolute;
  int number = 0;    ///< of cc, nrpn, rpn
  std::string port;  ///< part of its name, case aside; empty: any
  int channel = 0;   ///< 1..16; 0: any

  friend bool operator==(const ControlFilter&, const ControlFilter&) = default;
};

/// One note as a pattern's leaf gives it.
struct LiveNote {
  TimeSpan whole;
  double note = 0;  ///< semitones from c4
  Span mark;        ///< the event's `where`: tells whose note it is, however it was transformed
};

/// What live patterns read. Without one in the query's context they are silent, and knobs stand at 0.
class LiveInput {
 public:
  virtual ~LiveInput() = default;
  /// The notes within `span` that fit.
  virtual std::vector<LiveNote> notes(const NoteFilter&, const TimeSpan& span) const = 0;
  /// 0..1; a bend -1..1; a program 0..127. Of several that fit, the one that moved last; nothing: it never moved.
  virtual std::optional<double> control(const ControlFilter&) const = 0;
};

/// The notes that are played, as `Value::note`s.
Pattern live_notes(const NoteFilter&);

/// How a knob's way from 0 to 1 is spread over `low` to `high`.
struct ControlRange {
  double low = 0;
  double high = 1;
  double curve = 1;            ///< x to the power of this; above 1 slow at first
  bool geometric = false;      ///< equal turns are equal factors: for cutoffs. Both ends above 0
  std::optional<double> rest;  ///< before it is moved; none: `low`, for a bend the middle

  double at(double x) const;
};
/// A knob as a continuous pattern of numbers.
Pattern live_control(const ControlFilter&, const ControlRange&);

/// Marks of live notes: never a place in a text.
inline constexpr std::uint32_t kLiveMark = 0xF0000000U;
inline bool is_live_mark(Span where) {
  return where.begin >= kLiveMark;
}

/// Whether notes come out of the pattern where they went in, or later by a fixed time: it then plays each note as it is
/// struck. Otherwise (`arp`, `struct`, `fast`, `rev` …) it works on cycles, and is given the notes that are held as chords, a
/// cycle long. Found by asking it about notes of our own.
bool follows_notes(const Pattern&);

}  // namespace hocket
