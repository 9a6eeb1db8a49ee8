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

/// The length of a query: the power-of-two part of a cycle that lasts about an eighth of a second, at most one cycle. It hangs
/// on the tempo alone, so that live and offline cut time alike.
Rational query_step(Rational cps);
/// The first multiple of `step` after `x`.
Rational next_multiple(Rational x, Rational step);
/// The first multiple of `step` not before `x`.
Rational multiple_from(Rational x, Rational step);

}  // namespace hocket
