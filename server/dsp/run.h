// Turns a unit's struct into kernels: constant inputs are read once, streams a frame at a time, coefficients are worked out
// when their inputs change, and the state stays in registers over the run. No result depends on where a run begins or ends.
#pragma once

#include "server/dsp/apart.h"
#include "server/dsp/followed_series.h"
#include "server/dsp/series.h"
#include "server/dsp/strand.h"
#include "server/dsp/swing.h"

namespace hocket::dsp {
namespace {

// How the frames of a run are gone through. With several strands, all do frame i before any does frame i + 1: what each of them waits
// for between its frames, the others fill.

/// Coefficients worked out anew whenever their inputs move.
template <class S>
inline void stepped_frames(int frames, S& strand) {
  auto last = strand.values();
  for (int i = 0; i < frames; ++i) strand.stepped_frame(last);
}

/// Coefficients that follow, a stretch up to the next renewal at a time.
template <class... Strands>
inline void followed_frames(int frames, const Clock& clock, Strands&... s) {
  for (int i = 0; i < frames;) {
    const int n = least(frames - i, frames_to_renewal(clock, i));
    bool all_near = true;
    ((all_near &= s.begin_stretch(i, n)), ...);
    if (all_near) {
      for (int k = i; k < i + n; ++k) (s.near_frame(k), ...);
      (s.near_end(n), ...);
    } else {
      const auto alone = [n](auto& one) {
        for (int k = 0; k < n; ++k) one.followed_frame();
      };
      (alone(s), ...);
    }
    i += n;
  }
}

/// While nothing moves: stretches in which no decision is due, and single frames in which one may be.
template <class... Strands>
inline void calm_frames(int frames, Strands&... s) {
  for (int i = 0; i < frames;) {
    int calm = frames - i;
    ((calm = least(calm, s.calm())), ...);
    if constexpr ((Strands::T::glides && ...))
      (s.glides(calm), ...);
    else
      for (int n = 0; n < calm; ++n) (s.glide(), ...);
    (s.skip(calm), ...);
    i += calm;
    if (i < frames) (s.frame(), ...), ++i;
  }
}

/// Frames side by side where the unit does so, else so many one after the other before it is asked again.
inline constexpr int kBetweenChunks = 16;
template <class S>
inline void chunked_frames(int frames, S& strand) {
  for (int i = 0; i < frames;) {
    const int n = strand.chunk(i, frames - i);
    i += n;
    if (n > 0) continue;
    for (const int end = least(frames, i + kBetweenChunks); i < end; ++i) strand.frame();
  }
}

template <class... Strands>
inline void plain_frames(int frames, Strands&... s) {
  const int done[] = {s.settle(frames)...};
  int from = 0;
  for (const int n : done) from = from < n ? n : from;
  int k = 0;
  const auto catch_up = [&](auto& one) {
    for (int i = done[k++]; i < from; ++i) one.frame();
  };
  (catch_up(s), ...);
  for (int i = from; i < frames; ++i) (s.frame(), ...);
}

/// One loop over the frames of one unit, or of two like units. See Strand for the parameters.
template <class U, class V, bool stereo, unsigned moving, bool stepped, bool scaled>
struct Loop {
  using T = Traits<U, V>;
  using One = Strand<U, V, stereo, moving, stepped, scaled>;

  [[gnu::flatten]] static void run(void* state, Memory memory, const Wire* in, float* const* out, int frames, const Clock& clock) RT {
    if (frames <= 0) return;
    One strand(state, in, out, clock);
    auto work = strand.open(memory);
    strand.use(work);
    if constexpr (moving == 0 && !stepped && T::sweeps) {
      if constexpr (std::is_void_v<decltype(strand.sweep(frames))>)
        strand.sweep(frames);
      else if (!strand.sweep(frames))
        plain_frames(frames, strand);
    } else if constexpr (T::flows) {
      strand.flow(frames);
    } else {
      by_frames(frames, clock, strand);
    }
    strand.write_back();
  }

  [[gnu::flatten]] static void run_two(void* const* state, const Wire* const* in, float* const* const* out, int frames,
                                       const Clock* const* clock) RT {
    One first(state[0], in[0], out[0], *clock[0]), second(state[1], in[1], out[1], *clock[1]);
    Nothing work;
    first.use(work);
    second.use(work);
    by_frames(frames, *clock[0], first, second);
    first.write_back();
    second.write_back();
  }

