// Envelope: attack in a line to 1, decay in a curve to a level that is held with the gate, release in a curve to 0.
#pragma once

#include "server/dsp/envelope.h"

namespace hocket::units {
namespace {

template <class V>
struct adsr {
  static constexpr Port ports[] = {
      {"gate", PortUnit::gate, 0, 0, 0, "a rise above 0 starts it, from the level where it is; at or below 0 it releases"},
      {"attack", PortUnit::seconds, 0.01F, 0, 300, "time to 1"},
      {"decay", PortUnit::seconds, 0.1F, 0, 300, "time from there to the sustain level"},
      {"sustain", PortUnit::number, 0.7F, 0, 1, "level while the gate is held"},
      {"release", PortUnit::seconds, 0.2F, 0, 300, "time to 0 when the gate ends"},
  };

  Envelope<V> e;

  V tick(V gate, V attack, V decay, V sustain, V release, const Clock& clock) {
    const auto edge = e.edges(gate);
    if (edge.any_change) {
      e.line(edge.rise, kAttacks, 1.F, attack, clock);
      e.curve(edge.fall, kReleases, 0.F, release, clock);
      e.curve(e.at_end_of(kAttacks), kDecays, sustain, decay, clock);
      e.rest(e.at_end_of(kDecays), kHolds);
      e.rest(e.at_end_of(kReleases), kEnded);
    }
    // a sustain level that moves is followed within a few milliseconds
    const V follow = -exp2_less_one(V(-300.F * clock.period));
    const Mask<V> holds = e.stage == Bits<V>(kHolds);
    e.c = select(holds, sustain * follow, e.c);
    e.k = select(holds, follow, e.k);
    return e.advance();
  }
  bool done() const { return e.stage == kEnded; }
};

}  // namespace
}  // namespace hocket::units
