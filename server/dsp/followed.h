// Coefficients that follow a parameter which may move every frame.
#pragma once

#include "server/dsp/running.h"

namespace hocket::dsp {
namespace {

/// Coefficients that follow a parameter which may move every frame, at the cost of a few products. They are worked out exactly
/// where it stood when they were renewed last, and from there taken along their tangent. They are renewed, a lane by itself, as
/// soon as the tangent's error could be heard, and for all at every kRenew'th absolute frame: what comes out depends neither on
/// where a run begins nor on the neighbours. A parameter at audio rate is thus exact, a slow one nearly free.
inline constexpr int kRenew = kGrid;
/// From frame `i` of a run to the next renewal.
inline int frames_to_renewal(const Clock& clock, int i) {
  return kRenew - static_cast<int>((clock.frame + i) % kRenew);
}
template <class U, class V>
class Followed {
 public:
  using Tangent = typename U::Tangent;

  /// `touches`: the values with which the coefficients were renewed last; x, other: those of the first frame.
  Followed(const V (&touches)[2], V x, V other, bool other_moves, const Clock& clock)
      : touch_(touches[0]), other_touch_(touches[1]), tangent_(first(x, other, clock)), other_moves_(other_moves) {}

  void renew(V x, V other, const Clock& clock) {
    if (any((x != touch_) | (other != other_touch_))) renew(x == x, x, other, clock);
  }
  auto at(V x, V other, const Clock& clock) {
    V away = x - touch_;
    Mask<V> far = abs(away) > tangent_.reach;
    if (other_moves_) far = far | (other != other_touch_);
    if (any(far)) {
      renew(far, x, other, clock);
      away = x - touch_;
    }
    return tangent_.at(away);
  }

  /// Do all of these frames stay so near that their coefficients lie on the tangent as it is, and none is held by the port's range?
  /// Then `near_by` gives what `at` would.
  bool stays_near(const float* x, int step, int frames) const {
    if (other_moves_) return false;
    Bits<V> farthest(0U);
    for (int i = 0; i < frames; ++i) farthest = later(farthest, bits_of(abs(load<V>(x + i * step) - touch_)));
    constexpr Port kPort = U::ports[Traits<U, V>::live];
    static_assert(kPort.low < kPort.high);
    return all(float_of_bits(farthest) <= min(tangent_.reach, min(touch_ - kPort.low, kPort.high - touch_)));
  }
  auto near_by(V x) const { return tangent_.at(x - touch_); }

  V touch() const { return touch_; }
  void put(V (&touches)[2]) const { touches[0] = touch_, touches[1] = other_touch_; }

 private:
  /// For the first frame: new at once where it would be renewed there anyway.
  Tangent first(V x, V other, const Clock& clock) {
    return touching(frames_to_renewal(clock, 0) == kRenew ? x == x : other != other_touch_, x, other, clock);
  }
  void renew(Mask<V> which, V x, V other, const Clock& clock) { tangent_ = touching(which, x, other, clock); }
  Tangent touching(Mask<V> which, V x, V other, const Clock& clock) {
    touch_ = select(which, x, touch_);
    other_touch_ = select(which, other, other_touch_);
    return Tangent(touch_, other_touch_, clock);
  }

  V touch_, other_touch_;
  Tangent tangent_;
  bool other_moves_;
};

}  // namespace
}  // namespace hocket::dsp
