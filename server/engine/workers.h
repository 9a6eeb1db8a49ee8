// A fixed pool of threads that help the audio thread with one batch of tasks at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
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

  /// Runs `count` tasks of the plan, the caller taking part; all are done on return. They begin with `first`, in that order; with
  /// `onwards`, those that wait for a task become ready when it is done, and the newest goes next. Thread: audio
  void run(const Plan&, const Block&, std::span<const std::uint32_t> first, std::uint32_t count, bool onwards) RT;

  static constexpr std::size_t kMostTasks = 1 << 14;  ///< of a plan

  int helpers() const { return helpers_; }

 private:
  void stay(int worker);
  bool help(int worker) RT;

  void push(std::uint32_t task) RT;
  void release_next(const Plan&, std::uint32_t task) RT;

  // Ready tasks are a stack: turn << 32 | its top, plus 1. One word, so that a claim is valid for the very run it was read from;
  // and a task is pushed once a run, so that no top comes again. Source: Treiber, "Systems programming: coping with
  // parallelism", 1986. What lies below each is here, not in the plan, which may be gone when a late worker looks.
  alignas(64) std::atomic<std::uint64_t> top_{0};
  alignas(64) std::atomic<std::uint32_t> done_{0};
  alignas(64) std::atomic<const Plan*> plan_{nullptr};
  std::atomic<const Block*> block_{nullptr};
  std::atomic<bool> onwards_{false};
  std::unique_ptr<std::atomic<std::uint32_t>[]> below_;  // by task, plus 1; 0: none
  std::atomic<bool> stop_{false};
  std::uint32_t turn_ = 0;
  int helpers_;
  double nap_s_;
  std::unique_ptr<std::thread[]> threads_;
};

}  // namespace hocket
