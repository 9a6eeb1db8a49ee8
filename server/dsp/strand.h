// A unit at work during one run: its state, its inputs and where its frames go. Loops take one of them, or several side by side.
#pragma once

#include "server/dsp/chunk.h"
#include "server/dsp/followed.h"

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

template <class... M>
inline bool any_of(M... m) {
  return any((m | ...));
}

/// `moving`: bit i for a live port i that may change; `stepped`: a prepared port may. `scaled`: two more wires say by what the
/// output is multiplied and what is added to it; they stand still. `Lives`: the wires of the live ports; `Prepareds`: the others'.
template <class U, class V, bool stereo, unsigned moving, bool stepped, bool scaled,
          class Lives = std::make_integer_sequence<int, Traits<U, V>::live + (stereo ? 1 : 0)>,
          class Prepareds = std::make_integer_sequence<int, Traits<U, V>::prepared>>
class Strand;

template <class U, class V, bool stereo, unsigned moving, bool stepped, bool scaled, int... w, int... p>
class Strand<U, V, stereo, moving, stepped, scaled, std::integer_sequence<int, w...>, std::integer_sequence<int, p...>> {
 public:
  using T = Traits<U, V>;
  static constexpr int kFirst = T::live;  ///< of the prepared ports

  Strand(void* at, const Wire* in, float* const* out, const Clock& clock)
      : at_(at),
        in_(in),
        live_(in),
        params_(in),
        state_(begun(at, live_, params_, clock)),
        coefs_(coefs(params_, clock)),
        followed_(followed(state_, params_, in, clock)),
        clock_(clock),
        right_(T::flows || !kTwo ? nullptr : out[1]),
        writer_{destination(in, out), right_} {}
  Strand(const Strand&) = delete;

  /// What it works with beside state: kept by the caller, as it may hold arrays, which would keep the rest out of registers too.
  static auto opened([[maybe_unused]] const U& unit, [[maybe_unused]] Memory memory, [[maybe_unused]] const Clock& clock) {
    if constexpr (T::opens) {
      return unit.open(memory, clock);
    } else {
      return Nothing{};
    }
  }
  using Work = decltype(opened(std::declval<const U&>(), Memory{}, std::declval<const Clock&>()));
  Work open(Memory memory) const { return opened(state_.unit, memory, clock_); }
  void use(Work& work) { work_ = &work; }

  void write_back() {
    if constexpr (kFollows) followed_.put(state_.touches);
    if constexpr (!std::is_empty_v<U>) {
      State<U, V> stored = state_;
      asm("" : "+m"(stored));
      __builtin_memcpy(at_, &stored, sizeof stored);
    }
  }

  void frame() { writer_.put(running().frame(wire<w>().next()...)); }
  void glide() { writer_.put(running().glide()); }
  void glides(int frames) {
    state_.unit.glides(*work_, writer_.left.to + writer_.frame * lanes_of<V>, clock_.twins && *clock_.twins ? nullptr : writer_.right,
                       frames);
    writer_.frame += frames;
    writer_.right += frames * lanes_of<V>;
  }
  int calm() { return running().calm(wire<w>().now()...); }
  void skip(int frames) { state_.unit.skip(frames); }
  /// As many of the frames from `i` on as the unit does side by side; 0: it does none now.
  int chunk(int i, int frames) {
    float* const out[] = {writer_.left.to, right_};
    const int n = state_.unit.chunk(Chunk<U>{in_, out, i, least(frames, kMostInChunk)}, stereo, coefs_, *work_, clock_);
    (wire<w>().skip(n), ...);
    writer_.frame += n;
    if (writer_.right) writer_.right += n;
    return n;
  }
  auto sweep(int frames) { return state_.unit.sweep(wire<w>().now()..., clock_, writer_.left, frames); }
  void flow(int frames) { state_.unit.flow(wire<w>()..., clock_, Moving<moving>{}, writer_.left, frames); }

  /// Coefficients are worked out whenever a prepared port moves.
  struct Values {
    V x[sizeof...(p) + 1];
  };
  Values values() { return {{param<p>().now()..., V(0.F)}}; }
  void stepped_frame(Values& last) {
    const Values now{{param<p>().next()..., V(0.F)}};
    if (any_of((now.x[p] != last.x[p])...)) {
      coefs_ = U::prepare(now.x[p]..., clock_);
      last = now;
    }
    frame();
  }

  // Where coefficients follow the first prepared port (see Followed) and it moves: a stretch at a time, at most up to the next renewal.
  /// Begins a stretch. Does the cutoff stay near all the time? Then `near_frame` and `near_end` do for it, else `followed_frame`.
  bool begin_stretch(int i, int frames) {
    if (i > 0 && frames_to_renewal(clock_, i) == kRenew) followed_.renew(param<0>().now(), param<1>().now(), clock_);
    const Wire& cutoff = prepared_wire(0);
    return lanes_of<V> > 1 && followed_.stays_near(cutoff.at + i * cutoff.step, cutoff.step, frames);
  }
  void near_frame(int i) {
    const Wire& cutoff = prepared_wire(0);
    coefs_ = followed_.near_by(load<V>(cutoff.at + i * cutoff.step));
    frame();
  }
  void near_end(int frames) { param<0>().skip(frames), param<1>().skip(frames); }
  void followed_frame() {
    coefs_ = followed_.at(param<0>().next(), param<1>().next(), clock_);
    frame();
  }

