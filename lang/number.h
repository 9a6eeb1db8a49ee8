// Numbers as written: decimals, fractions, units.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "lang/ast.h"

namespace hocket {

/// Bytes of the number that starts at `text[at]` (a digit, or a point before a digit), with all letters stuck to it; 0: none.
std::size_t number_length(std::string_view text, std::size_t at);

struct NumberRead {
  NumberExpr number;
  std::string problem;  ///< empty: `number` holds
  std::string hint;
};

/// Reads `0.5`, `1/8`, `-6dB`, `3/16c`, `2k`, `1e-3`, exactly where 64-bit fractions allow.
NumberRead read_number(std::string_view text);

}  // namespace hocket
