// The tables that this build holds, whether or not this CPU can run them.
#pragma once

#include <span>

#include "server/dsp/kernel.h"

namespace hocket {

/// Simplest instruction set first.
std::span<const UnitTable* const> compiled_unit_tables();

}  // namespace hocket
