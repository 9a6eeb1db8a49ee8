#include "server/engine/lane_form.h"

#include "server/dsp/square.h"

namespace hocket {

namespace {

using dsp::Square;

template <int lanes>
[[gnu::always_inline]] inline void weave_square(const float* const* from, float* out) RT {
  Square<lanes> square;
#pragma GCC unroll 16
  for (int k = 0; k < lanes; ++k) square.get(square.row[k], from[k]);
  square = square.turned_over();
#pragma GCC unroll 16
  for (int k = 0; k < lanes; ++k) square.put(out + k * lanes, square.row[k]);
}

template <int lanes>
[[gnu::always_inline]] inline void weave_rows(const Wire* rows, float* out, int frames) RT {
  alignas(64) float still[lanes][lanes];
  const float* from[lanes];
  for (int k = 0; k < lanes; ++k) {
    if (rows[k].step == 0)
      for (float& x : still[k]) x = *rows[k].at;
  }
  int at = 0;
  for (; at + lanes <= frames; at += lanes) {
    for (int k = 0; k < lanes; ++k) {
      if (rows[k].step > 1)
        for (int i = 0; i < lanes; ++i) still[k][i] = rows[k].at[(at + i) * rows[k].step];
      from[k] = rows[k].step == 1 ? rows[k].at + at : still[k];
    }
    weave_square<lanes>(from, out + at * lanes);
  }
  for (; at < frames; ++at)
    for (int k = 0; k < lanes; ++k) out[at * lanes + k] = rows[k].at[at * rows[k].step];
}

template <int lanes>
[[gnu::always_inline]] inline void unweave_rows(const float* in, float* const* rows, int frames) RT {
  float unwanted[lanes];
  float* to[lanes];
  for (int k = 0; k < lanes; ++k) to[k] = rows[k] ? rows[k] : unwanted;
  int at = 0;
  for (; at + lanes <= frames; at += lanes) {
    const auto square = Square<lanes>::turned_over(in + at * lanes);
#pragma GCC unroll 16
    for (int k = 0; k < lanes; ++k) square.put(rows[k] ? to[k] + at : unwanted, square.row[k]);
  }
  for (int k = 0; k < lanes; ++k)
    for (int i = at; rows[k] && i < frames; ++i) rows[k][i] = in[i * lanes + k];
}

template <int lanes>
void sum_plain(const float* in, std::uint32_t live, float* out, int frames) RT {
  for (int i = 0; i < frames; ++i) {
    float sum = 0;
    for (int k = 0; k < lanes; ++k)
      if ((live >> k & 1U) != 0) sum += in[i * lanes + k];
    out[i] = sum;
  }
}

template <int lanes>
[[gnu::always_inline]] inline void sum_rows(const float* in, std::uint32_t live, float* out, int frames) RT {
  using Row = typename Square<lanes>::Row;
  int at = 0;
  for (; at + lanes <= frames; at += lanes) {
    const auto square = Square<lanes>::turned_over(in + at * lanes);
    Row sum{};
    if (live == (1ULL << lanes) - 1) {
#pragma GCC unroll 16
      for (int k = 0; k < lanes; ++k) sum += square.row[k];
    } else {
#pragma GCC unroll 16
      for (int k = 0; k < lanes; ++k)
        if ((live >> k & 1U) != 0) sum += square.row[k];
    }
    square.put(out + at, sum);
  }
  sum_plain<lanes>(in + at * lanes, live, out + at, frames - at);
}

template <int lanes>
void weave_plain(const Wire* rows, float* out, int frames) RT {
  for (int k = 0; k < lanes; ++k)
    for (int i = 0; i < frames; ++i) out[i * lanes + k] = rows[k].at[i * rows[k].step];
}
template <int lanes>
void unweave_plain(const float* in, float* const* rows, int frames) RT {
  for (int k = 0; k < lanes; ++k)
    for (int i = 0; rows[k] && i < frames; ++i) rows[k][i] = in[i * lanes + k];
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] void weave_avx2(const Wire* rows, float* out, int frames) RT {
  weave_rows<8>(rows, out, frames);
}
[[gnu::target("avx2")]] void unweave_avx2(const float* in, float* const* rows, int frames) RT {
  unweave_rows<8>(in, rows, frames);
}
[[gnu::target("avx2")]] void sum_avx2(const float* in, std::uint32_t live, float* out, int frames) RT {
  sum_rows<8>(in, live, out, frames);
}
[[gnu::target("avx512f")]] void weave_avx512(const Wire* rows, float* out, int frames) RT {
  weave_rows<16>(rows, out, frames);
}
[[gnu::target("avx512f")]] void unweave_avx512(const float* in, float* const* rows, int frames) RT {
  unweave_rows<16>(in, rows, frames);
}
[[gnu::target("avx512f")]] void sum_avx512(const float* in, std::uint32_t live, float* out, int frames) RT {
  sum_rows<16>(in, live, out, frames);
}
#endif

}  // namespace

const LaneForm& lane_form(int lanes) {
  static const LaneForm kPlain4{weave_plain<4>, unweave_plain<4>, sum_plain<4>}, kPlain8{weave_plain<8>, unweave_plain<8>, sum_plain<8>},
      kPlain16{weave_plain<16>, unweave_plain<16>, sum_plain<16>};
#if defined(__x86_64__)
  static const LaneForm kAvx2{weave_avx2, unweave_avx2, sum_avx2}, kAvx512{weave_avx512, unweave_avx512, sum_avx512};
  if (lanes == 8 && __builtin_cpu_supports("avx2")) return kAvx2;
  if (lanes == 16 && __builtin_cpu_supports("avx512f")) return kAvx512;
#endif
  return lanes == 4 ? kPlain4 : lanes == 8 ? kPlain8 : kPlain16;
}

}  // namespace hocket
