// Units in series whose coefficients follow a parameter that moves, run as a wave (see series.h).
//
// Each lane is at a frame of its own, so its parameter is read aslant: some frames of all units are laid out as the steps will want
// them. Every unit renews its tangent at the grid's frames, in another step than its neighbours do: what all of them will renew to is
// worked out at once, for as many steps as the grid has frames, and each takes its own when it is there.
#pragma once

#include "server/dsp/followed.h"
#include "server/dsp/series.h"

namespace hocket::dsp {
namespace {

/// The parameter, of one group of units over the next kRenew steps.
struct Aslant {
  alignas(64) float x[kRenew][kLanes];
  alignas(64) float renewed[kLanes];         // where it stands when it is renewed
  alignas(64) std::uint32_t renews[kLanes];  // in which of the steps; kRenew: in none of them
};

template <class U, int groups>
struct FollowedWave {
  using V = lanes;
  using T = Traits<U, V>;
  using Tangent = typename U::Tangent;
  using Groups = std::make_integer_sequence<int, groups>;
  static constexpr int kUnits = groups * kLanes;
  static constexpr int kFollowed = kFollowedPort;
  static constexpr int kOthers = T::ports - kFollowed - 1;  // ports after it
  static constexpr Port kPort = U::ports[kFollowed];
  static_assert(T::live == kFollowed);

  struct Group {
    U unit;
    V touch, limit;
    Tangent tangent;
  };

  [[gnu::flatten]] static bool run(void* const* at, const float* constants, const Wire* followed, Wire in, float* out, int count,
                                   int frames, const Clock& clock) RT {
    return run(at, constants, followed, in, out, count, frames, clock, Groups{}, std::make_integer_sequence<int, kOthers>{});
  }

