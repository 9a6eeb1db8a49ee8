// White noise, -1..1, every frequency as loud as the next.
#pragma once

#include "server/dsp/random.h"

namespace hocket::units {
namespace {

template <class V>
struct noise {
  Bits<V> seed, place;

  V tick() {
    place += Bits<V>(kNext);
    return white<V>(seed, place);
  }
};

}  // namespace
}  // namespace hocket::units
