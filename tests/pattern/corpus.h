// Reads cases of the conformance corpus and applies the functions' rows to them, without the language around.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "lang/pattern/pattern.h"

namespace hocket::test {

/// A case's pattern: its mini-notation or first op, and then its ops. Throws std::runtime_error with the reason where the
/// case cannot be read or is rejected.
Pattern build(const nlohmann::json& made);

/// What differs between the case's events and those of the pattern, or "".
std::string difference(const nlohmann::json& made, const Pattern&);

}  // namespace hocket::test
