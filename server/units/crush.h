// Fewer bits: rounds to a coarse grid of levels.
#pragma once

#include "server/dsp/unit.h"

namespace hocket::units {
namespace {

template <class V>
struct crush {
  static constexpr Port ports[] = {
      {"in", PortUnit::signal, 0, 0, 0, "what is crushed"},
      {"bits", PortUnit::number, 6, 1, 24, "levels are 2 to this power; may be fractional"},
  };

  struct Coefs {
    V levels, size;
  };
  static Coefs prepare(V bits, const Clock&) { return {exp2(bits - 1.F), exp2(1.F - bits)}; }
  V tick(V in, const Coefs& c) { return dsp::floor(clamp(in, V(-100.F), V(100.F)) * c.levels + 0.5F) * c.size; }
};

}  // namespace
}  // namespace hocket::units
