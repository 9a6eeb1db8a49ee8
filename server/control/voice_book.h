// Compiled instruments, for as long as anything plays them.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "lang/graph_def.h"
#include "server/control/plan_voice.h"

namespace hocket {

/// By their print, so that equal instruments are one object. Entries without users go at `sweep`.
class VoiceBook {
 public:
  std::shared_ptr<const VoiceRecipe> recipe(const VoiceDef&, const GraphDef& around, const UnitTable&, double rate);
  void sweep();

 private:
  std::unordered_map<std::uint64_t, std::shared_ptr<const VoiceRecipe>> recipes_;
};

}  // namespace hocket