  template <class... Strands>
  static void by_frames(int frames, [[maybe_unused]] const Clock& clock, Strands&... s) {
    if constexpr (stepped && T::follows) {
      followed_frames(frames, clock, s...);
    } else if constexpr (stepped) {
      (stepped_frames(frames, s), ...);
    } else if constexpr (moving != 0 && T::chunks && !scaled) {
      (chunked_frames(frames, s), ...);
    } else if constexpr (moving == 0 && T::calms) {
      calm_frames(frames, s...);
    } else {
      plain_frames(frames, s...);
    }
  }
};

/// Picks the loop that fits the wires of all `runs`. Up to two live ports: any mix of constants and streams; beyond, all constant,
/// only the first a stream, or all streams. A stream may turn out to be a constant.
template <class U, class V, bool stereo, bool scaled, class Go>
inline void pick(const Wire* const* in, int runs, Go go) {
  using T = Traits<U, V>;
  constexpr unsigned kAll = (1U << T::live) - 1;
  unsigned moving = 0;
  bool stepped = false;
  for (int r = 0; r < runs; ++r) {
    const Wire* const port = in[r] + (stereo ? 1 : 0);
    for (int i = 0; i < T::live; ++i) moving |= port[i].step != 0 ? 1U << i : 0U;
    if (stereo && in[r][0].step != 0) moving |= 1U;
    for (int i = T::live; i < T::ports; ++i) stepped |= port[i].step != 0;
  }
  const auto with = [&]<unsigned m>(std::integral_constant<unsigned, m>) {
    if constexpr (T::prepared > 0) {
      if (stepped) return go(Loop<U, V, stereo, m, true, scaled>{});
    }
    return go(Loop<U, V, stereo, m, false, scaled>{});
  };
  if (moving == 0) return with(std::integral_constant<unsigned, 0>{});
  if constexpr (T::live >= 1) {
    if (moving == 1) return with(std::integral_constant<unsigned, 1>{});
  }
  if constexpr (T::live == 2) {
    if (moving == 2) return with(std::integral_constant<unsigned, 2>{});
  }
  if constexpr (T::live >= 2) return with(std::integral_constant<unsigned, kAll>{});
}

template <class U, class V, bool stereo, bool scaled = false>
inline void run_one(void* state, Memory memory, const Wire* in, float* const* out, int frames, const Clock& clock) RT {
  pick<U, V, stereo, scaled>(&in, 1, [&](auto loop) { loop.run(state, memory, in, out, frames, clock); });
}

template <template <class> class Unit, class V>
void run_two(void* const* state, const Wire* const* in, float* const* const* out, int frames, const Clock* const* clock) RT {
  pick<Unit<V>, V, false, false>(in, 2, [&](auto loop) { loop.run_two(state, in, out, frames, clock); });
}

template <template <class> class Unit, class V, bool stereo, bool scaled>
void run(void* state, Memory memory, const Wire* in, float* const* out, int frames, const Clock& clock) RT {
  if constexpr (std::is_empty_v<Unit<V>> && !Traits<Unit<V>, V>::opens && Traits<Unit<V>, V>::ports > 0 && std::is_same_v<V, float>) {
    // without state, frames are as good as voices: whole groups of them run as lanes
    constexpr int kWires = Traits<Unit<V>, V>::ports + (stereo ? 1 : 0);
    const int groups = frames / kLanes;
    lanes constant[kWires];
    Wire wide[kWires], rest[kWires];
    for (int i = 0; i < kWires; ++i) {
      constant[i] = lanes(*in[i].at);
      wide[i] = in[i].step ? Wire{in[i].at, kLanes} : Wire{reinterpret_cast<const float*>(&constant[i]), 0};
      rest[i] = {in[i].at + groups * kLanes * in[i].step, in[i].step};
    }
    run_one<Unit<lanes>, lanes, stereo>(state, memory, wide, out, groups, clock);
    constexpr bool kTwo = stereo || shape_of<Unit<V>>() == Shape::spread;
    float* const rest_out[2] = {out[0] + groups * kLanes, kTwo ? out[1] + groups * kLanes : nullptr};
    run_one<Unit<V>, V, stereo>(state, memory, rest, rest_out, frames - groups * kLanes, clock);
  } else {
    run_one<Unit<V>, V, stereo, scaled>(state, memory, in, out, frames, clock);
  }
}

template <template <class> class Unit, bool stereo>
void run_apart(void* state, Memory memory, const Wire* in, float* const* out, int frames, const Clock& clock) RT {
  Apart<Unit, stereo>::run(state, memory, in, out, frames, clock, run_one<Unit<float>, float, stereo>);
}

template <template <class> class Unit, class V>
std::uint32_t done(const void* state) RT {
  return lane_set(load<Unit<V>>(state).done());
}

template <template <class> class Unit, class V>
bool rests(const void* state, const Wire* in, float* out) RT {
  using U = Unit<V>;
  U unit = load<U>(state);
  const bool still = [&]<int... p>(std::integer_sequence<int, p...>) {
    return unit.rests(held<U, p>(load<V>(in[p].at))...);
  }
  (std::make_integer_sequence<int, Traits<U, V>::ports>{});
  if (still) store(out, unit.glide());
  return still;
}

template <template <class> class Unit, class V, bool stereo, bool scaled = false>
constexpr Kernel kernel() {
  using U = Unit<V>;
  using T = Traits<U, V>;
  Kernel k;
  k.run = run<Unit, V, stereo, scaled>;
  k.in_channels = stereo ? 2 : 1;
  k.out_channels = stereo || shape_of<U>() == Shape::spread ? 2 : 1;
  k.state_bytes = std::is_empty_v<U> ? 0 : sizeof(State<U, V>);
  if constexpr (requires { typename U::Kept; }) k.kept_bytes = sizeof(typename U::Kept);
  if constexpr (T::seeded) k.seed_offset = offsetof(U, seed);
  if constexpr (requires(Unit<float> u) { u.done(); }) k.done = done<Unit, V>;
  if constexpr (requires { &U::rests; }) k.rests = rests<Unit, V>;
  if constexpr (T::in_pairs && !stereo && !scaled) {
    static_assert(!T::flows && !T::opens && !T::sweeps && shape_of<U>() != Shape::spread);
    k.run_two = run_two<Unit, V>;
  }
  return k;
}

/// A unit's row in the table.
template <template <class> class Unit>
constexpr UnitEntry entry(const char* name, const char* doc) {
  using U = Unit<float>;
  using T = Traits<U, float>;
  UnitEntry e;
  e.info.name = name;
  e.info.doc = doc;
  if constexpr (T::ports > 0) e.info.ports = U::ports;
  e.info.shape = shape_of<U>();
  e.info.random = T::seeded;
  e.info.pure = T::pure;
  e.info.tail = requires {
    requires U::tail;
  };
  e.bounded = requires {
    requires U::takes_anything;
  };
  e.struck = requires {
    requires U::struck;
  };
  e.tame = requires {
    requires U::tame;
  };
  static_assert(!requires { requires U::tame; } || std::is_empty_v<U>);
  e.mono = kernel<Unit, float, false>();
  e.voice_mono = kernel<Unit, lanes, false>();
  if constexpr (requires { requires U::scales; }) e.voice_scaled = kernel<Unit, lanes, false, true>();
  if constexpr (can_swing<U>()) {
    e.voice_swung = swing_kernel<Unit, lanes, false>();
    e.voice_swung_bounded = swing_kernel<Unit, lanes, true>();
  }
  e.swings = requires {
    requires U::swings;
  };
  if constexpr (T::ports > 0) {
    constexpr bool ends = requires(Unit<float> u) {
      u.done();
    };
    e.info.envelope = ends && U::ports[0].unit == PortUnit::gate;
    if constexpr (shape_of<U>() != Shape::each && U::ports[0].unit == PortUnit::signal) {
      e.stereo = kernel<Unit, float, true>();
      e.voice_stereo = kernel<Unit, lanes, true>();
    }
  }
  if constexpr (requires { &U::memory; }) e.memory = &U::memory;
  if constexpr (requires { U::few; }) e.few = U::few;
  if constexpr (requires { U::rows; }) {
    e.rows = U::rows;
    e.wanders = requires {
      requires U::wanders;
    };
    e.apart_mono = run_apart<Unit, false>;
    if constexpr (shape_of<U>() != Shape::each) e.apart_stereo = run_apart<Unit, true>;
  }
  if constexpr (runs_in_series<Unit<float>>()) {
    e.series[0] = Wave<Unit<lanes>, 1>::run;
    e.series[1] = Wave<Unit<lanes>, 2>::run;
    if constexpr (T::follows) {
      e.followed_series[0] = FollowedWave<Unit<lanes>, 1>::run;
      e.followed_series[1] = FollowedWave<Unit<lanes>, 2>::run;
    }
  }
  if constexpr (requires { typename U::Kin; }) {
    using Kin = typename Unit<lanes>::Kin;
    static_assert(sizeof(Kin) == sizeof(Unit<lanes>) && Traits<Kin, lanes>::ports == T::ports + 1);
    static_assert(
        [] {
          bool same = true;
          for (int i = 0; i < T::ports; ++i) same &= U::ports[i].low == Kin::ports[i].low && U::ports[i].high == Kin::ports[i].high;
          return same;
        }(),
        "what a wave holds its inputs to is what the unit does");
    e.kin_series[0] = Wave<Kin, 1>::run;
    e.kin_series[1] = Wave<Kin, 2>::run;
    if constexpr (T::follows) {
      e.followed_kin_series[0] = FollowedWave<Kin, 1>::run;
      e.followed_kin_series[1] = FollowedWave<Kin, 2>::run;
    }
    e.kind = static_cast<float>(U::kind);
  }
  return e;
}

}  // namespace
}  // namespace hocket::dsp
