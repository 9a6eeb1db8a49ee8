// Waves with edges while pitch, phase or shape moves: all frames plainly, then those about an edge again, in full.
#pragma once

#include "server/dsp/edges.h"

namespace hocket::dsp {
namespace {

/// A wave in a frame further than kEdgeReach from all edges, and how far it is from the nearest, in half turns.
template <class V>
struct Plain {
  V y, away;
};

template <template <class> class Now, class V>
Now<slots> in_slots(const Now<V>&);

/// All frames of a run in which some port moves, to the same bits as `full` at every frame. `next()` goes one frame on and gives a Now<V>,
/// cells of V and Bits<V> on which the wave depends there, `speed` among them; `plain` gives a Plain<V> for it, `full` the wave anywhere,
/// of a Now<slots> too. Lanes that are not `live` stay plain.
template <class V, class Next, class AtPlain, class Full, bool scaled>
void flow_edges(const Clock& clock, Next next, AtPlain plain, Full full, Out<V, scaled> out, int frames) {
  using Now = decltype(next());
  using Column = decltype(in_slots(std::declval<Now>()));
  constexpr int kWidth = lanes_of<V>, kCells = static_cast<int>(sizeof(Now) / sizeof(V)), kStretch = 32;
  static_assert(sizeof(Column) == kCells * sizeof(slots));
  constexpr int kMostNear = 4;  // measured: where more lanes than that are near an edge in each frame, all is done in full
  const auto heard = lanes_in<V>(clock.live);
  alignas(64) Now row[kStretch];
  for (int from = 0; from < frames; from += kStretch) {
    const int n = least(frames - from, kStretch);
    Bits<V> near(0U), frame(1U);  // frames about an edge, a bit each
    for (int i = 0; i < n; ++i, frame = frame << 1) {
      const Now now = row[i] = next();
      const Plain<V> here = plain(now);
      out.write(from + i, out.made_of(here.y));
      // a little too soon, lest rounding tell another tale
      near = near | select(here.away < mul_add(now.speed.step, V(2.02F * kEdgeReach), V(2e-6F)), frame, Bits<V>(0U));
    }
    alignas(64) std::uint32_t about[kWidth];
    store(about, select(heard, near, Bits<V>(0U)));
    int many = 0;
    for (const std::uint32_t each : about) many += std::popcount(each);
    if (n < kSlots || many > kMostNear * n) {
      for (int i = 0; i < n; ++i) out.write(from + i, out.made_of(full(row[i])));
      continue;
    }
    for (auto left = lane_set(heard & (near != Bits<V>(0U))); left != 0; left &= left - 1) {
      const int lane = std::countr_zero(left);
      for (std::uint64_t rest = about[lane]; rest != 0;) {
        const int first = least(std::countr_zero(rest), n - kSlots);
        Column now;
        for (int c = 0; c < kCells; ++c) {
          const slots cell = column(reinterpret_cast<const float*>(&row[first]) + c * kWidth + lane, kCells * kWidth);
          __builtin_memcpy(reinterpret_cast<slots*>(&now) + c, &cell, sizeof cell);
        }
        alignas(32) float y[kSlots];
        store(y, out.made_of(full(now), Edge{lane, first, first, first + kSlots}));
        float* const to = out.to + (from + first) * kWidth + lane;
        for (int k = 0; k < kSlots; ++k) to[k * kWidth] = y[k];
        rest &= ~std::uint64_t{0} << (first + kSlots);
      }
    }
  }
}

}  // namespace
}  // namespace hocket::dsp
