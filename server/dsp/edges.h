// Waves that are plain nearly everywhere: only the few frames about an edge are worked out in full.
#pragma once

#include <bit>

#include "server/dsp/osc.h"

namespace hocket::dsp {
namespace {

inline constexpr int kEdgeReach = 3;  ///< frames on either side of an edge that it changes

/// How many frames it takes, from kEdgeReach before this one, to reach the edge from which `phase` is counted, or to be past it;
/// exact up to `far`, and further than that beyond. `step` a frame, 0 <= step < 2^28, `inverse`: frames a cycle.
template <class V>
inline Bits<V> frames_to_edge(Bits<V> phase, Bits<V> step, V inverse, int far) {
  const Bits<V> one(1U), none(0U), left = step * Bits<V>(static_cast<std::uint32_t>(kEdgeReach)) - phase;
  const V about = min(to_float(left >> 1) * (1.F / 2147483648.F) * inverse, V(static_cast<float>(far + 2)));
  const Bits<V> whole = to_bits(about);  // within one of it: the rest tells
  const Bits<V> rest = left - whole * step;
  const Bits<V> more = select(before(none, rest), one, none) + select(before(none, rest - step), one, none);
  return whole + more - select(before(rest + step, one), one, none);
}

/// Edges that are worked out at once, each in kSlots of the lanes: what is about one fills half of the widest.
inline constexpr int kSlots = 8;
static_assert(2 * kEdgeReach <= kSlots);
template <int most>
struct Edges {
  int lane[most], first[most], from[most], until[most];  ///< of the voice, and which frames
  int count = 0;

  /// Each edge's value of a table by lanes, in its slots.
  lanes of(const float* table) const { return side_by_side<lanes>(table[lane[0]], table[lane[most - 1]]); }
  lane_bits of(const std::uint32_t* table) const { return side_by_side<lane_bits>(table[lane[0]], table[lane[most - 1]]); }
  /// The number of each slot: 0, 1, 2 … for each edge.
  static lane_bits slots() { return most == 1 ? lane_numbers<lanes>() : lane_numbers<lanes>() & Bits<lanes>(kSlots - 1U); }
  template <class W, class T>
  static W side_by_side(T one, [[maybe_unused]] T other) {
    if constexpr (most == 1) {
      return W(one);
    } else {
      return select(before(lane_numbers<lanes>(), lane_bits(std::uint32_t{kSlots})), W(one), W(other));
    }
  }
};

/// What a steady pitch comes to: by how much of a phase a frame goes, in cycles, and how many frames a cycle takes.
template <class V>
struct Pace {
  static constexpr int kWidth = lanes_of<V>;
  alignas(64) std::uint32_t by[kWidth];
  alignas(64) float speed[kWidth], inverse[kWidth];
  std::uint32_t live;   // the lanes of which is told:
  bool frame_by_frame;  // edges are so many, or so near one another, that a frame after the other is faster

  /// As the kernel keeps it, else in `own`.
  static const Pace& of(V freq, const Clock& clock, Pace& own) {
    Pace& pace = clock.kept ? *static_cast<Pace*>(clock.kept) : own;
    if (!clock.kept || !clock.same) {
      const Bits<V> step = phase_bits(freq * clock.period);
      const Speed<V> speed(phase_cycles<V>(step));
      store(pace.by, step);
      store(pace.speed, speed.step);
      store(pace.inverse, speed.inverse());
      pace.look(step, clock.live);
    } else if (pace.live != clock.live) {
      pace.look(load<Bits<V>>(pace.by), clock.live);
    }
    return pace;
  }

