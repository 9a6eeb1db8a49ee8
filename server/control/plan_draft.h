// From a GraphDef to a flow, as if there were nothing before it.
#pragma once

#include <vector>

#include "lang/graph_def.h"
#include "server/control/plan_flow.h"
#include "server/control/planner.h"
#include "server/control/voice_book.h"

namespace hocket {

/// Without objects. Nodes are those of the GraphDef, in its order, then a `late` for each that a feedback edge leaves.
struct Draft {
  Flow flow;
  std::vector<const Kernel*> kernels;         ///< of units; by node of the GraphDef
  std::vector<std::vector<float>> constants;  ///< of units' ports, NaN where they change
};
Draft draft(const GraphDef&, const MixSettings&, const UnitTable&, double rate, VoiceBook&);

}  // namespace hocket
