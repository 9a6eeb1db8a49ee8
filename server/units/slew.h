// Limits how fast a signal rises and falls.
#pragma once

#include "server/dsp/unit.h"

namespace hocket::units {
namespace {

template <class V>
struct slew {
  static constexpr bool waits = true;
  static constexpr Port ports[] = {
      {"in", PortUnit::signal, 0, 0, 0, "what is followed; the first value is taken at once"},
      {"rise", PortUnit::number, 10, 0, 1e6F, "most it rises a second"},
      {"fall", PortUnit::number, 10, 0, 1e6F, "most it falls a second"},
  };

  V level;

  void start(Mask<V> fresh, V in, V, V, const Clock&) { level = select(fresh, in, level); }
  V tick(V in, V rise, V fall, const Clock& clock) {
    level += clamp(in - level, -fall * clock.period, rise * clock.period);
    return level;
  }
};

}  // namespace
}  // namespace hocket::units
