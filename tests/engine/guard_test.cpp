// The guard sees what may not happen in the callback, and the callback does none of it.
#include "tests/rt/guard.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include "tests/engine/rig.h"

using namespace hocket;
using namespace hocket::test;

namespace {

template <class F>
int violations(F f) {
  const CountViolations counted;
  {
    const RealTimeScope scope;
    f();
  }
  return counted.count();
}

}  // namespace

TEST_CASE("the guard lets arithmetic and the clock pass") {
  volatile float x = 0;
  CHECK(violations([&] {
          for (int i = 0; i < 1000; ++i) x = x + 1;
          (void)std::chrono::steady_clock::now();
        }) == 0);
}

TEST_CASE("the guard sees allocations") {
  std::vector<int> grows;
  CHECK(violations([&] { grows.resize(grows.capacity() + 100); }) >= 1);
  int* volatile one = nullptr;
  CHECK(violations([&] { one = new int(3); }) >= 1);
  CHECK(violations([&] { delete one; }) >= 1);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("the guard sees locks") {
  std::mutex mutex;
  CHECK(violations([&] { const std::lock_guard lock(mutex); }) >= 1);
}
#endif

TEST_CASE("the guard sees system calls") {
  if (!catches_system_calls()) {
    WARN("skipped: this kernel has no Syscall User Dispatch");
    return;
  }
  CHECK(violations([&] { syscall(SYS_getppid); }) == 1);
}

TEST_CASE("rendering through swaps, steals and faults is guarded and clean") {
  EngineSettings settings;
  settings.threads = 2;
  Rig rig(settings);
  const auto graph = [](int n) {
    GraphMaker g;
    const Ref v = g.voices("~v", tone_voice(2 + n % 3, 0.1), 1, static_cast<std::uint64_t>(n));
    const Ref burn = g.unit("burn", {v}, "~burn" + std::to_string(n % 2));
    const Ref other = g.unit("burn", {g.unit("saw", {Ref::of(100 + n), Ref::of(0)}, "~saw")}, "~other");
    g.out(g.mix({burn, other}, "out/mix"));
    return g.graph;
  };
  const CountViolations counted;
  for (int n = 0; n < 20; ++n) {
    std::vector<Play> plays;
    const std::int64_t from = n * 1500;
    for (std::int64_t k = 0; k < 8; ++k) plays.push_back({0, {from + 200 * k, 96000}, {from + 200 * k + 900, 96000}, {200, 60, 1, 1}});
    rig.swap(graph(n), plays);
    rig.render(1500);
  }
  CHECK(counted.count() == 0);
  CHECK(rig.engine.status().swap_serial == 20);
}
