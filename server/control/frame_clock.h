// Between the audio thread's frames and the machine's steady time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <mutex>

#include "server/bridge/bulletin.h"

namespace hocket {

/// A callback may begin late, never early: the earliest of the last quarter to half a second tells the time. So a stall of the
/// machine does not shift what is played meanwhile, and a device that lost time is followed soon.
class FrameClock {
 public:
  explicit FrameClock(double rate) : rate_(rate) {}

  static std::int64_t now_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }

  /// A callback begins with this frame, at this time, and asks for so many. Thread: audio
  void mark(std::int64_t frame, int frames, std::int64_t ns = now_ns()) noexcept {
    const auto longest = frames > longest_ ? frames : longest_ - (longest_ - frames) / 4096;
    longest_ = longest;
    marks_.post({ns, frame, longest});
  }

  /// The frame whose callback begins at this time. Thread: any
  std::int64_t frame_at(std::int64_t ns) {
    const std::lock_guard lock(mutex_);
    look();
    return std::llround(static_cast<double>(ns - start_ns()) * rate_ / 1e9);
  }
  std::int64_t ns_at(std::int64_t frame) {
    const std::lock_guard lock(mutex_);
    look();
    return start_ns() + std::llround(static_cast<double>(frame) * 1e9 / rate_);
  }
  /// The frame at this time as the last callback alone tells it, at most a turn after it: for what comes by the same driver's turns
  /// as the sound does, and keeps its place in it whatever time that driver loses. Thread: any, without a lock
  std::int64_t frame_by_turns(std::int64_t ns) const noexcept {
    const auto mark = marks_.read();
    return mark.frame + std::min<std::int64_t>(std::llround(static_cast<double>(ns - mark.ns) * rate_ / 1e9), mark.frames);
  }
  /// Frames that a callback asks for, at most, of late. Thread: any
  int callback_frames() const { return marks_.read().frames; }

 private:
  struct Mark {
    std::int64_t ns = 0;
    std::int64_t frame = 0;
    int frames = 0;
  };

  /// When frame 0 began, or would have begun.
  std::int64_t start_ns() const { return std::min(window_ns_, before_ns_); }

  void look() {
    const auto mark = marks_.read();
    if (mark.ns == seen_ns_) return;
    seen_ns_ = mark.ns;
    constexpr std::int64_t kWindow_ns = 250'000'000;
    const std::int64_t start = mark.ns - std::llround(static_cast<double>(mark.frame) * 1e9 / rate_);
    if (mark.ns - turned_ns_ > kWindow_ns) {
      before_ns_ = mark.ns - turned_ns_ > 2 * kWindow_ns ? start : window_ns_;
      window_ns_ = start;
      turned_ns_ = mark.ns;
    }
    window_ns_ = std::min(window_ns_, start);
  }

  const double rate_;
  Bulletin<Mark> marks_;
  int longest_ = 0;  // the audio thread's
  std::mutex mutex_;
  std::int64_t seen_ns_ = 0;
  std::int64_t turned_ns_ = 0;  // when this window began
  std::int64_t window_ns_ = 0;  // the earliest start that was seen in it
  std::int64_t before_ns_ = 0;  // likewise in the window before
};

}  // namespace hocket
