// Which oscillators of a voice are only heard multiplied or moved by what stands still, so that they can be so on their way out.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lang/graph_def.h"

namespace hocket {

/// What becomes of a node's output x: x times `factor` plus `offset`, numbers or params, which is what node `last` gives. The
/// nodes between them, `last` with them, need not be run.
struct Scaling {
  Ref factor = Ref::of(1), offset = Ref::of(0);
  std::vector<std::uint32_t> nodes;  ///< on the way, `last` at the end
  std::uint32_t last() const { return nodes.back(); }
};

/// `readers`: how often each node's output is read. Nothing where the first to read it does not just scale it.
std::optional<Scaling> scaling_of(const GraphDef&, std::uint32_t node, const std::vector<int>& readers);

}  // namespace hocket
