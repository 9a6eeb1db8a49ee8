#include "tests/audio/clicks.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "tests/audio/prediction.h"

namespace hocket::test {
namespace {

constexpr int kSide = 10;     // blocks of 20 ms that tell what is usual, on either side
constexpr int kFollowed = 4;  // frames of a departure that tell its kind
constexpr double kTiny = 1e-9;

std::vector<double> block_maxima(std::span<const float> x, std::int64_t block) {
  std::vector<double> maxima;
  for (std::size_t at = 0; at < x.size(); at += static_cast<std::size_t>(block))
    maxima.push_back(peak(x.subspan(at, std::min<std::size_t>(static_cast<std::size_t>(block), x.size() - at))));
  return maxima;
}

double median(std::vector<double> x) {
  if (x.empty()) return 0;
  const auto middle = x.begin() + static_cast<std::ptrdiff_t>(x.size() / 2);
  std::nth_element(x.begin(), middle, x.end());
  return *middle;
}

// The residual's usual maximum around each block, leaving out the block itself and its neighbours.
std::vector<double> usual_maxima(const std::vector<double>& maxima) {
  const auto blocks = static_cast<std::ptrdiff_t>(maxima.size());
  std::vector<double> usual;
  for (std::ptrdiff_t b = 0; b < blocks; ++b) {
    const auto side = [&](std::ptrdiff_t from, std::ptrdiff_t to) {
      from = std::clamp<std::ptrdiff_t>(from, 0, blocks), to = std::clamp<std::ptrdiff_t>(to, 0, blocks);
      return from >= to ? 0. : median({maxima.begin() + from, maxima.begin() + to});
    };
    usual.push_back(std::max(side(b - 1 - kSide, b - 1), side(b + 2, b + 2 + kSide)));
  }
  return usual;
}

// RMS within `reach` frames of any frame, from running sums of squares.
class Level {
 public:
  explicit Level(std::span<const float> x) : sums_(x.size() + 1, 0.) {
    for (std::size_t i = 0; i < x.size(); ++i) sums_[i + 1] = sums_[i] + static_cast<double>(x[i]) * x[i];
  }
  double between(std::int64_t from, std::int64_t to) const {
    const auto last = static_cast<std::int64_t>(sums_.size()) - 1;
    from = std::clamp<std::int64_t>(from, 0, last), to = std::clamp<std::int64_t>(to, 0, last);
    return from >= to
               ? 0.
               : std::sqrt((sums_[static_cast<std::size_t>(to)] - sums_[static_cast<std::size_t>(from)]) / static_cast<double>(to - from));
  }
  double around(std::int64_t at, std::int64_t reach) const { return between(at - reach, at + reach); }
  double whole() const { return between(0, static_cast<std::int64_t>(sums_.size())); }

 private:
  std::vector<double> sums_;
};

// A sine's peak of the same level; kept from falling to nothing in a rest.
double programme_level(const Level& level, std::int64_t at, double rate) {
  const double around = level.around(at, static_cast<std::int64_t>(rate / 2));
  return std::numbers::sqrt2 * std::max(around, from_db(-30) * level.whole());
}

// By how a departure's energy goes on: a spike's is over, a corner's grows with the square of time.
Click::Kind kind_of(const std::vector<double>& departure) {
  double early = 0, late = 0;
  for (std::size_t i = 0; i < departure.size(); ++i) (i < departure.size() / 2 ? early : late) += departure[i] * departure[i];
  if (late < early / 4) return Click::Kind::spike;
  return late > early * 3 ? Click::Kind::corner : Click::Kind::step;
}

bool near_any(const std::vector<std::int64_t>& frames, std::int64_t at, std::int64_t apart) {
  return std::any_of(frames.begin(), frames.end(), [&](std::int64_t f) { return std::abs(f - at) <= apart; });
}

double most_within(std::span<const float> x, std::int64_t at, std::int64_t apart) {
  const auto last = static_cast<std::int64_t>(x.size());
  const std::int64_t from = std::clamp<std::int64_t>(at - apart, 0, last), to = std::clamp<std::int64_t>(at + apart + 1, 0, last);
  return peak(x.subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)));
}

}  // namespace

