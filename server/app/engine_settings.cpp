// How an engine is set up where the options leave it open.
#include <algorithm>
#include <stdexcept>
#include <thread>

#include "server/app/commands.h"

namespace hocket {

EngineSettings engine_settings(const SoundOptions& options, double rate, int channels) {
  EngineSettings settings;
  settings.rate = rate;
  settings.block = options.block;
  settings.channels = channels;
  settings.batching = options.batching;
  settings.threads = options.threads > 0 ? options.threads : std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, 4);
  if (options.player == "serial")
    settings.player = PlayerKind::serial;
  else if (options.player == "staged")
    settings.player = PlayerKind::staged;
  else if (options.player == "dataflow")
    settings.player = PlayerKind::dataflow;
  else
    throw std::runtime_error("no player is called `" + options.player + "`: there are serial, staged and dataflow");
  return settings;
}

}  // namespace hocket
