// Both channels in one: their mean.
#pragma once

#include "server/dsp/unit.h"

namespace hocket::units {
namespace {

template <class V>
struct mono {
  static constexpr Shape shape = Shape::spread;
  static constexpr Port ports[] = {
      {"in", PortUnit::signal, 0, 0, 0, "what is made mono"},
  };

  Stereo<V> tick(V in) { return {in, in}; }
  Stereo<V> tick(Stereo<V> in) {
    const V mean = 0.5F * (in.left + in.right);
    return {mean, mean};
  }
};

}  // namespace
}  // namespace hocket::units
