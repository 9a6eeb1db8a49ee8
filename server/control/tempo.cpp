#include "server/control/tempo.h"

#include <cmath>

namespace hocket {

Rational frames_per_cycle(Rational cps, double rate) {
  const auto whole = static_cast<std::int64_t>(std::llround(rate));
  const Rational frames = std::fabs(rate - static_cast<double>(whole)) < 1e-9 ? Rational(whole) : Rational::near(rate);
  return frames / cps;
}

Rational query_step(Rational cps, double longest_s) {
  constexpr std::int64_t kMost = 4096;
  double length_s = 1 / cps.to_double();
  std::int64_t parts = 1, cycles = 1;
  for (; length_s > longest_s && parts < kMost; parts *= 2) length_s /= 2;
  for (; length_s * 2 <= longest_s && cycles < kMost; cycles *= 2) length_s *= 2;
  return {cycles, parts};
}

Rational next_multiple(Rational x, Rational step) {
  return step * Rational((x / step).floor() + 1);
}

Rational multiple_from(Rational x, Rational step) {
  return step * Rational((x / step).ceil());
}

}  // namespace hocket
