// The greatest whole number not above the signal.
#pragma once

#include "server/dsp/unit.h"

namespace hocket::units {
namespace {

template <class V>
struct floor {
  static constexpr bool pure = true, tame = true;
  static constexpr Port ports[] = {
      {"in", PortUnit::signal, 0, 0, 0, "what is rounded down"},
  };

  V tick(V in) { return dsp::floor(clamp(in, V(-2e9F), V(2e9F))); }
};

}  // namespace
}  // namespace hocket::units
