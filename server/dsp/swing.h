// A filter in a voice whose cutoff an LFO swings, both in one kernel: a sine at a steady pitch, multiplied and moved, into the first
// parameter that the filter's coefficients follow.
//
// Where it is slow, sine and coefficients are worked out at every 64th absolute frame only, or at every 16th, or every 4th, and
// coefficients go from there to the next in a straight line: the sine's bow over so few frames, and the coefficients', stay below 2e-5 of
// the cutoff (the bounds below). A lane that is faster, or goes further, is worked out as the two units would be. It is told lane by lane
// and span by span, from what holds for all of the span, so that neither runs nor neighbours make a difference.
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

inline constexpr int kSpans = 4, kLong = kSpans * kRenew;  ///< short spans in a long one, and its frames
inline constexpr int kQuarter = kRenew / 4;                ///< frames of a quarter of a short one

/// What stands in a run. Wires: of the signal; frequency, phase, factor and offset of the sine; the filter's last port. Only the signal
/// may move, and the others, as a voice's values do, only at a frame that is a multiple of kRenew, or where the voice begins.
template <class U, class V>
struct SwingPorts {
  Bits<V> by;
  V ahead, factor, offset, other;
  float rate;

  SwingPorts(const Wire* in, const Clock& clock)
      : by(phase_bits(load<V>(in[1].at) * clock.period)),
        ahead(load<V>(in[2].at)),
        factor(load<V>(in[3].at)),
        offset(load<V>(in[4].at)),
        other(held<U, 2>(load<V>(in[5].at))),
        rate(clock.rate) {}

  V cutoff(Bits<V> at) const { return held<U, 1>(mul_add(sin_turn(moved_turns<V>(at, ahead)), factor, offset)); }
  Bits<V> way(int frames) const { return by * Bits<V>(static_cast<std::uint32_t>(frames)); }
  Mask<V> is_slow() const {  // far from where the square of its phase is no measure
    constexpr std::uint32_t kFast = 1U << 22;
    return before(by, Bits<V>(kFast)) & before(Bits<V>(0U) - by, Bits<V>(kFast));
  }
  /// Where it is slow: from one cutoff to another so many short spans later.
  Mask<V> is_straight(V from, V next, float spans) const {
    constexpr Port kPort = U::ports[1];
    static_assert(kPort.low < kPort.high);
    const auto inside = (min(from, next) > V(kPort.low)) & (max(from, next) < V(kPort.high));  // nor does the port's range bend it
    const V nearest = min(from, next), bow = abs(factor) * (kBow * phase_cycles<V>(by) * phase_cycles<V>(by));
    return (inside | (from == next)) & (bow * (spans * spans) <= nearest * kOff) &
           (abs(next - from) <= min(nearest * (1.F / 160), V(0.0012F * rate)));
  }

 private:
  static constexpr float kTurns = 6.28318531F * kRenew;
  static constexpr float kBow = kTurns * kTurns / 8;  // of a sine of one cycle a frame, squared, off its chord over a span
  static constexpr float kOff = 1.5e-5F;
};

/// Where long spans meet.
template <class V, class Coefs>
struct SwingKnot {
  V cutoff;
  Coefs coefs;
};

/// One bundle.
template <class U, class V, bool moving, bool bounded>
class Swing {
 public:
  using Coefs = decltype(U::prepare(std::declval<V>(), std::declval<V>(), std::declval<const Clock&>()));
  using Knot = SwingKnot<V, Coefs>;
  struct State {
    U unit;
    V touches[2];
    Bits<V> at;  // of the sine
  };

  struct Kept {
    Knot here, next;  // where this long span began, if it goes on; where it ends
    bool straight;    // is it so for all lanes? Else nothing is kept
  };

