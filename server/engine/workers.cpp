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
// To hand tasks out and to meet again takes one to two microseconds, the longer the further apart the processors are.
constexpr float kMeeting_ns = 2000;

}  // namespace

Workers::Workers(int helpers, double nap_s, bool onwards)
    : helpers_(std::max(0, helpers)), nap_s_(std::clamp(nap_s, 50e-6, 1e-3)), onwards_(onwards) {
  ticks_per_second();
  state_ = std::make_unique<TaskState[]>(kMostTasks);
  order_ = std::make_unique<std::atomic<std::uint32_t>[]>(kMostTasks);
  asked_ = std::make_unique<std::uint32_t[]>(kMostTasks);
  hands_ = std::make_unique<Hand[]>(static_cast<std::size_t>(helpers_) + 1);
  for (int h = 0; h <= helpers_; ++h) hands_[h].ran = std::make_unique<std::uint32_t[]>(kMostTasks);
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

// A task may be claimed in a turn if its last claim was in the turn before, as the audio thread sees to where it was not. So a
// worker that comes late, and may see the order of a later call, claims nothing but what that call asks for, or nothing; and
// nothing of a plan is looked at before a claim, since it may be gone.
void Workers::run(const Plan& plan, const Block& block, std::span<const std::uint32_t> tasks) RT {
  const auto count = static_cast<std::uint32_t>(tasks.size());
  Call call = last_;
  if (std::any_of(tasks.begin(), tasks.end(), [&](std::uint32_t task) { return asked_[task] == call.turn; })) ++call.turn;
  ++call.number;
  call.tasks = count;
  call.free = onwards_ ? plan.free_tasks : count;
  plan_.store(&plan, std::memory_order_relaxed);
  block_.store(&block, std::memory_order_relaxed);
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto task = tasks[i];
    if (asked_[task] != call.turn - 1) state_[task].claimed.store(call.turn - 1, std::memory_order_relaxed);
    asked_[task] = call.turn;
    if (order_[i].load(std::memory_order_relaxed) != task) order_[i].store(task, std::memory_order_release);
  }
  given_ += count;
  last_ = call;
  call_.store(call.packed(), std::memory_order_release);
  while (!all_done())
    if (!help(0)) relax();
}

bool Workers::worth_sharing(const Plan& plan, std::span<const float> task_ns, int frames) const RT {
  if (task_ns.size() < 2 || plan.tasks.size() > kMostTasks || helpers_ == 0 || plan.workers <= helpers_) return false;
  float all_ns = 0, longest_ns = 0;
  for (const float ns : task_ns) {
    all_ns += ns;
    longest_ns = std::max(longest_ns, ns);
  }
  const float together_ns = std::max(longest_ns, all_ns / static_cast<float>(helpers_ + 1));
  return (all_ns - together_ns) * static_cast<float>(frames) > kMeeting_ns;
}

bool Workers::all_done() const RT {
  std::uint32_t done = 0;
  for (int h = 0; h <= helpers_; ++h) done += hands_[h].done.load(std::memory_order_acquire);
  return done == given_;
}

bool Workers::claim(const Call& call, Hand& hand, std::uint32_t place, bool own, std::uint32_t& task) RT {
  task = order_[place].load(std::memory_order_acquire);
  if (own && hand.ran[task] != call.turn - 1) return false;
  TaskState& state = state_[task];
  if (place >= call.free && state.ready.load(std::memory_order_acquire) != call.turn) return false;
  auto before = call.turn - 1;
  if (state.claimed.load(std::memory_order_relaxed) != before) return false;
  if (!state.claimed.compare_exchange_strong(before, call.turn, std::memory_order_acq_rel, std::memory_order_relaxed)) return false;
  hand.ran[task] = call.turn;
  return true;
}

bool Workers::claim(const Call& call, Hand& hand, std::uint32_t& task) RT {
  for (const bool own : {true, false})
    for (std::uint32_t place = 0; place < call.tasks; ++place)
      if (claim(call, hand, place, own, task)) return true;
  return false;
}

void Workers::release_next(const Plan& plan, std::uint32_t task, std::uint32_t turn) RT {
  bool any = false;
  for (auto n = plan.first_next[task]; n < plan.first_next[task + 1]; ++n) {
    const auto other = plan.next[n];
    if (plan.missing[other].fetch_sub(1, std::memory_order_acq_rel) != 1) continue;
    plan.missing[other].store(plan.waits[other], std::memory_order_relaxed);  // for the next block
    state_[other].ready.store(turn, std::memory_order_release);
    any = true;
  }
  if (any) released_.fetch_add(1, std::memory_order_release);
}

bool Workers::nothing_new(const Hand& hand) const RT {
  return call_.load(std::memory_order_acquire) == hand.looked_through && released_.load(std::memory_order_acquire) == hand.released;
}

bool Workers::help(int worker) RT {
  Hand& hand = hands_[worker];
  if (nothing_new(hand)) return false;
  const auto word = call_.load(std::memory_order_acquire);
  const auto released = released_.load(std::memory_order_acquire);
  const Call call = Call::of(word);
  std::uint32_t task = 0;
  if (!claim(call, hand, task)) {
    hand.looked_through = word;
    hand.released = released;
    return false;
  }
  // The call cannot end before the claimed task is done: what was told with it stands.
  const Plan& plan = *plan_.load(std::memory_order_relaxed);
  run_task(plan, task, *block_.load(std::memory_order_relaxed), worker);
  if (onwards_) release_next(plan, task, call.turn);
  hand.done.store(hand.done.load(std::memory_order_relaxed) + 1, std::memory_order_release);
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
      for (int i = 0; i < 64 && nothing_new(hands_[worker]); ++i) relax();
      continue;
    }
    const double nap_s = idle_s < kIdle_s ? std::min(nap_s_, idle_s) : kIdleNap_s;
    std::this_thread::sleep_for(std::chrono::duration<double>(nap_s));
  }
}

}  // namespace hocket
