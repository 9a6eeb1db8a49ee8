// Smooths a signal: it follows within `time`.
#pragma once

#include "server/dsp/smooth.h"

namespace hocket::units {
namespace {

template <class V>
struct lag {
  static constexpr bool waits = true;
  static constexpr Port ports[] = {
      {"in", PortUnit::signal, 0, 0, 0, "what is smoothed; the first value is taken at once"},
      {"time", PortUnit::seconds, 0.05F, 0, 60, "until 99.9 % of a step is covered; 0 passes it on"},
  };

  V level;

  struct Coefs {
    V share;
  };
  static Coefs prepare(V time, const Clock& clock) { return {approach(time * (clock.rate * 0.144764827F))}; }

  void start(Mask<V> fresh, V in, V, const Clock&) { level = select(fresh, in, level); }
  V tick(V in, const Coefs& c) {
    level += c.share * (in - level);
    return level;
  }
};

}  // namespace
}  // namespace hocket::units
