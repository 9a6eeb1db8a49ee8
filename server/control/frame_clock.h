// Between the audio thread's frames and the machine's steady time.
#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <mutex>

#include "server/bridge/bulletin.h"

namespace hocket {

/// A callback may begin late, never early: the earliest ones tell the time, later ones only slowly move it back, so that a
/// stall of the machine does not shift what is played meanwhile.
class FrameClock {
 public:
  explicit FrameClock(double rate) : rate_(rate) {}

  static std::int64_t now_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }

  /// A callback begins with this frame, and asks for so many. Thread: audio
  void mark(std::int64_t frame, int frames) noexcept {
    const auto longest = frames > longest_ ? frames : longest_ - (longest_ - frames) / 4096;
    longest_ = longest;
    marks_.post({now_ns(), frame, longest});
  }

  /// The frame whose callback begins at this time. Thread: any
  std::int64_t frame_at(std::int64_t ns) {
    const std::lock_guard lock(mutex_);
    look();
    return origin_frame_ + std::llround(static_cast<double>(ns - origin_ns_) * rate_ / 1e9);
  }
  std::int64_t ns_at(std::int64_t frame) {
    const std::lock_guard lock(mutex_);
    look();
    return origin_ns_ + std::llround(static_cast<double>(frame - origin_frame_) * 1e9 / rate_);
  }
  /// Frames that a callback asks for, at most, of late. Thread: any
  int callback_frames() const { return marks_.read().frames; }

 private:
  struct Mark {
    std::int64_t ns = 0;
    std::int64_t frame = 0;
    int frames = 0;
  };

  void look() {
    const auto mark = marks_.read();
    if (mark.ns == seen_ns_) return;
    seen_ns_ = mark.ns;
    const double late_ns = static_cast<double>(mark.ns - origin_ns_) - static_cast<double>(mark.frame - origin_frame_) * 1e9 / rate_;
    constexpr double kLost_ns = 2e8;  // the device stood still, or another has taken over
    constexpr double kShare = 1. / 256;
    const double keep = late_ns <= 0 || late_ns > kLost_ns ? late_ns : late_ns * kShare;
    const auto time_ns = mark.ns - std::llround(late_ns - keep);
    origin_ns_ = time_ns;
    origin_frame_ = mark.frame;
  }

  const double rate_;
  Bulletin<Mark> marks_;
  int longest_ = 0;  // the audio thread's
  std::mutex mutex_;
  std::int64_t seen_ns_ = 0;
  std::int64_t origin_ns_ = 0;
  std::int64_t origin_frame_ = 0;
};

}  // namespace hocket
