// Numbers without order, from a seed that is data: equal seeds give equal noise.
#pragma once

#include "server/dsp/unit.h"

namespace hocket::dsp {
namespace {

/// Every bit of the result depends on every bit of x. Source: Wellons, "Prospecting for hash functions", 2018 (lowbias32).
template <class B>
inline B hash(B x) {
  x = (x ^ (x >> 16)) * 0x7feb352dU;
  x = (x ^ (x >> 15)) * 0x846ca68bU;
  return x ^ (x >> 16);
}

/// The number at `place` of the row that `seed` names, evenly spread over -1..1; from each to the next it is kNext.
inline constexpr std::uint32_t kNext = 0x9e3779b9U;
template <class V>
inline V white(Bits<V> seed, Bits<V> place) {
  return to_float(hash(place + hash(seed))) * (1.F / 2147483648.F);
}

}  // namespace
}  // namespace hocket::dsp
