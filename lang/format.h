// Programs laid out as everybody lays them out.
#pragma once

#include <string>

#include "lang/diagnostic.h"
#include "lang/source.h"

namespace hocket {

/// The same program with even spacing: statements at the margin, what goes on in further lines indented, one space around
/// operators, at most one blank line in a row. Line breaks, comments, strings and numbers stay as written; so do values and
/// comments that neighbouring lines align. Formatting twice changes nothing more, and never the meaning. With an error in
/// the text it comes back unchanged.
std::string format(const Source&, Diagnostics&);

}  // namespace hocket
