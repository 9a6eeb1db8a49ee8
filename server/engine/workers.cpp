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

}  // namespace

Workers::Workers(int helpers, double nap_s) : helpers_(std::max(0, helpers)), nap_s_(std::clamp(nap_s, 50e-6, 1e-3)) {
  ticks_per_second();
  state_ = std::make_unique<std::atomic<std::uint32_t>[]>(kMostTasks);
  order_ = std::make_unique<std::atomic<std::uint32_t>[]>(kMostTasks);
  home_ = std::make_unique<std::atomic<std::uint8_t>[]>(kMostTasks);
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

void Workers::run(const Plan& plan, const Block& block, std::span<const std::uint32_t> tasks, bool onwards) RT {
  const auto turn = (turn_.load(std::memory_order_relaxed) + 1) & 0x3fffffff;
  const auto count = static_cast<std::uint32_t>(tasks.size());
  done_.store(0, std::memory_order_relaxed);
  plan_.store(&plan, std::memory_order_relaxed);
  block_.store(&block, std::memory_order_relaxed);
  onwards_.store(onwards, std::memory_order_relaxed);
  count_.store(count, std::memory_order_relaxed);
  std::uint32_t ready = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto task = tasks[i];
    const bool waits = onwards && plan.waits[task] > 0;
    ready += waits ? 0 : 1;
    order_[i].store(task, std::memory_order_relaxed);
    state_[task].store(turn << 2 | (waits ? kWaits : kReady), std::memory_order_relaxed);
  }
  ready_.store(ready, std::memory_order_relaxed);
  turn_.store(turn, std::memory_order_release);
  while (done_.load(std::memory_order_acquire) < count)
    if (!help(0)) relax();
}

bool Workers::claim(std::uint32_t turn, int worker, bool own, std::uint32_t& task) RT {
  const auto count = count_.load(std::memory_order_relaxed);
  for (std::uint32_t i = 0; i < count; ++i) {
    task = order_[i].load(std::memory_order_relaxed);
    if (own && home_[task].load(std::memory_order_relaxed) != worker) continue;
    auto seen = turn << 2 | kReady;
    if (state_[task].load(std::memory_order_relaxed) != seen) continue;
    if (!state_[task].compare_exchange_strong(seen, turn << 2 | kClaimed, std::memory_order_acquire, std::memory_order_relaxed)) continue;
    ready_.fetch_sub(1, std::memory_order_relaxed);
    home_[task].store(static_cast<std::uint8_t>(worker), std::memory_order_relaxed);
    return true;
  }
  return false;
}

void Workers::release_next(const Plan& plan, std::uint32_t task, std::uint32_t turn) RT {
  for (auto n = plan.first_next[task]; n < plan.first_next[task + 1]; ++n) {
    const auto other = plan.next[n];
    if (plan.missing[other].fetch_sub(1, std::memory_order_acq_rel) != 1) continue;
    plan.missing[other].store(plan.waits[other], std::memory_order_relaxed);  // for the next block
    state_[other].store(turn << 2 | kReady, std::memory_order_release);
    ready_.fetch_add(1, std::memory_order_relaxed);
  }
}

bool Workers::help(int worker) RT {
  const auto turn = turn_.load(std::memory_order_acquire);
  std::uint32_t task = 0;
  if (ready_.load(std::memory_order_relaxed) == 0) return false;
  if (!claim(turn, worker, true, task) && !claim(turn, worker, false, task)) return false;
  // The turn cannot end before the claimed task is done: what was told with it stands.
  const Plan& plan = *plan_.load(std::memory_order_relaxed);
  const Block& block = *block_.load(std::memory_order_relaxed);
  run_task(plan, task, block, worker);
  if (onwards_.load(std::memory_order_relaxed)) release_next(plan, task, turn);
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