  Swing(void* state, const Wire* in, float* out, const Clock& clock)
      : to_(state),
        in_(in[0]),
        ports_(in, clock),
        clock_(clock),
        out_(out),
        slow_(ports_.is_slow()),
        kept_(static_cast<Kept*>(clock.kept)) {
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

  struct Grid {  // of a long span: at the beginning of each short one, and where it ends
    V cutoff[kSpans + 1];
    Coefs coefs[kSpans + 1];
  };
  /// From frame `place` of a long span on, up to `until`. Are all lanes slow enough for it? Then `long_begin` may follow, else
  /// `look_at_spans`.
  bool look_ahead(int place, int until, Grid& grid) {
    first_ = state_.at - ports_.way(place);
    V &begin = grid.cutoff[0], &end = grid.cutoff[kSpans];
    auto &from = grid.coefs[0], &to = grid.coefs[kSpans];
    begin = ports_.cutoff(first_);
    end = ports_.cutoff(end_of(kSpans));
    long_ = slow_ & ports_.is_straight(begin, end, kSpans);
    const bool straight = all(long_);
    if (any(long_)) {
      from = U::prepare(begin, ports_.other, clock_);
      to = U::prepare(end, ports_.other, clock_);
      long_step_ = between(from, to, 1.F / kLong);
    }
    if (!kept_) return straight;
    kept_->straight = straight;
    if (straight) kept_->next = {end, to};
    if (straight && until < kLong) kept_->here = {begin, from};
    return straight;
  }
  /// The short spans too, from `from` up to `until`. All at once, as each takes its time and none waits for another.
  void look_at_spans(int from, int until, Grid& grid) const {
    const bool has_ends = any(long_);
    for (int k = from; k <= until; ++k) {
      if (k % kSpans != 0) grid.cutoff[k] = ports_.cutoff(end_of(k));
      if (k % kSpans != 0 || !has_ends) grid.coefs[k] = U::prepare(grid.cutoff[k], ports_.other, clock_);
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
    straight_ = long_ | (slow_ & ports_.is_straight(from, grid.cutoff[span + 1], 1));
    coefs_ = grid.coefs[span];
    step_ = between(coefs_, grid.coefs[span + 1], 1.F / kRenew);
    if (any(long_)) {
      coefs_ = chosen(long_, along(grid.coefs[0], long_step_, static_cast<float>(span * kRenew)), coefs_);
      step_ = chosen(long_, long_step_, step_);
    }
    for (int i = 0; i < place; ++i) coefs_ = moved(coefs_, step_);
    knows_quarter_ = false;
    if (place == 0) state_.touches[0] = from, state_.touches[1] = ports_.other;
    return all(straight_);
  }
  /// Where some lane is not: from frame `place` of the short span on, up to the next quarter. Do lines do for all of them now?
  bool begin_quarter(int place) {
    const int in_quarter = place % kQuarter;
    const V from = knows_quarter_ ? quarter_.cutoff : ports_.cutoff(state_.at - ports_.way(in_quarter));
    const V to = ports_.cutoff(state_.at + ports_.way(kQuarter - in_quarter));
    near_ = straight_ | (slow_ & ports_.is_straight(from, to, static_cast<float>(kQuarter) / kRenew));
    if (any(near_ & !straight_)) {
      Coefs now = knows_quarter_ ? quarter_.coefs : U::prepare(from, ports_.other, clock_);
      quarter_ = {to, U::prepare(to, ports_.other, clock_)};
      const Coefs step = between(now, quarter_.coefs, 1.F / kQuarter);
      for (int i = 0; i < in_quarter; ++i) now = moved(now, step);
      coefs_ = chosen(straight_, coefs_, now);
      step_ = chosen(straight_, step_, step);
      knows_quarter_ = true;
    } else {
      knows_quarter_ = false;
    }
    return all(near_);
  }
  void slow_frame(int i) {
    store(out_ + i * lanes_of<V>, state_.unit.tick(signal(i), coefs_));
    coefs_ = moved(coefs_, step_);
  }
  void slow_end(int frames) { state_.at += ports_.way(frames); }
  void any_frames(int from, int frames) {
    const V other = ports_.other;
    Followed<U, V> followed(state_.touches, cutoff_or(state_.touches[0]), other, false, clock_from(from));
    for (int i = from; i < from + frames; ++i) {
      const auto exact = followed.at(cutoff_or(followed.touch()), other, clock_);
      store(out_ + i * lanes_of<V>, state_.unit.tick(signal(i), chosen(near_, coefs_, exact)));
      coefs_ = moved(coefs_, step_);
      state_.at += ports_.by;
    }
    followed.put(state_.touches);
  }

 private:
  V cutoff_or(V touch) const { return select(near_, touch, ports_.cutoff(state_.at)); }
  Bits<V> end_of(int span) const { return first_ + ports_.way(span * kRenew); }
  Clock clock_from(int frame) const {
    Clock clock = clock_;
    clock.frame += frame;
    return clock;
  }
  V signal(int i) const {
    const V x = load<V>(moving ? in_.at + i * in_.step : in_.at);
    if constexpr (bounded) return x;
    return held<U, 0>(x);
  }

  void* const to_;
  const Wire in_;
  const SwingPorts<U, V> ports_;
  const Clock clock_;  // a copy: what is written cannot change it
  float* const out_;
  const Mask<V> slow_;
  Kept* const kept_;
  State state_;
  Mask<V> near_, straight_, long_;  // slow enough for a quarter of a short span, for all of it, for a long one
  Bits<V> first_;                   // phase where the long span begins
  Coefs coefs_, step_, long_step_;
  Knot quarter_;  // where this quarter ends
  bool knows_quarter_ = false;
};

/// One bundle through frames of a long span, all lanes straight, where its last run left the ends: no more than the filter itself.
template <class U, class V, bool moving, bool bounded>
class SwingAhead {
  using Full = Swing<U, V, moving, bounded>;
  using State = typename Full::State;
  using Kept = typename Full::Kept;

 public:
  SwingAhead(void* state, const Wire* in, float* out, const Clock& clock)
      : to_(static_cast<char*>(state)), in_(in), signal_(in[0]), clock_(clock), out_(out), kept_(static_cast<Kept*>(clock.kept)) {}

  /// From frame `place` of a long span on. False: nothing is known, or the next span is not straight; nothing was done.
  bool look(int place) {
    if (!kept_ || !clock_.same || !kept_->straight) return false;
    if (place > 0) {
      from_ = kept_->here, next_ = kept_->next;
      return true;
    }
    const SwingPorts<U, V> ports(in_, clock_);
    from_ = kept_->next;
    next_.cutoff = ports.cutoff(load<Bits<V>>(to_ + offsetof(State, at)) + ports.way(kLong));
    next_.coefs = U::prepare(next_.cutoff, ports.other, clock_);
    return all(ports.is_straight(from_.cutoff, next_.cutoff, kSpans));
  }
  /// After `look`.
  void open(int place, int frames) {
    if (place == 0) kept_->next = next_;
    if (place == 0 && frames < kLong) kept_->here = from_;
    step_ = between(from_.coefs, next_.coefs, 1.F / kLong);
    unit_ = load<U>(to_ + offsetof(State, unit));
    const Bits<V> by = phase_bits(load<V>(in_[1].at) * clock_.period);
    store(to_ + offsetof(State, at), load<Bits<V>>(to_ + offsetof(State, at)) + by * Bits<V>(static_cast<std::uint32_t>(frames)));
  }
  void begin(int place) {
    coefs_ = along(from_.coefs, step_, static_cast<float>(place / kRenew * kRenew));
    for (int i = place % kRenew; i > 0; --i) coefs_ = moved(coefs_, step_);
  }
  void frame(int i) {
    V x = load<V>(moving ? signal_.at + i * lanes_of<V> : signal_.at);
    if constexpr (!bounded) x = held<U, 0>(x);
    store(out_ + i * lanes_of<V>, unit_.tick(x, coefs_));
    coefs_ = moved(coefs_, step_);
  }
  void close() { store(to_ + offsetof(State, unit), unit_); }

 private:
  char* const to_;
  const Wire* const in_;
  const Wire signal_;
  const Clock& clock_;
  float* const out_;
  Kept* const kept_;
  typename Full::Knot from_, next_;
  U unit_;
  typename Full::Coefs coefs_, step_;
};

template <class... Some>
inline bool swing_ahead(int frames, const Clock& clock, Some... each) {
  int place = static_cast<int>(clock.frame % kLong);
  if (place + frames > kLong || !(each.look(place) && ...)) return false;
  (each.open(place, frames), ...);
  for (int i = 0; i < frames;) {
    (each.begin(place), ...);
    const int end = least(frames, i + kRenew - place % kRenew);
    place += end - i;
    for (; i < end; ++i) (each.frame(i), ...);
  }
  (each.close(), ...);
  return true;
}

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
    const int in_long = static_cast<int>((clock.frame + i) % kLong);
    const int until = least(in_long + frames - i, kLong), spans = (until + kRenew - 1) / kRenew;
    int span = in_long / kRenew, place = in_long % kRenew;
    const bool all_long = all([&](auto& s, auto& ends) { return s.look_ahead(in_long, until, ends); });
    if (!all_long) all([&](auto& s, auto& ends) { return s.look_at_spans(span, spans, ends), true; });
    for (; span < spans; ++span, place = 0) {
      const int n = least(frames - i, kRenew - place);
      if (all([&](auto& s, auto& ends) { return all_long ? (s.long_begin(place, span, ends), true) : s.begin(place, span, ends); })) {
        for (int k = i; k < i + n; ++k) first.slow_frame(k), (more.slow_frame(k), ...);
        first.slow_end(n), (more.slow_end(n), ...);
      } else {
        for (int k = i, p = place; k < i + n;) {
          const int m = least(i + n - k, kQuarter - p % kQuarter);
          if (all([p](auto& s, auto&) { return s.begin_quarter(p); })) {
            for (int f = k; f < k + m; ++f) first.slow_frame(f), (more.slow_frame(f), ...);
            first.slow_end(m), (more.slow_end(m), ...);
          } else {
            first.any_frames(k, m), (more.any_frames(k, m), ...);
          }
          k += m, p += m;
        }
      }
      i += n;
    }
  }
  first.write_back(), (more.write_back(), ...);
}