const char* to_string(Click::Kind kind) {
  switch (kind) {
    case Click::Kind::step:
      return "step";
    case Click::Kind::spike:
      return "spike";
    default:
      return "corner";
  }
}

Samples prediction_residual(std::span<const float> x) {
  return Prediction(x).residual();
}

std::vector<Click> find_clicks(std::span<const float> x, const ClickLimits& limits, const Expected& expected) {
  const Prediction prediction(x);
  const Samples& residual = prediction.residual();
  std::vector<Samples> made;
  for (const auto& reference : expected.references) made.push_back(prediction_residual(reference));
  auto references = expected.residuals;
  references.insert(references.end(), made.begin(), made.end());
  const Level level(expected.programme.empty() ? x : expected.programme);

  const auto block = static_cast<std::int64_t>(limits.rate * 0.02);
  const std::vector<double> maxima = block_maxima(residual, block), usual = usual_maxima(maxima);
  const double prominent = from_db(limits.prominence_db);

  std::vector<Click> clicks;
  const auto frames = static_cast<std::int64_t>(x.size());
  for (std::int64_t i = 0; i < frames; ++i) {
    const double around = usual[static_cast<std::size_t>(i / block)] + kTiny;
    if (std::abs(static_cast<double>(residual[static_cast<std::size_t>(i)])) < prominent * around) continue;
    // The strongest of what belongs together, and where it began.
    std::int64_t strongest = i, end = std::min(frames, i + limits.apart);
    for (std::int64_t k = i; k < end; ++k)
      if (std::abs(residual[static_cast<std::size_t>(k)]) > std::abs(residual[static_cast<std::size_t>(strongest)])) strongest = k;
    const double height = std::abs(static_cast<double>(residual[static_cast<std::size_t>(strongest)]));
    std::int64_t start = i;
    while (start < strongest && std::abs(static_cast<double>(residual[static_cast<std::size_t>(start)])) < height / 8) ++start;
    i = end - 1;

    if (near_any(expected.onsets, start, limits.apart)) continue;
    if (std::any_of(references.begin(), references.end(),
                    [&](std::span<const float> r) { return most_within(r, start, limits.apart) >= from_db(limits.reference_db) * height; }))
      continue;
    const double reference = programme_level(level, start, limits.rate);
    if (reference == 0) continue;
    // The first frame's error is the height itself; the next ones hold the model's answer to it too.
    const double first = std::abs(static_cast<double>(residual[static_cast<std::size_t>(start)]));
    const Click click{start, kind_of(prediction.departure(start, kFollowed)), to_db(first / reference), to_db(height / around)};
    if (click.level_db > (click.kind == Click::Kind::corner ? limits.corner_db : limits.level_db)) clicks.push_back(click);
  }
  return clicks;
}

std::vector<Gap> find_gaps(std::span<const float> x, std::int64_t least, const ClickLimits& limits, const Expected& expected) {
  const Level level(x);
  const auto reach = static_cast<std::int64_t>(limits.rate * 0.02);
  const auto frames = static_cast<std::int64_t>(x.size());
  const double whole = level.whole();
  std::vector<Gap> gaps;
  for (std::int64_t i = 1; i < frames;) {
    // What is quiet against the 20 ms before it, for as long as it stays so.
    const double before = level.between(i - reach, i);
    const auto quiet = [&](std::int64_t at) {
      return std::abs(static_cast<double>(x[static_cast<std::size_t>(at)])) <= before * from_db(-80);
    };
    if (before <= whole * from_db(-40) || !quiet(i)) {
      ++i;
      continue;
    }
    std::int64_t end = i;
    while (end < frames && quiet(end)) ++end;
    const double after = level.between(end, end + reach);
    const bool rest = std::any_of(expected.references.begin(), expected.references.end(), [&](std::span<const float> r) {
      const auto last = std::min(end, static_cast<std::int64_t>(r.size()));
      std::int64_t loud = 0;
      for (auto k = i; k < last; ++k) loud += std::abs(static_cast<double>(r[static_cast<std::size_t>(k)])) > before * from_db(-80) ? 1 : 0;
      return last > i && loud < least;
    });
    if (end - i >= least && after > whole * from_db(-40) && !rest) gaps.push_back({i, end - i});
    i = end + 1;
  }
  return gaps;
}

}  // namespace hocket::test
