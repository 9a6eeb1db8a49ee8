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

inline constexpr int kSpans = 4, kLong = kSpans * kRenew;           ///< short spans in a long one, and its frames
inline constexpr int kQuarters = 4, kQuarter = kRenew / kQuarters;  ///< of a short one, and frames of each

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
  /// No lane is slow.
  bool is_fast() const { return !any(is_slow()); }
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

template <class U, class V>
using SwingCoefs = decltype(U::prepare(std::declval<V>(), std::declval<V>(), std::declval<const Clock&>()));

inline constexpr std::int64_t kUnknown = INT64_MIN;
/// A long span: cutoff and coefficients where each short one begins, and where the last one ends. A kernel may keep it.
template <class U, class V>
struct SwingGrid {
  V cutoff[kSpans + 1];
  SwingCoefs<U, V> coefs[kSpans + 1];
  Mask<V> far;          // the lanes for which a line from end to end does
  std::int64_t begins;  // the frame, or kUnknown
  int known;            // of those between, up to this one
  bool smooth;          // did lines do for all lanes where the last run ended?

  /// The span that begins at this frame, the sine being at `first` then; `same`: what is here was told with the same values. Are all lanes
  /// far?
  bool look_ahead(const SwingPorts<U, V>& ports, Bits<V> first, std::int64_t frame, bool same, const Clock& clock) {
    if (same && begins == frame) return all(far);
    const bool next = same && begins + kLong == frame;
    cutoff[0] = next ? cutoff[kSpans] : ports.cutoff(first);
    coefs[0] = next ? coefs[kSpans] : U::prepare(cutoff[0], ports.other, clock);
    cutoff[kSpans] = ports.cutoff(first + ports.way(kLong));
    coefs[kSpans] = U::prepare(cutoff[kSpans], ports.other, clock);
    far = ports.is_slow() & ports.is_straight(cutoff[0], cutoff[kSpans], kSpans);
    begins = frame;
    known = 0;
    return all(far);
  }
  /// The short spans too, from `from` up to `until`. All at once, as each takes its time and none waits for another.
  void look_at_spans(const SwingPorts<U, V>& ports, Bits<V> first, int from, int until, const Clock& clock) {
    for (int k = from <= known ? known + 1 : from; k <= until && k < kSpans; ++k) {
      cutoff[k] = ports.cutoff(first + ports.way(k * kRenew));
      coefs[k] = U::prepare(cutoff[k], ports.other, clock);
    }
    known = known < until ? until : known;
  }
  /// The lanes for which lines do in this short span, of the long one or its own.
  Mask<V> near(const SwingPorts<U, V>& ports, int span) const {
    return far | (ports.is_slow() & ports.is_straight(cutoff[span], cutoff[span + 1], 1));
  }
  /// Where those lines begin, and by how much they rise a frame.
  struct Line {
    SwingCoefs<U, V> from, step;
    SwingCoefs<U, V> after(int frames) const {
      auto coefs = from;
      for (int i = 0; i < frames; ++i) coefs = moved(coefs, step);
      return coefs;
    }
  };
  Line long_line(int span) const {
    const auto step = between(coefs[0], coefs[kSpans], 1.F / kLong);
    return {along(coefs[0], step, static_cast<float>(span * kRenew)), step};
  }
  Line line(int span) const {
    const auto step = between(coefs[span], coefs[span + 1], 1.F / kRenew);
    if (!any(far)) return {coefs[span], step};
    const Line whole = long_line(span);
    return {chosen(far, whole.from, coefs[span]), chosen(far, whole.step, step)};
  }
};

/// The quarters of a short span: where they meet, and the lanes for which lines do in each.
template <class U, class V>
struct SwingQuarters {
  V cutoff[kQuarters + 1];
  SwingCoefs<U, V> coefs[kQuarters + 1];
  Mask<V> near[kQuarters];
};

/// One bundle.
template <class U, class V, bool moving, bool bounded>
class Swing {
 public:
  using Coefs = SwingCoefs<U, V>;
  using Kept = SwingGrid<U, V>;
  struct State {
    U unit;
    V touches[2];
    Bits<V> at;  // of the sine
  };

  struct Room {
    Kept own;  // where nothing is kept
    SwingQuarters<U, V> quarters;
  };

