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
///
/// A block of a shared plan lasts some microseconds and a cache line takes a tenth of one from core to core, so each word that
/// changes has a line of its own, and in a steady state each worker writes those alone that it wrote in the block before.
class Workers {  // NOLINT(clang-analyzer-optin.performance.Padding): that is what the padding is for
 public:
  /// `helpers` threads beside the caller's; `nap_s`: the longest nap while there is work in every block. `onwards`: a task is
  /// ready when those are done that it waits for; else all are that are given.
  Workers(int helpers, double nap_s, bool onwards);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Runs these tasks of the plan, the caller taking part; all are done on return. They are begun in this order, but a worker
  /// prefers what it ran in the last block: that lies in its cache. Thread: audio
  void run(const Plan&, const Block&, std::span<const std::uint32_t> tasks) RT;

  /// Would tasks of these costs, nanoseconds a frame, be done sooner together than by the caller alone? Thread: audio
  bool worth_sharing(const Plan&, std::span<const float> task_ns, int frames) const RT;

  static constexpr std::size_t kMostTasks = (1 << 12) - 1;  ///< of a plan

  int helpers() const { return helpers_; }

 private:
  /// What is asked for, in one word: a turn, in which each task is run once at most; which call of it; how many tasks; how many
  /// of them are ready from the beginning.
  struct Call {
    std::uint32_t turn = 0;
    std::uint32_t number = 0, tasks = 0, free = 0;
    std::uint64_t packed() const RT { return std::uint64_t{turn} << 32 | (number & 0xffU) << 24 | tasks << 12 | free; }
    static Call of(std::uint64_t word) RT {
      const auto low = static_cast<std::uint32_t>(word);
      return {static_cast<std::uint32_t>(word >> 32), low >> 24, low >> 12 & 0xfffU, low & 0xfffU};
    }
  };
  struct alignas(64) TaskState {
    std::atomic<std::uint32_t> claimed{0};  // the turn in which it was claimed last
    std::atomic<std::uint32_t> ready{0};    // … made ready
  };
  struct alignas(64) Hand {  // a worker's own
    std::atomic<std::uint32_t> done{0};
    std::uint64_t looked_through = 0;      // the call of which it found no more to claim …
    std::uint32_t released = 0;            // … when so many had been released
    std::unique_ptr<std::uint32_t[]> ran;  // by task: in which turn
  };

  void stay(int worker);
  bool nothing_new(const Hand&) const RT;
  bool help(int worker) RT;
  bool claim(const Call&, Hand&, std::uint32_t& task) RT;
  bool claim(const Call&, Hand&, std::uint32_t place, bool own, std::uint32_t& task) RT;
  void release_next(const Plan&, std::uint32_t task, std::uint32_t turn) RT;
  bool all_done() const RT;

  alignas(64) std::atomic<std::uint64_t> call_{0};
  std::atomic<const Plan*> plan_{nullptr};
  std::atomic<const Block*> block_{nullptr};
  alignas(64) std::atomic<std::uint32_t> released_{0};   // tasks that others waited for
  alignas(64) std::unique_ptr<TaskState[]> state_;       // by task
  std::unique_ptr<std::atomic<std::uint32_t>[]> order_;  // by place
  std::unique_ptr<Hand[]> hands_;
  std::atomic<bool> stop_{false};
  int helpers_;
  double nap_s_;
  bool onwards_;
  std::unique_ptr<std::thread[]> threads_;
  // The audio thread's own.
  Call last_;
  std::unique_ptr<std::uint32_t[]> asked_;  // by task: in which turn last
  std::uint32_t given_ = 0;
};

}  // namespace hocket
