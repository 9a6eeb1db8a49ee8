// Percussive envelope: attack in a line to 1, then decay in a curve to 0, however long the gate is.
#pragma once

#include "server/dsp/envelope.h"

namespace hocket::units {
namespace {

template <class V>
struct perc {
  static constexpr bool waits = true, struck = true;
  static constexpr Port ports[] = {
      {"gate", PortUnit::gate, 0, 0, 0, "a rise above 0 starts it, from the level where it is"},
      {"attack", PortUnit::seconds, 0.001F, 0, 300, "time to 1"},
      {"decay", PortUnit::seconds, 0.3F, 0, 300, "time from there to 0"},
  };

  Envelope<V> e;

  V tick(V gate, V attack, V decay, const Clock& clock) {
    const auto edge = e.edges(gate);
    if (edge.any_change) {
      e.line(edge.rise, kAttacks, 1.F, attack, clock);
      e.curve(e.at_end_of(kAttacks), kDecays, 0.F, decay, clock);
      e.rest(e.at_end_of(kDecays), kEnded);
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
