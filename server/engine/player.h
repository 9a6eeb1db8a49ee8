// Players run a plan's stages over one block; all give the same samples.
#pragma once

#include <memory>

#include "server/engine/plan.h"
#include "server/engine/settings.h"

namespace hocket {

class Player {
 public:
  virtual ~Player() = default;
  /// Runs every step of the plan. Thread: audio
  virtual void play(const Plan&, const Block&) RT = 0;
};

/// The reference: one step after the other.
std::unique_ptr<Player> make_serial_player();
/// Stages shared among `threads` workers, the audio thread one of them.
std::unique_ptr<Player> make_staged_player(int threads, int block, double rate);
/// Each task as soon as what it waits for is done.
std::unique_ptr<Player> make_dataflow_player(int threads, int block, double rate);

/// Runs steps one after the other. Thread: audio or worker
void run_steps(std::span<const Step>, const Block&, int worker) RT;
/// Runs one task and takes its time. Thread: audio or worker
void run_task(const Plan&, std::uint32_t task, const Block&, int worker) RT;

}  // namespace hocket
