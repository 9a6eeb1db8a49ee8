#include "server/engine/lanes_out.h"

#include <cstring>

namespace hocket {

namespace {

constexpr std::int32_t kMagnitude = 0x7fffffff;

// Plain loops of known length: each wrapper below has them compiled, and vectorised, for its own instruction set.

template <int lanes>
[[gnu::always_inline]] inline void peaks_of(const float* __restrict in, int frames, std::int32_t* __restrict peaks) RT {
  using Bits [[gnu::vector_size(lanes * 4)]] = std::int32_t;
  Bits highest[4] = {};  // four, so that none waits for the one before
  const auto look = [&](int i, Bits& to) RT {
    Bits bits;
    std::memcpy(&bits, in + i * lanes, sizeof bits);
    bits &= kMagnitude;
    to = bits > to ? bits : to;
  };
  std::memcpy(&highest[0], peaks, sizeof highest[0]);
  int i = 0;
  for (; i + 4 <= frames; i += 4) {
    look(i, highest[0]);
    look(i + 1, highest[1]);
    look(i + 2, highest[2]);
    look(i + 3, highest[3]);
  }
  for (; i < frames; ++i) look(i, highest[0]);
  for (int k = 1; k < 4; ++k) highest[0] = highest[k] > highest[0] ? highest[k] : highest[0];
  std::memcpy(peaks, &highest[0], sizeof highest[0]);
}

template <int lanes>
[[gnu::always_inline]] inline void add_lanes(const float* __restrict in, const float* __restrict gain, const LaneGains& to,
                                             float* __restrict columns, int frames) RT {
  using Floats [[gnu::vector_size(lanes * 4)]] = float;
  using Bits [[gnu::vector_size(lanes * 4)]] = std::int32_t;
  Floats factor;
  Bits sounds;
  std::memcpy(&factor, gain, sizeof factor);
  std::memcpy(&sounds, to.sounds, sizeof sounds);
  const float* envelope = to.envelope;
  for (int i = 0; i < frames; ++i) {
    Bits bits;
    std::memcpy(&bits, in + i * lanes, sizeof bits);
    bits &= sounds;
    Floats x, sum;
    std::memcpy(&x, &bits, sizeof x);
    std::memcpy(&sum, columns + i * kColumns, sizeof sum);
    x *= factor;
    if (envelope) {
      Floats more;
      std::memcpy(&more, envelope + i * lanes, sizeof more);
      x *= more;
    }
    sum += x;
    std::memcpy(columns + i * kColumns, &sum, sizeof sum);
  }
}

template <int lanes>
void peaks_plain(const float* in, int frames, std::int32_t* peaks) RT {
  for (int quad = 0; quad < lanes; quad += 4) {
    using Bits [[gnu::vector_size(16)]] = std::int32_t;
    Bits highest;
    std::memcpy(&highest, peaks + quad, sizeof highest);
    for (int i = 0; i < frames; ++i) {
      Bits bits;
      std::memcpy(&bits, in + i * lanes + quad, sizeof bits);
      bits &= kMagnitude;
      const Bits above = bits > highest;
      highest = (bits & above) | (highest & ~above);
    }
    std::memcpy(peaks + quad, &highest, sizeof highest);
  }
}

template <int lanes>
void add_plain(const float* in, const float* gain, const LaneGains& to, float* columns, int frames) RT {
  for (int quad = 0; quad < lanes; quad += 4) {
    using Floats [[gnu::vector_size(16)]] = float;
    using Bits [[gnu::vector_size(16)]] = std::int32_t;
    Floats factor;
    Bits sounds;
    std::memcpy(&factor, gain + quad, sizeof factor);
    std::memcpy(&sounds, to.sounds + quad, sizeof sounds);
    for (int i = 0; i < frames; ++i) {
      Bits bits;
      std::memcpy(&bits, in + i * lanes + quad, sizeof bits);
      bits &= sounds;
      Floats x, sum;
      std::memcpy(&x, &bits, sizeof x);
      std::memcpy(&sum, columns + i * kColumns + quad, sizeof sum);
      x *= factor;
      if (to.envelope) {
        Floats more;
        std::memcpy(&more, to.envelope + i * lanes + quad, sizeof more);
        x *= more;
      }
      sum += x;
      std::memcpy(columns + i * kColumns + quad, &sum, sizeof sum);
    }
  }
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] void peaks_avx2(const float* in, int frames, std::int32_t* peaks) RT {
  peaks_of<8>(in, frames, peaks);
}
[[gnu::target("avx2")]] void add_avx2(const float* in, const float* gain, const LaneGains& to, float* columns, int frames) RT {
  add_lanes<8>(in, gain, to, columns, frames);
}
[[gnu::target("avx512f")]] void peaks_avx512(const float* in, int frames, std::int32_t* peaks) RT {
  peaks_of<16>(in, frames, peaks);
}
[[gnu::target("avx512f")]] void add_avx512(const float* in, const float* gain, const LaneGains& to, float* columns, int frames) RT {
  add_lanes<16>(in, gain, to, columns, frames);
}
#endif

}  // namespace

const LanePasses& lane_passes(int lanes) {
  static const LanePasses kPlain4{peaks_plain<4>, add_plain<4>}, kPlain8{peaks_plain<8>, add_plain<8>},
      kPlain16{peaks_plain<16>, add_plain<16>};
#if defined(__x86_64__)
  static const LanePasses kAvx2{peaks_avx2, add_avx2}, kAvx512{peaks_avx512, add_avx512};
  if (lanes == 8 && __builtin_cpu_supports("avx2")) return kAvx2;
  if (lanes == 16 && __builtin_cpu_supports("avx512f")) return kAvx512;
#endif
  return lanes == 4 ? kPlain4 : lanes == 8 ? kPlain8 : kPlain16;
}

void add_columns(const float* __restrict columns, float* __restrict out, int frames) RT {
  using Four [[gnu::vector_size(16)]] = float;
  const auto quads = [&](int frame) RT {
    Four c[4];
    std::memcpy(c, columns + frame * kColumns, sizeof c);
    return (c[0] + c[1]) + (c[2] + c[3]);
  };
  int i = 0;
  for (; i + 4 <= frames; i += 4) {
    const Four a = quads(i), b = quads(i + 1), c = quads(i + 2), d = quads(i + 3);
    const Four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    const Four ab2 = __builtin_shufflevector(a, b, 2, 6, 3, 7), cd2 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    const Four first = __builtin_shufflevector(ab, cd, 0, 1, 4, 5), second = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
    const Four third = __builtin_shufflevector(ab2, cd2, 0, 1, 4, 5), fourth = __builtin_shufflevector(ab2, cd2, 2, 3, 6, 7);
    const Four sum = (first + second) + (third + fourth);
    std::memcpy(out + i, &sum, sizeof sum);
  }
  for (; i < frames; ++i) {
    const Four q = quads(i);
    out[i] = (q[0] + q[1]) + (q[2] + q[3]);
  }
}

}  // namespace hocket
