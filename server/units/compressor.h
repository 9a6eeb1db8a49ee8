// Compressor: above the threshold, `ratio` dB in make 1 dB out. Both channels are turned down alike.
#pragma once

#include "server/dsp/smooth.h"

namespace hocket::units {
namespace {

// Source: Giannoulis, Massberg, Reiss, "Digital dynamic range compressor design", 2012: feed-forward, the gain computed and
// smoothed in the logarithmic domain, soft knee.
template <class V>
struct compressor {
  static constexpr Shape shape = Shape::linked;
  static constexpr Port ports[] = {
      {"in", PortUnit::signal, 0, 0, 0, "what is compressed"},
      {"threshold", PortUnit::level, -18, 0, 0, "level from which it acts: above 0 linear, at or below 0 decibels"},
      {"ratio", PortUnit::number, 4, 1, 1000, "dB in for 1 dB out"},
      {"attack", PortUnit::seconds, 0.005F, 0, 2, "time constant when it turns down"},
      {"release", PortUnit::seconds, 0.12F, 0, 10, "time constant when it turns up again"},
      {"makeup", PortUnit::number, 1, 0, 1000, "gain after it, linear; 6dB doubles"},
      {"knee", PortUnit::number, 6, 0, 40, "dB around the threshold over which it sets in"},
  };

  V reduction;  // of the level, as a power of two, 0 or less

  struct Coefs {
    V threshold, half_knee, knee_slope, slope, attack, release, makeup;
  };
  static Coefs prepare(V threshold, V ratio, V attack, V release, V makeup, V knee, const Clock& clock) {
    const V half = dsp::max(knee * (0.5F * 0.166096405F), V(1e-4F));
    const V slope = 1.F / ratio - 1.F;
    return {log2(from_level(threshold)),    half,  slope / (4.F * half), slope, approach(attack * clock.rate),
            approach(release * clock.rate), makeup};
  }

  V gain(V peak, const Coefs& c) {
    // over = how far above the threshold, in powers of two; the knee is a parabola
    const V over = log2(dsp::max(peak, V(1e-6F))) - c.threshold;
    const V in_knee = clamp(over + c.half_knee, V(0.F), 2.F * c.half_knee);
    const V goal = c.knee_slope * in_knee * in_knee + c.slope * dsp::max(over - c.half_knee, V(0.F));
    reduction += select(goal < reduction, c.attack, c.release) * (goal - reduction);
    return exp2(reduction) * c.makeup;
  }
  V tick(V in, const Coefs& c) { return in * gain(dsp::abs(in), c); }
  Stereo<V> tick(Stereo<V> in, const Coefs& c) {
    const V g = gain(dsp::max(dsp::abs(in.left), dsp::abs(in.right)), c);
    return {in.left * g, in.right * g};
  }
};

}  // namespace
}  // namespace hocket::units
