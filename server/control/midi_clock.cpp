#include "server/control/midi_clock.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace hocket {

namespace {

constexpr double kLongestS = 12;  // of the stretch that is fitted
constexpr std::size_t kMostTicks = 2048;
constexpr std::size_t kLeastTicks = 7;    // for a tempo
constexpr std::size_t kChangeTicks = 9;   // whose residuals' median tells of a change
constexpr double kGoneS = 0.5;            // no tick for so long: the sender has gone or stopped
constexpr int kMostSixteenths = 1 << 14;  // song position has 14 bits

}  // namespace

void ClockFollower::take(const MidiMessage& message, double at_s) {
  switch (message.kind()) {
    case MidiKind::clock:
      tick(at_s);
      break;
    case MidiKind::start:
    case MidiKind::resume:
      if (message.kind() == MidiKind::start) song_tick_ = 0;
      running_ = true;
      waits_for_tick_ = true;
      ++jumps_;
      break;
    case MidiKind::stop:
      // Stands on the tick that would come next.
      if (running_ && !waits_for_tick_) song_tick_ += next_number_ - song_number_;
      running_ = false;
      break;
    case MidiKind::song_position:
      song_tick_ = std::int64_t{message.wide()} * kClockTicksPerSixteenth;
      song_number_ = next_number_;
      ++jumps_;
      break;
    default:
      break;
  }
}

void ClockFollower::tick(double at_s) {
  if (!ticks_.empty()) {
    const double gap_s = at_s - ticks_.back().at_s;
    if (gap_s > kGoneS) {
      ticks_.clear();
      tick_s_ = 0;
    } else if (tick_s_ > 0 && gap_s > 1.6 * tick_s_ + 2 * stamp_s_) {
      // Some were lost on the way, or are late and come in a moment, close together: where the line says that one is due, it is
      // this one.
      const double number = static_cast<double>(origin_) + (at_s - stamp_s_ / 2 - origin_s_) / tick_s_;
      const auto nearest = std::llround(number);
      if (std::fabs(number - static_cast<double>(nearest)) < 0.3) next_number_ = std::max(next_number_, static_cast<std::int64_t>(nearest));
    } else if (tick_s_ > 0 && gap_s < 0.4 * tick_s_ - 2 * stamp_s_) {
      // Held up and now let go: the line knows better than the stamp how many there were.
      const double number = static_cast<double>(origin_) + (at_s - stamp_s_ / 2 - origin_s_) / tick_s_;
      if (static_cast<double>(next_number_) > number + 1) return;
    }
  }
  if (running_ && waits_for_tick_) {
    waits_for_tick_ = false;
    song_number_ = next_number_;
  }
  ticks_.push_back({next_number_++, at_s});
  while (ticks_.size() > kMostTicks || ticks_.back().at_s - ticks_.front().at_s > kLongestS) ticks_.pop_front();
  fit();
}

void ClockFollower::fit() {
  auto count = ticks_.size();
  while (count >= kLeastTicks && !fit_last(count)) count = std::max(count / 2, kLeastTicks - 1);
  if (count < ticks_.size() && count >= kLeastTicks) ticks_.erase(ticks_.begin(), ticks_.end() - static_cast<std::ptrdiff_t>(count));
  if (count < kLeastTicks && ticks_.size() > kLeastTicks) ticks_.erase(ticks_.begin(), ticks_.end() - kLeastTicks);
}

// True: the last `count` ticks lie on one line, which is then the one in force.
bool ClockFollower::fit_last(std::size_t count) {
  const auto begin = ticks_.end() - static_cast<std::ptrdiff_t>(count);
  const auto origin = ticks_.back().number;
  const double base_s = ticks_.back().at_s;
  double slope = 0;
  double offset = 0;
  double bound = INFINITY;
  for (int pass = 0; pass < 2; ++pass) {  // the second leaves out what lies far off
    double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (auto t = begin; t != ticks_.end(); ++t) {
      const auto x = static_cast<double>(t->number - origin);
      const double y = t->at_s - base_s;
      if (std::fabs(y - offset - slope * x) > bound) continue;
      n += 1;
      sx += x;
      sy += y;
      sxx += x * x;
      sxy += x * y;
    }
    const double det = n * sxx - sx * sx;
    if (n < static_cast<double>(kLeastTicks) - 2 || det <= 0) return false;
    slope = (n * sxy - sx * sy) / det;
    offset = (sy - slope * sx) / n;
    bound = 1.5 * stamp_s_ + 0.002;
  }
  if (slope <= 0.001 || slope > 0.5) return false;
  if (count > kLeastTicks) {
    std::array<double, kChangeTicks> last{};
    const auto tail = std::min(count, kChangeTicks);
    for (std::size_t i = 0; i < tail; ++i) {
      const auto& t = ticks_[ticks_.size() - tail + i];
      last[i] = t.at_s - base_s - offset - slope * static_cast<double>(t.number - origin);
    }
    std::nth_element(last.begin(), last.begin() + static_cast<std::ptrdiff_t>(tail / 2), last.begin() + static_cast<std::ptrdiff_t>(tail));
    if (std::fabs(last[tail / 2]) > 0.6 * stamp_s_ + 0.0005) return false;
  }
  tick_s_ = slope;
  origin_ = origin;
  origin_s_ = base_s + offset - stamp_s_ / 2;
  return true;
}

bool ClockFollower::locked(double now_s) const {
  return tick_s_ > 0 && !ticks_.empty() && now_s - ticks_.back().at_s < kGoneS;
}

double ClockFollower::beats_at(double at_s) const {
  double ticks = static_cast<double>(song_tick_);
  if (running_ && !waits_for_tick_ && tick_s_ > 0) {
    const double number = static_cast<double>(origin_) + (at_s - origin_s_) / tick_s_;
    ticks += number - static_cast<double>(song_number_);
  }
  return ticks / kClockTicksPerBeat;
}

void ClockMaker::from(Rational cycle) {
  const Rational sixteenth(kClockTicksPerSixteenth, ticks_per_cycle_);
  tick_ = (max(cycle, 0) / sixteenth).ceil() * kClockTicksPerSixteenth;
  announced_ = 0;
}

ClockMaker::Due ClockMaker::next() const {
  const Rational at(tick_, ticks_per_cycle_);
  const auto sixteenths = tick_ / kClockTicksPerSixteenth;
  if (announced_ == 0 && sixteenths > 0) {
    const auto position = static_cast<int>(sixteenths % kMostSixteenths);
    return {at,
            {static_cast<std::uint8_t>(MidiKind::song_position), static_cast<std::uint8_t>(position & 0x7F),
             static_cast<std::uint8_t>(position >> 7)}};
  }
  if (announced_ < 2) return {at, {static_cast<std::uint8_t>(sixteenths > 0 ? MidiKind::resume : MidiKind::start), 0, 0}};
  return {at, {static_cast<std::uint8_t>(MidiKind::clock), 0, 0}};
}

void ClockMaker::done() {
  if (announced_ >= 2)
    ++tick_;
  else
    announced_ = announced_ == 0 && tick_ > 0 ? 1 : 2;
}

}  // namespace hocket
