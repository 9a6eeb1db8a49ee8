// Between the language's exact times, the engine's positions, and frames.
#pragma once

#include "lang/pattern/time.h"
#include "server/bridge/event.h"

namespace hocket {

inline Position to_position(Rational x) {
  return {x.num(), x.den()};
}
inline Rational to_rational(Position x) {
  return {x.num, x.den};
}

/// Exact for every rate that is a whole number and every tempo above 0.
Rational frames_per_cycle(Rational cps, double rate);

/// The length of a query: a power of two of cycles, or such a part of one, that lasts about `longest_s` or less. What a pattern
/// gives does not hang on how time is cut.
Rational query_step(Rational cps, double longest_s = 0.125);
/// The first multiple of `step` after `x`.
Rational next_multiple(Rational x, Rational step);
/// The first multiple of `step` not before `x`.
Rational multiple_from(Rational x, Rational step);

}  // namespace hocket
