// What changes from one graph to the next: which objects stay, and where something comes, goes or rings out.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "lang/graph_def.h"
#include "server/control/plan_flow.h"
#include "server/control/plan_racks.h"
#include "server/control/planner.h"

namespace hocket {

/// Compiled instruments by their print, so that equal instruments are one object. Entries without users go at `sweep`.
class VoiceBook {
 public:
  std::shared_ptr<const VoiceRecipe> recipe(const VoiceDef&, const GraphDef& around, const UnitTable&, double rate);
  void sweep();

 private:
  std::unordered_map<std::uint64_t, std::shared_ptr<const VoiceRecipe>> recipes_;
};

struct ChangeSettings {
  const UnitTable* table = nullptr;
  EngineSettings engine;
  RackBook* racks = nullptr;  ///< null: every node has its memory to itself
  std::uint64_t seed = 0;
  bool ring = true;  ///< what goes may ring out; else it fades
};

/// How long what is removed may go on sounding before it is faded.
inline constexpr double kLongestRing_s = 20;

/// `kept`: what is in force, settled. The flow that leads from it to `next`: next's nodes first, in GraphDef's order, then
/// those of the old graph that are still heard, with fades where something comes or goes.
Flow change(const Flow& kept, const GraphDef& next, const MixSettings&, const ChangeSettings&, VoiceBook&);

}  // namespace hocket
