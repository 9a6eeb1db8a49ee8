// Makes a signal louder or softer by a factor.
#pragma once

#include "server/dsp/unit.h"

namespace hocket::units {
namespace {

template <class V>
struct gain {
  static constexpr bool pure = true, tame = true;
  static constexpr Port ports[] = {
      {"in", PortUnit::signal, 0, 0, 0, "what is scaled"},
      {"gain", PortUnit::number, 1, 0, 0, "linear factor; -6dB halves"},
  };

  V tick(V in, V factor) { return in * factor; }
};

}  // namespace
}  // namespace hocket::units
