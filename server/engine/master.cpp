#include "server/engine/master.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace hocket {

namespace {

constexpr double kAhead_s = 0.0015;
constexpr double kRecovery_s = 0.06;
constexpr double kCorner_hz = 2;  // of the DC blocker: a 20 Hz tone loses 0.04 dB

}  // namespace

Master::Master(double rate)
    : ahead_(std::max(1, static_cast<int>(kAhead_s * rate + 0.5))),
      pole_(std::exp(-6.283185307179586 * kCorner_hz / rate)),
      recovery_(1 - std::exp(-1 / (kRecovery_s * rate))) {
  for (auto& delay : delay_) delay = std::make_unique<float[]>(static_cast<std::size_t>(ahead_));
  gains_ = std::make_unique<std::int64_t[]>(static_cast<std::size_t>(ahead_));
  lows_ = std::make_unique<Low[]>(static_cast<std::size_t>(ahead_ + 1));
  reset();
}

void Master::reset() RT {
  for (int c = 0; c < 2; ++c) {
    blocker_[c] = {};
    for (int i = 0; i < ahead_; ++i) delay_[c][i] = 0;
  }
  for (int i = 0; i < ahead_; ++i) gains_[i] = kUnity;
  sum_ = kUnity * ahead_;
  released_ = 1;
  low_first_ = low_count_ = 0;
  slot_ = 0;
}

std::int64_t Master::needed(float left, float right) RT {
  const float peak = std::max(std::fabs(left), std::fabs(right));
  if (peak <= kCeiling) return kUnity;
  return static_cast<std::int64_t>(static_cast<double>(kCeiling) / static_cast<double>(peak) * static_cast<double>(kUnity));
}

// The smallest gain of the last `ahead_` + 1 frames: a queue of candidates, each smaller than those before it.
// Source: Lemire, "Streaming maximum-minimum filter using no more than three comparisons per element", 2006.
std::int64_t Master::held(std::int64_t gain) RT {
  const int room = ahead_ + 1;
  if (low_count_ > 0 && lows_[low_first_].at + ahead_ < at_) {
    low_first_ = (low_first_ + 1) % room;
    --low_count_;
  }
  while (low_count_ > 0 && lows_[(low_first_ + low_count_ - 1) % room].gain >= gain) --low_count_;
  lows_[(low_first_ + low_count_++) % room] = {gain, at_};
  return lows_[low_first_].gain;
}

bool Master::rests() const RT {
  return sum_ == kUnity * ahead_ && released_ == 1 && (low_count_ == 0 || lows_[low_first_].gain == kUnity);
}

void Master::run(float* left, float* right, int frames) RT {
  bool rests = this->rests();
  for (int i = 0; i < frames; ++i, ++at_) {
    float l = blocker_[0].run(std::isfinite(left[i]) ? left[i] : 0.F, pole_);
    float r = blocker_[1].run(std::isfinite(right[i]) ? right[i] : 0.F, pole_);
    const auto slot = slot_;
    slot_ = slot + 1 == ahead_ ? 0 : slot + 1;
    if (rests) {
      if (std::max(std::fabs(l), std::fabs(r)) <= kCeiling) {
        left[i] = std::exchange(delay_[0][slot], l);
        right[i] = std::exchange(delay_[1][slot], r);
        continue;
      }
      rests = false;
      rested();
    }
    const auto lowest = held(needed(l, r));
    const double low = static_cast<double>(lowest) / static_cast<double>(kUnity);
    released_ = low < released_ ? low : released_ + (low - released_) * recovery_;
    if (released_ > 1 - 1e-7) released_ = 1;
    const auto gain = static_cast<std::int64_t>(released_ * static_cast<double>(kUnity));

    sum_ += gain - gains_[slot];
    gains_[slot] = gain;
    std::swap(l, delay_[0][slot]);
    std::swap(r, delay_[1][slot]);
    if (sum_ != kUnity * ahead_) {
      const auto factor = static_cast<float>(static_cast<double>(sum_) / static_cast<double>(kUnity * ahead_));
      l *= factor;
      r *= factor;
    }
    left[i] = l;
    right[i] = r;
  }
  if (rests) rested();
}

// The candidates that `held` would have left: the last of equal ones.
void Master::rested() RT {
  low_count_ = 1;
  lows_[low_first_] = {kUnity, at_ - 1};
}

}  // namespace hocket
