// From a pattern's event to what the engine plays: words become voices, controls become values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lang/graph_def.h"
#include "server/bridge/event.h"
#include "server/control/samples.h"

namespace hocket {

/// A source in play: its definition, the id under which the engine knows it, and its instruments in TimedEvent::voice's order.
struct PlayedSource {
  SourceDef def;
  std::uint32_t id = 0;
  std::vector<VoiceDef> voices;
};

/// What a note hangs on besides its event.
struct NoteContext {
  Rational cps{1, 2};
  std::uint64_t seed = 0;            ///< the program's
  SampleLibrary* samples = nullptr;  ///< null: no folders
  bool wait_for_samples = false;     ///< offline: a sound still loading is waited for
};

struct Note {
  std::optional<TimedEvent> event;
  std::string problem;  ///< why there is none, or what was left out; empty for rests and plain silence
};

/// `ordinal`: which of the source's events at this onset it is. For `sound` sources; the event must have its onset.
Note make_note(const PlayedSource&, const Event&, std::uint32_t ordinal, const NoteContext&);

/// For `hold`, `gate` and `curve` sources; nothing where the value is none, or a gate that is 0.
std::optional<TimedEvent> make_value(const PlayedSource&, const Event&);

/// A voice's seed: of the onset, the source, the ordinal and the program's seed, so that a repeat of the same cycle, in
/// another session too, sounds the same. Source of the mixing: Steele, Lea, Flood, "Fast splittable pseudorandom number
/// generators", 2014.
std::uint32_t voice_seed(Rational onset, const std::string& source_key, std::uint32_t ordinal, std::uint64_t program_seed);

}  // namespace hocket