  template <int... g, int... o>
  static bool run(void* const* at, const float* constants, const Wire* followed, Wire in, float* out, int count, int frames,
                  const Clock& clock, std::integer_sequence<int, g...>, std::integer_sequence<int, o...>) {
    const Clock now = clock;  // a copy: what is written cannot change it
    const auto other = [&]<int port>(int group, std::integral_constant<int, port>) {
      return held<U, kFollowed + 1 + port>(load<V>(constants + (group * kOthers + port) * kLanes));
    };
    const auto tangent = [&](int group, V x) { return Tangent(x, other(group, std::integral_constant<int, o>{})..., now); };
    // As far as the tangent reaches and the port's range does not hold what comes.
    const auto limit = [&](V touch, const Tangent& t) { return min(t.reach, min(touch - kPort.low, kPort.high - touch)); };
    const auto begun = [&](int group) {
      const auto state = load<State<U, V>>(at[group]);
      const V touch = state.touches[0];
      const Tangent t = tangent(group, touch);
      return Group{state.unit, touch, limit(touch, t), t};
    };
    Group group[groups] = {begun(g)...};
    Nothing work;

    const int idle = kUnits - count;
    const Bits<V> number[groups] = {Bits<V>(static_cast<std::uint32_t>(g * kLanes + kLanes - 1 - idle)) - lane_numbers<V>()...};
    const Mask<V> first = number[0] == Bits<V>(0U);
    V y[groups] = {((void)g, V(0.F))...};
    V broken = V(0.F);
    Aslant aslant[groups] = {};
    V renewed[groups];

    const auto step = [&]<bool part>(int t, int k, const Tangent(&next)[groups], std::integral_constant<bool, part>) {
      V x[groups] = {next_lane(y[g], y[g > 0 ? g - 1 : 0])...};
      x[0] = select(first, V(t < frames ? in.at[t * in.step] : 0.F), x[0]);
      const auto one = [&]<int i>(std::integral_constant<int, i>) {
        Group& it = group[i];
        const Mask<V> works = working(Bits<V>(static_cast<std::uint32_t>(t)) - number[i], frames);
        V p = load<V>(aslant[i].x[k]);
        const Mask<V> renews = load<Bits<V>>(aslant[i].renews) == Bits<V>(static_cast<std::uint32_t>(k));
        it.touch = select(renews, renewed[i], it.touch);
        it.tangent.choose(renews, next[i]);
        it.limit = select(renews, limit(renewed[i], next[i]), it.limit);
        V away = p - it.touch;
        Mask<V> near = abs(away) <= it.limit;
        if constexpr (part) near = near | (!works);
        if (!all(near)) [[unlikely]] {
          p = held<U, kFollowed>(p);
          away = p - it.touch;
          Mask<V> far = abs(away) > it.tangent.reach;
          if constexpr (part) far = far & works;
          if (any(far)) {
            it.touch = select(far, p, it.touch);
            it.tangent.choose(far, tangent(i, it.touch));
            it.limit = select(far, limit(it.touch, it.tangent), it.limit);
            away = p - it.touch;
          }
        }
        auto coefs = it.tangent.at(away);
        const U before = it.unit;
        const Running<U, V, false, 1U, decltype(coefs), Nothing> running{it.unit, coefs, work, now};
        y[i] = running.frame(held<U, 0>(x[i]));
        broken += y[i] - y[i];  // 0, or no number once one was none
        if constexpr (part) it.unit = Wave<U, groups>::chosen(works, it.unit, before);
      };
      (one(std::integral_constant<int, g>{}), ...);
      if (t >= count - 1) __builtin_memcpy(out + (t - count + 1), &y[groups - 1], 4);
    };
    const int all_steps = frames + count - 1;
    const int filled = frames < count ? all_steps : count - 1;
    for (int t = 0; t < all_steps; t += kRenew) {
      (lay(aslant[g], followed, g, count, t, frames, now), ...);
      ((renewed[g] = held<U, kFollowed>(load<V>(aslant[g].renewed))), ...);
      const Tangent next[groups] = {tangent(g, renewed[g])...};
      for (int k = 0; k < least(kRenew, all_steps - t); ++k) {
        if (t + k >= filled && t + k < frames)
          step(t + k, k, next, std::false_type{});
        else
          step(t + k, k, next, std::true_type{});
      }
    }
    const auto finish = [&](int i) {
      const State<U, V> state{group[i].unit, {group[i].touch, other(i, std::integral_constant<int, 0>{})}};
      __builtin_memcpy(at[i], &state, sizeof state);
    };
    (finish(g), ...);
    return !any(broken != broken);
  }

  static Mask<V> working(Bits<V> frame, int frames) {
    return (!before(frame, Bits<V>(0U))) & before(frame, Bits<V>(static_cast<std::uint32_t>(frames)));
  }

  /// Steps `t` and on: unit n is at frame t - n. What is before its first frame, and after its last one, stays as it was.
  static void lay(Aslant& to, const Wire* followed, int group, int count, int t, int frames, const Clock& clock) {
    const int idle = kUnits - count, grid = frames_to_renewal(clock, 0);
    for (int lane = 0; lane < kLanes; ++lane) {
      const int n = group * kLanes + kLanes - 1 - lane - idle;
      const Wire& wire = followed[n < 0 ? 0 : n];  // an idle lane does as the first unit does
      const int from = t - (n < 0 ? 0 : n);
      float* const column = to.x[0] + lane;
      if (from >= 0 && from + kRenew <= frames && wire.step == 1) {
        for (int k = 0; k < kRenew; ++k) column[k * kLanes] = wire.at[from + k];
      } else {
        const int end = least(kRenew, frames - from);
        for (int k = from < 0 ? -from : 0; k < end; ++k) column[k * kLanes] = wire.at[(from + k) * wire.step];
      }
      const int at = (grid - from % kRenew + kRenew) % kRenew;
      to.renewed[lane] = column[at * kLanes];
      to.renews[lane] = static_cast<std::uint32_t>(from + at >= 0 && from + at < frames ? at : kRenew);
    }
  }
};

}  // namespace
}  // namespace hocket::dsp
