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

  /// Runs these tasks of the plan, the caller taking part; all are done on return. They are begun in this order, but a worker
  /// prefers what it ran in the last block: that lies in its cache. `onwards`: a task is ready when those are done that it waits
  /// for; else all are. Thread: audio
  void run(const Plan&, const Block&, std::span<const std::uint32_t> tasks, bool onwards) RT;

  static constexpr std::size_t kMostTasks = 1 << 12;  ///< of a plan

  int helpers() const { return helpers_; }

 private:
  void stay(int worker);
  bool help(int worker) RT;

  bool claim(std::uint32_t turn, int worker, bool own, std::uint32_t& task) RT;
  void release_next(const Plan&, std::uint32_t task, std::uint32_t turn) RT;

  // A task's word is turn << 2 and how it stands in that run, so that a late worker, who may see a mixture of runs, can claim
  // nothing; and nothing of a plan is looked at before a claim, since it may be gone.
  enum State : std::uint32_t { kWaits, kReady, kClaimed };
  alignas(64) std::atomic<std::uint32_t> turn_{0};
  std::atomic<std::uint32_t> count_{0};
  std::atomic<const Plan*> plan_{nullptr};
  std::atomic<const Block*> block_{nullptr};
  std::atomic<bool> onwards_{false};
  alignas(64) std::atomic<std::uint32_t> ready_{0};  // tasks that may be claimed
  alignas(64) std::atomic<std::uint32_t> done_{0};
  std::unique_ptr<std::atomic<std::uint32_t>[]> state_, order_;  // by task; by place
  std::unique_ptr<std::atomic<std::uint8_t>[]> home_;            // by task: who ran it last
  std::atomic<bool> stop_{false};
  int helpers_;
  double nap_s_;
  std::unique_ptr<std::thread[]> threads_;
};

}  // namespace hocket
