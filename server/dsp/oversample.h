// Twice the rate and back, for units that make new harmonics.
#pragma once

#include "server/dsp/unit.h"

namespace hocket::dsp {
namespace {

/// Two chains of first-order all-passes, half a frame apart: their sum passes the lower half of the doubled band, their
/// difference the upper. Four sections: 0 dB up to 0.2 of the doubled rate, beyond 0.3 below -69 dB, phase not linear.
/// Source: Valenzuela, Constantinides, "Digital signal processing schemes for efficient interpolation and decimation", 1983.
template <class V>
struct HalfBand {
  V x0[2], y0[2], x1[2], y1[2];

  static V pass(V in, float a, V& x, V& y) {
    const V out = mul_add(V(-a), y, mul_add(V(a), in, x));  // of its past only the last operation waits for the frame before
    x = in;
    y = out;
    return out;
  }
  V even(V in) { return pass(pass(in, 0.0798664F, x0[0], y0[0]), 0.5453537F, x0[1], y0[1]); }
  V odd(V in) { return pass(pass(in, 0.2838293F, x1[0], y1[0]), 0.8344119F, x1[1], y1[1]); }
};

template <class V>
struct Doubled {
  HalfBand<V> into, out_of;

  struct Two {
    V first, second;
  };
  Two up(V in) { return {into.even(in), into.odd(in)}; }
  V down(V first, V second) { return 0.5F * (out_of.even(second) + out_of.odd(first)); }
};

}  // namespace
}  // namespace hocket::dsp
