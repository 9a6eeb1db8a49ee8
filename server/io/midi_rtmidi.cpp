#include "server/io/midi_rtmidi.h"

#include <rtmidi/RtMidi.h>

#include "server/io/quiet_stderr.h"

namespace hocket {

namespace {

template <class Direction>
void list(Direction& midi, const std::string& api, bool input, std::vector<MidiPort>& ports) {
  for (unsigned i = 0; i < midi.getPortCount(); ++i) ports.push_back({api, midi.getPortName(i), input});
}

}  // namespace

MidiPorts list_midi_ports() {
  MidiPorts found;
  std::vector<RtMidi::Api> apis;
  RtMidi::getCompiledApi(apis);
  const QuietStderr quiet;
  for (const auto api : apis) {
    const auto name = RtMidi::getApiDisplayName(api);
    try {
      RtMidiIn in(api, "hocket-list");
      RtMidiOut out(api, "hocket-list");
      list(in, name, true, found.ports);
      list(out, name, false, found.ports);
      found.apis.push_back(name);
    } catch (const RtMidiError& error) {
      found.failures.push_back(name + ": " + error.getMessage());
    }
  }
  return found;
}

}  // namespace hocket
