// Euclidean rhythms.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lang/pattern/pattern.h"

namespace hocket {

/// `pulses` spread over `steps`; negative pulses: the inverse of that many. Empty where steps < 1 or beyond 1024.
/// Source: Bjorklund, "The Theory of Rep-Rate Pattern Generation in the SNS Timing System", 2003.
std::vector<bool> euclid_rhythm(std::int64_t pulses, std::int64_t steps);

/// `on` in the on steps, `off` in the others, each squeezed whole into its step; then earlier by rotation steps.
Pattern euclid(std::int64_t pulses, std::int64_t steps, Rational rotation, const Pattern& on, const Pattern& off = {});

}  // namespace hocket
