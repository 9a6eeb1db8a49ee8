// Chance as a fixed function of cycle time and seed: the same place always draws the same number.
#pragma once

#include <cstdint>
#include <vector>

#include "lang/pattern/time.h"

namespace hocket {

/// In [0, 1). Seed 0 gives the conformance corpus' numbers. Source: Marsaglia, "Xorshift RNGs", 2003.
double random_at(Rational time, std::uint64_t seed);
/// `count` numbers for one time, each drawn from the one before.
std::vector<double> randoms_at(Rational time, std::uint64_t seed, std::size_t count);
/// Numbers at whole cycles, joined by a curve without corners. Source: Perlin, "Improving Noise", 2002.
double perlin_at(Rational time, std::uint64_t seed);

}  // namespace hocket
