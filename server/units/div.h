// Quotient of two signals; division by 0 gives 0.
#pragma once

#include "server/dsp/unit.h"

namespace hocket::units {
namespace {

template <class V>
struct div {
  static constexpr bool pure = true;
  static constexpr Port ports[] = {
      {"a", PortUnit::signal, 0, 0, 0, "divided"},
      {"b", PortUnit::signal, 1, 0, 0, "divisor"},
  };

  V tick(V a, V b) { return select(b == 0.F, V(0.F), a / b); }
};

}  // namespace
}  // namespace hocket::units
