// Sines of steady pitch, by turning a known one.
#pragma once

#include "server/dsp/osc.h"

namespace hocket::dsp {
namespace {

inline constexpr int kSpan = 16;           ///< frames that are found from one sine and cosine
inline constexpr int kMiddle = kSpan / 2;  ///< the frame of a span to which they belong

/// The sine and cosine of k times the way of a frame, k = 0..8.
template <class V>
struct Turns {
  V cosine[kMiddle + 1], sine[kMiddle + 1];

  Turns() = default;  ///< to be assigned
  /// `by`: how far the phase moves in a frame.
  explicit Turns(Bits<V> by) {
    cosine[0] = V(1.F), sine[0] = V(0.F);
    cosine[1] = sin_half_turn(half_turns<V>(by + kQuarter)), sine[1] = sin_half_turn(half_turns<V>(by));
    for (int k = 2; k <= kMiddle; ++k) {  // few products one upon the other: 2 = 1 + 1, 3 = 2 + 1, 4 = 2 + 2, 5 = 4 + 1 …
      const int a = k > 4 ? 4 : k > 2 ? 2 : 1, b = k - a;
      cosine[k] = mul_add(cosine[a], cosine[b], -(sine[a] * sine[b]));
      sine[k] = mul_add(sine[a], cosine[b], cosine[a] * sine[b]);
    }
  }
  static constexpr std::uint32_t kQuarter = 0x40000000U;
};

/// sin(m + k w) = sin m cos k w + cos m sin k w, for k = -8..7 about the middle m of each span of absolute frames. The middle is
/// taken from the phase itself, so nothing drifts; the error stays below 4e-7. It does not matter where a run begins.
/// `scaled`: it gives what `Out` would make of it, at no cost a frame.
template <class V, bool scaled>
class Turning {
 public:
  explicit Turning(const Turns<V>& turns) : turns_(turns) {}

  /// Takes its stand in the middle of a span, at that phase.
  void stand(Bits<V> middle, const Out<V, scaled>& out) {
    sin_ = sin_half_turn(half_turns<V>(middle));
    cos_ = sin_half_turn(half_turns<V>(middle + Turns<V>::kQuarter));
    if constexpr (scaled) sin_ *= out.factor, cos_ *= out.factor, offset_ = out.offset;
  }
  /// The span's frame number `i`, 0..15.
  V at(int i) const { return i < kMiddle ? before(kMiddle - i) : after(i - kMiddle); }
  /// All of a span that begins at `to`.
  void all(float* to) const {
    const Out<V, false> out{to};
    out.write(0, before(kMiddle));
    out.write(kMiddle, after(0));
    for (int k = 1; k < kMiddle; ++k) {
      out.write(kMiddle - k, before(k));
      out.write(kMiddle + k, after(k));
    }
  }

 private:
  V before(int k) const { return mul_add(-cos_, turns_.sine[k], straight(k)); }
  V after(int k) const { return mul_add(cos_, turns_.sine[k], straight(k)); }
  V straight(int k) const {
    if constexpr (scaled) {
      return mul_add(sin_, turns_.cosine[k], offset_);
    } else {
      return sin_ * turns_.cosine[k];
    }
  }

  const Turns<V>& turns_;
  V sin_, cos_, offset_;
};

}  // namespace
}  // namespace hocket::dsp
