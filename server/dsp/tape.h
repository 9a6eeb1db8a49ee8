// A loop of memory that a head writes and others read: delays of any length up to the loop's.
#pragma once

#include "server/dsp/player.h"
#include "server/dsp/unit.h"

namespace hocket::dsp {
namespace {

/// The writing head stands where the absolute frame says, so it is the same for all lanes, and nothing of it is state. A lane
/// that began a while ago hears nothing of what its predecessor left on the tape.
template <class V>
class Tape {
 public:
  Tape(Memory memory, std::int64_t frame)
      : data_(memory.data),
        frames_(memory.frames),
        stride_(memory.stride),
        at_(memory.frames ? static_cast<std::uint32_t>(frame % memory.frames) : 0),
        age_(memory.age ? load<V>(memory.age) : V(static_cast<float>(memory.frames))),
        young_(any(age_ < static_cast<float>(memory.frames))) {}

  /// Delays in frames that can be read between: 2 to this.
  float longest() const { return static_cast<float>(frames_) - 4.F; }

  /// What was written n frames ago, 1 <= n < frames.
  V tap(std::uint32_t n) const { return tap(n, n); }
  /// The cell n places back, written `ago` frames ago.
  V tap(std::uint32_t n, std::uint32_t ago) const { return valid(load<V>(cell(n)), ago); }
  /// x, written `ago` frames ago, or 0 in lanes that had not begun then.
  V valid(V x, std::uint32_t ago) const { return young_ ? select(age_ >= static_cast<float>(ago), x, V(0.F)) : x; }
  /// Writes where n frames from now on tap(n + 1) will read, in lines laid end to end; 0 for a single line.
  void put(std::uint32_t n, V x) { store(cell(n), x); }
  void advance() {
    if (is_long()) __builtin_prefetch(data_ + std::size_t{at_ + kAhead} * stride(), 1);
    at_ = at_ + 1 == frames_ ? 0 : at_ + 1;
    if (young_) age_ += 1.F;
  }
  void write(V x) {
    put(0, x);
    advance();
  }

  /// Between frames, by a cubic; 2 <= delay <= longest().
  V read(V delay) const {
    const V whole = floor(delay);
    const V part = delay - whole;
    V y[4];  // from the newer to the older: whole - 1 … whole + 2
    const std::uint32_t first = first_of(whole);
    if (!any(whole != V(static_cast<float>(first)))) {
      if (is_long()) __builtin_prefetch(data_ + std::size_t{index(first) + kAhead} * stride());
      y[1] = tap(first);
      if (!any(part != V(0.F))) return y[1];
      y[0] = tap(first - 1);
      y[2] = tap(first + 1);
      y[3] = tap(first + 2);
    } else {
      around(to_bits(whole), y);
    }
    return select(part == 0.F, y[1], cubic(y, part));
  }

  /// A frame lies next to the other.
  bool in_order() const { return stride() == 1; }
  /// And all that was written is there to be read.
  bool is_plain() const { return !young_ && in_order(); }
  void advance(int frames) {
    at_ += static_cast<std::uint32_t>(frames);
    if (at_ >= frames_) at_ -= frames_;
    if (young_) age_ += static_cast<float>(frames);
  }
  /// `valid` of what is read `frame` frames from now. W: float, or lanes for as many frames.
  template <class W>
  W valid_ahead(W x, W ago, int frame) const {
    if (!young_) return x;
    return select(W(age_ + static_cast<float>(frame)) + to_float(lane_numbers<W>()) >= ago, x, W(0.F));
  }
  /// `read` in frame `frame` from now, of a tape by itself that was not written there yet. W: float, or lanes for as many frames.
  template <class W>
  W read_ahead(W delay, int frame) const {
    const W whole = floor(delay), part = delay - whole;
    const Bits<W> now = Bits<W>(at_ + static_cast<std::uint32_t>(frame)) + lane_numbers<W>();
    W y[4];
    around_frames(now - to_bits(whole), y);
    for (int i = 0; young_ && i < 4; ++i) y[i] = valid_ahead(y[i], whole + static_cast<float>(i - 1), frame);
    return select(part == W(0.F), y[1], cubic(y, part));
  }
  float* cell(std::uint32_t n) const { return data_ + static_cast<std::size_t>(index(n)) * stride(); }
  /// Frames after which this place is the first cell again.
  std::uint32_t until_end(std::uint32_t n) const { return frames_ - index(n); }
  std::uint32_t frames() const { return frames_; }
  std::uint32_t stride() const { return lanes_of<V> > 1 ? static_cast<std::uint32_t>(lanes_of<V>) : stride_; }

 private:
  std::uint32_t index(std::uint32_t n) const { return at_ >= n ? at_ - n : at_ + frames_ - n; }
  static std::uint32_t first_of(V x) {
    float first;
    __builtin_memcpy(&first, &x, sizeof first);
    return static_cast<std::uint32_t>(first);
  }
  void around(Bits<V> whole, V (&y)[4]) const {
    const Bits<V> lane = lane_numbers<V>();
    for (std::uint32_t i = 0; i < 4; ++i) {
      const Bits<V> ago = whole + (i - 1U);
      Bits<V> back = Bits<V>(at_) - ago;
      back = select(before(back, Bits<V>(0U)), back + frames_, back);
      y[i] = gather(data_, back * stride() + lane);
      if (young_) y[i] = select(age_ >= to_float(ago), y[i], V(0.F));
    }
  }
  /// From the one after `middle` to the second before it; indices may pass the tape's ends once.
  void around_frames(std::uint32_t middle, float (&y)[4]) const {
    for (std::uint32_t i = 0; i < 4; ++i) y[i] = data_[wrapped(middle + 1U - i)];
  }
  // Mostly frames move on by about one a frame, so that all of them lie within a few cells.
  void around_frames(lane_bits middle, lanes (&y)[4]) const {
    std::uint32_t at[kLanes];
    store(at, middle);
    const std::uint32_t first = sooner(at[0], at[kLanes - 1]) - 4U, from = before(first, 0U) ? first + frames_ : first;
    const lane_bits places = middle - lane_bits(first + 2U);
    if (from + 2 * kLanes <= frames_ && !any(beyond(places, kNear))) [[likely]] {
      lanes in_order[4];
      read_near(data_ + from, places, in_order);
      for (int i = 0; i < 4; ++i) y[i] = in_order[3 - i];
    } else {
      for (std::uint32_t i = 0; i < 4; ++i) y[i] = gather(data_, wrapped(middle + lane_bits(1U - i)));
    }
  }
  template <class B>
  B wrapped(B index) const {
    const B size(frames_);
    index = select(before(index, B(0U)), index + size, index);
    return select(before(index, size), index, index - size);
  }

  // Frames that are fetched before they are needed: a page of memory ahead, across whose end the processor does not look by itself.
  // Measured, 4 delays of 16 lanes, 2 s long: a fifth less. Where the tape fits the second cache it gains nothing.
  static constexpr std::uint32_t kAhead = 64;
  bool is_long() const { return lanes_of<V> != 1 && frames_ > 1U << 14; }

  float* data_;
  std::uint32_t frames_, stride_, at_;
  V age_;       // frames since each lane began
  bool young_;  // some lane has not filled its tape yet
};

}  // namespace
}  // namespace hocket::dsp
