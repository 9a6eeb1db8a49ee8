// The signal upside down.
#pragma once

#include "server/dsp/unit.h"

namespace hocket::units {
namespace {

template <class V>
struct neg {
  static constexpr bool pure = true, tame = true;
  static constexpr Port ports[] = {
      {"in", PortUnit::signal, 0, 0, 0, "what is negated"},
  };

  V tick(V in) { return -in; }
};

}  // namespace
}  // namespace hocket::units
