// How an engine is set up; fixed for its life.
#pragma once

#include <cstdint>

namespace hocket {

enum class PlayerKind : std::uint8_t { serial, staged, dataflow };

struct EngineSettings {
  double rate = 48000;  ///< frames a second
  int block = 64;       ///< frames a block, 1..1024
  int threads = 1;      ///< audio thread included
  PlayerKind player = PlayerKind::staged;
  bool batching = true;    ///< like nodes of one stage run side by side, as lanes; changes no sample
  int channels = 2;        ///< of the output
  int inputs = 0;          ///< hardware input channels
  int stem_frames = 4096;  ///< longest render that `stem` can give back; 0: no stems

  /// Threads that render at once. One goes through a plan's steps in their order.
  int workers() const { return player == PlayerKind::serial ? 1 : threads; }
};

}  // namespace hocket
