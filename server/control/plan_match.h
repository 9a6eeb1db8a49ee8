// Which nodes of a new graph are which of the one before.
#pragma once

#include <vector>

#include "server/control/plan_flow.h"

namespace hocket {

inline constexpr int kNone = -1;

/// Pairs by index, both ways; kNone: has no partner.
struct Match {
  std::vector<int> old_of, new_of;

  void pair(std::uint32_t fresh, std::uint32_t old) {
    old_of[fresh] = static_cast<int>(old);
    new_of[old] = static_cast<int>(fresh);
  }
};

/// What a node and all that it hears are, in a number: equal for equal expressions, whatever their names. To be set in the
/// order of the nodes: what a node hears comes first, all but `late`.
std::uint64_t print_of(const FlowNode&, const Flow&);

/// Pairs nodes that do the same work. First those with equal prints in the same bus; then each bus's nodes as sequences, so that
/// one that comes, goes or is set anew leaves its neighbours with their partners (most pairs, then most alike; source: Needleman,
/// Wunsch, "A general method applicable to the search for similarities in the amino acid sequence of two proteins", 1970);
/// then what moved inside a bus; then equal expressions in other buses (a bus was renamed); at last what still rings out.
Match match(const Flow& old, const Flow& fresh);

}  // namespace hocket
