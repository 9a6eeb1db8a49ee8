// The passes over lanes, written once for any width of them.
#pragma once

#include "server/dsp/lane_functions.h"
#include "server/dsp/lane_passes.h"

namespace hocket::dsp {
namespace {

inline constexpr std::uint32_t kMagnitude = 0x7fffffffU, kNotFinite = 0x7f800000U;

template <class V>
inline Bits<V> magnitude(V x) {
  return bits_of(x) & kMagnitude;
}
template <class V>
inline bool all_finite(Bits<V> magnitudes) {
  return all(before(magnitudes, Bits<V>(kNotFinite)));
}

/// The factors after the first of what bundles add: one that stands still or moves, and a third, which stands still.
enum class Second { none, still, moves, still_third, moves_third };
constexpr bool has_third(Second s) {
  return s == Second::still_third || s == Second::moves_third;
}

struct Sides {
  const float* gain[2];  // of `to`
  float* to[2];          // the second may be null
};
inline Sides both(const LaneAdd& add, float* left, float* right) {
  return {{add.gains->left, add.gains->right}, {left, right}};
}

/// Any sources, a frame after the other: what is no number is left out, and the peaks tell of it.
[[gnu::noinline]] inline void add_with_care(const LaneAdd* adding, const Sides* sides, int bundles, bool fresh, int from, int until) RT {
  for (int i = from; i < until; ++i) {
    for (int s = 0; s < 2 && sides[0].to[s]; ++s) {
      float* const to = sides[0].to[s] + i * kColumns;
      lanes sum = fresh ? lanes(0.F) : load<lanes>(to);
      for (int k = 0; k < bundles; ++k) {
        const auto& [source, gains, peaks, watched] = adding[k];
        lanes x = load<lanes>(source.x.at + i * source.x.step);
        if (source.y.at) x *= load<lanes>(source.y.at + i * source.y.step);
        if (source.z.at) x *= load<lanes>(source.z.at);
        const lane_bits size = magnitude(x);
        store(peaks, later(load<lane_bits>(peaks), size));
        x = select(before(load<lane_bits>(gains->most), size), lanes(0.F), x);
        if (gains->envelope) x *= load<lanes>(gains->envelope + i * kLanes);
        sum = mul_add(x, load<lanes>(sides[k].gain[s]), sum);
      }
      store(to, sum);
    }
  }
}

/// `n` bundles, in their order: each sum is read and written once for all of them. Frames are summed as if all were numbers, some
/// at a time; where a sum is none, they are summed with care.
template <Second second, bool enveloped, bool two, bool watched, int n>
void add_frames(const LaneAdd* adding, const Sides* sides, bool fresh, int frames) RT {
  constexpr bool kStill = second == Second::still || second == Second::still_third;
  constexpr bool kMoves = second == Second::moves || second == Second::moves_third;
  lanes gain[n], gain_right[n], still[n], third[n];
  lane_bits highest[n];
  const float *x_at[n], *y_at[n];
#pragma GCC unroll 4
  for (int k = 0; k < n; ++k) {
    gain[k] = load<lanes>(sides[k].gain[0]);
    if constexpr (two) gain_right[k] = load<lanes>(sides[k].gain[1]);
    if constexpr (watched) highest[k] = lane_bits(0U);
    x_at[k] = adding[k].from.x.at, y_at[k] = adding[k].from.y.at;
    if constexpr (kStill) still[k] = load<lanes>(y_at[k]);
    if constexpr (has_third(second)) third[k] = load<lanes>(adding[k].from.z.at);
  }
  const float* const envelope = adding[0].gains->envelope;
  float *const left = sides[0].to[0], *const right = sides[0].to[1];
  const auto add = [&]<int rows>(std::integral_constant<int, rows>, int first) {
    lanes sum[rows], sum_right[rows];
    lane_bits size(0U);
#pragma GCC unroll 4
    for (int r = 0; r < rows; ++r) {
      const int i = first + r;
      sum[r] = fresh ? lanes(0.F) : load<lanes>(left + i * kColumns);
      if constexpr (two) sum_right[r] = fresh ? lanes(0.F) : load<lanes>(right + i * kColumns);
#pragma GCC unroll 4
      for (int k = 0; k < n; ++k) {
        lanes x = load<lanes>(x_at[k] + i * kLanes);
        if constexpr (kStill) x *= still[k];
        if constexpr (kMoves) x *= load<lanes>(y_at[k] + i * kLanes);
        if constexpr (has_third(second)) x *= third[k];
        if constexpr (watched) highest[k] = later(highest[k], magnitude(x));
        if constexpr (enveloped) x *= load<lanes>(envelope + i * kLanes);
        sum[r] = mul_add(x, gain[k], sum[r]);  // also to 0: then none is -0
        if constexpr (two) sum_right[r] = mul_add(x, gain_right[k], sum_right[r]);
      }
      size = later(size, magnitude(sum[r]));
    }
    if (!all_finite<lanes>(size)) [[unlikely]]
      return add_with_care(adding, sides, n, fresh, first, first + rows);
#pragma GCC unroll 4
    for (int r = 0; r < rows; ++r) {
      store(left + (first + r) * kColumns, sum[r]);
      if constexpr (two) store(right + (first + r) * kColumns, sum_right[r]);
    }
  };
  constexpr int kRows = 4;
  int i = 0;
  for (; i + kRows <= frames; i += kRows) add(std::integral_constant<int, kRows>{}, i);
  for (; i < frames; ++i) add(std::integral_constant<int, 1>{}, i);
  if constexpr (watched) {
#pragma GCC unroll 4
    for (int k = 0; k < n; ++k) store(adding[k].peaks, later(highest[k], load<lane_bits>(adding[k].peaks)));
  }
}

/// Picks the loop. With `enveloped`, there is one bundle.
template <int n, bool enveloped>
void add_alike(Second second, bool watched, const LaneAdd* adding, const Sides* sides, bool fresh, int frames) RT {
  const auto with = [&]<Second s, bool two>(std::integral_constant<Second, s>, std::bool_constant<two>) {
    if (watched) return add_frames<s, enveloped, two, true, n>(adding, sides, fresh, frames);
    add_frames<s, enveloped, two, false, n>(adding, sides, fresh, frames);
  };
  const auto on_sides = [&]<Second s>(std::integral_constant<Second, s> kind) {
    if (sides[0].to[1]) return with(kind, std::true_type{});
    with(kind, std::false_type{});
  };
  switch (second) {
    case Second::none:
      return on_sides(std::integral_constant<Second, Second::none>{});
    case Second::still:
      return on_sides(std::integral_constant<Second, Second::still>{});
    case Second::moves:
      return on_sides(std::integral_constant<Second, Second::moves>{});
    case Second::still_third:
      return on_sides(std::integral_constant<Second, Second::still_third>{});
    case Second::moves_third:
      return on_sides(std::integral_constant<Second, Second::moves_third>{});
  }
}

inline Second second_of(const LaneSource& from) RT {
  if (!from.y.at) return Second::none;
  if (from.z.at) return from.y.step == 0 ? Second::still_third : Second::moves_third;
  return from.y.step == 0 ? Second::still : Second::moves;
}

// What was just written is not copied: it would be waited for.
inline void add_single(const LaneAdd& adding, const Sides& sides, bool fresh, int frames) RT {
  if (adding.from.x.step == 0) {
    if (!adding.from.y.at || adding.from.y.step == 0) return add_with_care(&adding, &sides, 1, fresh, 0, frames);
    return add_single({{adding.from.y, adding.from.x, adding.from.z}, adding.gains, adding.peaks, adding.watched}, sides, fresh, frames);
  }
  const Second second = second_of(adding.from);
  if (adding.gains->envelope) return add_alike<1, true>(second, adding.watched, &adding, &sides, fresh, frames);
  add_alike<1, false>(second, adding.watched, &adding, &sides, fresh, frames);
}

struct Passes {
  static void add(const LaneAdd* adding, int bundles, float* left, float* right, bool fresh, int frames) RT {
    if (bundles == 1) return add_single(*adding, both(*adding, left, right), fresh, frames);
    Sides sides[4];
    bool alike = bundles == 2 || bundles == 4, watched = false;
    const Second second = second_of(adding[0].from);
    for (int k = 0; k < bundles && alike; ++k) {
      sides[k] = both(adding[k], left, right);
      alike = adding[k].from.x.step != 0 && second_of(adding[k].from) == second;
      watched |= adding[k].watched;
    }
    if (alike && bundles == 4) return add_alike<4, false>(second, watched, adding, sides, fresh, frames);
    if (alike) return add_alike<2, false>(second, watched, adding, sides, fresh, frames);
    for (int k = 0; k < bundles; ++k) add_single(adding[k], both(adding[k], left, right), fresh && k == 0, frames);
  }
  static void add_right(const LaneAdd& adding, float* right, bool fresh, int frames) RT {
    add_single(adding, {{adding.gains->right, nullptr}, {right, nullptr}}, fresh, frames);
  }

