// A lower sample rate: holds each frame for a while.
#pragma once

#include "server/dsp/unit.h"

namespace hocket::units {
namespace {

template <class V>
struct coarse {
  static constexpr Port ports[] = {
      {"in", PortUnit::signal, 0, 0, 0, "what is held"},
      {"rate", PortUnit::hz, 8000, 1, 1000000, "frames a second that are kept"},
  };

  V level;
  Bits<V> at;

  void start(Mask<V> fresh, V in, V, const Clock&) { level = select(fresh, in, level); }
  V tick(V in, V rate, const Clock& clock) {
    // a frame is taken where the phase passes a whole cycle
    const Bits<V> was = at;
    at += to_bits(dsp::min(rate * clock.period, V(0.999999F)) * 2147483648.F) << 1;
    const Mask<V> passed = before(at ^ 0x80000000U, was ^ 0x80000000U);
    level = select(passed | (rate >= clock.rate), in, level);
    return level;
  }
};

}  // namespace
}  // namespace hocket::units
