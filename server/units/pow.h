// a to the power of b. A negative a gives a negative result, unless b is an even whole number. 0 to a power below 0 is 0.
#pragma once

#include "server/dsp/unit.h"

namespace hocket::units {
namespace {

template <class V>
struct pow {
  static constexpr bool pure = true;
  static constexpr Port ports[] = {
      {"a", PortUnit::signal, 0, 0, 0, "base"},
      {"b", PortUnit::signal, 2, 0, 0, "exponent"},
  };

  V tick(V a, V b) {
    const V half = clamp(0.5F * b, V(-1e9F), V(1e9F));
    const Mask<V> even = half == dsp::floor(half);
    const V y = power(dsp::abs(a), b);
    const V positive = select(a == 0.F, select(b == 0.F, V(1.F), V(0.F)), y);
    return select((a < 0.F) & (!even), -positive, positive);
  }
};

}  // namespace
}  // namespace hocket::units
