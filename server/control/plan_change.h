// What changes from one graph to the next: which objects stay, and where something comes, goes or rings out.
#pragma once

#include <cstdint>

#include "lang/graph_def.h"
#include "server/control/plan_flow.h"
#include "server/control/plan_racks.h"
#include "server/control/planner.h"
#include "server/control/voice_book.h"

namespace hocket {

struct ChangeSettings {
  const UnitTable* table = nullptr;
  EngineSettings engine;
  RackBook* racks = nullptr;  ///< null: every node has its memory to itself
  std::uint64_t seed = 0;
  bool ring = true;  ///< what goes may ring out; else it fades
};

/// `kept`: what is in force, settled. The flow that leads from it to `next`: next's nodes first, in GraphDef's order, then
/// those of the old graph that are still heard, with fades where something comes or goes.
Flow change(const Flow& kept, const GraphDef& next, const MixSettings&, const ChangeSettings&, VoiceBook&);

}  // namespace hocket
