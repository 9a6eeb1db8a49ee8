// A filter in a voice whose cutoff an LFO swings, both in one kernel: a sine at a steady pitch, multiplied and moved, into the first
// parameter that the filter's coefficients follow.
//
// Where it is slow, sine and coefficients are worked out at every kRenew'th absolute frame only, and coefficients go from there to the
// next in a straight line: the sine's bow over so few frames, and the coefficients', stay below 2e-5 of the cutoff (the bounds below).
// A lane that is faster, or goes further, is worked out as the two units would be. It is told lane by lane and span by span, from
// what holds for all of the span, so that neither runs nor neighbours make a difference.
#pragma once

#include "server/dsp/followed.h"
#include "server/dsp/osc.h"

namespace hocket::dsp {
namespace {

/// May this filter's cutoff be swung so?
template <class U>
constexpr bool can_swing() {
  if constexpr (requires { typename U::Tangent; }) {
    return Traits<U, float>::live == 1 && Traits<U, float>::prepared == 2;
  } else {
    return false;
  }
}

/// One bundle. Wires: the signal; frequency, phase, factor and offset of the sine; the filter's last port. Only the signal may move, and
/// the others, as a voice's values do, only at a frame that is a multiple of kRenew, or where the voice begins.
template <class U, class V, bool moving>
class Swing {
 public:
  struct State {
    U unit;
    V touches[2];
    Bits<V> at;  // of the sine
  };

  Swing(void* state, const Wire* in, float* out, const Clock& clock)
      : to_(state),
        in_(in[0]),
        by_(phase_bits(load<V>(in[1].at) * clock.period)),
        ahead_(load<V>(in[2].at)),
        factor_(load<V>(in[3].at)),
        offset_(load<V>(in[4].at)),
        other_(held<U, 2>(load<V>(in[5].at))),
        clock_(clock),
        out_(out),
        slow_(is_slow(by_)) {
    State stored;
    __builtin_memcpy(&stored, state, sizeof stored);
    asm("" : "+m"(stored));
    state_ = stored;
  }
  void write_back() {
    State stored = state_;
    asm("" : "+m"(stored));
    __builtin_memcpy(to_, &stored, sizeof stored);
  }

  using Coefs = decltype(U::prepare(std::declval<V>(), std::declval<V>(), std::declval<const Clock&>()));
  static constexpr int kSpans = 4;
  struct Grid {  // at the beginning of each span, and where the last one ends
    V cutoff[kSpans + 1];
    Coefs coefs[kSpans + 1];
  };
  /// From frame `place` of a span on. All at once, as each takes its time and none waits for another.
  void look_ahead(int place, int spans, Grid& grid) const {
    Bits<V> first = state_.at - by_ * Bits<V>(static_cast<std::uint32_t>(place));
    for (int k = 0; k <= spans; ++k, first = first + by_ * Bits<V>(static_cast<std::uint32_t>(kRenew))) {
      grid.cutoff[k] = cutoff(first);
      grid.coefs[k] = U::prepare(grid.cutoff[k], other_, clock_);
    }
  }

  /// Begins at frame `place` of a span. Are all lanes slow? Then `slow_frame` does for it, else `any_frames`.
  bool begin(int place, const Grid& grid, int span) {
    const V from = grid.cutoff[span], next = grid.cutoff[span + 1];
    const V nearest = min(from, next), bow = abs(factor_) * (kBow * phase_cycles<V>(by_) * phase_cycles<V>(by_));
    straight_ = slow_ & (bow <= nearest * kOff) & (abs(next - from) <= min(nearest * (1.F / 160), V(0.0012F * clock_.rate)));
    coefs_ = grid.coefs[span];
    step_ = between(coefs_, grid.coefs[span + 1], 1.F / kRenew);
    for (int i = 0; i < place; ++i) coefs_ = moved(coefs_, step_);
    if (place == 0) state_.touches[0] = from, state_.touches[1] = other_;
    return all(straight_);
  }
  void slow_frame(int i) {
    store(out_ + i * lanes_of<V>, state_.unit.tick(signal(i), coefs_));
    coefs_ = moved(coefs_, step_);
  }
  void slow_end(int frames) { state_.at += by_ * Bits<V>(static_cast<std::uint32_t>(frames)); }
  void any_frames(int from, int frames) {
    Followed<U, V> followed(state_.touches, select(straight_, state_.touches[0], cutoff(state_.at)), other_, false, clock_from(from));
    for (int i = from; i < from + frames; ++i) {
      const auto exact = followed.at(select(straight_, followed.touch(), cutoff(state_.at)), other_, clock_);
      store(out_ + i * lanes_of<V>, state_.unit.tick(signal(i), chosen(straight_, coefs_, exact)));
      coefs_ = moved(coefs_, step_);
      state_.at += by_;
    }
    followed.put(state_.touches);
  }