  /// For runs in which nothing prepared moves: what stands still may have moved a moment ago, and up to the next renewal it is followed.
  /// Gives how many frames that took.
  int settle(int frames) {
    int i = 0;
    if constexpr (T::follows) {
      if (!any_of((param<p>().now() != state_.touches[p])...)) return 0;
      Followed<U, V> followed(state_.touches, param<p>().now()..., false, clock_);
      const auto exact = coefs_;
      const int to_renewal = frames_to_renewal(clock_, 0);
      for (const int n = to_renewal == kRenew ? 0 : least(frames, to_renewal); i < n; ++i) {
        coefs_ = followed.at(param<p>().now()..., clock_);
        frame();
      }
      coefs_ = exact;
      if (i < frames) followed.renew(param<p>().now()..., clock_);
      followed.put(state_.touches);
    }
    return i;
  }

 private:
  static constexpr bool kFollows = stepped && T::follows;
  static constexpr bool kTwo = stereo || shape_of<U>() == Shape::spread;

  struct Live : Slot<U, V, stereo, moving, w>... {
    explicit Live(const Wire* wires) : Slot<U, V, stereo, moving, w>(wires[w])... {}
  };
  struct Params : Reader<U, V, kFirst + p, stepped>... {
    explicit Params(const Wire* wires) : Reader<U, V, kFirst + p, stepped>(wires[kFirst + p + (stereo ? 1 : 0)])... {}
  };
  const Wire& prepared_wire(int i) const { return in_[kFirst + i + (stereo ? 1 : 0)]; }
  template <int i>
  auto& wire() {
    return static_cast<Slot<U, V, stereo, moving, i>&>(live_);
  }
  template <int i>
  auto& param() {
    return static_cast<Reader<U, V, kFirst + i, stepped>&>(params_);
  }

  // The copy that memcpy fills stays in memory; the one that works is taken apart into registers. The empty statements keep
  // the compiler from making them one again: measured, lpf on AVX2 0.73 ns a voice with one copy, 0.47 with two.
  static State<U, V> begun(const void* at, [[maybe_unused]] Live& live, [[maybe_unused]] Params& params,
                           [[maybe_unused]] const Clock& clock) {
    State<U, V> stored;
    if constexpr (!std::is_empty_v<U>) {
      __builtin_memcpy(&stored, at, sizeof stored);
      asm("" : "+m"(stored));
    }
    State<U, V> state = stored;
    if constexpr (T::starts) {
      const auto fresh = state.begun == Bits<V>(0U);
      if (any(fresh)) {
        state.unit.start(fresh, static_cast<Slot<U, V, stereo, moving, w>&>(live).now()...,
                         static_cast<Reader<U, V, kFirst + p, stepped>&>(params).now()..., clock);
        state.begun = Bits<V>(1U);
      }
    }
    return state;
  }
  static auto coefs([[maybe_unused]] Params& params, [[maybe_unused]] const Clock& clock) {
    if constexpr (T::prepares) {
      return U::prepare(static_cast<Reader<U, V, kFirst + p, stepped>&>(params).now()..., clock);
    } else {
      return Nothing{};
    }
  }
  static auto followed([[maybe_unused]] const State<U, V>& state, [[maybe_unused]] Params& params, [[maybe_unused]] const Wire* in,
                       [[maybe_unused]] const Clock& clock) {
    if constexpr (kFollows) {
      return Followed<U, V>(state.touches, static_cast<Reader<U, V, kFirst + p, stepped>&>(params).now()...,
                            in[kFirst + 1 + (stereo ? 1 : 0)].step != 0, clock);
    } else {
      return Nothing{};
    }
  }
  static Out<V, scaled> destination([[maybe_unused]] const Wire* in, float* const* out) {
    if constexpr (scaled) {
      return {out[0], in[T::ports].at, in[T::ports + 1].at};
    } else {
      return {out[0]};
    }
  }

  using Coefs = decltype(coefs(std::declval<Params&>(), std::declval<const Clock&>()));
  Running<U, V, stereo, moving, Coefs, Work> running() { return {state_.unit, coefs_, *work_, clock_}; }

  void* const at_;
  const Wire* const in_;
  Live live_;
  Params params_;
  State<U, V> state_;
  Coefs coefs_;
  decltype(followed(std::declval<const State<U, V>&>(), std::declval<Params&>(), nullptr, std::declval<const Clock&>())) followed_;
  Work* work_ = nullptr;
  const Clock clock_;  // a copy: what is written cannot change it
  float* const right_;
  Writer<V, scaled> writer_;
};

}  // namespace
}  // namespace hocket::dsp
