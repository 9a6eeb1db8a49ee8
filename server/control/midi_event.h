// From a pattern's event to what `midiout` sends.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/bridge/event.h"
#include "server/control/midi_message.h"
#include "server/control/note_event.h"

namespace hocket {

/// Something of an `outside` source, on its way. A note-on brings its end along.
struct OutsideEvent {
  std::uint32_t source = 0;
  Position at;           ///< where `frame` does not say
  Position until{0, 0};  ///< of a note; den 0: until `release`
  std::int64_t frame = kByPosition;
  std::uint64_t tag = 0;  ///< names a played note for `release`
  std::string port;
  MidiMessage message;
};

/// The events of one pattern event, in the order in which they are to be sent. `ordinal`: as for make_note.
std::vector<OutsideEvent> make_outside(const PlayedSource&, const Event&, const NoteContext&);

}  // namespace hocket
