// A unit's ports as it describes them itself, and what the language knows of a unit.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace hocket {

/// What a port's number means; decides how a pattern's atoms are read there.
enum class PortUnit : std::uint8_t {
  signal,   ///< audio in, -1..1 or wider
  gate,     ///< above 0 while held; a rise starts the envelope. Patterns become gates here
  number,   ///< a bare factor or amount
  hz,       ///< note names are converted
  seconds,  ///< `3/16c` follows the tempo
  note,     ///< MIDI note; pattern numbers are semitones from c4
  level,    ///< above 0 linear, at or below 0 decibels
  cycles,   ///< phase or position, 1 = one period
};
std::string_view to_string(PortUnit);

struct Port {
  const char* name;
  PortUnit unit;
  float init;
  float low, high;  ///< the kernel clamps to these; equal: unbounded
  const char* doc;
};

/// How a unit treats channels.
enum class Shape : std::uint8_t {
  each,    ///< one kernel a channel: as many channels out as its widest input has
  linked,  ///< one kernel for all channels: out as many as its first input
  spread,  ///< always stereo out, from one or two channels in
};

/// What the language, docs and completion know of a unit. All views are of static storage.
struct UnitInfo {
  std::string_view name;
  std::string_view doc;
  std::span<const Port> ports;
  Shape shape = Shape::each;
  bool random = false;    ///< draws numbers: equal occurrences must not be shared
  bool envelope = false;  ///< an envelope: in a voice its gate is the voice's, and it can tell when it is done
  bool pure = false;      ///< no state: constant inputs give a constant, and it may be folded and shared
  bool tail = false;      ///< goes on sounding after its input ended
};

}  // namespace hocket
