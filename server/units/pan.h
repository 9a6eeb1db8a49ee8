// Places a signal between left and right. Mono: equal power, 3 dB down on both sides in the centre. Stereo: balance, unity in the centre.
#pragma once

#include "server/dsp/unit.h"

namespace hocket::units {
namespace {

template <class V>
struct pan {
  static constexpr Shape shape = Shape::spread;
  static constexpr bool tame = true;
  static constexpr Port ports[] = {
      {"in", PortUnit::signal, 0, 0, 0, "what is placed"},
      {"pan", PortUnit::number, 0.5F, 0, 1, "0 left, 0.5 centre, 1 right"},
  };

  struct Gains {
    V left, right;                  // of a mono signal
    V balance_left, balance_right;  // of a stereo signal: the side that it leans to stays as it is
  };
  static Gains prepare(V pan, const Clock&) {
    return {sin_turn(0.25F - 0.25F * pan), sin_turn(0.25F * pan), dsp::min(V(1.F), 2.F - 2.F * pan), dsp::min(V(1.F), 2.F * pan)};
  }

  Stereo<V> tick(V in, const Gains& g) { return {in * g.left, in * g.right}; }
  Stereo<V> tick(Stereo<V> in, const Gains& g) { return {in.left * g.balance_left, in.right * g.balance_right}; }
};

}  // namespace
}  // namespace hocket::units
