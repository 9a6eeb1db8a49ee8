// Envelope: attack in a line to 1, held there with the gate, release in a curve to 0.
#pragma once

#include "server/dsp/envelope.h"

namespace hocket::units {
namespace {

template <class V>
struct env {
  static constexpr bool waits = true;
  static constexpr Port ports[] = {
      {"gate", PortUnit::gate, 0, 0, 0, "a rise above 0 starts it, from the level where it is; at or below 0 it releases"},
      {"attack", PortUnit::seconds, 0.01F, 0, 300, "time to 1"},
      {"release", PortUnit::seconds, 0.3F, 0, 300, "time to 0 when the gate ends"},
  };

  Envelope<V> e;

  V tick(V gate, V attack, V release, const Clock& clock) {
    const auto edge = e.edges(gate);
    if (edge.any_change) {
      e.line(edge.rise, kAttacks, 1.F, attack, clock);
      e.curve(edge.fall, kReleases, 0.F, release, clock);
      e.rest(e.at_end_of(kAttacks), kHolds);
      e.rest(e.at_end_of(kReleases), kEnded);
    }
    return e.advance();
  }
  int calm(V gate, V, V) const { return e.calm(gate); }
  V glide() { return e.glide(); }
  void skip(int frames) { e.skip(frames); }
  bool rests(V gate, V, V) const { return e.rests(gate); }
  Mask<V> done() const { return e.stage == Bits<V>(kEnded); }
};

}  // namespace
}  // namespace hocket::units
