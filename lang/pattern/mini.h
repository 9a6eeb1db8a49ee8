// Mini-notation: the text inside quotes → a pattern.
#pragma once

#include <string_view>

#include "lang/diagnostic.h"
#include "lang/pattern/pattern.h"

namespace hocket {

/// Parses `text` (without its quotes), whose first byte stands at `offset` of the program; spans of events and
/// diagnostics count from the program's start. On an error adds to `out` and gives silence. Source of the notation:
/// McLean, "Tidal: a pattern language for the live coding of music", and the conformance corpus.
Pattern parse_mini(std::string_view text, std::uint32_t offset, Diagnostics& out);

/// The same for a boolean argument (`struct "1(3,8)"`): the off steps of a Euclidean rhythm are false instead of silent.
Pattern parse_mini_truth(std::string_view text, std::uint32_t offset, Diagnostics& out);

}  // namespace hocket
