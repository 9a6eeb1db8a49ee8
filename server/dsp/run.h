// Turns a unit's struct into kernels: constant inputs are read once, streams a frame at a time, coefficients are worked out
// when their inputs change, and the state stays in registers over the run. No result depends on where a run begins or ends.
#pragma once

#include "server/dsp/series.h"

namespace hocket::dsp {
namespace {

/// Where the results go, a frame after the other.
template <class V, bool scaled>
struct Writer {
  Out<V, scaled> left;
  float* right;
  int frame = 0;
  void put(V x) { left.write(frame++, left.made_of(x)); }
  void put(Stereo<V> x) {
    store(right, x.right);
    right += lanes_of<V>;
    put(x.left);
  }
};

inline int least(int a, int b) {
  return a < b ? a : b;
}
template <class... M>
inline bool any_of(M... m) {
  return any((m | ...));
}

/// Coefficients that follow a parameter which may move every frame, at the cost of a few products. They are worked out exactly
/// where it stood when they were renewed last, and from there taken along their tangent. They are renewed, a lane by itself, as
/// soon as the tangent's error could be heard, and for all at every kRenew'th absolute frame: what comes out depends neither on
/// where a run begins nor on the neighbours. A parameter at audio rate is thus exact, a slow one nearly free.
inline constexpr int kRenew = 16;
template <class U, class V>
class Followed {
 public:
  using Tangent = typename U::Tangent;

  /// `touches`: the values with which the coefficients were renewed last; x, other: those of the first frame.
  Followed(V (&touches)[2], V x, V other, bool other_moves, const Clock& clock)
      : touches_(touches), clock_(clock), tangent_(first(x, other)), other_moves_(other_moves) {}

  int to_grid(int i) const { return kRenew - static_cast<int>((clock_.frame + i) % kRenew); }
  bool on_grid(int i) const { return to_grid(i) == kRenew; }
  void renew(V x, V other) {
    if (any((x != touches_[0]) | (other != touches_[1]))) renew(x == x, x, other);
  }
  auto at(V x, V other) {
    V away = x - touches_[0];
    Mask<V> far = abs(away) > tangent_.reach;
    if (other_moves_) far = far | (other != touches_[1]);
    if (any(far)) {
      renew(far, x, other);
      away = x - touches_[0];
    }
    return tangent_.at(away);
  }

 private:
  /// For the first frame: new at once where it would be renewed there anyway.
  Tangent first(V x, V other) { return touching(on_grid(0) ? x == x : other != touches_[1], x, other); }
  void renew(Mask<V> which, V x, V other) { tangent_ = touching(which, x, other); }
  Tangent touching(Mask<V> which, V x, V other) {
    touches_[0] = select(which, x, touches_[0]);
    touches_[1] = select(which, other, touches_[1]);
    return Tangent(touches_[0], touches_[1], clock_);
  }

  V (&touches_)[2];
  const Clock& clock_;
  Tangent tangent_;
  bool other_moves_;
};

/// One loop over the frames. `moving`: bit i for a live port i that may change; `stepped`: a prepared port may. `scaled`: two more
/// wires say by what the output is multiplied and what is added to it; they stand still.
template <class U, class V, bool stereo, unsigned moving, bool stepped, bool scaled>
struct Loop {
  using T = Traits<U, V>;
  static constexpr int kFirst = T::live;  ///< of the prepared ports

  [[gnu::flatten]] static void run(void* memory_of_state, Memory memory, const Wire* in, float* const* out, int frames,
                                   const Clock& clock) RT {
    if (frames <= 0) return;
    run(memory_of_state, memory, in, out, frames, clock, std::make_integer_sequence<int, T::live + (stereo ? 1 : 0)>{},
        std::make_integer_sequence<int, T::prepared>{});
  }

