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
  /// For how many frames from now on each line lies in memory a frame next to the other, nothing of it is missing, and what is written
  /// is not read yet; 0: it does not.
  int straight() const {
    if (!tape_.is_plain()) return 0;
    auto frames = left_;
    for (int i = 0; i < n; ++i) frames = begin_[i + 1] - begin_[i] < frames ? begin_[i + 1] - begin_[i] : frames;
    return static_cast<int>(frames);
  }
  /// What is read of the last line, before anything is written of the first.
  void copy(int line, float* to, int frames) const { __builtin_memcpy(to, reads(line), sizeof(float) * static_cast<unsigned>(frames)); }
  /// Frames of a line that are read, and where as many are written, that lie so.
  const float* reads(int line) const { return at_[line + 1] + gone_; }
  float* writes(int line) const { return at_[line] + gone_; }
  void advance(int frames) {
    tape_.advance(frames);
    gone_ += static_cast<std::size_t>(frames) * tape_.stride();
    left_ -= static_cast<std::uint32_t>(frames);
    if (left_ == 0) find();
  }
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
