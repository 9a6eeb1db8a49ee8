// The latest state of one thread, readable by any other at any time.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace hocket {

/// The writer never waits; a reader that met a write reads again. Source: Boehm, "Can seqlocks get along with programming
/// language memory models?", 2012.
template <class T>
class Bulletin {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Bulletin() noexcept { post(T{}); }

  /// Thread: one
  void post(const T& value) noexcept {
    std::uint64_t words[kWords] = {};
    std::memcpy(words, &value, sizeof value);
    const auto turn = turn_.load(std::memory_order_relaxed);
    turn_.store(turn + 1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    for (std::size_t i = 0; i < kWords; ++i) words_[i].store(words[i], std::memory_order_relaxed);
    turn_.store(turn + 2, std::memory_order_release);
  }

  /// Thread: any
  T read() const noexcept {
    std::uint64_t words[kWords];
    while (true) {
      const auto before = turn_.load(std::memory_order_acquire);
      for (std::size_t i = 0; i < kWords; ++i) words[i] = words_[i].load(std::memory_order_relaxed);
      std::atomic_thread_fence(std::memory_order_acquire);
      if (before % 2 == 0 && turn_.load(std::memory_order_relaxed) == before) break;
    }
    T value;
    std::memcpy(static_cast<void*>(&value), words, sizeof value);
    return value;
  }

 private:
  static constexpr std::size_t kWords = (sizeof(T) + 7) / 8;
  std::atomic<std::uint32_t> turn_{0};
  std::atomic<std::uint64_t> words_[kWords] = {};
};

}  // namespace hocket
