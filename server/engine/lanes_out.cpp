#include "server/engine/lanes_out.h"

#include <algorithm>
#include <cstring>

namespace hocket {

namespace {

using Four [[gnu::vector_size(16)]] = float;
using FourInts [[gnu::vector_size(16)]] = std::int32_t;

Four load(const float* x) RT {
  Four v;
  std::memcpy(&v, x, sizeof v);
  return v;
}

void store(float* x, Four v) RT {
  std::memcpy(x, &v, sizeof v);
}

Four splat(float x) RT {
  return Four{x, x, x, x};
}

// Rows are frames of four lanes; afterwards, lanes of four frames.
void transpose(Four (&r)[4]) RT {
  const Four a = __builtin_shufflevector(r[0], r[1], 0, 4, 1, 5), b = __builtin_shufflevector(r[2], r[3], 0, 4, 1, 5);
  const Four c = __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7), d = __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7);
  r[0] = __builtin_shufflevector(a, b, 0, 1, 4, 5);
  r[1] = __builtin_shufflevector(a, b, 2, 3, 6, 7);
  r[2] = __builtin_shufflevector(c, d, 0, 1, 4, 5);
  r[3] = __builtin_shufflevector(c, d, 2, 3, 6, 7);
}

// One output channel from one channel of the voices. `side` picks the lane's gain.
void add_channel(const float* in, int lanes, std::uint32_t sounding, const LaneOut* lane, float LaneOut::*side, float* out, int frames) RT {
  int i = 0;
  for (; i + 4 <= frames; i += 4) {
    Four sum = load(out + i);
    for (int quad = 0; quad < lanes; quad += 4) {
      const std::uint32_t here = sounding >> quad & 15U;
      if (here == 0) continue;
      Four rows[4];
      for (int r = 0; r < 4; ++r) rows[r] = load(in + (i + r) * lanes + quad);
      transpose(rows);
      for (int k = 0; k < 4; ++k) {
        if ((here >> k & 1U) == 0) continue;
        const LaneOut& to = lane[quad + k];
        Four x = rows[k] * splat(to.*side);
        if (to.envelope) x *= load(to.envelope + i);
        sum += x;
      }
    }
    store(out + i, sum);
  }
  for (; i < frames; ++i) {
    for (int k = 0; k < lanes; ++k) {
      if ((sounding >> k & 1U) == 0) continue;
      float x = in[i * lanes + k] * (lane[k].*side);
      if (lane[k].envelope) x *= lane[k].envelope[i];
      out[i] += x;
    }
  }
}

}  // namespace

void add_lanes(const float* const* in, int in_channels, int lanes, std::uint32_t sounding, const LaneOut* lane, float* const* out,
               int out_channels, int frames) RT {
  add_channel(in[0], lanes, sounding, lane, &LaneOut::left, out[0], frames);
  if (out_channels > 1) add_channel(in[in_channels > 1 ? 1 : 0], lanes, sounding, lane, &LaneOut::right, out[1], frames);
}

void lane_peaks(const float* in, int lanes, int frames, std::int32_t* peaks) RT {
  constexpr std::int32_t kMagnitude = 0x7fffffff;
  const FourInts magnitude = {kMagnitude, kMagnitude, kMagnitude, kMagnitude};
  for (int quad = 0; quad < lanes; quad += 4) {
    FourInts peak;
    std::memcpy(&peak, peaks + quad, sizeof peak);
    for (int i = 0; i < frames; ++i) {
      FourInts bits;
      std::memcpy(&bits, in + i * lanes + quad, sizeof bits);
      bits &= magnitude;
      const FourInts more = bits > peak;
      peak = (bits & more) | (peak & ~more);
    }
    std::memcpy(peaks + quad, &peak, sizeof peak);
  }
}

}  // namespace hocket
