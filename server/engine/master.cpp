#include "server/engine/master.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "server/engine/peak.h"

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
  const auto around = [room](int i) RT { return i < room ? i : i - room; };  // a division would take longer than all the rest
  if (low_count_ > 0 && lows_[low_first_].at + ahead_ < at_) {
    low_first_ = around(low_first_ + 1);
    --low_count_;
  }
  while (low_count_ > 0 && lows_[around(low_first_ + low_count_ - 1)].gain >= gain) --low_count_;
  lows_[around(low_first_ + low_count_++)] = {gain, at_};
  return lows_[low_first_].gain;
}

bool Master::rests() const RT {
  return sum_ == kUnity * ahead_ && released_ == 1 && (low_count_ == 0 || lows_[low_first_].gain == kUnity);
}

void Master::Blocker::run(Blocker (&of)[2], float* const* signal, int frames, double pole) RT {
  Blocker both[] = {of[0], of[1]};
  const double squared = pole * pole;
  const auto step = [&](Blocker& b, Two now) RT {
    const Two by = now - __builtin_shufflevector(b.x, now, 1, 2);
    b.y = (by + pole * __builtin_shufflevector(b.moved, by, 1, 2)) + squared * b.y;
    b.x = now, b.moved = by;
    return b.y;
  };
  int i = 0;
  for (; i + 4 <= frames; i += 4) {
    for (int c = 0; c < 2; ++c) {
      Floats in;
      std::memcpy(&in, signal[c] + i, sizeof in);
      in = magnitude(in) < kNotFinite ? in : Floats{};
      const Two first = step(both[c], Two{in[0], in[1]}), second = step(both[c], Two{in[2], in[3]});
      const Floats out = {static_cast<float>(first[0]), static_cast<float>(first[1]), static_cast<float>(second[0]),
                          static_cast<float>(second[1])};
      std::memcpy(signal[c] + i, &out, sizeof out);
    }
  }
  for (; i < frames; ++i) {
    for (int c = 0; c < 2; ++c) {
      auto& [x, moved, y] = both[c];
      float& at = signal[c][i];
      const double in = std::isfinite(at) ? at : 0, by = in - x[1];
      y = Two{y[1], (by + pole * moved[1]) + squared * y[0]};
      x = Two{x[1], in}, moved = Two{moved[1], by};
      at = static_cast<float>(y[1]);
    }
  }
  of[0] = both[0], of[1] = both[1];
}

void Master::run(float* left, float* right, int frames) RT {
  float* const both[] = {left, right};
  Blocker::run(blocker_, both, frames, pole_);
  if (!rests()) return limit(left, right, frames);
  if (std::max(peak(left, frames), peak(right, frames)) > kCeiling) {
    rested();
    return limit(left, right, frames);
  }
  pass_on(0, left, frames);
  pass_on(1, right, frames);
  slot_ = (slot_ + frames) % ahead_;
  at_ += frames;
  rested();
}

void Master::pass_on(int channel, float* signal, int frames) RT {
  for (int i = 0, slot = slot_; i < frames; slot = 0) {
    const int n = std::min(frames - i, ahead_ - slot);
    std::swap_ranges(signal + i, signal + i + n, delay_[channel].get() + slot);
    i += n;
  }
}

void Master::limit(float* left, float* right, int frames) RT {
  for (int i = 0; i < frames; ++i, ++at_) {
    const auto lowest = held(needed(left[i], right[i]));
    const double low = static_cast<double>(lowest) / static_cast<double>(kUnity);
    released_ = low < released_ ? low : released_ + (low - released_) * recovery_;
    if (released_ > 1 - 1e-7) released_ = 1;
    const auto gain = static_cast<std::int64_t>(released_ * static_cast<double>(kUnity));

    const auto slot = slot_;
    slot_ = slot + 1 == ahead_ ? 0 : slot + 1;
    sum_ += gain - gains_[slot];
    gains_[slot] = gain;
    std::swap(left[i], delay_[0][slot]);
    std::swap(right[i], delay_[1][slot]);
    if (sum_ == kUnity * ahead_) continue;
    const auto factor = static_cast<float>(static_cast<double>(sum_) / static_cast<double>(kUnity * ahead_));
    left[i] *= factor;
    right[i] *= factor;
  }
}

// The candidates that `held` would have left: the last of equal ones.
void Master::rested() RT {
  low_count_ = 1;
  lows_[low_first_] = {kUnity, at_ - 1};
}

}  // namespace hocket
