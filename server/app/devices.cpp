// hocket devices: where sound and notes can go.
#include <cstdio>

#include "server/app/commands.h"
#include "server/io/audio.h"
#include "server/io/midi_rtmidi.h"

namespace hocket {

int devices(const DevicesOptions& options) {
  const auto audio = list_portaudio();
  if (options.quiet) return audio.devices.empty() ? 1 : 0;
  if (audio.devices.empty()) std::printf("no audio output\n");
  for (const auto& device : audio.devices)
    std::printf("%3d%s %s: %s, %.0f Hz, %d out, %d in\n", device.number, device.is_default ? "*" : " ", device.host.c_str(),
                device.device.c_str(), device.rate, device.channels, device.inputs);
  const auto midi = list_midi_ports();
  if (midi.ports.empty()) std::printf("no MIDI port\n");
  for (const auto& port : midi.ports) std::printf("midi %s  %s: %s\n", port.input ? "in " : "out", port.api.c_str(), port.name.c_str());
  return 0;
}

}  // namespace hocket
