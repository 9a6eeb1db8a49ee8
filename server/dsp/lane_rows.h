// From lanes to a row of frames for each, and back.
#pragma once

#include "server/dsp/lane_functions.h"
#include "server/dsp/square.h"

namespace hocket::dsp {
namespace {

/// to[k][i] = from[i][k]: a square of lanes by lanes values.
inline void turn_over(const float* const (&from)[kLanes], float* const (&to)[kLanes]) {
  if constexpr (kParts == 1) {
    Square<kLanes> square;
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; ++i) square.get(square.row[i], from[i]);
    square = square.turned_over();
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; ++i) square.put(to[i], square.row[i]);
  } else {
    for (int i = 0; i < kLanes; ++i)
      for (int k = 0; k < kLanes; ++k) to[k][i] = from[i][k];
  }
}

/// Up to `most` frames of all lanes, a lane a row. `most` is a multiple of kLanes.
template <int most>
struct LaneRows {
  alignas(64) float row[kLanes][most];

  void take(const float* in, int frames) {
    for (int at = 0; at < frames; at += kLanes) {
      const float* from[kLanes];
      float* to[kLanes];
      for (int i = 0; i < kLanes; ++i) {
        from[i] = in + (at + (at + i < frames ? i : 0)) * kLanes;
        to[i] = row[i] + at;
      }
      turn_over(from, to);
    }
  }
  void give(float* out, int frames) const {
    alignas(64) float beyond[kLanes];
    for (int at = 0; at < frames; at += kLanes) {
      const float* from[kLanes];
      float* to[kLanes];
      for (int i = 0; i < kLanes; ++i) {
        from[i] = row[i] + at;
        to[i] = at + i < frames ? out + (at + i) * kLanes : beyond;
      }
      turn_over(from, to);
    }
  }
};

}  // namespace
}  // namespace hocket::dsp
