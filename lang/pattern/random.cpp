// Chance: xorshift steps from a time.
#include "lang/pattern/random.h"

namespace hocket {
namespace {

__extension__ using Wide = __int128;
constexpr std::int64_t kRange = 1 << 29;

std::int64_t shuffled(std::int64_t x) {
  x ^= static_cast<std::int64_t>(static_cast<std::uint64_t>(x) << 13);
  x ^= x >> 17;
  x ^= static_cast<std::int64_t>(static_cast<std::uint64_t>(x) << 5);
  return x;
}

double unit(std::int64_t x) {
  return static_cast<double>(modulo(x, kRange)) / static_cast<double>(kRange);
}

// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014 (its finaliser).
std::uint64_t mixed(std::uint64_t z) {
  z += 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

// The place of `time` within 300 cycles, in 2^-29ths of them; before cycle 0 places are negative and rounded towards it.
std::int64_t first_state(Rational time, std::uint64_t seed) {
  const Wide round = static_cast<Wide>(time.den()) * 300;
  const Wide place = time.num() % round;
  auto x = static_cast<std::int64_t>(place * kRange / round);
  if (seed != 0) x = static_cast<std::int64_t>(mixed(static_cast<std::uint64_t>(x) ^ mixed(seed)) % kRange);
  return shuffled(x);
}

}  // namespace

double random_at(Rational time, std::uint64_t seed) {
  if (time == Rational(0) && seed == 0) return 0.5;  // the steps would leave 0 at 0
  return unit(first_state(time, seed));
}

std::vector<double> randoms_at(Rational time, std::uint64_t seed, std::size_t count) {
  std::vector<double> numbers;
  std::int64_t x = first_state(time == Rational(0) ? Rational(9999999) : time, seed);
  for (std::size_t i = 0; i < count; ++i, x = shuffled(x)) numbers.push_back(unit(x));
  return numbers;
}

double perlin_at(Rational time, std::uint64_t seed) {
  const Rational cycle = time.floor();
  const double x = (time - cycle).to_double();
  const double from = random_at(cycle, seed);
  const double to = random_at(cycle + 1, seed);
  return from + x * x * x * (x * (6 * x - 15) + 10) * (to - from);
}

}  // namespace hocket
