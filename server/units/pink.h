// Pink noise, about -1..1: 3 dB less an octave.
#pragma once

#include "server/dsp/random.h"

namespace hocket::units {
namespace {

// Filter: Paul Kellet's weighted sum of first-order filters (music-dsp mailing list, 1999), within 0.05 dB of -3 dB an octave
// from 10 Hz up at 44.1 kHz; at other rates the lower limit moves with the rate.
template <class V>
struct pink {
  Bits<V> seed, place;
  V a, b, c, d, e, f, g;

  V tick() {
    place += Bits<V>(kNext);
    const V w = white<V>(seed, place);
    a = 0.99886F * a + 0.0555179F * w;
    b = 0.99332F * b + 0.0750759F * w;
    c = 0.96900F * c + 0.1538520F * w;
    d = 0.86650F * d + 0.3104856F * w;
    e = 0.55000F * e + 0.5329522F * w;
    f = -0.7616F * f - 0.0168980F * w;
    const V y = ((a + b) + (c + d)) + ((e + f) + (g + 0.5362F * w));
    g = 0.115926F * w;
    return 0.2F * y;
  }
};

}  // namespace
}  // namespace hocket::units
