#include "server/engine/rt.h"

#include <chrono>

namespace hocket {

double ticks_per_second() {
  static const double measured = [] {
    using Time = std::chrono::steady_clock;
    const auto from = Time::now();
    const auto ticks_from = ticks();
    while (Time::now() - from < std::chrono::milliseconds(2)) relax();
    const auto passed = ticks() - ticks_from;
    const std::chrono::duration<double> seconds = Time::now() - from;
    return passed == 0 ? 1e9 : static_cast<double>(passed) / seconds.count();
  }();
  return measured;
}

}  // namespace hocket
