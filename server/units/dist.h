// Distortion: a soft clipper (tanh) with drive, at twice the rate.
#pragma once

#include "server/dsp/oversample.h"

namespace hocket::units {
namespace {

template <class V>
struct dist {
  static constexpr Port ports[] = {
      {"in", PortUnit::signal, 0, 0, 0, "what is distorted"},
      {"drive", PortUnit::number, 4, 0, 1000, "gain before the clipper; below 1 it stays nearly clean"},
  };

  Doubled<V> rate;

  V tick(V in, V drive) {
    const auto two = rate.up(in * drive);
    return rate.down(tanh(two.first), tanh(two.second));
  }
};

}  // namespace
}  // namespace hocket::units