  Swing(void* state, const Wire* in, float* out, const Clock& clock, Room& room)
      : to_(state),
        in_(in[0]),
        ports_(in, clock),
        clock_(clock),
        out_(out),
        grid_(clock.kept ? *static_cast<Kept*>(clock.kept) : room.own),
        quarters_(room.quarters),
        told_(clock.kept && clock.same) {
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

  /// Do lines do for no lane, wherever it is? Then `fast_frames` does up to the next short span.
  bool is_fast() {
    if (!ports_.is_fast()) return false;
    grid_.smooth = false;
    grid_.begins = kUnknown;
    return true;
  }
  /// From frame `i` of the run, `place` of a long span, on. Are all lanes slow enough for it? Then `long_begin` may follow, else
  /// `look_at_spans`.
  bool look_ahead(int i, int place) {
    first_ = state_.at - ports_.way(place);
    const bool told = told_;
    told_ = true;
    return grid_.look_ahead(ports_, first_, clock_.frame + i - place, told, clock_);
  }
  void look_at_spans(int from, int until) { grid_.look_at_spans(ports_, first_, from, until, clock_); }

  /// Begins at frame `place` of a short span of a long one whose lanes are all slow.
  void long_begin(int place, int span) {
    grid_.smooth = true;
    follow(grid_.long_line(span), place);
  }
  /// Begins at frame `place` of any short span. Are all lanes slow? Then `slow_frame` does for it, else `any_frames`.
  bool begin(int place, int span) {
    straight_ = grid_.near(ports_, span);
    if (place == 0) state_.touches[0] = grid_.cutoff[span], state_.touches[1] = ports_.other;
    follow(grid_.line(span), place);
    return grid_.smooth = all(straight_);
  }
  /// Where some lane is not: its quarters from `from` to before `until`. All at once, as above.
  void look_at_quarters(int span, int from, int until) {
    bool lines = false;
    for (int k = from; k <= until; ++k) {
      const Bits<V> at = first_ + ports_.way(span * kRenew + k * kQuarter);
      quarters_.cutoff[k] = k % kQuarters == 0 ? grid_.cutoff[span + k / kQuarters] : ports_.cutoff(at);
    }
    for (int k = from; k < until; ++k) {
      const V begin = quarters_.cutoff[k], end = quarters_.cutoff[k + 1];
      quarters_.near[k] = straight_ | (ports_.is_slow() & ports_.is_straight(begin, end, 1.F / kQuarters));
      lines |= any(quarters_.near[k] & !straight_);
    }
    for (int k = from; k <= until && lines; ++k)
      quarters_.coefs[k] = k % kQuarters == 0 ? grid_.coefs[span + k / kQuarters] : U::prepare(quarters_.cutoff[k], ports_.other, clock_);
  }
  /// From frame `place` of the short span on, up to the next quarter. Do lines do for all lanes now?
  bool begin_quarter(int place) {
    const int k = place / kQuarter;
    near_ = quarters_.near[k];
    if (any(near_ & !straight_)) {
      const Coefs& from = quarters_.coefs[k];
      const typename Kept::Line line{from, between(from, quarters_.coefs[k + 1], 1.F / kQuarter)};
      coefs_ = chosen(straight_, coefs_, line.after(place % kQuarter));
      step_ = chosen(straight_, step_, line.step);
    }
    return all(near_);
  }
  void slow_frame(int i) {
    store(out_ + i * lanes_of<V>, state_.unit.tick(signal(i), coefs_));
    coefs_ = moved(coefs_, step_);
  }
  void slow_end(int frames) { state_.at += ports_.way(frames); }
  void fast_frames(int from, int frames) {
    Followed<U, V> followed(state_.touches, ports_.cutoff(state_.at), ports_.other, false, clock_from(from));
    for (int i = from; i < from + frames; ++i) {
      store(out_ + i * lanes_of<V>, state_.unit.tick(signal(i), followed.at(ports_.cutoff(state_.at), ports_.other, clock_)));
      state_.at += ports_.by;
    }
    followed.put(state_.touches);
  }
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
  void follow(const typename Kept::Line& line, int place) { coefs_ = line.after(place), step_ = line.step; }
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
  Kept& grid_;
  SwingQuarters<U, V>& quarters_;
  bool told_;  // is it of these values?
  State state_;
  Mask<V> near_, straight_;  // slow enough for a quarter of a short span, for all of it
  Bits<V> first_;            // phase where the long span begins
  Coefs coefs_, step_;
};

/// One bundle through frames of a long span in which lines do for all lanes, with values as they were: no more than the filter itself.
template <class U, class V, bool moving, bool bounded>
class SwingAhead {
  using Grid = SwingGrid<U, V>;
  using State = typename Swing<U, V, moving, bounded>::State;

