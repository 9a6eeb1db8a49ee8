// Waves with edges while pitch, phase or shape moves: all frames plainly, then those about an edge again, in full.
#pragma once

#include "server/dsp/chunk.h"
#include "server/dsp/edges.h"

namespace hocket::dsp {
namespace {

/// A wave in a frame further than kEdgeReach from all edges, and how far it is from the nearest, in half turns.
template <class V>
struct Plain {
  V y, away;
};

/// What such a wave depends on in a frame: where it is and how fast, and on one more port.
template <class V, int ports>
struct Moment {
  PhaseNow<V> phase;
  V port;
  template <class F>
  auto in(F f) const {
    return f(phase, port);
  }
};
template <class V>
struct Moment<V, 0> {
  PhaseNow<V> phase;
  template <class F>
  auto in(F f) const {
    return f(phase);
  }
};

/// All frames of a run in which some port moves, to the same bits as `full` at every frame. `plain(phase, port)` gives a Plain<V> for where
/// the wave is, `full` the wave anywhere, of slots too. Lanes that are not `live` stay plain.
template <class V, unsigned m, class AtPlain, class Full, bool scaled, class Freq, class Shift, class... More>
void flow_edges(Phase<V>& phase, const Clock& clock, Moving<m> moving, AtPlain plain, Full full, Out<V, scaled> out, int frames, Freq& freq,
                Shift& shift, More&... more) {
  using Now = Moment<V, sizeof...(More)>;
  using Column = Moment<slots, sizeof...(More)>;
  constexpr int kWidth = lanes_of<V>, kCells = static_cast<int>(sizeof(Now) / sizeof(V)), kStretch = 32;
  static_assert(sizeof(Column) == kCells * sizeof(slots));
  constexpr int kMostNear = 4;  // measured: where more lanes than that are near an edge in each frame, all is done in full
  const auto heard = lanes_in<V>(clock.live);
  alignas(64) Now row[kStretch];
  for (int from = 0; from < frames; from += kStretch) {
    const int n = least(frames - from, kStretch);
    Bits<V> near(0U), frame(1U);  // frames about an edge, a bit each
    for (int i = 0; i < n; ++i, frame = frame << 1) {
      const Now now = row[i] = {phase.advance(freq.next(), shift.next(), clock, moving), more.next()...};
      const Plain<V> here = now.in(plain);
      out.write(from + i, out.made_of(here.y));
      // a little too soon, lest rounding tell another tale
      near = near | select(here.away < mul_add(now.phase.speed.step, V(2.02F * kEdgeReach), V(2e-6F)), frame, Bits<V>(0U));
    }
    alignas(64) std::uint32_t about[kWidth];
    store(about, select(heard, near, Bits<V>(0U)));
    int many = 0;
    for (const std::uint32_t each : about) many += std::popcount(each);
    if (n < kSlots || many > kMostNear * n) {
      for (int i = 0; i < n; ++i) out.write(from + i, out.made_of(row[i].in(full)));
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
        store(y, out.made_of(now.in(full), Edge{lane, first, first, first + kSlots}));
        float* const to = out.to + (from + first) * kWidth + lane;
        for (int k = 0; k < kSlots; ++k) to[k * kWidth] = y[k];
        rest &= ~std::uint64_t{0} << (first + kSlots);
      }
    }
  }
}

/// The same of one signal: all frames in full, side by side as lanes. The phase is added up before; where it is then is exact.
template <unsigned m, class AtPlain, class Full, class Freq, class Shift, class... More>
void flow_edges(Phase<float>& phase, const Clock& clock, Moving<m>, AtPlain, Full full, Out<float, false> out, int frames, Freq& freq,
                Shift& shift, More&... more) {
  for (int from = 0; from < frames; from += kMostInChunk) {
    const int n = least(frames - from, kMostInChunk);
    std::uint32_t at[kMostInChunk], by[kMostInChunk], shifts[1 + kMostInChunk];
    shifts[0] = phase.shift;
    side_by_side(n, [&]<class W>(W, int i) {
      store(by + i, phase_bits(freq.template ahead<W>(i) * clock.period));
      store(shifts + 1 + i, phase_bits(shift.template ahead<W>(i)));
    });
    for (int i = 0; i < n; ++i) at[i] = phase.at, phase.at += by[i];
    side_by_side(n, [&]<class W>(W, int i) {
      const Bits<W> shifted = load<Bits<W>>(shifts + 1 + i);
      Bits<W> step = load<Bits<W>>(by + i);
      if constexpr (Moving<m>::port(1)) step = step + (shifted - load<Bits<W>>(shifts + i));
      const PhaseNow<W> now{load<Bits<W>>(at + i) + shifted, Speed<W>(phase_cycles<W>(step))};
      store(out.to + from + i, Moment<W, sizeof...(More)>{now, more.template ahead<W>(i)...}.in(full));
    });
    phase.shift = shifts[n];
    freq.skip(n), shift.skip(n), (more.skip(n), ...);
  }
}

}  // namespace
}  // namespace hocket::dsp
