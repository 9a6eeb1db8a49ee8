// Remainder of a divided by b, of the sign of b; 0 where b is 0.
#pragma once

#include "server/dsp/unit.h"

namespace hocket::units {
namespace {

template <class V>
struct mod {
  static constexpr bool pure = true;
  static constexpr Port ports[] = {
      {"a", PortUnit::signal, 0, 0, 0, "divided"},
      {"b", PortUnit::signal, 1, 0, 0, "divisor"},
  };

  V tick(V a, V b) { return select(b == 0.F, V(0.F), a - b * dsp::floor(clamp(a / b, V(-2e9F), V(2e9F)))); }
};

}  // namespace
}  // namespace hocket::units
