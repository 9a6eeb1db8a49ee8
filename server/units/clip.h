// Cuts a signal off at two levels.
#pragma once

#include "server/dsp/unit.h"

namespace hocket::units {
namespace {

template <class V>
struct clip {
  static constexpr bool pure = true, tame = true;
  static constexpr Port ports[] = {
      {"in", PortUnit::signal, 0, 0, 0, "what is cut off"},
      {"low", PortUnit::number, -1, 0, 0, "lowest level that passes"},
      {"high", PortUnit::number, 1, 0, 0, "highest level that passes"},
  };

  V tick(V in, V low, V high) { return dsp::min(dsp::max(in, low), high); }
};

}  // namespace
}  // namespace hocket::units
