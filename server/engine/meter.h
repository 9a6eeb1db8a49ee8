// What a player's load is counted in.
#pragma once

#include <atomic>
#include <cstdint>

namespace hocket {

/// Time spent on one thing, in `ticks`; counts only while somebody measures. Thread: any
struct Meter {
  std::atomic<std::uint64_t> ticks{0};
};

}  // namespace hocket
