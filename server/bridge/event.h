// A timed event on its way from the sequencer to the engine.
#pragma once

#include <cstdint>

namespace hocket {

inline constexpr int kMaxVoiceValues = 28;

/// An exact position in cycles: num / den, den > 0.
struct Position {
  std::int64_t num = 0;
  std::int64_t den = 1;
};

/// What an event asks. `start` begins a note, gate or value; the others reach what a start with the same tag began, wherever it
/// sounds by then: `release` ends its gate, `change` moves its voice to other values in a few milliseconds. Without a tag,
/// `change` gives a hold or curve the value that is under way at that moment: one with another value glides there.
enum class Act : std::uint8_t { start, release, change };

inline constexpr std::int64_t kByPosition = INT64_MIN;

/// One note, value or gate. A plain value of fixed size: it crosses threads by copy.
struct TimedEvent {
  Position at;               ///< onset
  Position until;            ///< gate off (sound, gate); den 0: held until the voice ends by itself. curve: the line's end
  std::uint32_t source = 0;  ///< id that the planner gave its source; unknown ids are dropped: that is how replaced patterns fall silent
  std::uint16_t voice = 0;   ///< sound: position in SourceDef::voices
  std::uint16_t count = 0;   ///< of `values`
  std::uint32_t seed = 0;    ///< of the voice's random units: a function of pattern time and the program's seed
  std::int32_t cut = 0;      ///< cut group; 0: none
  float nudge_s = 0;         ///< seconds later than `at`
  float gain = 1;            ///< linear, at the voice's output
  float pan = -1;            ///< 0 left .. 1 right; below 0: not panned
  Act act = Act::start;
  std::uint64_t tag = 0;             ///< of what was played by hand: names it for its release and changes; 0: none
  std::int64_t frame = kByPosition;  ///< its frame, where that is known: then `at` does not count
  /// sound: VoiceDef::params in order; hold, gate: values[0]; curve: a line from values[0] at `at` to values[1] at `until`
  float values[kMaxVoiceValues] = {};
};

}  // namespace hocket
