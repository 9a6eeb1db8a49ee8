// Compressor: above the threshold, `ratio` dB in make 1 dB out. Both channels are turned down alike.
#pragma once

#include "server/dsp/chunk.h"
#include "server/dsp/smooth.h"

namespace hocket::units {
namespace {

// Source: Giannoulis, Massberg, Reiss, "Digital dynamic range compressor design", 2012: feed-forward, the gain computed and
// smoothed in the logarithmic domain, soft knee.
template <class V>
struct compressor {
  static constexpr Shape shape = Shape::linked;
  static constexpr bool chunks = true;
  static constexpr unsigned few = 3;
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

  template <class W>
  static W goal(W peak, const Coefs& c) {
    // over = how far above the threshold, in powers of two; the knee is a parabola
    const W over = log2(dsp::max(peak, W(1e-6F))) - c.threshold;
    const W in_knee = clamp(over + c.half_knee, W(0.F), W(2.F * c.half_knee));
    return c.knee_slope * in_knee * in_knee + c.slope * dsp::max(over - c.half_knee, W(0.F));
  }
  static V nearer(V reduction, V goal, const Coefs& c) {
    return mul_add(select(goal < reduction, c.attack, c.release), goal - reduction, reduction);
  }
  V gain(V peak, const Coefs& c) {
    reduction = nearer(reduction, goal(peak, c), c);
    return exp2(reduction) * c.makeup;
  }
  V tick(V in, const Coefs& c) { return in * gain(dsp::abs(in), c); }
  Stereo<V> tick(Stereo<V> in, const Coefs& c) {
    const V g = gain(dsp::max(dsp::abs(in.left), dsp::abs(in.right)), c);
    return {in.left * g, in.right * g};
  }
  int chunk(const Chunk<compressor>& chunk, bool stereo, const Coefs& c, Nothing, const Clock&) {
    const int frames = chunk.frames;
    float in[2][kMostInChunk], way[kMostInChunk];
    for (int side = 0; side <= stereo; ++side) chunk.copy(side, in[side]);
    side_by_side(frames, [&]<class W>(W, int f) {
      W peak = dsp::abs(load<W>(in[0] + f));
      if (stereo) peak = dsp::max(peak, dsp::abs(load<W>(in[1] + f)));
      store(way + f, goal(peak, c));
    });
    V now = reduction;
    for (int f = 0; f < frames; ++f) way[f] = now = nearer(now, way[f], c);
    reduction = now;
    side_by_side(frames, [&]<class W>(W, int f) {
      const W g = exp2(load<W>(way + f)) * c.makeup;
      for (int side = 0; side <= stereo; ++side) chunk.write(side, f, load<W>(in[side] + f) * g);
    });
    return frames;
  }
};

}  // namespace
}  // namespace hocket::units
