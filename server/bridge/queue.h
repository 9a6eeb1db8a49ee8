// A lock-free queue from one thread to one other, of fixed capacity.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace hocket {

/// Values are copied in and out. A full queue takes nothing and says so; nobody ever waits.
/// Source: Lamport, "Specifying concurrent program modules", 1983; with each side's copy of the other's index cached.
template <class T>
class Queue {
 public:
  /// `capacity` is rounded up to a power of two. Thread: control
  explicit Queue(std::size_t capacity) {
    std::size_t size = 1;
    while (size < capacity) size *= 2;
    mask_ = size - 1;
    cells_ = std::make_unique<T[]>(size);
  }

  /// False: full. Thread: the one that gives
  bool give(const T& value) noexcept {
    const auto at = head_.load(std::memory_order_relaxed);
    if (at - tail_seen_ > mask_) {
      tail_seen_ = tail_.load(std::memory_order_acquire);
      if (at - tail_seen_ > mask_) return false;
    }
    cells_[at & mask_] = value;
    head_.store(at + 1, std::memory_order_release);
    return true;
  }

  /// False: empty. Thread: the one that takes
  bool take(T& value) noexcept {
    const T* next = peek();
    if (!next) return false;
    value = *next;
    drop();
    return true;
  }

  /// The next value in place, or null; `drop` then frees its cell. Thread: the one that takes
  const T* peek() noexcept {
    const auto at = tail_.load(std::memory_order_relaxed);
    if (at == head_seen_) {
      head_seen_ = head_.load(std::memory_order_acquire);
      if (at == head_seen_) return nullptr;
    }
    return &cells_[at & mask_];
  }
  void drop() noexcept { tail_.store(tail_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }

  /// Room for so many more, at least. Thread: the one that gives
  std::size_t room() noexcept {
    tail_seen_ = tail_.load(std::memory_order_acquire);
    return mask_ + 1 - (head_.load(std::memory_order_relaxed) - tail_seen_);
  }

 private:
  std::unique_ptr<T[]> cells_;
  std::size_t mask_ = 0;
  alignas(64) std::atomic<std::size_t> head_{0};  // next to be written
  std::size_t tail_seen_ = 0;
  alignas(64) std::atomic<std::size_t> tail_{0};  // next to be read
  std::size_t head_seen_ = 0;
};

}  // namespace hocket
