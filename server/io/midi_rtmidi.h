// MIDI ports by RtMidi.
#pragma once

#include <string>
#include <vector>

namespace hocket {

struct MidiPort {
  std::string api;  ///< "ALSA", "JACK"
  std::string name;
  bool input = false;
};

struct MidiPorts {
  std::vector<MidiPort> ports;
  std::vector<std::string> apis;      ///< that answered
  std::vector<std::string> failures;  ///< "ALSA: why"
};

/// Asks every API that was compiled in; one that does not work is a failure in the list, never an exception.
MidiPorts list_midi_ports();

}  // namespace hocket
