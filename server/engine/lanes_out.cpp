#include "server/engine/lanes_out.h"

#include <cstring>

namespace hocket {

namespace {

constexpr std::int32_t kMagnitude = 0x7fffffff, kNotFinite = 0x7f800000;

// Plain loops over vectors of known length: each wrapper below has them compiled for its own instruction set. `width` is how many
// floats a frame of the wires has, `lanes` how many of them are taken.

template <int lanes>
struct Of {
  using Floats [[gnu::vector_size(lanes * 4)]] = float;
  using Bits [[gnu::vector_size(lanes * 4)]] = std::int32_t;
};

// By reference: a wide vector as a result would change its form with the instruction set.
template <class T>
[[gnu::always_inline]] inline void load(T& x, const void* at) RT {
  std::memcpy(&x, at, sizeof x);
}

// One bundle on its way into the sum; `lanes` of its lanes.
struct Adding {
  LaneSource from;
  const float *gain, *gain_right;
  const LaneGains* to;
  std::int32_t* peaks;
};

// `n` bundles, in their order: each sum is read and written once for all of them. `careful`: what is no number is left out.
template <int lanes, int width, bool product, bool enveloped, bool two, bool fresh, int n, bool careful>
[[gnu::always_inline]] inline void add_loop(const Adding* adding, float* __restrict left, float* __restrict right, int frames) RT {
  using Floats = typename Of<lanes>::Floats;
  using Bits = typename Of<lanes>::Bits;
  Floats factor[n], factor_right[n];
  Bits most[n], highest[n];
  const Floats none{};
  const float *x_at[n], *y_at[n], *envelope = adding[0].to->envelope;
  int x_step[n], y_step[n];
#pragma GCC unroll 4
  for (int k = 0; k < n; ++k) {
    load(factor[k], adding[k].gain);
    load(factor_right[k], adding[k].gain_right);
    load(most[k], adding[k].to->most);
    load(highest[k], adding[k].peaks);
    x_at[k] = adding[k].from.x.at, x_step[k] = adding[k].from.x.step;
    y_at[k] = adding[k].from.y.at, y_step[k] = adding[k].from.y.step;
  }
  for (int i = 0; i < frames; ++i) {
    Floats sum, sum_right, x, y, e;
    if constexpr (fresh) {
      sum = sum_right = none;
    } else {
      load(sum, left + i * kColumns);
      if constexpr (two) load(sum_right, right + i * kColumns);
    }
    if constexpr (enveloped) load(e, envelope + i * width);
#pragma GCC unroll 4
    for (int k = 0; k < n; ++k) {
      load(x, x_at[k]);
      x_at[k] += x_step[k];
      if constexpr (product) {
        load(y, y_at[k]);
        x *= y;
        y_at[k] += y_step[k];
      }
      Bits bits;
      load(bits, &x);
      bits &= kMagnitude;
      highest[k] = bits > highest[k] ? bits : highest[k];
      if constexpr (careful) x = bits <= most[k] ? x : none;
      Floats one = x * factor[k];
      if constexpr (enveloped) one *= e;
      sum += one;  // also to 0: then none is -0
      if constexpr (two) {
        one = x * factor_right[k];
        if constexpr (enveloped) one *= e;
        sum_right += one;
      }
    }
    std::memcpy(left + i * kColumns, &sum, sizeof sum);
    if constexpr (two) std::memcpy(right + i * kColumns, &sum_right, sizeof sum_right);
  }
#pragma GCC unroll 4
  for (int k = 0; k < n; ++k) std::memcpy(adding[k].peaks, &highest[k], sizeof highest[k]);
}

// What overwrites the sums can be done again: all is added up as if it were numbers, and with care if it turns out that some is not.
template <int lanes, int width, bool product, bool enveloped, bool two, int n>
[[gnu::always_inline]] inline void add_fresh(const Adding* adding, float* left, float* right, int frames) RT {
  using Bits = typename Of<lanes>::Bits;
  Bits before[n], highest, one;
#pragma GCC unroll 4
  for (int k = 0; k < n; ++k) load(before[k], adding[k].peaks);
  add_loop<lanes, width, product, enveloped, two, true, n, false>(adding, left, right, frames);
  load(highest, adding[0].peaks);
#pragma GCC unroll 4
  for (int k = 1; k < n; ++k) {
    load(one, adding[k].peaks);
    highest = one > highest ? one : highest;
  }
  const Bits faulty = highest >= kNotFinite;
  std::uint64_t words[lanes / 2], any = 0;
  std::memcpy(words, &faulty, sizeof words);
  for (const std::uint64_t word : words) any |= word;
  if (any == 0) [[likely]]
    return;
  for (int k = 0; k < n; ++k) std::memcpy(adding[k].peaks, &before[k], sizeof before[k]);
  add_loop<lanes, width, product, enveloped, two, true, n, true>(adding, left, right, frames);
}

template <int lanes, int width, bool product, bool enveloped, int n>
[[gnu::always_inline]] inline void add_sides(const Adding* adding, float* left, float* right, bool fresh, int frames) RT {
  if (right && fresh) return add_fresh<lanes, width, product, enveloped, true, n>(adding, left, right, frames);
  if (right) return add_loop<lanes, width, product, enveloped, true, false, n, true>(adding, left, right, frames);
  if (fresh) return add_fresh<lanes, width, product, enveloped, false, n>(adding, left, right, frames);
  add_loop<lanes, width, product, enveloped, false, false, n, true>(adding, left, right, frames);
}

template <int lanes, int width = lanes>
[[gnu::always_inline]] inline void add_lanes(const LaneSource& from, const float* gain, const float* gain_right, const LaneGains& to,
                                             std::int32_t* peaks, float* left, float* right, bool fresh, int frames) RT {
  const Adding adding{from, gain, gain_right, &to, peaks};
  if (from.y.at) {
    if (to.envelope) return add_sides<lanes, width, true, true, 1>(&adding, left, right, fresh, frames);
    return add_sides<lanes, width, true, false, 1>(&adding, left, right, fresh, frames);
  }
  if (to.envelope) return add_sides<lanes, width, false, true, 1>(&adding, left, right, fresh, frames);
  add_sides<lanes, width, false, false, 1>(&adding, left, right, fresh, frames);
}

template <int lanes, int n>
[[gnu::always_inline]] inline void add_bundles(const LaneSource* from, const LaneGains* const* to, std::int32_t* const* peaks, float* left,
                                               float* right, bool fresh, int frames) RT {
  Adding adding[n];
  for (int k = 0; k < n; ++k) adding[k] = {from[k], to[k]->left, to[k]->right, to[k], peaks[k]};
  if (from[0].y.at) return add_sides<lanes, lanes, true, false, n>(adding, left, right, fresh, frames);
  add_sides<lanes, lanes, false, false, n>(adding, left, right, fresh, frames);
}

template <int lanes>
[[gnu::always_inline]] inline void add_lanes_of(int bundles, const LaneSource* from, const LaneGains* const* to, std::int32_t* const* peaks,
                                                float* left, float* right, bool fresh, int frames) RT {
  if (bundles == 4) return add_bundles<lanes, 4>(from, to, peaks, left, right, fresh, frames);
  add_bundles<lanes, 2>(from, to, peaks, left, right, fresh, frames);
}

// The highest magnitude by lane, and of what `most` holds.
template <int lanes, int width>
[[gnu::always_inline]] inline void find_highest(const float* __restrict in, int frames, typename Of<lanes>::Bits& most) RT {
  using Bits = typename Of<lanes>::Bits;
  Bits highest[4] = {most};  // four, so that none waits for the one before
  const auto look = [&](int i, Bits& to) RT {
    Bits bits;
    load(bits, in + i * width);
    bits &= kMagnitude;
    to = bits > to ? bits : to;
  };
  int i = 0;
  for (; i + 4 <= frames; i += 4) {
    look(i, highest[0]);
    look(i + 1, highest[1]);
    look(i + 2, highest[2]);
    look(i + 3, highest[3]);
  }
  for (; i < frames; ++i) look(i, highest[0]);
  for (int k = 1; k < 4; ++k) highest[0] = highest[k] > highest[0] ? highest[k] : highest[0];
  most = highest[0];
}

template <int lanes, int width = lanes>
[[gnu::always_inline]] inline void peaks_of(const float* in, int frames, std::int32_t* peaks) RT {
  typename Of<lanes>::Bits highest;
  load(highest, peaks);
  find_highest<lanes, width>(in, frames, highest);
  std::memcpy(peaks, &highest, sizeof highest);
}

template <int lanes, int width = lanes>
[[gnu::always_inline]] inline bool finite_of(const float* in, int frames) RT {
  typename Of<lanes>::Bits highest{};
  find_highest<lanes, width>(in, frames, highest);
  std::int32_t top = 0;
  for (int k = 0; k < lanes; ++k) top = highest[k] > top ? highest[k] : top;
  return top < kNotFinite;
}

template <int lanes>
[[gnu::always_inline]] inline void mix_lanes(const Wire* in, int wires, float* out, int frames) RT {
  using Floats = typename Of<lanes>::Floats;
  for (int i = 0; i < frames; ++i) {
    Floats sum{}, x;
    for (int w = 0; w < wires; ++w) {
      load(x, in[w].at + i * in[w].step);
      sum = w == 0 ? x : sum + x;
    }
    std::memcpy(out + i * lanes, &sum, sizeof sum);
  }
}

template <int lanes>
[[gnu::always_inline]] inline void spread_lanes(Wire in, float* out, int frames) RT {
  using Floats = typename Of<lanes>::Floats;
  for (int i = 0; i < frames; ++i) {
    const Floats x = in.at[i * in.step] - Floats{};  // x - 0 is x, its sign too
    std::memcpy(out + i * lanes, &x, sizeof x);
  }
}

[[gnu::always_inline]] inline void add_quads(const float* __restrict columns, float* __restrict out, int frames) RT {
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

// The same, four frames in a register.
[[gnu::always_inline]] inline void add_rows(const float* __restrict columns, float* __restrict out, int frames) RT {
  using Row = Of<16>::Floats;
  int i = 0;
  for (; i + 4 <= frames; i += 4) {
    Row a, b, c, d;
    load(a, columns + i * kColumns);
    load(b, columns + (i + 1) * kColumns);
    load(c, columns + (i + 2) * kColumns);
    load(d, columns + (i + 3) * kColumns);
    const Row ab = __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
    const Row cd = __builtin_shufflevector(c, d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
    const Row ab2 = __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    const Row cd2 = __builtin_shufflevector(c, d, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    const Row low = __builtin_shufflevector(ab, cd, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
                    __builtin_shufflevector(ab, cd, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
    const Row high = __builtin_shufflevector(ab2, cd2, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
                     __builtin_shufflevector(ab2, cd2, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
    const Row quads = low + high;  // a frame in each quarter
    const Row pairs = quads + __builtin_shufflevector(quads, quads, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
    const Row sums = pairs + __builtin_shufflevector(pairs, pairs, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
    for (int k = 0; k < 4; ++k) out[i + k] = sums[4 * k];
  }
  add_quads(columns + i * kColumns, out + i, frames - i);
}

// Without a register as wide as the lanes, four at a time: g++ keeps wider vectors in memory.
template <int lanes>
void add_plain(const LaneSource& from, const float* gain, const float* gain_right, const LaneGains& to, std::int32_t* peaks, float* left,
               float* right, bool fresh, int frames) RT {
  for (int quad = 0; quad < lanes; quad += 4) {
    LaneSource part = from;
    part.x.at += quad;
    if (part.y.at) part.y.at += quad;
    LaneGains gains = to;
    std::memcpy(gains.most, to.most + quad, 16);
    if (gains.envelope) gains.envelope += quad;
    add_lanes<4, lanes>(part, gain + quad, gain_right + quad, gains, peaks + quad, left + quad, right ? right + quad : nullptr, fresh,
                        frames);
  }
}

template <int lanes>
struct Plain {
  static void add(const LaneSource& from, const LaneGains& to, std::int32_t* peaks, float* left, float* right, bool fresh, int frames) RT {
    add_plain<lanes>(from, to.left, to.right, to, peaks, left, right, fresh, frames);
  }
  static void add_right(const LaneSource& from, const LaneGains& to, std::int32_t* peaks, float* left, float*, bool fresh, int frames) RT {
    add_plain<lanes>(from, to.right, to.right, to, peaks, left, nullptr, fresh, frames);
  }
  static void add_several(int bundles, const LaneSource* from, const LaneGains* const* to, std::int32_t* const* peaks, float* left,
                          float* right, bool fresh, int frames) RT {
    for (int k = 0; k < bundles; ++k)
      add_plain<lanes>(from[k], to[k]->left, to[k]->right, *to[k], peaks[k], left, right, fresh && k == 0, frames);
  }
  static void peaks(const float* in, int frames, std::int32_t* peaks) RT {
    for (int quad = 0; quad < lanes; quad += 4) peaks_of<4, lanes>(in + quad, frames, peaks + quad);
  }
  static bool finite(const float* in, int frames) RT {
    bool all = true;
    for (int quad = 0; quad < lanes; quad += 4) all &= finite_of<4, lanes>(in + quad, frames);
    return all;
  }
  static void mix(const Wire* in, int wires, float* out, int frames) RT { mix_lanes<lanes>(in, wires, out, frames); }
  static void spread(Wire in, float* out, int frames) RT { spread_lanes<lanes>(in, out, frames); }
  static void add_columns(const float* columns, float* out, int frames) RT { add_quads(columns, out, frames); }
};

#if defined(__x86_64__)
struct Avx2 {
  [[gnu::target("avx2")]] static void add(const LaneSource& from, const LaneGains& to, std::int32_t* peaks, float* left, float* right,
                                          bool fresh, int frames) RT {
    add_lanes<8>(from, to.left, to.right, to, peaks, left, right, fresh, frames);
  }
  [[gnu::target("avx2")]] static void add_right(const LaneSource& from, const LaneGains& to, std::int32_t* peaks, float* left, float*,
                                                bool fresh, int frames) RT {
    add_lanes<8>(from, to.right, to.right, to, peaks, left, nullptr, fresh, frames);
  }
  [[gnu::target("avx2")]] static void add_several(int bundles, const LaneSource* from, const LaneGains* const* to,
                                                  std::int32_t* const* peaks, float* left, float* right, bool fresh, int frames) RT {
    add_lanes_of<8>(bundles, from, to, peaks, left, right, fresh, frames);
  }
  [[gnu::target("avx2")]] static void peaks(const float* in, int frames, std::int32_t* peaks) RT { peaks_of<8>(in, frames, peaks); }
  [[gnu::target("avx2")]] static bool finite(const float* in, int frames) RT { return finite_of<8>(in, frames); }
  [[gnu::target("avx2")]] static void mix(const Wire* in, int wires, float* out, int frames) RT { mix_lanes<8>(in, wires, out, frames); }
  [[gnu::target("avx2")]] static void spread(Wire in, float* out, int frames) RT { spread_lanes<8>(in, out, frames); }
  [[gnu::target("avx2")]] static void add_columns(const float* columns, float* out, int frames) RT { add_quads(columns, out, frames); }
};
struct Avx512 {
  [[gnu::target("avx512f")]] static void add(const LaneSource& from, const LaneGains& to, std::int32_t* peaks, float* left, float* right,
                                             bool fresh, int frames) RT {
    add_lanes<16>(from, to.left, to.right, to, peaks, left, right, fresh, frames);
  }
  [[gnu::target("avx512f")]] static void add_right(const LaneSource& from, const LaneGains& to, std::int32_t* peaks, float* left, float*,
                                                   bool fresh, int frames) RT {
    add_lanes<16>(from, to.right, to.right, to, peaks, left, nullptr, fresh, frames);
  }
  [[gnu::target("avx512f")]] static void add_several(int bundles, const LaneSource* from, const LaneGains* const* to,
                                                     std::int32_t* const* peaks, float* left, float* right, bool fresh, int frames) RT {
    add_lanes_of<16>(bundles, from, to, peaks, left, right, fresh, frames);
  }
  [[gnu::target("avx512f")]] static void peaks(const float* in, int frames, std::int32_t* peaks) RT { peaks_of<16>(in, frames, peaks); }
  [[gnu::target("avx512f")]] static bool finite(const float* in, int frames) RT { return finite_of<16>(in, frames); }
  [[gnu::target("avx512f")]] static void mix(const Wire* in, int wires, float* out, int frames) RT {
    mix_lanes<16>(in, wires, out, frames);
  }
  [[gnu::target("avx512f")]] static void spread(Wire in, float* out, int frames) RT { spread_lanes<16>(in, out, frames); }
  [[gnu::target("avx512f")]] static void add_columns(const float* columns, float* out, int frames) RT { add_rows(columns, out, frames); }
};
#endif

template <class P>
constexpr LanePasses passes_of() {
  return {P::add, P::add_right, P::add_several, P::peaks, P::finite, P::mix, P::spread, P::add_columns};
}

}  // namespace

const LanePasses& lane_passes(int lanes) {
  static constexpr LanePasses kPlain4 = passes_of<Plain<4>>(), kPlain8 = passes_of<Plain<8>>(), kPlain16 = passes_of<Plain<16>>();
#if defined(__x86_64__)
  static constexpr LanePasses kAvx2 = passes_of<Avx2>(), kAvx512 = passes_of<Avx512>();
  if (lanes == 8 && __builtin_cpu_supports("avx2")) return kAvx2;
  if (lanes == 16 && __builtin_cpu_supports("avx512f")) return kAvx512;
#endif
  return lanes == 4 ? kPlain4 : lanes == 8 ? kPlain8 : kPlain16;
}

}  // namespace hocket