 private:
  void look(Bits<V> step, std::uint32_t lanes) {
    constexpr std::uint32_t kSteepest = 1U << 28;  // a sixteenth of the rate: further up, neighbouring edges matter too
    // what an edge takes, and a frame in full, in the same measure: about 25 clocks on a core with AVX-512
    constexpr float kMostEdges = kWidth > 1 ? 0.6F : 0.2F;
    live = lanes;
    const auto heard = lanes_in<V>(live);
    frame_by_frame = any(heard & (before(step, Bits<V>(0U)) | before(Bits<V>(kSteepest), step))) ||
                     sum(select(heard, phase_cycles<V>(step), V(0.F))) > kMostEdges;
  }
};

/// All frames of a run, in which neither port moves, through a wave with edges where `phase - edge[i]` is 0.
/// `plain(phase)` is the wave further than kEdgeReach frames from all of them; `wave(phase, speed, edges)` is it anywhere, about some
/// edges at once. Where both hold they agree bit for bit, so this is the same as `wave` at every frame.
/// False: edges are so many that a frame after the other is faster; nothing was done. Lanes that are not `live` stay plain.
template <int edges, class V, class Plain, class Wave, bool scaled>
bool sweep_edges(Phase<V>& oscillator, V freq, V shift, const Clock& clock, const Bits<V> (&edge)[edges], Plain plain, Wave wave,
                 Out<V, scaled> out, int frames) {
  constexpr int kWidth = lanes_of<V>;
  Pace<V> own;
  const Pace<V>& pace = Pace<V>::of(freq, clock, own);
  if (pace.frame_by_frame) return false;
  const Bits<V> at = oscillator.at + phase_bits(shift);
  const auto heard = lanes_in<V>(pace.live);
  const Bits<V> by = load<Bits<V>>(pace.by);
  const V inverse = load<V>(pace.inverse);
  const int far = frames + 2 * kEdgeReach;
  alignas(64) std::uint32_t starts[kWidth], phases[edges][kWidth], reached[edges][kWidth];
  std::uint32_t crossed[edges];  // lanes that pass this edge in the run, a bit each
  for (int e = 0; e < edges; ++e) {
    const Bits<V> phase = at - edge[e], reach = frames_to_edge<V>(phase, by, inverse, far);
    store(phases[e], phase);
    store(reached[e], reach);
    crossed[e] = lane_set(heard & before(reach, Bits<V>(static_cast<std::uint32_t>(far))));
  }
  store(starts, at);

  Bits<V> now = at;
  for (int i = 0; i < frames; ++i, now = now + by) out.write(i, out.made_of(plain(now)));

  // Measured, 16 voices: pulse, square and tri take four fifths of the time by two edges at once; what has one edge a cycle gains nothing.
  constexpr int kMost = kWidth > 1 && edges > 1 && kLanes == 2 * kSlots ? 2 : 1;
  const lane_bits slots = Edges<kMost>::slots();
  const auto work_out = [&](const Edges<kMost>& these) {
    std::uint32_t begin[kMost];
    for (int k = 0; k < kMost; ++k) begin[k] = starts[these.lane[k]] + static_cast<std::uint32_t>(these.first[k]) * pace.by[these.lane[k]];
    const SpeedAtEdge<lanes> each{these.of(pace.speed), these.of(pace.inverse)};
    const lane_bits phase = Edges<kMost>::template side_by_side<lane_bits>(begin[0], begin[kMost - 1]) + slots * these.of(pace.by);
    alignas(64) float y[kLanes];
    store(y, out.made_of(wave(phase, each, these), these));
    for (int k = 0; k < these.count; ++k) {
      float* const to = out.to + these.lane[k];
      const float* const made = y + k * kSlots;
      const int first = these.first[k], from = these.from[k], until = these.until[k];
      if (from == first && until == first + 2 * kEdgeReach) {
        for (int i = 0; i < 2 * kEdgeReach; ++i) to[(first + i) * kWidth] = made[i];
      } else {
        for (int i = from; i < until; ++i) to[i * kWidth] = made[i - first];
      }
    }
  };
  Edges<kMost> waiting;
  const auto fill = [&](int lane, int first, int from, int until) {
    if constexpr (kMost == 1) {
      work_out({{lane}, {first}, {from}, {until}, 1});
    } else {
      const int k = waiting.count++;
      waiting.lane[k] = lane, waiting.first[k] = first, waiting.from[k] = from, waiting.until[k] = until;
      if (waiting.count < kMost) return;
      work_out(waiting);
      waiting.count = 0;
    }
  };
  const auto fill_rest = [&] {
    if constexpr (kMost == 2) {
      if (waiting.count == 0) return;
      waiting.lane[1] = waiting.lane[0], waiting.first[1] = waiting.first[0];
      work_out(waiting);
      waiting.count = 0;
    }
  };
  for (int e = 0; e < edges; ++e) {
    for (std::uint32_t left = crossed[e]; left != 0; left &= left - 1) {
      const int lane = std::countr_zero(left);
      const std::int64_t step = pace.by[lane];
      for (int next = static_cast<int>(reached[e][lane]) - kEdgeReach;;) {
        const int first = next - kEdgeReach, end = next + kEdgeReach;
        fill(lane, first, first > 0 ? first : 0, end < frames ? end : frames);
        const std::uint32_t past = phases[e][lane] + static_cast<std::uint32_t>(next) * pace.by[lane];
        const std::int64_t to_go = (std::int64_t{1} << 32) - past;
        if (to_go > (frames + kEdgeReach - 1 - next) * step) break;  // most lanes pass an edge once at most
        next += static_cast<int>((to_go + step - 1) / step);
      }
    }
  }
  fill_rest();
  for (std::uint32_t still = lane_set(heard & (by == Bits<V>(0U))); still != 0; still &= still - 1) {  // it may stand on an edge
    const int lane = std::countr_zero(still);
    fill(lane, 0, 0, 1);
    fill_rest();
    for (int i = 1; i < frames; ++i) out.to[i * kWidth + lane] = out.to[lane];
  }
  oscillator.skip(by, shift, frames);
  return true;
}

}  // namespace
}  // namespace hocket::dsp
