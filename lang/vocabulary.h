// All that the language is told about the world around it: units and sounds. Handed in, so that lang/ depends on neither.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lang/port.h"

namespace hocket {

struct Program;

/// A folder of samples, by name.
struct SoundFolder {
  std::string name;
  int files = 0;
};

struct Vocabulary {
  std::vector<UnitInfo> units;         ///< ordered by name
  std::vector<SoundFolder> folders;    ///< ordered by name
  std::shared_ptr<const Program> kit;  ///< the built-in instruments: its synths and functions stand behind the session's own; may be null

  const UnitInfo* unit(std::string_view name) const;
  const SoundFolder* folder(std::string_view name) const;
};

}  // namespace hocket
