// Turns a unit's struct into kernels: constant inputs are read once, streams a frame at a time, coefficients are worked out
// when their inputs change, and the state stays in registers over the run. No result depends on where a run begins or ends.
#pragma once

#include "server/dsp/series.h"

namespace hocket::dsp {
namespace {

/// Where the results go, a frame after the other.
template <class V>
struct Writer {
  float* left;
  float* right;
  void put(V x) {
    store(left, x);
    left += lanes_of<V>;
  }
  void put(Stereo<V> x) {
    put(x.left);
    store(right, x.right);
    right += lanes_of<V>;
  }
};

template <class... M>
inline bool any_of(M... m) {
  return any((m | ...));
}

/// One loop over the frames. `moving`: bit i for a live port i that may change; `stepped`: a prepared port may.
template <class U, class V, bool stereo, unsigned moving, bool stepped>
struct Loop {
  using T = Traits<U, V>;

  [[gnu::flatten]] static void run(void* memory_of_state, Memory memory, const Wire* in, float* const* out, int frames,
                                   const Clock& clock) RT {
    if (frames <= 0) return;
    run(memory_of_state, memory, in, out, frames, clock, std::make_integer_sequence<int, T::live + (stereo ? 1 : 0)>{},
        std::make_integer_sequence<int, T::prepared>{});
  }

  template <int... w, int... p>
  static void run(void* at, Memory memory, const Wire* in, float* const* out, int frames, const Clock& clock,
                  std::integer_sequence<int, w...>, std::integer_sequence<int, p...>) {
    constexpr int kFirst = T::live;  // of the prepared ports
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

    constexpr bool kTwo = stereo || shape_of<U>() == Shape::spread;
    Writer<V> writer{out[0], kTwo ? out[1] : nullptr};

    if constexpr (stepped) {
      V last[sizeof...(p)] = {static_cast<Reader<U, V, kFirst + p, stepped>&>(params).now()...};
      for (int i = 0; i < frames; ++i) {
        V x[sizeof...(p)] = {static_cast<Reader<U, V, kFirst + p, stepped>&>(params).next()...};
        if (any_of((x[p] != last[p])...)) {
          running.coefs = U::prepare(x[p]..., clock);
          ((last[p] = x[p]), ...);
        }
        writer.put(running.frame(static_cast<Slot<U, V, stereo, moving, w>&>(live).next()...));
      }
    } else {
      for (int i = 0; i < frames; ++i) writer.put(running.frame(static_cast<Slot<U, V, stereo, moving, w>&>(live).next()...));
    }
    if constexpr (!std::is_empty_v<U>) {
      stored = state;
      asm("" : "+m"(stored));
      __builtin_memcpy(at, &stored, sizeof stored);
    }
  }
};

/// Picks the loop that fits the wires. Up to two live ports: any mix of constants and streams; beyond, all constant, only the
/// first a stream, or all streams.
template <class U, class V, bool stereo>
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
      if (stepped) return Loop<U, V, stereo, m, true>::run(state, memory, in, out, frames, clock);
    }
    return Loop<U, V, stereo, m, false>::run(state, memory, in, out, frames, clock);
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

template <template <class> class Unit, class V, bool stereo>
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
    pick<Unit<V>, V, stereo>(state, memory, in, out, frames, clock);
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

template <template <class> class Unit, class V, bool stereo>
constexpr Kernel kernel() {
  using U = Unit<V>;
  using T = Traits<U, V>;
  Kernel k;
  k.run = run<Unit, V, stereo>;
  k.in_channels = stereo ? 2 : 1;
  k.out_channels = stereo || shape_of<U>() == Shape::spread ? 2 : 1;
  k.state_bytes = std::is_empty_v<U> ? 0 : sizeof(State<U, V>);
  if constexpr (T::seeded) k.seed_offset = offsetof(U, seed);
  if constexpr (requires(Unit<float> u) { u.done(); }) k.done = done<Unit, V>;
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
