// Waves that are plain nearly everywhere: only the few frames about an edge are worked out in full.
#pragma once

#include <bit>

#include "server/dsp/osc.h"
#include "server/dsp/slots.h"

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

static_assert(2 * kEdgeReach <= kSlots);
/// The frames about one edge of one lane.
struct Edge {
  int lane, first, from, until;  ///< the frame of the first slot, and which frames are in the run

  /// Its value of a table by lanes, in each slot.
  slots of(const float* table) const { return {table[lane]}; }
  slot_bits of(const std::uint32_t* table) const { return {table[lane]}; }
};

/// What a steady pitch comes to: by how much of a phase a frame goes, in cycles, how many frames a cycle takes, and where edges are next.
template <class V, int edges>
struct Pace {
  static constexpr int kWidth = lanes_of<V>;
  alignas(64) std::uint32_t by[kWidth];
  alignas(64) float speed[kWidth], inverse[kWidth];
  alignas(64) std::uint32_t cycle[kWidth];         // whole frames from an edge to where it comes again
  alignas(64) std::uint32_t edge[edges][kWidth];   // their phases
  alignas(64) std::uint32_t reach[edges][kWidth];  // frames to the next from kEdgeReach before this run: for so many frames it is told
  int told;
  std::uint32_t live;      // the lanes of which is told:
  std::uint32_t standing;  // those whose phase does not move
  bool frame_by_frame;     // edges are so many, or so near one another, that a frame after the other is faster

  /// As the kernel keeps it, else in `own`.
  static Pace& of(V freq, const Bits<V> (&at)[edges], const Clock& clock, Pace& own) {
    Pace& pace = clock.kept ? *static_cast<Pace*>(clock.kept) : own;
    if (!clock.kept || !clock.same) {
      pace.begin(phase_bits(freq * clock.period), clock.live);
      for (int e = 0; e < edges; ++e) store(pace.edge[e], at[e]);
    } else if (pace.live != clock.live) {
      pace.look(load<Bits<V>>(pace.by), clock.live);
    }
    return pace;
  }
  /// Finds the next edges, unless it is told of them as far ahead as that.
  void find(Bits<V> phase, int frames) {
    if (told >= frames) return;
    told = frames < kAhead ? kAhead : frames;
    for (int e = 0; e < edges; ++e)
      store(reach[e], frames_to_edge<V>(phase - load<Bits<V>>(edge[e]), load<Bits<V>>(by), load<V>(inverse), told));
  }
  /// By how many frames the edge comes again that is `past` behind, less than a frame.
  int to_next(int lane, std::uint32_t past) const {
    const bool before_it = static_cast<std::int32_t>(past + cycle[lane] * by[lane]) < 0;
    return static_cast<int>(cycle[lane]) + before_it;
  }

 private:
  static constexpr int kAhead = 4096;
  static constexpr float kLongest = 1 << 20;  // frames of a cycle of which they are counted exactly

  void begin(Bits<V> step, std::uint32_t lanes) {
    const Speed<V> moves(phase_cycles<V>(step));
    const V frames = moves.inverse();
    const Bits<V> about = to_bits(min(frames, V(kLongest))), rest = Bits<V>(0U) - about * step;  // within one of it: the rest tells
    const Bits<V> one(1U), none(0U);
    store(by, step);
    store(speed, moves.step);
    store(inverse, frames);
    store(cycle, about + select(before(rest, step), none, one) - select(before(rest, none), one, none));
    told = 0;
    look(step, lanes);
  }
  void look(Bits<V> step, std::uint32_t lanes) {
    constexpr std::uint32_t kSteepest = 1U << 28;  // a sixteenth of the rate: further up, neighbouring edges matter too
    // what an edge takes, and a frame in full, in the same measure: about 25 clocks on a core with AVX-512
    constexpr float kMostEdges = kWidth > 1 ? 0.6F : 0.2F;
    live = lanes;
    const auto heard = lanes_in<V>(live);
    standing = lane_set(heard & (step == Bits<V>(0U)));
    frame_by_frame = any(heard & (before(step, Bits<V>(0U)) | before(Bits<V>(kSteepest), step))) ||
                     sum(select(heard, phase_cycles<V>(step), V(0.F))) > kMostEdges;
    if (frame_by_frame) told = 0;
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
  Pace<V, edges> own;
  Pace<V, edges>& pace = Pace<V, edges>::of(freq, edge, clock, own);
  if (pace.frame_by_frame) return false;
  const Bits<V> at = oscillator.at + phase_bits(shift), by = load<Bits<V>>(pace.by);
  const int far = frames + 2 * kEdgeReach;
  pace.find(at, far);
  std::uint32_t crossed[edges];  // lanes that pass this edge in the run, a bit each
  for (int e = 0; e < edges; ++e) {
    const auto reach = load<Bits<V>>(pace.reach[e]);
    crossed[e] = lane_set(before(reach, Bits<V>(static_cast<std::uint32_t>(far)))) & pace.live;
    store(pace.reach[e], reach - Bits<V>(static_cast<std::uint32_t>(frames)));
  }
  pace.told -= frames;
  alignas(64) std::uint32_t starts[kWidth];
  store(starts, at);

  Bits<V> now = at;
  for (int i = 0; i < frames; ++i, now = now + by) out.write(i, out.made_of(plain(now)));

  const slot_bits numbers = lane_numbers<slots>();
  const auto fill = [&](const Edge& here) {
    const auto [lane, first, from, until] = here;
    const std::uint32_t begin = starts[lane] + static_cast<std::uint32_t>(first) * pace.by[lane];
    const SpeedAtEdge<slots> speed{here.of(pace.speed), here.of(pace.inverse)};
    alignas(32) float y[kSlots];
    store(y, out.made_of(wave(slot_bits(begin) + numbers * here.of(pace.by), speed, here), here));
    float* const to = out.to + lane;
    if (from == first && until == first + 2 * kEdgeReach) {
      for (int i = 0; i < 2 * kEdgeReach; ++i) to[(first + i) * kWidth] = y[i];
    } else {
      for (int i = from; i < until; ++i) to[i * kWidth] = y[i - first];
    }
  };
  for (int e = 0; e < edges; ++e) {
    for (std::uint32_t left = crossed[e]; left != 0; left &= left - 1) {
      const int lane = std::countr_zero(left);
      int next = static_cast<int>(pace.reach[e][lane]) + frames - kEdgeReach;
      for (;;) {
        const int first = next - kEdgeReach, end = next + kEdgeReach;
        fill({lane, first, first > 0 ? first : 0, end < frames ? end : frames});
        if (end > frames) break;  // it is the next run's too
        next += pace.to_next(lane, starts[lane] - pace.edge[e][lane] + static_cast<std::uint32_t>(next) * pace.by[lane]);
        if (next - kEdgeReach >= frames) break;  // most lanes pass an edge once at most
      }
      pace.reach[e][lane] = static_cast<std::uint32_t>(next + kEdgeReach - frames);
    }
  }
  for (std::uint32_t still = pace.standing; still != 0; still &= still - 1) {  // it may stand on an edge
    const int lane = std::countr_zero(still);
    fill({lane, 0, 0, 1});
    for (int i = 1; i < frames; ++i) out.to[i * kWidth + lane] = out.to[lane];
  }
  oscillator.skip(by, shift, frames);
  return true;
}

}  // namespace
}  // namespace hocket::dsp
