#include "server/control/voice_book.h"

namespace hocket {

std::shared_ptr<const VoiceRecipe> VoiceBook::recipe(const VoiceDef& voice, const GraphDef& around, const UnitTable& table, double rate) {
  const auto print = voice_print(voice, around);
  auto& known = recipes_[print];
  if (!known) known = compile_voice(voice, around, table, rate);
  return known;
}

void VoiceBook::sweep() {
  std::erase_if(recipes_, [](const auto& entry) { return entry.second.use_count() == 1; });
}

}  // namespace hocket
