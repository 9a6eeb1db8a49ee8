// A filter in a voice whose cutoff an LFO swings, both in one kernel: a sine at a steady pitch, multiplied and moved, into the first
// parameter that the filter's coefficients follow.
//
// Where it is slow, sine and coefficients are worked out at every 64th absolute frame only, or at every 16th, and coefficients go from
// there to the next in a straight line: the sine's bow over so few frames, and the coefficients', stay below 2e-5 of the cutoff (the
// bounds below). A lane that is faster, or goes further, is worked out as the two units would be. It is told lane by lane and span by
// span, from what holds for all of the span, so that neither runs nor neighbours make a difference.
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
template <class U, class V, bool moving, bool bounded>
class Swing {
 public:
  using Coefs = decltype(U::prepare(std::declval<V>(), std::declval<V>(), std::declval<const Clock&>()));
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

  static constexpr int kSpans = 4, kLong = kSpans * kRenew;
  struct Grid {  // of a long span: at the beginning of each short one, and where it ends
    V cutoff[kSpans + 1];
    Coefs coefs[kSpans + 1];
  };
  /// From frame `place` of a long span on. Are all lanes slow enough for it? Then `long_begin` may follow, else `look_at_spans`.
  bool look_ahead(int place, Grid& grid) {
    first_ = state_.at - by_ * Bits<V>(static_cast<std::uint32_t>(place));
    V &begin = grid.cutoff[0], &end = grid.cutoff[kSpans];
    begin = cutoff(first_);
    end = cutoff(end_of(kSpans));
    long_ = is_straight(begin, end, kSpans);
    if (!any(long_)) return false;
    auto &from = grid.coefs[0], &to = grid.coefs[kSpans];
    from = U::prepare(begin, other_, clock_);
    to = U::prepare(end, other_, clock_);
    long_step_ = between(from, to, 1.F / kLong);
    return all(long_);
  }
  /// The short spans too, from `from` up to `until`. All at once, as each takes its time and none waits for another.
  void look_at_spans(int from, int until, Grid& grid) const {
    const bool has_ends = any(long_);
    for (int k = from; k <= until; ++k) {
      if (k % kSpans != 0) grid.cutoff[k] = cutoff(end_of(k));
      if (k % kSpans != 0 || !has_ends) grid.coefs[k] = U::prepare(grid.cutoff[k], other_, clock_);
    }
  }

  /// Begins at frame `place` of a short span of a long one whose lanes are all slow.
  void long_begin(int place, int span, const Grid& grid) {
    coefs_ = along(grid.coefs[0], long_step_, static_cast<float>(span * kRenew));
    step_ = long_step_;
    for (int i = 0; i < place; ++i) coefs_ = moved(coefs_, step_);
  }
  /// Begins at frame `place` of any short span. Are all lanes slow? Then `slow_frame` does for it, else `any_frames`.
  bool begin(int place, int span, const Grid& grid) {
    const V from = grid.cutoff[span];
    straight_ = long_ | is_straight(from, grid.cutoff[span + 1], 1);
    coefs_ = grid.coefs[span];
    step_ = between(coefs_, grid.coefs[span + 1], 1.F / kRenew);
    if (any(long_)) {
      coefs_ = chosen(long_, along(grid.coefs[0], long_step_, static_cast<float>(span * kRenew)), coefs_);
      step_ = chosen(long_, long_step_, step_);
    }
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

  Bits<V> end_of(int span) const { return first_ + by_ * Bits<V>(static_cast<std::uint32_t>(span * kRenew)); }
  /// From one cutoff to another so many short spans later.
  Mask<V> is_straight(V from, V next, int spans) const {
    constexpr Port kPort = U::ports[1];
    static_assert(kPort.low < kPort.high);
    const auto inside = (min(from, next) > V(kPort.low)) & (max(from, next) < V(kPort.high));  // nor does the port's range bend it
    const V nearest = min(from, next), bow = abs(factor_) * (kBow * phase_cycles<V>(by_) * phase_cycles<V>(by_));
    return slow_ & (inside | (from == next)) & (bow * static_cast<float>(spans * spans) <= nearest * kOff) &
           (abs(next - from) <= min(nearest * (1.F / 160), V(0.0012F * clock_.rate)));
  }
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
    const V x = load<V>(moving ? in_.at + i * in_.step : in_.at);
    if constexpr (bounded) return x;
    return held<U, 0>(x);
  }

  void* const to_;
  const Wire in_;
  const Bits<V> by_;
  const V ahead_, factor_, offset_, other_;
  const Clock clock_;  // a copy: what is written cannot change it
  float* const out_;
  const Mask<V> slow_;
  State state_;
  Mask<V> straight_, long_;  // slow enough for a short span, for a long one
  Bits<V> first_;            // phase where the long span begins
  Coefs coefs_, step_, long_step_;
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
    const int in_long = static_cast<int>((clock.frame + i) % First::kLong);
    const int spans = (least(in_long + frames - i, First::kLong) + kRenew - 1) / kRenew;
    int span = in_long / kRenew, place = in_long % kRenew;
    const bool all_long = all([&](auto& s, auto& ends) { return s.look_ahead(in_long, ends); });
    if (!all_long) all([&](auto& s, auto& ends) { return s.look_at_spans(span, spans, ends), true; });
    for (; span < spans; ++span, place = 0) {
      const int n = least(frames - i, kRenew - place);
      if (all([&](auto& s, auto& ends) { return all_long ? (s.long_begin(place, span, ends), true) : s.begin(place, span, ends); })) {
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

template <template <class> class Unit, class V, bool bounded>
[[gnu::flatten]] void swing(void* state, Memory, const Wire* in, float* const* out, int frames, const Clock& clock) RT {
  if (in[0].step != 0) {
    Swing<Unit<V>, V, true, bounded> one(state, in, out[0], clock);
    swing_frames(frames, clock, one);
  } else {
    Swing<Unit<V>, V, false, bounded> one(state, in, out[0], clock);
    swing_frames(frames, clock, one);
  }
}
template <template <class> class Unit, class V, bool bounded>
[[gnu::flatten]] void swing_two(void* const* state, const Wire* const* in, float* const* const* out, int frames, const Clock& clock) RT {
  Swing<Unit<V>, V, true, bounded> one(state[0], in[0], out[0][0], clock), other(state[1], in[1], out[1][0], clock);
  swing_frames(frames, clock, one, other);
}

template <template <class> class Unit, class V, bool bounded>
constexpr Kernel swing_kernel() {
  Kernel k;
  k.run = swing<Unit, V, bounded>;
  k.run_two = swing_two<Unit, V, bounded>;
  k.state_bytes = sizeof(typename Swing<Unit<V>, V, true, bounded>::State);
  return k;
}

}  // namespace
}  // namespace hocket::dsp