 public:
  SwingAhead(void* state, const Wire* in, float* out, const Clock& clock)
      : to_(static_cast<char*>(state)), in_(in), signal_(in[0]), clock_(clock), out_(out), grid_(static_cast<Grid*>(clock.kept)) {}

  /// From frame `place` of a long span on. False: nothing is known, or some lane needs more; no frame was made.
  bool look(int place, int frames) {
    if (!grid_ || !clock_.same || !grid_->smooth) return false;
    const std::int64_t begins = clock_.frame - place;
    if (grid_->begins == begins && all(grid_->far)) return whole_ = true;
    const SwingPorts<U, V> ports(in_, clock_);
    const Bits<V> first = load<Bits<V>>(to_ + offsetof(State, at)) - ports.way(place);
    whole_ = grid_->look_ahead(ports, first, begins, true, clock_);
    if (whole_) return true;
    const int until = (place + frames + kRenew - 1) / kRenew;
    grid_->look_at_spans(ports, first, place / kRenew, until, clock_);
    bool near = true;
    for (int span = place / kRenew; span < until; ++span) near &= all(grid_->near(ports, span));
    return grid_->smooth = near;
  }
  /// After `look`.
  void open(int place, int frames) {
    unit_ = load<U>(to_ + offsetof(State, unit));
    const Bits<V> by = phase_bits(load<V>(in_[1].at) * clock_.period);
    store(to_ + offsetof(State, at), load<Bits<V>>(to_ + offsetof(State, at)) + by * Bits<V>(static_cast<std::uint32_t>(frames)));
    const int last = (place + frames - 1) / kRenew;
    if (whole_ || last * kRenew < place) return;
    store(to_ + offsetof(State, touches), grid_->cutoff[last]);
    store(to_ + offsetof(State, touches) + sizeof(V), held<U, 2>(load<V>(in_[5].at)));
  }
  void begin(int place) {
    const int span = place / kRenew;
    const auto line = whole_ ? grid_->long_line(span) : grid_->line(span);
    coefs_ = line.after(place % kRenew), step_ = line.step;
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
  Grid* const grid_;
  bool whole_ = false;  // all lanes keep to the line from end to end
  U unit_;
  SwingCoefs<U, V> coefs_, step_;
};

template <class... Some>
inline bool swing_ahead(int frames, const Clock& clock, Some... each) {
  int place = static_cast<int>(clock.frame % kLong);
  if (place + frames > kLong || !(each.look(place, frames) && ...)) return false;
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
  const auto all = [&](auto each) {
    bool of_all = each(first);
    ((of_all &= each(more)), ...);
    return of_all;
  };
  for (int i = 0; i < frames;) {
    const int in_long = static_cast<int>((clock.frame + i) % kLong);
    const int until = least(in_long + frames - i, kLong), spans = (until + kRenew - 1) / kRenew;
    int span = in_long / kRenew, place = in_long % kRenew;
    if (all([](auto& s) { return s.is_fast(); })) {
      const int n = least(frames - i, kRenew - place);
      first.fast_frames(i, n), (more.fast_frames(i, n), ...);
      i += n;
      continue;
    }
    const bool all_long = all([&](auto& s) { return s.look_ahead(i, in_long); });
    if (!all_long) all([&](auto& s) { return s.look_at_spans(span, spans), true; });
    for (; span < spans; ++span, place = 0) {
      const int n = least(frames - i, kRenew - place);
      if (all([&](auto& s) { return all_long ? (s.long_begin(place, span), true) : s.begin(place, span); })) {
        for (int k = i; k < i + n; ++k) first.slow_frame(k), (more.slow_frame(k), ...);
        first.slow_end(n), (more.slow_end(n), ...);
      } else {
        all([&](auto& s) { return s.look_at_quarters(span, place / kQuarter, (place + n + kQuarter - 1) / kQuarter), true; });
        for (int k = i, p = place; k < i + n;) {
          const int m = least(i + n - k, kQuarter - p % kQuarter);
          if (all([p](auto& s) { return s.begin_quarter(p); })) {
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
  typename Swing<U, V, moving, bounded>::Room room;
  Swing<U, V, moving, bounded> one(state, in, out, clock, room);
  swing_frames(frames, clock, one);
}
template <class U, class V, bool bounded>
[[gnu::flatten, gnu::noinline]] void swing_two_fully(void* const* state, const Wire* const* in, float* const* const* out, int frames,
                                                     const Clock* const* clock) RT {
  typename Swing<U, V, true, bounded>::Room room[2];
  Swing<U, V, true, bounded> one(state[0], in[0], out[0][0], *clock[0], room[0]), other(state[1], in[1], out[1][0], *clock[1], room[1]);
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