  template <int... w, int... p>
  static void run(void* at, Memory memory, const Wire* in, float* const* out, int frames, const Clock& clock,
                  std::integer_sequence<int, w...>, std::integer_sequence<int, p...>) {
    // The copy that memcpy fills stays in memory; the one that works is taken apart into registers. The empty statements keep
    // the compiler from making them one again: measured, lpf on AVX2 0.73 ns a voice with one copy, 0.47 with two.
    State<U, V> stored;
    if constexpr (!std::is_empty_v<U>) {
      __builtin_memcpy(&stored, at, sizeof stored);
      asm("" : "+m"(stored));
    }
    State<U, V> state = stored;

    struct Live : Slot<U, V, stereo, moving, w>... {
      explicit Live(const Wire* wires) : Slot<U, V, stereo, moving, w>(wires[w])... {}
    } live(in);
    struct Params : Reader<U, V, kFirst + p, stepped>... {
      explicit Params(const Wire* wires) : Reader<U, V, kFirst + p, stepped>(wires[kFirst + p + (stereo ? 1 : 0)])... {}
    } params(in);

    if constexpr (T::starts) {
      const auto fresh = state.begun == Bits<V>(0U);
      if (any(fresh)) {
        state.unit.start(fresh, static_cast<Slot<U, V, stereo, moving, w>&>(live).now()...,
                         static_cast<Reader<U, V, kFirst + p, stepped>&>(params).now()..., clock);
        state.begun = Bits<V>(1U);
      }
    }

    const auto to = [&] {
      if constexpr (scaled) {
        return Out<V, true>{out[0], in[T::ports].at, in[T::ports + 1].at};
      } else {
        return Out<V, false>{out[0]};
      }
    }();
    if constexpr (!T::flows) {
      constexpr bool kTwo = stereo || shape_of<U>() == Shape::spread;
      by_frames(state, memory, in, to, kTwo ? out[1] : nullptr, frames, clock, live, params, std::integer_sequence<int, w...>{},
                std::integer_sequence<int, p...>{});
    } else if constexpr (moving == 0) {
      state.unit.sweep(static_cast<Slot<U, V, stereo, moving, w>&>(live).now()..., clock, to, frames);
    } else {
      state.unit.flow(static_cast<Slot<U, V, stereo, moving, w>&>(live)..., clock, Moving<moving>{}, to, frames);
    }
    if constexpr (!std::is_empty_v<U>) {
      stored = state;
      asm("" : "+m"(stored));
      __builtin_memcpy(at, &stored, sizeof stored);
    }
  }

