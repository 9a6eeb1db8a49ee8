// Squares of values, to be turned over: rows become columns.
#pragma once

#include <utility>

namespace hocket::dsp {
namespace {

// Squares of lanes by lanes values are turned over: the values within quads first, then the quads. Unrolled, and by value, so that
// all of it stays in registers.
template <int lanes>
struct Square {
  using Row [[gnu::vector_size(lanes * 4)]] = float;
  using Loose [[gnu::vector_size(lanes * 4), gnu::aligned(4), gnu::may_alias]] = float;
  Row row[lanes];

  // to[q][i] = (i even ? a : b)'s value first + i / 2 of quad q; or pairs: to[q] = a's pair, b's pair; or whole quads.
  template <int first, int... i>
  [[gnu::always_inline]] static void mix_values(Row& to, const Row& a, const Row& b, std::integer_sequence<int, i...>) {
    to = __builtin_shufflevector(a, b, (i / 4 * 4 + first + i % 4 / 2 + i % 2 * lanes)...);
  }
  template <int first, int... i>
  [[gnu::always_inline]] static void mix_pairs(Row& to, const Row& a, const Row& b, std::integer_sequence<int, i...>) {
    to = __builtin_shufflevector(a, b, (i / 4 * 4 + first + i % 2 + i % 4 / 2 * lanes)...);
  }
  template <int first, int second, int... i>
  [[gnu::always_inline]] static void mix_quads(Row& to, const Row& a, const Row& b, std::integer_sequence<int, i...>) {
    to = __builtin_shufflevector(a, b, (i % 4 + 4 * (i / 4 % (lanes / 8) == 0 ? first : second) + i / (lanes / 2) * lanes)...);
  }
  /// From `lanes` rows that follow one another.
  [[gnu::always_inline]] static Square turned_over(const float* in) {
    Square square;
#pragma GCC unroll 16
    for (int k = 0; k < lanes; ++k) get(square.row[k], in + k * lanes);
    return square.turned_over();
  }
  [[gnu::always_inline]] Square turned_over() const {
    constexpr auto kEach = std::make_integer_sequence<int, lanes>{};
    Square quad;
#pragma GCC unroll 4
    for (int k = 0; k < lanes; k += 4) {
      Row low[2], high[2];
#pragma GCC unroll 2
      for (int i = 0; i < 2; ++i) {
        mix_values<0>(low[i], row[k + 2 * i], row[k + 2 * i + 1], kEach);
        mix_values<2>(high[i], row[k + 2 * i], row[k + 2 * i + 1], kEach);
      }
      mix_pairs<0>(quad.row[k], low[0], low[1], kEach);
      mix_pairs<2>(quad.row[k + 1], low[0], low[1], kEach);
      mix_pairs<0>(quad.row[k + 2], high[0], high[1], kEach);
      mix_pairs<2>(quad.row[k + 3], high[0], high[1], kEach);
    }
    Square to;
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) {
      if constexpr (lanes == 16) {
        Row low[2], high[2];
#pragma GCC unroll 2
        for (int i = 0; i < 2; ++i) {
          mix_quads<0, 1>(low[i], quad.row[8 * i + j], quad.row[8 * i + 4 + j], kEach);
          mix_quads<2, 3>(high[i], quad.row[8 * i + j], quad.row[8 * i + 4 + j], kEach);
        }
        mix_quads<0, 2>(to.row[j], low[0], low[1], kEach);
        mix_quads<1, 3>(to.row[4 + j], low[0], low[1], kEach);
        mix_quads<0, 2>(to.row[8 + j], high[0], high[1], kEach);
        mix_quads<1, 3>(to.row[12 + j], high[0], high[1], kEach);
      } else {
        mix_quads<0, 0>(to.row[j], quad.row[j], quad.row[4 + j], kEach);
        mix_quads<1, 1>(to.row[4 + j], quad.row[j], quad.row[4 + j], kEach);
      }
    }
    return to;
  }
  [[gnu::always_inline]] static void put(float* at, const Row& x) {
    *reinterpret_cast<Loose*>(at) = x;
  }
  [[gnu::always_inline]] static void get(Row& x, const float* at) {
    x = *reinterpret_cast<const Loose*>(at);
  }
};

}  // namespace
}  // namespace hocket::dsp
