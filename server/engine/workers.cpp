#include "server/engine/workers.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <chrono>

#include "server/engine/player.h"
#include "server/engine/rt.h"

namespace hocket {

namespace {

constexpr std::uint32_t kMostTasks = 0xffff;
constexpr double kSpin_s = 50e-6;  // after the last task: the next stage, or the next block of one callback, is near
constexpr double kIdle_s = 0.5;    // without work for so long: nap for longer
constexpr double kIdleNap_s = 0.005;

std::uint64_t ticket(std::uint32_t turn, std::uint32_t tasks, std::uint32_t next) RT {
  return std::uint64_t{turn} << 32 | tasks << 16 | next;
}

}  // namespace

Workers::Workers(int helpers, double nap_s) : helpers_(std::max(0, helpers)), nap_s_(std::clamp(nap_s, 50e-6, 1e-3)) {
  ticks_per_second();
  threads_ = std::make_unique<std::thread[]>(static_cast<std::size_t>(helpers_));
  for (int h = 0; h < helpers_; ++h) {
    threads_[h] = std::thread([this, h] { work(h + 1); });
    sched_param priority{};
    priority.sched_priority = 60;  // below a sound server's own threads, above all else
    pthread_setschedparam(threads_[h].native_handle(), SCHED_FIFO, &priority);
  }
}

Workers::~Workers() {
  stop_.store(true, std::memory_order_release);
  for (int h = 0; h < helpers_; ++h) threads_[h].join();
}

void Workers::run(const Plan& plan, std::uint32_t first, std::uint32_t count, const Block& block) RT {
  for (std::uint32_t at = 0; at < count; at += kMostTasks) {
    const auto batch = std::min(kMostTasks, count - at);
    done_.store(0, std::memory_order_relaxed);
    plan_.store(&plan, std::memory_order_relaxed);
    first_.store(first + at, std::memory_order_relaxed);
    block_.store(&block, std::memory_order_relaxed);
    ticket_.store(ticket(++turn_, batch, 0), std::memory_order_release);
    while (help(0)) {
    }
    while (done_.load(std::memory_order_acquire) < batch) relax();
  }
}

bool Workers::help(int worker) RT {
  auto seen = ticket_.load(std::memory_order_acquire);
  std::uint32_t next = 0;
  const Plan* plan = nullptr;
  const Block* block = nullptr;
  std::uint32_t first = 0;
  do {
    next = seen & 0xffff;
    if (next >= (seen >> 16 & 0xffff)) return false;
    plan = plan_.load(std::memory_order_relaxed);
    first = first_.load(std::memory_order_relaxed);
    block = block_.load(std::memory_order_relaxed);
    // What was read belongs to this turn if the claim succeeds: the turn cannot end before the claimed task is done.
  } while (!ticket_.compare_exchange_weak(seen, seen + 1, std::memory_order_acq_rel, std::memory_order_acquire));
  run_task(*plan, first + next, *block, worker);
  done_.fetch_add(1, std::memory_order_release);
  return true;
}

void Workers::work(int worker) {
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