  template <class V>
  static Bits<V> add_some(const float* x, float gain, float* to, bool fresh) RT {
    const V in = load<V>(x);
    const Bits<V> size = magnitude(in);
    store(to, mul_add(select(before(size, Bits<V>(kNotFinite)), in, V(0.F)), V(gain), fresh ? V(0.F) : load<V>(to)));
    return size;
  }
  static std::int32_t add_one(const float* x, float gain, float* to, bool fresh, int frames) RT {
    lane_bits sizes(0U);
    int i = 0;
    for (; i + kLanes <= frames; i += kLanes) sizes = later(sizes, add_some<lanes>(x + i, gain, to + i, fresh));
    std::uint32_t size = 0, each[kLanes];
    for (; i < frames; ++i) size = later(size, add_some<float>(x + i, gain, to + i, fresh));
    store(each, sizes);
    for (const std::uint32_t one : each) size = later(size, one);
    return static_cast<std::int32_t>(size);
  }

  /// The highest magnitude by lane.
  static lane_bits highest(const float* in, int frames) RT {
    const auto size = [&](int i) { return magnitude(load<lanes>(in + i * kLanes)); };
    lane_bits a(0U), b(0U), c(0U), d(0U);  // four, so that none waits for the one before
    int i = 0;
    for (; i + 4 <= frames; i += 4) a = later(a, size(i)), b = later(b, size(i + 1)), c = later(c, size(i + 2)), d = later(d, size(i + 3));
    for (; i < frames; ++i) a = later(a, size(i));
    return later(later(a, b), later(c, d));
  }
  static void peaks(const float* in, int frames, std::int32_t* peaks) RT {
    store(peaks, later(highest(in, frames), load<lane_bits>(peaks)));
  }
  static bool finite(const float* in, int frames) RT { return all_finite<lanes>(highest(in, frames)); }