template <class U, class V, bool moving, bool bounded>
[[gnu::flatten, gnu::noinline]] void swing_fully(void* state, const Wire* in, float* out, int frames, const Clock& clock) RT {
  Swing<U, V, moving, bounded> one(state, in, out, clock);
  swing_frames(frames, clock, one);
}
template <class U, class V, bool bounded>
[[gnu::flatten, gnu::noinline]] void swing_two_fully(void* const* state, const Wire* const* in, float* const* const* out, int frames,
                                                     const Clock* const* clock) RT {
  Swing<U, V, true, bounded> one(state[0], in[0], out[0][0], *clock[0]), other(state[1], in[1], out[1][0], *clock[1]);
  swing_frames(frames, *clock[0], one, other);
}

template <template <class> class Unit, class V, bool bounded>
[[gnu::flatten]] void swing(void* state, Memory, const Wire* in, float* const* out, int frames, const Clock& clock) RT {
  using U = Unit<V>;
  if (in[0].step == 0) {
    if (swing_ahead(frames, clock, SwingAhead<U, V, false, bounded>(state, in, out[0], clock))) return;
    return swing_fully<U, V, false, bounded>(state, in, out[0], frames, clock);
  }
  if (swing_ahead(frames, clock, SwingAhead<U, V, true, bounded>(state, in, out[0], clock))) return;
  swing_fully<U, V, true, bounded>(state, in, out[0], frames, clock);
}
template <template <class> class Unit, class V, bool bounded>
[[gnu::flatten]] void swing_two(void* const* state, const Wire* const* in, float* const* const* out, int frames,
                                const Clock* const* clock) RT {
  using Ahead = SwingAhead<Unit<V>, V, true, bounded>;
  if (!swing_ahead(frames, *clock[0], Ahead(state[0], in[0], out[0][0], *clock[0]), Ahead(state[1], in[1], out[1][0], *clock[1])))
    swing_two_fully<Unit<V>, V, bounded>(state, in, out, frames, clock);
}

template <template <class> class Unit, class V, bool bounded>
constexpr Kernel swing_kernel() {
  Kernel k;
  k.run = swing<Unit, V, bounded>;
  k.run_two = swing_two<Unit, V, bounded>;
  k.state_bytes = sizeof(typename Swing<Unit<V>, V, true, bounded>::State);
  k.kept_bytes = sizeof(typename Swing<Unit<V>, V, true, bounded>::Kept);
  return k;
}

}  // namespace
}  // namespace hocket::dsp
