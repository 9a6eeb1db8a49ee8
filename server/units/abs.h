// The signal without its sign.
#pragma once

#include "server/dsp/unit.h"

namespace hocket::units {
namespace {

template <class V>
struct abs {
  static constexpr bool pure = true, tame = true;
  static constexpr Port ports[] = {
      {"in", PortUnit::signal, 0, 0, 0, "what loses its sign"},
  };

  V tick(V in) { return dsp::abs(in); }
};

}  // namespace
}  // namespace hocket::units