  /// `n` wires, frame by frame: as far as the compiler knows, what is written could change what they are read from.
  template <int n>
  struct Readers {
    const float* at[n];
    int step[n];
    explicit Readers(const Wire* in) {
      for (int k = 0; k < n; ++k) at[k] = in[k].at, step[k] = in[k].step;
    }
    lanes next(int k) {
      const lanes x = load<lanes>(at[k]);
      at[k] += step[k];
      return x;
    }
  };
  template <int terms, int factors>
  static void blend_frames(const Wire* in, float* out, int frames) RT {
    Readers<terms * factors> wires(in);
    const auto product = [&wires](int t) {
      lanes x = wires.next(t * factors);
#pragma GCC unroll 3
      for (int f = 1; f < factors; ++f) x *= wires.next(t * factors + f);
      return x;
    };
    for (int i = 0; i < frames; ++i) {
      lanes sum = product(0);
#pragma GCC unroll 4
      for (int t = 1; t < terms; ++t) sum += product(t);
      store(out + i * kLanes, sum);
    }
  }
  static constexpr float kNothing = 0;
  template <int n>
  static void mix_frames(const Wire* in, float* out, int frames) RT {
    Readers<n> wires(in);
    for (int i = 0; i < frames; ++i) {
      lanes sum = wires.next(0);
#pragma GCC unroll 8
      for (int k = 1; k < n; ++k) sum += wires.next(k);
      store(out + i * kLanes, sum);
    }
  }
  static void mix(const Wire* in, int wires, float* out, int frames) RT {
    using Some = void (*)(const Wire*, float*, int) RT;
    constexpr Some kSome[] = {mix_frames<1>, mix_frames<2>, mix_frames<3>, mix_frames<4>,
                              mix_frames<5>, mix_frames<6>, mix_frames<7>, mix_frames<8>};
    constexpr int kMost = 8;
    if (wires == 0) return spread({&kNothing, 0}, out, frames);
    kSome[wires < kMost ? wires - 1 : kMost - 1](in, out, frames);
    for (int taken = kMost; taken < wires; ++taken) {
      const Wire more[] = {{out, kLanes}, in[taken]};
      mix_frames<2>(more, out, frames);
    }
  }
  template <int factors>
  static void blend_terms(const Wire* in, int terms, float* out, int frames) RT {
    if (terms == 1) return blend_frames<1, factors>(in, out, frames);
    if (terms == 2) return blend_frames<2, factors>(in, out, frames);
    if (terms == 3) return blend_frames<3, factors>(in, out, frames);
    blend_frames<4, factors>(in, out, frames);
  }
  static void blend(const Wire* in, int terms, int factors, float* out, int frames) RT {
    if (factors == 2) return blend_terms<2>(in, terms, out, frames);
    blend_terms<3>(in, terms, out, frames);
  }
  static void spread(Wire in, float* out, int frames) RT {
    for (int i = 0; i < frames; ++i) store(out + i * kLanes, lanes(in.at[i * in.step]));
  }

