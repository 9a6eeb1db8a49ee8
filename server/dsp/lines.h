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
  }

  V read(int line) const { return tape_.tap(begin_[line + 1], begin_[line + 1] - begin_[line]); }
  void write(int line, V x) { tape_.put(begin_[line], x); }
  void advance() { tape_.advance(); }

 private:
  Tape<V> tape_;
  std::uint32_t begin_[n + 1];
};

}  // namespace
}  // namespace hocket::dsp
