// Bjorklund's spreading of pulses.
#include "lang/pattern/euclid.h"

#include <algorithm>
#include <utility>

#include "lang/pattern/combinators.h"

namespace hocket {

std::vector<bool> euclid_rhythm(std::int64_t pulses, std::int64_t steps) {
  constexpr std::int64_t kMostSteps = 1 << 10;
  if (steps < 1 || steps > kMostSteps) return {};
  const bool inverted = pulses < 0;
  const std::int64_t on = std::min(inverted ? -std::max(pulses, -steps) : pulses, steps);
  // Two kinds of groups, `a` of `as` and `b` of `bs`; the shorter list is dealt onto the longer until one odd group is left.
  std::vector<bool> as{true}, bs{false};
  std::int64_t a = on;
  std::int64_t b = steps - on;
  while (std::min(a, b) > 1) {
    if (a > b) {
      std::vector<bool> joined = as;
      joined.insert(joined.end(), bs.begin(), bs.end());
      bs = std::exchange(as, std::move(joined));
      a = std::exchange(b, a - b);
    } else {
      as.insert(as.end(), bs.begin(), bs.end());
      b -= a;
    }
  }
  std::vector<bool> rhythm;
  rhythm.reserve(static_cast<std::size_t>(steps));
  for (std::int64_t i = 0; i < a; ++i) rhythm.insert(rhythm.end(), as.begin(), as.end());
  for (std::int64_t i = 0; i < b; ++i) rhythm.insert(rhythm.end(), bs.begin(), bs.end());
  if (inverted) rhythm.flip();
  return rhythm;
}

Pattern euclid(std::int64_t pulses, std::int64_t steps, Rational rotation, const Pattern& on, const Pattern& off) {
  const std::vector<bool> rhythm = euclid_rhythm(pulses, steps);
  if (rhythm.empty()) return steps < 1 ? Pattern() : Pattern::exhausting();
  const auto choose = [rhythm, on, off](std::int64_t step, Rational, QueryContext&) {
    return rhythm[static_cast<std::size_t>(step)] ? on : off;
  };
  return early(rotation / Rational(steps), even_steps(steps, choose, {on, off}));
}

}  // namespace hocket
