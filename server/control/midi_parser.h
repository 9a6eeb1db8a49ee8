// From a stream of MIDI bytes, however it is cut, to messages.
#pragma once

#include <cstdint>
#include <optional>

#include "server/control/midi_message.h"

namespace hocket {

/// One a port. Understands running status; real-time bytes may stand anywhere, also inside another message; system exclusive
/// is skipped; a message that another cuts short, and data without a status, are dropped. A note-on with velocity 0 comes out
/// as a note-off. Source: MIDI 1.0 Detailed Specification, 1996, appendix "running status".
class MidiParser {
 public:
  /// The message that this byte completes.
  std::optional<MidiMessage> take(std::uint8_t byte);
  /// As if nothing had come before: the port was plugged in anew.
  void reset() { *this = {}; }

 private:
  std::uint8_t status_ = 0;  // in force for the data to come; 0: none
  std::uint8_t data_[2] = {0, 0};
  int count_ = 0;
};

}  // namespace hocket