  template <class Live, class Params, int... w, int... p>
  static void by_frames(State<U, V>& state, Memory memory, const Wire* in, Out<V, scaled> out, float* right, int frames, const Clock& clock,
                        Live& live, Params& params, std::integer_sequence<int, w...>, std::integer_sequence<int, p...>) {
    auto coefs = [&] {
      if constexpr (T::prepares) {
        return U::prepare(static_cast<Reader<U, V, kFirst + p, stepped>&>(params).now()..., clock);
      } else {
        return Nothing{};
      }
    }();
    auto work = [&] {
      if constexpr (T::opens) {
        return state.unit.open(memory, clock);
      } else {
        return Nothing{};
      }
    }();
    Running<U, V, stereo, moving, decltype(coefs), decltype(work)> running{state.unit, coefs, work, clock};

    Writer<V, scaled> writer{out, right};

    const auto frame = [&] { writer.put(running.frame(static_cast<Slot<U, V, stereo, moving, w>&>(live).next()...)); };
    const auto param = [&]<int i>(std::integral_constant<int, i>) -> auto& {
      return static_cast<Reader<U, V, kFirst + i, stepped>&>(params);
    };
    if constexpr (stepped && T::follows) {
      const bool other_moves = in[kFirst + 1 + (stereo ? 1 : 0)].step != 0;
      auto& moves = param(std::integral_constant<int, 0>{});
      auto& may_move = param(std::integral_constant<int, 1>{});
      V other = may_move.now();
      Followed<U, V> followed(state.touches, moves.now(), other, other_moves, running.clock);
      for (int i = 0; i < frames;) {
        const int until = least(frames, i + followed.to_grid(i));
        if (i > 0 && followed.on_grid(i)) followed.renew(moves.now(), may_move.now());
        for (; i < until; ++i) {
          if (other_moves) other = may_move.next();
          running.coefs = followed.at(moves.next(), other);
          frame();
        }
      }
    } else if constexpr (stepped) {
      V last[sizeof...(p)] = {param(std::integral_constant<int, p>{}).now()...};
      for (int i = 0; i < frames; ++i) {
        V x[sizeof...(p)] = {param(std::integral_constant<int, p>{}).next()...};
        if (any_of((x[p] != last[p])...)) {
          running.coefs = U::prepare(x[p]..., clock);
          ((last[p] = x[p]), ...);
        }
        frame();
      }
    } else if constexpr (moving == 0 && T::sweeps) {
      if (!state.unit.sweep(static_cast<Slot<U, V, stereo, moving, w>&>(live).now()..., clock, out, frames)) {
        for (int i = 0; i < frames; ++i) frame();
      }
    } else if constexpr (moving == 0 && T::calms) {
      for (int i = 0; i < frames;) {
        const int calm = least(frames - i, running.calm(static_cast<Slot<U, V, stereo, moving, w>&>(live).now()...));
        for (int n = 0; n < calm; ++n) writer.put(running.glide());
        state.unit.skip(calm);
        i += calm;
        if (i < frames) frame(), ++i;
      }
    } else {
      int i = 0;
      if constexpr (T::follows) {
        // what stands still may have moved a moment ago: up to the next renewal it is followed
        if (any_of((param(std::integral_constant<int, p>{}).now() != state.touches[p])...)) {
          Followed<U, V> followed(state.touches, param(std::integral_constant<int, p>{}).now()..., false, running.clock);
          const auto exact = running.coefs;
          for (const int n = followed.on_grid(0) ? 0 : least(frames, followed.to_grid(0)); i < n; ++i) {
            running.coefs = followed.at(param(std::integral_constant<int, p>{}).now()...);
            frame();
          }
          running.coefs = exact;
          if (i < frames) followed.renew(param(std::integral_constant<int, p>{}).now()...);
        }
      }
      for (; i < frames; ++i) frame();
    }
  }
};

/// Picks the loop that fits the wires. Up to two live ports: any mix of constants and streams; beyond, all constant, only the
/// first a stream, or all streams.
template <class U, class V, bool stereo, bool scaled = false>
void pick(void* state, Memory memory, const Wire* in, float* const* out, int frames, const Clock& clock) RT {
  using T = Traits<U, V>;
  constexpr unsigned kAll = (1U << T::live) - 1;
  const Wire* const port = in + (stereo ? 1 : 0);
  unsigned moving = 0;
  for (int i = 0; i < T::live; ++i) moving |= port[i].step != 0 ? 1U << i : 0U;
  if (stereo && in[0].step != 0) moving |= 1U;
  bool stepped = false;
  for (int i = T::live; i < T::ports; ++i) stepped |= port[i].step != 0;

  const auto go = [&]<unsigned m>(std::integral_constant<unsigned, m>) {
    if constexpr (T::prepared > 0) {
      if (stepped) return Loop<U, V, stereo, m, true, scaled>::run(state, memory, in, out, frames, clock);
    }
    return Loop<U, V, stereo, m, false, scaled>::run(state, memory, in, out, frames, clock);
  };
  if (moving == 0) return go(std::integral_constant<unsigned, 0>{});
  if constexpr (T::live >= 1) {
    if (moving == 1) return go(std::integral_constant<unsigned, 1>{});
  }
  if constexpr (T::live == 2) {
    if (moving == 2) return go(std::integral_constant<unsigned, 2>{});
  }
  if constexpr (T::live >= 2) return go(std::integral_constant<unsigned, kAll>{});
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
    pick<Unit<lanes>, lanes, stereo>(state, memory, wide, out, groups, clock);
    constexpr bool kTwo = stereo || shape_of<Unit<V>>() == Shape::spread;
    float* const rest_out[2] = {out[0] + groups * kLanes, kTwo ? out[1] + groups * kLanes : nullptr};
    pick<Unit<V>, V, stereo>(state, memory, rest, rest_out, frames - groups * kLanes, clock);
  } else {
    pick<Unit<V>, V, stereo, scaled>(state, memory, in, out, frames, clock);
  }
}

/// Has this lane of a state ended? The lane is gathered into a unit of one voice, which knows.
template <template <class> class Unit, class V>
bool done(const void* state, int lane) RT {
  Unit<float> one;
  static_assert(sizeof(Unit<V>) == sizeof(Unit<float>) * lanes_of<V>);
  const auto* from = static_cast<const char*>(state) + lane * 4;
  auto* to = reinterpret_cast<char*>(&one);
  for (std::size_t i = 0; i < sizeof one; i += 4) __builtin_memcpy(to + i, from + i * lanes_of<V>, 4);
  return one.done();
}

template <template <class> class Unit, class V>
bool rests(const void* state, const Wire* in) RT {
  using U = Unit<V>;
  const U unit = load<U>(state);
  return [&]<int... p>(std::integer_sequence<int, p...>) {
    return unit.rests(held<U, p>(load<V>(in[p].at))...);
  }
  (std::make_integer_sequence<int, Traits<U, V>::ports>{});
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
  if constexpr (T::seeded) k.seed_offset = offsetof(U, seed);
  if constexpr (requires(Unit<float> u) { u.done(); }) k.done = done<Unit, V>;
  if constexpr (requires { &U::rests; }) k.rests = rests<Unit, V>;
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
  e.mono = kernel<Unit, float, false>();
  e.voice_mono = kernel<Unit, lanes, false>();
  if constexpr (requires { requires U::scales; }) e.voice_scaled = kernel<Unit, lanes, false, true>();
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
  if constexpr (runs_in_series<Unit<float>>()) {
    e.series[0] = Wave<Unit<lanes>, 1>::run;
    e.series[1] = Wave<Unit<lanes>, 2>::run;
  }
  return e;
}

}  // namespace
}  // namespace hocket::dsp
