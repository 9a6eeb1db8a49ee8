// A fixed pool of threads that help the audio thread with one batch of tasks at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

#include "server/engine/plan.h"

namespace hocket {

/// The threads start once and end with the pool. They ask for real-time priority and do without where it is refused. Idle, a
/// worker spins briefly, then naps: short timed sleeps, longer the longer nothing comes, up to a period. It is never woken by
/// name, so the audio thread makes no system call, ever; a worker that comes late finds the tasks done. The price is a timer a
/// period a worker while the plan in force is shared, and a few a second while it is not.
class Workers {
 public:
  /// `helpers` threads beside the caller's; `nap_s`: the longest nap while there is work in every block.
  Workers(int helpers, double nap_s);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Runs tasks first .. first + count of the plan, the caller taking part; all are done on return. Thread: audio
  void run(const Plan&, std::uint32_t first, std::uint32_t count, const Block&) RT;

  int helpers() const { return helpers_; }

 private:
  void work(int worker);
  bool help(int worker) RT;

  // One word, so that a claim is valid for the very batch it was read from: turn << 32 | tasks << 16 | next.
  alignas(64) std::atomic<std::uint64_t> ticket_{0};
  alignas(64) std::atomic<std::uint32_t> done_{0};
  alignas(64) std::atomic<const Plan*> plan_{nullptr};
  std::atomic<std::uint32_t> first_{0};
  std::atomic<const Block*> block_{nullptr};
  std::atomic<bool> stop_{false};
  std::uint32_t turn_ = 0;
  int helpers_;
  double nap_s_;
  std::unique_ptr<std::thread[]> threads_;
};

}  // namespace hocket
