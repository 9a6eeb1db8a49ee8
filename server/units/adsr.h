// Envelope: attack in a line to 1, decay in a curve to a level that is held with the gate, release in a curve to 0.
#pragma once

#include "server/dsp/envelope.h"

namespace hocket::units {
namespace {

template <class V>
struct adsr {
  static constexpr bool waits = true;
  static constexpr Port ports[] = {
      {"gate", PortUnit::gate, 0, 0, 0, "a rise above 0 starts it, from the level where it is; at or below 0 it releases"},
      {"attack", PortUnit::seconds, 0.01F, 0, 300, "time to 1"},
      {"decay", PortUnit::seconds, 0.1F, 0, 300, "time from there to the sustain level"},
      {"sustain", PortUnit::number, 0.7F, 0, 1, "level while the gate is held"},
      {"release", PortUnit::seconds, 0.2F, 0, 300, "time to 0 when the gate ends"},
  };

  Envelope<V> e;

  Mask<V> astray(V sustain) const { return (e.stage == Bits<V>(kHolds)) & (e.goal != sustain); }

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
    if (const auto moved = astray(sustain); any(moved)) e.curve(moved, kDecays, sustain, V(0.01F), clock);
    return e.advance();
  }
  int calm(V gate, V, V, V sustain, V) const { return any(astray(sustain)) ? 0 : e.calm(gate); }
  V glide() { return e.glide(); }
  void skip(int frames) { e.skip(frames); }
  bool rests(V gate, V, V, V sustain, V) const { return !any(astray(sustain)) && e.rests(gate); }
  Mask<V> done() const { return e.stage == Bits<V>(kEnded); }
};

}  // namespace
}  // namespace hocket::units
