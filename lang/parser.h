// Tokens → tree.
#pragma once

#include <span>
#include <string>

#include "lang/ast.h"
#include "lang/diagnostic.h"
#include "lang/token.h"

namespace hocket {

inline constexpr int kDeepestNesting = 200;  // brackets, prefixes and powers inside each other
inline constexpr int kTallestTree = 500;     // of any expression: bounds what recursion over it costs

struct Parsed {
  Ast ast;                  ///< the statements without an error
  Diagnostics diagnostics;  ///< at most one error a statement, in the order of the text
};

Parsed parse(const Source&);

/// The text as one expression, for queries; null with an error.
ExprPtr parse_expression(const Source&, Diagnostics&);

/// As `parse`, for tokens that `lex` gave (comments may be among them). A `-` that is a number's sign becomes a `sign`.
Ast parse(std::span<Token>, Diagnostics&);

/// S-expressions, one line a statement: `(define out (# (saw 55) (lpf 800)))`. Round brackets show as `(() x)`, the
/// missing side of a section or chain as `_`.
std::string to_text(const Ast&);
std::string to_text(const Statement&);  ///< equal texts mean the same, however they are spaced and commented
std::string to_text(const Expr&);

}  // namespace hocket
