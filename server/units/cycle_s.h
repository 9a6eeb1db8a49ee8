// Seconds that a cycle takes at the tempo in force.
#pragma once

#include "server/dsp/unit.h"

namespace hocket::units {
namespace {

template <class V>
struct cycle_s {
  V tick(const Clock& clock) { return V(clock.cycle_s); }
};

}  // namespace
}  // namespace hocket::units
