// From a program to the graph that it means: names resolved, functions expanded, constants folded, dead parts dropped.
#pragma once

#include <memory>

#include "lang/diagnostic.h"
#include "lang/graph_def.h"
#include "lang/program.h"

namespace hocket {

struct Lowered {
  GraphDef graph;
  Diagnostics diagnostics;  ///< with an error in it, the graph is not to be used
};

/// Lowers every output of the program; definitions that no output reaches are checked all the same.
Lowered lower(const Program&, const Vocabulary&);

struct QueryValue {
  Pattern pattern;
  Diagnostics diagnostics;
};

/// Reads one expression as a pattern, with the program's names in reach: for `hocket query`.
QueryValue lower_pattern(const Program&, std::shared_ptr<const Source>, const Vocabulary&);

}  // namespace hocket
