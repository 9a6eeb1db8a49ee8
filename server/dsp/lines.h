// Several delay lines of fixed lengths in one loop of memory, as reverbs are made of.
#pragma once

#include "server/dsp/tape.h"

namespace hocket::dsp {
namespace {

/// Lines laid end to end on one tape: each writes where the one before it has just read for the last time, so all need one
/// position only. Lengths are frames at 48 kHz. In a frame, read a line before you write it, and lines in their order.
template <class V, int n>
class Lines {
 public:
  static std::uint32_t scaled(int length, float rate) {
    return static_cast<std::uint32_t>(static_cast<float>(length) * (rate / 48000.F) + 0.5F);
  }
  static std::uint32_t frames(const int (&lengths)[n], float rate) {
    std::uint32_t all = 1;
    for (const int length : lengths) all += scaled(length, rate);
    return all;
  }

  Lines(const int (&lengths)[n], Memory memory, const Clock& clock) : tape_(memory, clock.frame) {
    begin_[0] = 0;
    for (int i = 0; i < n; ++i) begin_[i + 1] = begin_[i] + scaled(lengths[i], clock.rate);
    find();
  }

  V read(int line) const { return tape_.valid(load<V>(at_[line + 1] + gone_), begin_[line + 1] - begin_[line]); }
  void write(int line, V x) { store(at_[line] + gone_, x); }
  void advance() {
    tape_.advance();
    gone_ += tape_.stride();
    if (--left_ == 0) find();
  }

 private:
  // Where the lines begin is worked out only when one of them comes to the end of the memory. Measured: freeverb's lanes take
  // two thirds of the time.
  void find() {
    gone_ = 0;
    left_ = tape_.frames();
    for (int i = 0; i <= n; ++i) {
      at_[i] = tape_.cell(begin_[i]);
      const std::uint32_t room = tape_.until_end(begin_[i]);
      left_ = room < left_ ? room : left_;
    }
  }

  Tape<V> tape_;
  std::uint32_t begin_[n + 1];
  float* at_[n + 1];    // cells of the frame in which they were found …
  std::size_t gone_;    // … and how many floats have gone by since
  std::uint32_t left_;  // frames until they must be found again
};

}  // namespace
}  // namespace hocket::dsp
