// Sum of two signals.
#pragma once

#include "server/dsp/unit.h"

namespace hocket::units {
namespace {

template <class V>
struct add {
  static constexpr bool pure = true, tame = true;
  static constexpr Port ports[] = {
      {"a", PortUnit::signal, 0, 0, 0, "first"},
      {"b", PortUnit::signal, 0, 0, 0, "second"},
  };

  V tick(V a, V b) { return a + b; }
};

}  // namespace
}  // namespace hocket::units
