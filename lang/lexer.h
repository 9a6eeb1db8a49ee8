// Text → tokens.
#pragma once

#include <vector>

#include "lang/diagnostic.h"
#include "lang/token.h"

namespace hocket {

inline constexpr std::size_t kLargestSource = 1 << 20;  // bytes

/// All tokens, comments among them, without an end token. Whatever is no token becomes an `invalid` one and a diagnostic;
/// a text that is too large, is not UTF-8 or holds control characters gives a diagnostic and no tokens.
std::vector<Token> lex(const Source&, Diagnostics&);

}  // namespace hocket
