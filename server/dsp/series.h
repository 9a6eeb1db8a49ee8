// Like units one behind the other on one stream, run as a wave: a lane a unit, each a frame behind the one before it.
//
// Unit s works on frame t - s at step t, so that all lanes have something to do but at the two ends of a run, where those that
// have nothing keep their state. No frame is late when the run is over, and all samples are as if one unit ran after the other.
// Source: Lamport, "The parallel execution of DO loops", 1974 (the hyperplane method).
#pragma once

#include "server/dsp/running.h"

namespace hocket::dsp {
namespace {

/// May such units run as a wave? One signal in, one out; no frame number, no large memory, no first frame of its own.
template <class U>
constexpr bool runs_in_series() {
  using T = Traits<U, float>;
  if constexpr (T::ports == 0 || T::pure || T::opens || T::starts || T::seeded || std::is_empty_v<U>) {
    return false;
  } else {
    return T::live > 0 && U::ports[0].unit == PortUnit::signal && shape_of<U>() != Shape::spread;
  }
}

/// Up to `groups` times as many units as there are lanes. They sit in the lanes from the last one down, so that what comes out of
/// the last unit is lane 0 of the last group; lanes before the first unit are idle.
template <class U, int groups>
struct Wave {
  using V = lanes;
  using T = Traits<U, V>;
  using Groups = std::make_integer_sequence<int, groups>;
  static constexpr int kUnits = groups * kLanes;

  [[gnu::flatten]] static bool run(void* const* state, const float* constants, Wire in, float* out, int count, int frames,
                                   const Clock& clock) RT {
    return run(state, constants, in, out, count, frames, clock, Groups{}, std::make_integer_sequence<int, T::live - 1>{},
               std::make_integer_sequence<int, T::prepared>{});
  }

  template <int... g, int... l, int... p>
  static bool run(void* const* at, const float* constants, Wire in, float* out, int count, int frames, const Clock& clock,
                  std::integer_sequence<int, g...>, std::integer_sequence<int, l...>, std::integer_sequence<int, p...>) {
    const auto constant = [&]<int port>(int group, std::integral_constant<int, port>) {
      return held<U, port>(load<V>(constants + (group * (T::ports - 1) + port - 1) * kLanes));
    };
    const auto coefs_of = [&](int group) {
      if constexpr (T::prepares) {
        return U::prepare(constant(group, std::integral_constant<int, T::live + p>{})..., clock);
      } else {
        return Nothing{};
      }
    };
    U units[groups];
    ((__builtin_memcpy(&units[g], at[g], sizeof(U))), ...);
    using Coefs = decltype(coefs_of(0));
    Coefs coefs[groups] = {coefs_of(g)...};
    Nothing work;
    const Clock now = clock;  // a copy: what is written cannot change it

    const int idle = kUnits - count;
    const Bits<V> number[groups] = {Bits<V>(static_cast<std::uint32_t>(g * kLanes + kLanes - 1 - idle)) - lane_numbers<V>()...};
    const Mask<V> first = number[0] == Bits<V>(0U);
    V y[groups] = {((void)g, V(0.F))...};
    V broken = V(0.F);

    const auto step = [&]<bool part>(int t, std::integral_constant<bool, part>) {
      V x[groups] = {next_lane(y[g], y[g > 0 ? g - 1 : 0])...};
      x[0] = select(first, V(t < frames ? in.at[t * in.step] : 0.F), x[0]);
      const auto one = [&]<int group>(std::integral_constant<int, group>) {
        const U before = units[group];
        const Running<U, V, false, 1U, Coefs, Nothing> running{units[group], coefs[group], work, now};
        y[group] = running.frame(held<U, 0>(x[group]), constant(group, std::integral_constant<int, 1 + l>{})...);
        broken += y[group] - y[group];  // 0, or no number once one was none
        if constexpr (part) {
          const Bits<V> frame = Bits<V>(static_cast<std::uint32_t>(t)) - number[group];
          const Mask<V> works =
              (!hocket::dsp::before(frame, Bits<V>(0U))) & hocket::dsp::before(frame, Bits<V>(static_cast<std::uint32_t>(frames)));
          units[group] = chosen(works, units[group], before);
        }
      };
      (one(std::integral_constant<int, g>{}), ...);
      if (t >= count - 1) __builtin_memcpy(out + (t - count + 1), &y[groups - 1], 4);
    };
    const int all = frames + count - 1;
    const int filled = frames < count ? all : count - 1;
    for (int t = 0; t < filled; ++t) step(t, std::true_type{});
    for (int t = filled; t < frames; ++t) step(t, std::false_type{});
    for (int t = frames > filled ? frames : filled; t < all; ++t) step(t, std::true_type{});
    ((__builtin_memcpy(at[g], &units[g], sizeof(U))), ...);
    return !any(broken != broken);
  }

  static U chosen(Mask<V> which, const U& a, const U& b) {
    constexpr int kCells = static_cast<int>(sizeof(U) / sizeof(V));
    Bits<V> x[kCells], y[kCells];
    __builtin_memcpy(&x, &a, sizeof x);
    __builtin_memcpy(&y, &b, sizeof y);
    for (int i = 0; i < kCells; ++i) x[i] = select(which, x[i], y[i]);
    U made;
    __builtin_memcpy(&made, &x, sizeof made);
    return made;
  }
};

}  // namespace
}  // namespace hocket::dsp
