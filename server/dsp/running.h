// What a unit's struct is to the loops that run it: its ports, how they are read, its state, one frame of it.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include "server/dsp/unit.h"

namespace hocket::dsp {
namespace {

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
  static constexpr bool calms = requires { &U::glide; };
  static constexpr bool glides = requires { &U::glides; };
  static constexpr bool sweeps = requires { &U::template sweep<false>; };
  static constexpr bool flows = requires { requires U::flows; };
  static constexpr bool in_pairs = lanes_of<V> != 1 && requires { requires U::waits; };
  static constexpr bool chunks = lanes_of<V> == 1 && requires { requires U::chunks; };
  static constexpr bool follows = requires { typename U::Tangent; };  ///< has a Tangent
};

template <class U>
constexpr Shape shape_of() {
  if constexpr (requires { U::shape; }) {
    return U::shape;
  } else {
    return Shape::each;
  }
}

/// State as the engine keeps it: the unit, which lanes have begun where the unit wants to know, and where its tangent touches.
template <class U, class V, bool starts = Traits<U, V>::starts, bool follows = Traits<U, V>::follows>
struct State {
  U unit;
};
template <class U, class V>
struct State<U, V, true, false> {
  U unit;
  Bits<V> begun;
};
template <class U, class V>
struct State<U, V, false, true> {
  U unit;
  V touches[2];
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
  void skip(int) {}
  V now() const { return value; }
  template <class W>
  W ahead(int) const {
    return W(value);
  }
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
  void skip(int frames) { at += frames * step; }
  V now() const { return held<U, i>(load<V>(at)); }
  /// Of one signal: so many frames on, and those after it.
  template <class W>
  W ahead(int frames) const {
    return held<U, i>(step == 0 ? W(*at) : load<W>(at + frames));
  }
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

/// A unit with what it needs beside its inputs during one run. Made anew for each frame: as part of what it refers to, it would keep that
/// out of registers.
template <class U, class V, bool stereo, unsigned moving, class Coefs, class Work>
struct Running {
  U& unit;
  Coefs& coefs;
  Work& work;
  const Clock& clock;

  template <class... X>
  auto frame(V first, X... rest) const {
    if constexpr (stereo) {
      return stereo_frame(first, rest...);
    } else {
      return with_coefs(first, rest...);
    }
  }
  auto frame() const { return with_coefs(); }
  template <class... X>
  auto stereo_frame(V left, V right, X... rest) const {
    return with_coefs(Stereo<V>{left, right}, rest...);
  }
  template <class... X>
  auto with_coefs(X... x) const {
    if constexpr (!std::is_empty_v<Coefs>) {
      return with_work(x..., coefs);
    } else {
      return with_work(x...);
    }
  }
  template <class... X>
  auto with_work(const X&... x) const {
    if constexpr (!std::is_empty_v<Work>) {
      return with_clock(x..., work);
    } else {
      return with_clock(x...);
    }
  }
  template <class... X>
  int calm(X... x) const {
    if constexpr (!std::is_empty_v<Work>) {
      return unit.calm(x..., work, clock);
    } else {
      return unit.calm(x...);
    }
  }
  auto glide() const {
    if constexpr (!std::is_empty_v<Work>) {
      return unit.glide(work);
    } else {
      return unit.glide();
    }
  }
  template <class... X>
  auto with_clock(X&&... x) const {
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

}  // namespace
}  // namespace hocket::dsp
