// Tracker blocks: a table of notes, one row a line, as a pattern of sounds; and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lang/diagnostic.h"
#include "lang/pattern/pattern.h"

namespace hocket {

/// Ticks of a line: timing offsets count in these.
inline constexpr int kTicksPerLine = 16;

/// Reads a block whose first byte stands at `offset` of the program. Rows are lines that hold anything, columns are split by
/// `|`; a cell is `c4 bass v48 cutoff=800 +4`: a note, a sound or both, then in any order a volume (v64 is gain 1), controls
/// and an offset in ticks; a bare number is the control `n`. `...` and `.` are empty, `===` ends the note before it. Notes
/// last until the next note or end in their column; `lines` lines fill one cycle, and the block repeats in every cycle.
/// On an error adds to `out` and gives silence.
Pattern parse_tracker(std::string_view text, std::uint32_t offset, int lines, Diagnostics& out);

/// Cycle 0 of a pattern of sounds as a block of `lines` rows, or nothing where it does not fit one: an event off the ticks,
/// a value that a cell cannot hold, an event that the repeating block could not end where it ends.
std::optional<std::string> to_tracker(const Pattern&, int lines);

}  // namespace hocket