  using Four [[gnu::vector_size(16)]] = float;
  static void add_quads(const float* __restrict columns, float* __restrict out, int frames) RT {
    const auto quads = [&](int frame) {
      Four c[4];
      __builtin_memcpy(c, columns + frame * kColumns, sizeof c);
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
      __builtin_memcpy(out + i, &sum, sizeof sum);
    }
    for (; i < frames; ++i) {
      const Four q = quads(i);
      out[i] = (q[0] + q[1]) + (q[2] + q[3]);
    }
  }
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  static_assert(kLanes == kColumns);
  // Of two registers, neighbours side by side: what each keeps in its place is blended, what it is added to is fetched across, so that half
  // as many pass the one port for that.
  /// Quarters 0 + 1 and 2 + 3: of the first in 0 and 2, of the second in 1 and 3.
  static FloatPart halved_by_quarters(FloatPart a, FloatPart b) {
    return (FloatPart)_mm512_mask_blend_ps(0xf0f0, (__m512)a, (__m512)b) +
           __builtin_shufflevector(a, b, 4, 5, 6, 7, 16, 17, 18, 19, 12, 13, 14, 15, 24, 25, 26, 27);
  }
  /// Halves 0 + 1: of the first in 0, of the second in 1.
  static FloatPart halved_by_halves(FloatPart a, FloatPart b) {
    return (FloatPart)_mm512_mask_blend_ps(0xff00, (__m512)a, (__m512)b) +
           __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23);
  }
  /// Of each quarter, floats 0 + 1 and 2 + 3: of the first in 0 and 2, of the second in 1 and 3.
  static FloatPart halved_by_floats(FloatPart a, FloatPart b) {
    return (FloatPart)_mm512_mask_blend_ps(0xaaaa, (__m512)a, (__m512)b) +
           __builtin_shufflevector(a, b, 1, 16, 3, 18, 5, 20, 7, 22, 9, 24, 11, 26, 13, 28, 15, 30);
  }
  /// Of each quarter, pairs 0 + 1: of the first in 0, of the second in 1.
  static FloatPart halved_by_pairs(FloatPart a, FloatPart b) {
    return (FloatPart)_mm512_mask_blend_ps(0xcccc, (__m512)a, (__m512)b) +
           __builtin_shufflevector(a, b, 2, 3, 16, 17, 6, 7, 20, 21, 10, 11, 24, 25, 14, 15, 28, 29);
  }
  static FloatPart frame(const float* columns, int i) {
    return load<FloatPart>(columns + i * kColumns);
  }
  /// What is left of the columns of four frames: four of them, a frame in each quarter.
  static FloatPart four_frames(const float* columns) {
    return halved_by_halves(halved_by_quarters(frame(columns, 0), frame(columns, 1)),
                            halved_by_quarters(frame(columns, 2), frame(columns, 3)));
  }
  static FloatPart eight_frames(const float* columns) {
    return halved_by_floats(four_frames(columns), four_frames(columns + 4 * kColumns));
  }
  static void add_columns(const float* __restrict columns, float* __restrict out, int frames) RT {
    int i = 0;
    for (; i + 16 <= frames; i += 16, columns += 16 * kColumns) {
      const FloatPart sums = halved_by_pairs(eight_frames(columns), eight_frames(columns + 8 * kColumns));
      store(out + i, __builtin_shufflevector(sums, sums, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
    }
    add_quads(columns, out + i, frames - i);
  }
#else
  static void add_columns(const float* columns, float* out, int frames) RT {
    add_quads(columns, out, frames);
  }
#endif
};

inline constexpr LanePasses kPasses = {Passes::add,   Passes::add_right, Passes::add_one, Passes::peaks,      Passes::finite,
                                       Passes::blend, Passes::mix,       Passes::spread,  Passes::add_columns};

}  // namespace
}  // namespace hocket::dsp
