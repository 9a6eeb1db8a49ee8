// Where statements begin and end.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "lang/token.h"

namespace hocket {

/// Half-open range of tokens.
struct TokenRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// One range a statement. A statement goes on over the end of its line while a bracket is open, when the next line is
/// indented deeper than its first, or when the next line starts with a binary operator. A line that starts another
/// statement ends it even inside a bracket: somebody forgot to close that. `tokens` hold no comments.
std::vector<TokenRange> statements(std::span<const Token> tokens);

/// The binding of a binary operator, 0 the loosest; -1: not one. `^` is kPowerBinding, the only one that groups to the right.
int binding(const Token&);
inline constexpr int kPowerBinding = 3;

}  // namespace hocket
