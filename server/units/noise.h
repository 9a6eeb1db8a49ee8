// White noise, -1..1, every frequency as loud as the next.
#pragma once

#include "server/dsp/random.h"

namespace hocket::units {
namespace {

template <class V>
struct noise {
  Bits<V> seed, count;

  V tick() {
    count += Bits<V>(1U);
    return white<V>(seed, count);
  }
};

}  // namespace
}  // namespace hocket::units
