// Sample and hold: takes the input where the trigger rises above 0 and keeps it.
#pragma once

#include "server/dsp/unit.h"

namespace hocket::units {
namespace {

template <class V>
struct sah {
  static constexpr Port ports[] = {
      {"in", PortUnit::signal, 0, 0, 0, "what is sampled"},
      {"trig", PortUnit::gate, 0, 0, 0, "a rise above 0 takes a sample"},
  };

  V level, trig;

  void start(Mask<V> fresh, V in, V, const Clock&) { level = select(fresh, in, level); }
  V tick(V in, V new_trig) {
    level = select((new_trig > 0.F) & (trig <= 0.F), in, level);
    trig = new_trig;
    return level;
  }
};

}  // namespace
}  // namespace hocket::units
