// The last stop before the device: DC blocker, look-ahead limiter, meters.
#pragma once

#include <cstdint>
#include <memory>

#include "server/dsp/kernel.h"

namespace hocket {

/// A stereo master. Below the ceiling the limiter changes no bit but the time. Thread: audio
///
/// The gain that a frame needs is held for the look-ahead, then averaged over it, so that it is reached before the frame comes
/// out; it recovers exponentially. Source: Luff, "Designing a straightforward limiter", 2022. Gains are whole multiples of
/// 2^-24, so that the running average is exact for ever.
class Master {
 public:
  explicit Master(double rate);

  /// In place.
  void run(float* left, float* right, int frames) RT;
  void reset() RT;
  int latency() const RT { return ahead_; }

 private:
  static constexpr std::int64_t kUnity = std::int64_t{1} << 24;

  std::int64_t needed(float left, float right) RT;
  std::int64_t held(std::int64_t gain) RT;
  bool rests() const RT;  ///< no gain is below 1, nor has been of late: then frames are passed on
  void rested() RT;

  /// y = x - the x before + pole * the y before, told from the y two frames ago, so that a frame does not wait for the one before it.
  struct Blocker {
    using Two [[gnu::vector_size(16)]] = double;
    Two x = {}, moved = {}, y = {};  // of the last two frames; by what x has moved
    /// Both in one go: neither waits for the other.
    static void run(Blocker (&)[2], float* const* signal, int frames, double pole) RT;
  };
  void pass_on(int channel, float* signal, int frames) RT;
  void limit(float* left, float* right, int frames) RT;
  struct Low {  // a candidate for the smallest gain of the window
    std::int64_t gain, at;
  };

  int ahead_;  // frames
  double pole_, recovery_;
  Blocker blocker_[2];
  double released_ = 1;  // the gain as it recovers
  std::int64_t sum_;     // of the last `ahead_` held gains
  std::int64_t at_ = 0;  // frames so far
  int slot_ = 0;         // of the delays, for the next frame
  std::unique_ptr<float[]> delay_[2];
  std::unique_ptr<std::int64_t[]> gains_;
  std::unique_ptr<Low[]> lows_;
  int low_first_ = 0, low_count_ = 0;
};

/// 0.9886: -0.1 dBFS.
inline constexpr float kCeiling = 0.98855309F;

}  // namespace hocket
