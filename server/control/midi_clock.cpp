#include "server/control/midi_clock.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

namespace hocket {

namespace {

constexpr double kLongestS = 12;  // of the stretch that is fitted
constexpr std::size_t kMostTicks = 2048;
constexpr std::size_t kLeastTicks = 7;    // for a tempo
constexpr std::size_t kChangeTicks = 9;   // whose middle tells of a change
constexpr std::size_t kSpreadTicks = 24;  // that tell how uneven the sender is
constexpr double kMostOff = 0.2;          // of the ticks may lie far from the line
constexpr double kGoneS = 0.5;            // no tick for so long: the sender has gone or stopped
constexpr int kMostSixteenths = 1 << 14;  // song position has 14 bits

double median(std::vector<double> x) {
  const auto middle = x.begin() + static_cast<std::ptrdiff_t>(x.size() / 2);
  std::nth_element(x.begin(), middle, x.end());
  return *middle;
}

/// Stamps against the numbers of their ticks.
struct Line {
  double offset = 0;
  double slope = 0;

  std::vector<double> residuals(const std::vector<double>& y) const {
    std::vector<double> off(y.size());
    for (std::size_t i = 0; i < y.size(); ++i) off[i] = y[i] - offset - slope * static_cast<double>(i);
    return off;
  }
  /// The middle of the distances: a quarter of what even stamps may be off in all.
  double spread(const std::vector<double>& y) const {
    auto off = residuals(y);
    for (auto& x : off) x = std::fabs(x);
    return median(std::move(off));
  }
};

// Such that half of the slopes from one half to the other are greater, and half of the stamps lie above.
Line middle_line(const std::vector<double>& y) {
  const auto half = y.size() / 2;
  std::vector<double> slopes;
  for (std::size_t i = 0; i + half < y.size(); ++i) slopes.push_back((y[i + half] - y[i]) / static_cast<double>(half));
  Line line{0, median(std::move(slopes))};
  line.offset = median(line.residuals(y));
  return line;
}

// Least squares over what is no further off than `near_s`; none where that is too little.
std::optional<Line> line_near(const Line& line, const std::vector<double>& y, double near_s) {
  const auto off = line.residuals(y);
  double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (std::fabs(off[i]) > near_s) continue;
    const auto x = static_cast<double>(i);
    n += 1;
    sx += x;
    sy += y[i];
    sxx += x * x;
    sxy += x * y[i];
  }
  const double det = n * sxx - sx * sx;
  if (n < (1 - kMostOff) * static_cast<double>(y.size()) || det <= 0) return std::nullopt;
  const double slope = (n * sxy - sx * sy) / det;
  return Line{(sy - slope * sx) / n, slope};
}

// How far the last stamps lie off, in the middle. None comes early: of a heap all but the last are late, and tell nothing.
double last_off(const Line& line, const std::vector<double>& y, double coarse_s) {
  const auto off = line.residuals(y);
  std::vector<double> last;
  for (auto i = y.size(); i > 0 && y.size() - i < kSpreadTicks && last.size() < kChangeTicks; --i)
    if (i == y.size() || y[i] - y[i - 1] > 0.4 * line.slope - coarse_s) last.push_back(off[i - 1]);
  return last.size() < kChangeTicks / 2 ? INFINITY : std::fabs(median(std::move(last)));
}

}  // namespace

bool ClockFollower::heeds(MidiKind kind) {
  return kind == MidiKind::clock || kind == MidiKind::start || kind == MidiKind::resume || kind == MidiKind::stop ||
         kind == MidiKind::song_position;
}

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
      if (running_ && !waits_for_tick_) song_tick_ += next_ - song_number_;
      running_ = false;
      break;
    case MidiKind::song_position:
      song_tick_ = std::int64_t{message.wide()} * kClockTicksPerSixteenth;
      song_number_ = next_;
      ++jumps_;
      break;
    default:
      break;
  }
}

void ClockFollower::tick(double at_s) {
  if (!stamps_.empty() && at_s - stamps_.back() > kGoneS) {
    stamps_.clear();
    tick_s_ = 0;
  }
  if (running_ && waits_for_tick_) {
    waits_for_tick_ = false;
    song_number_ = next_;
  }
  stamps_.push_back(at_s);
  ++next_;
  while (stamps_.size() > kMostTicks || at_s - stamps_.front() > kLongestS) stamps_.pop_front();
  fit();
}

// What does not lie on the line any more is forgotten.
void ClockFollower::fit() {
  auto count = stamps_.size();
  while (count >= kLeastTicks && !fit_last(count)) count /= 2;
  const auto keep = count >= kLeastTicks ? count : kSpreadTicks;
  if (keep < stamps_.size()) stamps_.erase(stamps_.begin(), stamps_.end() - static_cast<std::ptrdiff_t>(keep));
}

// True: the last `count` ticks lie on one line, which is then the one in force.
bool ClockFollower::fit_last(std::size_t count) {
  std::vector<double> y(stamps_.end() - static_cast<std::ptrdiff_t>(count), stamps_.end());
  const double first_s = y.front();
  for (auto& stamp : y) stamp -= first_s;
  const auto middle = middle_line(y);
  double near_s = coarse_s_ + 0.002;
  if (count >= kSpreadTicks) near_s = std::max(near_s, std::min(3 * middle.spread(y), 0.3 * middle.slope));
  const auto line = line_near(middle, y, near_s);
  if (!line || line->slope <= 0.001 || line->slope > kGoneS) return false;
  const double most_off_s = std::max(0.6 * coarse_s_ + 0.0005, 2.2 * line->spread(y));
  if (count > kLeastTicks && last_off(*line, y, coarse_s_) > most_off_s) return false;
  tick_s_ = line->slope;
  origin_ = next_ - 1;
  origin_s_ = first_s + line->offset + line->slope * static_cast<double>(count - 1);
  return true;
}

bool ClockFollower::locked(double now_s) const {
  return tick_s_ > 0 && !stamps_.empty() && now_s - stamps_.back() < kGoneS;
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
