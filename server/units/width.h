// Widens or narrows a stereo signal.
#pragma once

#include "server/dsp/unit.h"

namespace hocket::units {
namespace {

template <class V>
struct width {
  static constexpr Shape shape = Shape::spread;
  static constexpr Port ports[] = {
      {"in", PortUnit::signal, 0, 0, 0, "what is widened"},
      {"width", PortUnit::number, 1, 0, 2, "0 mono, 1 as it is, 2 twice the difference of the sides"},
  };

  Stereo<V> tick(V in, V) { return {in, in}; }
  Stereo<V> tick(Stereo<V> in, V amount) {
    const V mid = 0.5F * (in.left + in.right), side = 0.5F * amount * (in.left - in.right);
    return {mid + side, mid - side};
  }
};

}  // namespace
}  // namespace hocket::units
