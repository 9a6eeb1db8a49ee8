// Waves that are plain nearly everywhere: only the few frames about an edge are worked out in full.
#pragma once

#include "server/dsp/osc.h"

namespace hocket::dsp {
namespace {

inline constexpr int kEdgeReach = 3;                          ///< frames on either side of an edge that it changes
inline constexpr std::int64_t kTurn = std::int64_t{1} << 32;  ///< a cycle of a phase in bits

/// One lane's way past one edge: at which frames it crosses it.
class Crossings {
 public:
  /// `phase` at frame 0, counted from the edge; `step` a frame, 0 < step < 2^31.
  Crossings(std::uint32_t phase, std::uint32_t step) : phase_(phase), step_(step), next_(-kEdgeReach) { find(); }

  std::int64_t next() const { return next_; }  ///< the first frame at or after the edge
  void pass() { find(); }

 private:
  void find() {
    const std::uint32_t at = phase_ + static_cast<std::uint32_t>(next_ * step_);
    const std::int64_t left = kTurn - at;
    next_ += (left + step_ - 1) / step_;
  }
  std::uint32_t phase_;
  std::int64_t step_, next_;
};

/// All frames of a run through a wave whose phase goes `by` a frame from `at` on and has edges where `phase - edge[i]` is 0.
/// `plain(phase)` is the wave further than kEdgeReach frames from all of them; `wave(phase, speed, lane)` is it anywhere, over
/// `lanes` frames of one lane at once. Where both hold they agree bit for bit, so this is the same as `wave` at every frame.
/// False: edges are so many that a frame after the other is faster; nothing was done.
template <int edges, class V, class Plain, class Wave>
bool sweep_edges(Bits<V> at, Bits<V> by, const Bits<V> (&edge)[edges], Plain plain, Wave wave, float* out, int frames) {
  constexpr int kWidth = lanes_of<V>;
  constexpr std::uint32_t kSteepest = 1U << 28;  // a sixteenth of the rate: further up, neighbouring edges matter too
  alignas(64) std::uint32_t steps[kWidth], phases[edges][kWidth], starts[kWidth];
  store(steps, by);
  store(starts, at);
  for (int e = 0; e < edges; ++e) store(phases[e], at - edge[e]);

  // what an edge takes, and a frame in full, in the same measure: about 25 clocks on a core with AVX-512
  float load = 0;
  for (const std::uint32_t step : steps) {
    if (step > kSteepest) return false;
    load += static_cast<float>(static_cast<std::int32_t>(step)) * (edges / 4294967296.F);
  }
  if (load > (kWidth > 1 ? 0.6F : 0.2F) * edges) return false;

  const Speed<V> speed(phase_cycles<V>(by));
  alignas(64) float speeds[kWidth], inverses[kWidth];
  store(speeds, speed.step);
  store(inverses, speed.inverse);

  Bits<V> now = at;
  for (int i = 0; i < frames; ++i, now = now + by) store(out + i * kWidth, plain(now));

  const lane_bits numbers = lane_numbers<lanes>();
  for (int lane = 0; lane < kWidth; ++lane) {
    const std::uint32_t step = steps[lane];
    Speed<lanes> each{0.F};
    each.step = speeds[lane];
    each.inverse = inverses[lane];
    const auto fill = [&](int first, int from, int until) {
      alignas(64) float y[kLanes];
      store(y, wave(lane_bits(starts[lane] + static_cast<std::uint32_t>(first) * step) + numbers * lane_bits(step), each, lane));
      for (int i = from; i < until; ++i) out[i * kWidth + lane] = y[i - first];
    };
    if (step == 0) {  // it may stand on an edge
      fill(0, 0, 1);
      for (int i = 1; i < frames; ++i) out[i * kWidth + lane] = out[lane];
      continue;
    }
    for (const auto& phase : phases) {
      // most lanes pass no edge in a run
      if (kTurn - (phase[lane] - kEdgeReach * step) > (frames + 2 * kEdgeReach) * std::int64_t{step}) continue;
      for (Crossings crossing(phase[lane], step); crossing.next() - kEdgeReach < frames; crossing.pass()) {
        const int first = static_cast<int>(crossing.next()) - kEdgeReach, end = first + 2 * kEdgeReach;
        fill(first, first > 0 ? first : 0, end < frames ? end : frames);
      }
    }
  }
  return true;
}

}  // namespace
}  // namespace hocket::dsp
