// Turns a unit's struct into kernels: constant inputs are read once, streams a frame at a time, coefficients are worked out
// when their inputs change, and the state stays in registers over the run. No result depends on where a run begins or ends.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include "server/dsp/unit.h"

namespace hocket::dsp {
namespace {

/// Signals beyond this, and what is no number, count as silence: one bad frame must not live on in a unit's state.
inline constexpr float kLargest = 1e9F;

template <class V, class R, class... A>
constexpr int count_of(R (*)(A...)) {
  return (0 + ... + int{std::is_same_v<A, V>});
}

/// What the glue knows of a unit over V.
template <class U, class V>
struct Traits {
  static constexpr int ports = [] {
    if constexpr (requires { U::ports; }) {
      return static_cast<int>(sizeof(U::ports) / sizeof(U::ports[0]));
    } else {
      return 0;
    }
  }();
  static constexpr bool prepares = requires { &U::prepare; };
  static constexpr int prepared = [] {
    if constexpr (prepares) {
      return count_of<V>(&U::prepare);
    } else {
      return 0;
    }
  }();
  static constexpr int live = ports - prepared;  ///< ports that go to tick
  static constexpr bool pure = requires { requires U::pure; };
  static constexpr bool starts = requires { &U::start; };
  static constexpr bool opens = requires { &U::open; };
  static constexpr bool seeded = requires(U u) { u.seed; };
};

template <class U>
constexpr Shape shape_of() {
  if constexpr (requires { U::shape; }) {
    return U::shape;
  } else {
    return Shape::each;
  }
}

/// State as the engine keeps it: the unit, and which lanes have begun where the unit wants to know.
template <class U, class V, bool starts = Traits<U, V>::starts>
struct State {
  U unit;
};
template <class U, class V>
struct State<U, V, true> {
  U unit;
  Bits<V> begun;
};

/// x as port i of U may see it.
template <class U, int i, class V>
inline V held(V x) {
  constexpr Port p = U::ports[i];
  if constexpr (p.low < p.high) {
    return clamp(x, V(p.low), V(p.high));
  } else if constexpr (Traits<U, V>::pure || p.unit == PortUnit::gate || requires { requires U::takes_anything; }) {
    return x;
  } else {
    return select(abs(x) <= kLargest, x, V(0.F));
  }
}

/// A wire on its way through a run, into port i of U.
template <class U, class V, int i, bool moving>
struct Reader {
  V value;
  explicit Reader(Wire w) : value(held<U, i>(load<V>(w.at))) {}
  V next() { return value; }
  V now() const { return value; }
};
template <class U, class V, int i>
struct Reader<U, V, i, true> {
  const float* at;
  int step;
  explicit Reader(Wire w) : at(w.at), step(w.step) {}
  V next() {
    const V x = now();
    at += step;
    return x;
  }
  V now() const { return held<U, i>(load<V>(at)); }
};

/// With a stereo first port, wires 0 and 1 are its channels and wire i + 1 leads to port i.
template <bool stereo>
constexpr int port_of(int wire) {
  return stereo && wire > 0 ? wire - 1 : wire;
}

template <class U, class V, bool stereo, unsigned moving, int wire>
struct Slot : Reader<U, V, port_of<stereo>(wire), (moving >> port_of<stereo>(wire) & 1U) != 0> {
  using Slot::Reader::Reader;
};

/// A unit with what it needs beside its inputs during one run.
template <class U, class V, bool stereo, unsigned moving, class Coefs, class Work>
struct Running {
  U& unit;
  Coefs coefs;
  Work work;
  const Clock clock;  // a copy: what is written cannot change it

  template <class... X>
  auto frame(V first, X... rest) {
    if constexpr (stereo) {
      return stereo_frame(first, rest...);
    } else {
      return with_coefs(first, rest...);
    }
  }
  auto frame() { return with_coefs(); }
  template <class... X>
  auto stereo_frame(V left, V right, X... rest) {
    return with_coefs(Stereo<V>{left, right}, rest...);
  }
  template <class... X>
  auto with_coefs(X... x) {
    if constexpr (!std::is_empty_v<Coefs>) {
      return with_work(x..., coefs);
    } else {
      return with_work(x...);
    }
  }
  template <class... X>
  auto with_work(const X&... x) {
    if constexpr (!std::is_empty_v<Work>) {
      return with_clock(x..., work);
    } else {
      return with_clock(x...);
    }
  }
  template <class... X>
  auto with_clock(X&&... x) {
    if constexpr (requires { unit.tick(x..., clock, Moving<moving>{}); }) {
      return unit.tick(x..., clock, Moving<moving>{});
    } else if constexpr (requires { unit.tick(x..., clock); }) {
      return unit.tick(x..., clock);
    } else {
      return unit.tick(x...);
    }
  }
};
struct Nothing {};

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
  return e;
}

}  // namespace
}  // namespace hocket::dsp
