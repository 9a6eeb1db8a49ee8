// One object on its way from the control side to the audio side, which may look at it before it takes it.
#pragma once

#include <atomic>
#include <cstdint>

namespace hocket {

/// Holds at most one object. The audio side claims it for a look, then takes it or leaves it; the control side may take it
/// back as long as it was only looked at. The audio side never waits; `withdraw` waits for a look to end, which is a few
/// instructions long.
template <class T>
class Handoff {
 public:
  /// False: the last one has not been taken. Thread: control
  bool give(T* object) noexcept {
    if (state_.load(std::memory_order_acquire) != kEmpty) return false;
    object_ = object;
    state_.store(kFull, std::memory_order_release);
    return true;
  }

  /// The object, if the audio side has not taken it; the control side's again. Thread: control
  T* withdraw() noexcept {
    while (true) {
      auto expected = kFull;
      if (state_.compare_exchange_weak(expected, kEmpty, std::memory_order_acq_rel, std::memory_order_acquire)) return object_;
      if (expected == kEmpty) return nullptr;
    }
  }

  /// Looks at the object, or null. After a look that gave one, `take` or `leave` must follow. Thread: audio
  const T* look() noexcept {
    if (state_.load(std::memory_order_relaxed) == kEmpty) return nullptr;
    auto expected = kFull;
    if (!state_.compare_exchange_strong(expected, kLooked, std::memory_order_acq_rel, std::memory_order_relaxed)) return nullptr;
    return object_;
  }
  void leave() noexcept { state_.store(kFull, std::memory_order_release); }
  T* take() noexcept {
    T* object = object_;
    state_.store(kEmpty, std::memory_order_release);
    return object;
  }

 private:
  static constexpr std::uint8_t kEmpty = 0, kFull = 1, kLooked = 2;
  T* object_ = nullptr;
  std::atomic<std::uint8_t> state_{kEmpty};
};

}  // namespace hocket
