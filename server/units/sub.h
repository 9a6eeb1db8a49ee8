// Difference of two signals.
#pragma once

#include "server/dsp/unit.h"

namespace hocket::units {
namespace {

template <class V>
struct sub {
  static constexpr bool pure = true, tame = true;
  static constexpr Port ports[] = {
      {"a", PortUnit::signal, 0, 0, 0, "from this"},
      {"b", PortUnit::signal, 0, 0, 0, "this is taken"},
  };

  V tick(V a, V b) { return a - b; }
};

}  // namespace
}  // namespace hocket::units
