// How high a signal goes.
#pragma once

#include <cstdint>
#include <cstring>

#include "server/dsp/kernel.h"

namespace hocket {

/// Four frames of one channel.
using Floats [[gnu::vector_size(16)]] = float;
using Magnitudes [[gnu::vector_size(16)]] = std::int32_t;  ///< as bits, ordered as they are

inline constexpr std::int32_t kNotFinite = 0x7f800000;  ///< from here on

inline Magnitudes magnitude(Floats x) RT {
  return __builtin_bit_cast(Magnitudes, x) & 0x7fffffff;
}

/// The highest magnitude; infinite or no number where one of them is. Thread: any
inline float peak(const float* x, int frames) RT {
  Magnitudes most = {};
  const auto look = [&most](Floats four) RT {
    const Magnitudes now = magnitude(four);
    most = now > most ? now : most;
  };
  int i = 0;
  for (; i + 4 <= frames; i += 4) {
    Floats four;
    std::memcpy(&four, x + i, sizeof four);
    look(four);
  }
  for (; i < frames; ++i) look(Floats{x[i], 0, 0, 0});
  std::int32_t highest = 0;
  for (int k = 0; k < 4; ++k) highest = most[k] > highest ? most[k] : highest;
  return __builtin_bit_cast(float, highest);
}

}  // namespace hocket
