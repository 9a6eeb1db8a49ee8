#include "server/engine/workers.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <chrono>

#include "server/engine/player.h"
#include "server/engine/rt.h"

namespace hocket {

namespace {

constexpr double kSpin_s = 50e-6;  // after the last task: the next stage, or the next block of one callback, is near
constexpr double kIdle_s = 0.5;    // without work for so long: nap for longer
constexpr double kIdleNap_s = 0.005;

constexpr std::uint64_t kTask = 0xffffffff;

}  // namespace

Workers::Workers(int helpers, double nap_s) : helpers_(std::max(0, helpers)), nap_s_(std::clamp(nap_s, 50e-6, 1e-3)) {
  ticks_per_second();
  below_ = std::make_unique<std::atomic<std::uint32_t>[]>(kMostTasks);
  threads_ = std::make_unique<std::thread[]>(static_cast<std::size_t>(helpers_));
  for (int h = 0; h < helpers_; ++h) {
    threads_[h] = std::thread([this, h] { stay(h + 1); });
    sched_param priority{};
    priority.sched_priority = 60;  // below a sound server's own threads, above all else
    pthread_setschedparam(threads_[h].native_handle(), SCHED_FIFO, &priority);
  }
}

Workers::~Workers() {
  stop_.store(true, std::memory_order_release);
  for (int h = 0; h < helpers_; ++h) threads_[h].join();
}

void Workers::run(const Plan& plan, const Block& block, std::span<const std::uint32_t> first, std::uint32_t count, bool onwards) RT {
  done_.store(0, std::memory_order_relaxed);
  plan_.store(&plan, std::memory_order_relaxed);
  block_.store(&block, std::memory_order_relaxed);
  onwards_.store(onwards, std::memory_order_relaxed);
  std::uint32_t top = 0;
  for (auto i = first.size(); i > 0; --i) {
    below_[first[i - 1]].store(top, std::memory_order_relaxed);
    top = first[i - 1] + 1;
  }
  top_.store(std::uint64_t{++turn_} << 32 | top, std::memory_order_release);
  while (done_.load(std::memory_order_acquire) < count)
    if (!help(0)) relax();
}

void Workers::push(std::uint32_t task) RT {
  auto seen = top_.load(std::memory_order_relaxed);
  do {
    below_[task].store(static_cast<std::uint32_t>(seen & kTask), std::memory_order_relaxed);
  } while (!top_.compare_exchange_weak(seen, (seen & ~kTask) | (task + 1), std::memory_order_acq_rel, std::memory_order_relaxed));
}

void Workers::release_next(const Plan& plan, std::uint32_t task) RT {
  for (auto n = plan.first_next[task]; n < plan.first_next[task + 1]; ++n) {
    const auto other = plan.next[n];
    if (plan.missing[other].fetch_sub(1, std::memory_order_acq_rel) != 1) continue;
    plan.missing[other].store(plan.waits[other], std::memory_order_relaxed);  // for the next block
    push(other);
  }
}

bool Workers::help(int worker) RT {
  auto seen = top_.load(std::memory_order_acquire);
  std::uint32_t task = 0;
  const Plan* plan = nullptr;
  const Block* block = nullptr;
  bool onwards = false;
  std::uint64_t below = 0;
  do {
    if ((seen & kTask) == 0) return false;
    task = static_cast<std::uint32_t>(seen & kTask) - 1;
    below = (seen & ~kTask) | below_[task].load(std::memory_order_relaxed);
    plan = plan_.load(std::memory_order_relaxed);
    block = block_.load(std::memory_order_relaxed);
    onwards = onwards_.load(std::memory_order_relaxed);
    // What was read belongs to this turn if the claim succeeds: the turn cannot end before the claimed task is done.
  } while (!top_.compare_exchange_weak(seen, below, std::memory_order_acq_rel, std::memory_order_acquire));
  run_task(*plan, task, *block, worker);
  if (onwards) release_next(*plan, task);
  done_.fetch_add(1, std::memory_order_release);
  return true;
}

void Workers::stay(int worker) {
  const FlushDenormals flush;
  const double a_second = ticks_per_second();
  auto last = ticks();
  while (!stop_.load(std::memory_order_acquire)) {
    bool helped = false;
    {
      const RealTimeRegion region;
      while (help(worker)) helped = true;
    }
    const auto now = ticks();
    if (helped) last = now;
    const double idle_s = static_cast<double>(now - last) / a_second;
    if (idle_s < kSpin_s) {
      for (int i = 0; i < 16; ++i) relax();
      continue;
    }
    const double nap_s = idle_s < kIdle_s ? std::min(nap_s_, idle_s) : kIdleNap_s;
    std::this_thread::sleep_for(std::chrono::duration<double>(nap_s));
  }
}

}  // namespace hocket