 private:
  static constexpr float kTurns = 6.28318531F * kRenew;
  static constexpr float kBow = kTurns * kTurns / 8;  // of a sine of one cycle a frame, squared, off its chord over a span
  static constexpr float kOff = 1.5e-5F;

  static Mask<V> is_slow(Bits<V> by) {  // far from where the square of its phase is no measure
    constexpr std::uint32_t kFast = 1U << 22;
    return before(by, Bits<V>(kFast)) & before(Bits<V>(0U) - by, Bits<V>(kFast));
  }
  Clock clock_from(int frame) const {
    Clock clock = clock_;
    clock.frame += frame;
    return clock;
  }
  V cutoff(Bits<V> at) const { return held<U, 1>(mul_add(sin_turn(moved_turns<V>(at, ahead_)), factor_, offset_)); }
  V signal(int i) const {
    if constexpr (moving) return held<U, 0>(load<V>(in_.at + i * in_.step));
    return held<U, 0>(load<V>(in_.at));
  }

  void* const to_;
  const Wire in_;
  const Bits<V> by_;
  const V ahead_, factor_, offset_, other_;
  const Clock clock_;  // a copy: what is written cannot change it
  float* const out_;
  const Mask<V> slow_;
  State state_;
  Mask<V> straight_;
  Coefs coefs_, step_;
};

template <class First, class... More>
inline void swing_frames(int frames, const Clock& clock, First& first, More&... more) {
  typename First::Grid grid[1 + sizeof...(more)];
  const auto all = [&](auto each) {
    int k = 0;
    bool of_all = each(first, grid[k]);
    ((of_all &= each(more, grid[++k])), ...);
    return of_all;
  };
  for (int i = 0; i < frames;) {
    int place = kRenew - frames_to_renewal(clock, i);
    const int spans = (least(place + frames - i, First::kSpans * kRenew) + kRenew - 1) / kRenew;
    all([&](auto& s, auto& ends) { return s.look_ahead(place, spans, ends), true; });
    for (int span = 0; span < spans; ++span, place = 0) {
      const int n = least(frames - i, kRenew - place);
      if (all([&](auto& s, auto& ends) { return s.begin(place, ends, span); })) {
        for (int k = i; k < i + n; ++k) first.slow_frame(k), (more.slow_frame(k), ...);
        first.slow_end(n), (more.slow_end(n), ...);
      } else {
        first.any_frames(i, n), (more.any_frames(i, n), ...);
      }
      i += n;
    }
  }
  first.write_back(), (more.write_back(), ...);
}

template <template <class> class Unit, class V>
[[gnu::flatten]] void swing(void* state, Memory, const Wire* in, float* const* out, int frames, const Clock& clock) RT {
  if (in[0].step != 0) {
    Swing<Unit<V>, V, true> one(state, in, out[0], clock);
    swing_frames(frames, clock, one);
  } else {
    Swing<Unit<V>, V, false> one(state, in, out[0], clock);
    swing_frames(frames, clock, one);
  }
}
template <template <class> class Unit, class V>
[[gnu::flatten]] void swing_two(void* const* state, const Wire* const* in, float* const* const* out, int frames, const Clock& clock) RT {
  Swing<Unit<V>, V, true> one(state[0], in[0], out[0][0], clock), other(state[1], in[1], out[1][0], clock);
  swing_frames(frames, clock, one, other);
}

template <template <class> class Unit, class V>
constexpr Kernel swing_kernel() {
  Kernel k;
  k.run = swing<Unit, V>;
  k.run_two = swing_two<Unit, V>;
  k.state_bytes = sizeof(typename Swing<Unit<V>, V, true>::State);
  return k;
}

}  // namespace
}  // namespace hocket::dsp
