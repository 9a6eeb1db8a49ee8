// Exact numbers as people type them on a command line.
#pragma once

#include <string>

#include "lang/pattern/time.h"

namespace hocket {

/// `3`, `-1/4`, `2.5`, `1e-3`; throws std::runtime_error on anything else.
Rational to_rational(const std::string& text);

}  // namespace hocket
