// Forms of TidalCycles, Strudel and SuperCollider, recognised so that an error can show how they are written here.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "lang/diagnostic.h"
#include "lang/token.h"

namespace hocket {

/// Of a statement's tokens (no comments): `d1 $ sound "bd"`, `$: s("bd")`, `~x = saw 55`, `let x = …`, `setcps(0.5)`, `hush()`.
std::optional<Diagnostic> foreign_statement(std::span<const Token> statement);

/// Of the operand that starts at `begin`: `"bd sn".fast(2)`, `sound("bd")`, `stack(a, b)`, `SinOsc.ar(440)`. Only a warning
/// where it means the same here too.
std::optional<Diagnostic> foreign_operand(std::span<const Token> statement, std::size_t begin);

}  // namespace hocket
