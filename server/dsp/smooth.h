// Values that approach others.
#pragma once

#include "server/dsp/unit.h"

namespace hocket::dsp {
namespace {

/// The share of the way that a follower covers a frame, for a time constant of `frames`: 1 - exp(-1 / frames). All of it
/// below half a frame.
template <class V>
inline V approach(V frames) {
  const V x = -1.44269504F / max(frames, V(0.01F));
  const V share = select(x >= -1.F, -exp2_less_one(max(x, V(-1.F))), 1.F - exp2(x));
  return select(frames < 0.5F, V(1.F), share);
}

}  // namespace
}  // namespace hocket::dsp
