// Limiter: no frame leaves it louder than the ceiling. Acts at once, without delaying the sound; both channels alike.
#pragma once

#include "server/dsp/smooth.h"

namespace hocket::units {
namespace {

// The gain falls within the frame that needs it, stays for 10 ms (half a wave of 50 Hz, so that bass is not bent) and comes back
// with a time constant of 80 ms.
template <class V>
struct limiter {
  static constexpr Shape shape = Shape::linked;
  static constexpr Port ports[] = {
      {"in", PortUnit::signal, 0, 0, 0, "what is limited"},
      {"ceiling", PortUnit::level, 0.95F, 0, 0, "highest level that leaves it: above 0 linear, at or below 0 decibels"},
  };

  V reduction;  // 1 - gain
  V wait;       // frames until the gain may rise

  struct Coefs {
    V ceiling, hold, release;
  };
  static Coefs prepare(V ceiling, const Clock& clock) {
    return {from_level(ceiling), V(0.01F * clock.rate), approach(V(0.08F * clock.rate))};
  }

  V gain(V peak, const Coefs& c) {
    const V needed = 1.F - c.ceiling / dsp::max(peak, c.ceiling);
    const V rests = select(wait > 0.F, reduction, reduction - c.release * reduction);
    wait = select(needed >= rests, select(needed > 0.F, c.hold, V(0.F)), wait - 1.F);
    reduction = dsp::max(needed, rests);
    return 1.F - reduction;
  }
  static V within(V x, const Coefs& c) { return clamp(x, -c.ceiling, c.ceiling); }  // what rounding left over
  V tick(V in, const Coefs& c) { return within(in * gain(dsp::abs(in), c), c); }
  Stereo<V> tick(Stereo<V> in, const Coefs& c) {
    const V g = gain(dsp::max(dsp::abs(in.left), dsp::abs(in.right)), c);
    return {within(in.left * g, c), within(in.right * g, c)};
  }
};

}  // namespace
}  // namespace hocket::units
