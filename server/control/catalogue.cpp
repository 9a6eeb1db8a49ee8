#include "server/control/catalogue.h"

#include <algorithm>
#include <cassert>

namespace hocket {

extern const char* const kKitText;  // made from kit.hk by the build

namespace {

std::shared_ptr<const Program> read_kit(const Vocabulary& units) {
  const auto source = std::make_shared<const Source>(kit_source());
  auto evaluation = evaluate({}, source, units, true);
  assert(!has_error(evaluation.diagnostics));
  return std::make_shared<const Program>(std::move(evaluation.program));
}

}  // namespace

const Source& kit_source() {
  static const Source source{"kit.hk", kKitText};
  return source;
}

Vocabulary make_vocabulary(const UnitTable& table) {
  Vocabulary vocabulary;
  for (const auto& unit : table.units) vocabulary.units.push_back(unit.info);
  std::sort(vocabulary.units.begin(), vocabulary.units.end(), [](const UnitInfo& a, const UnitInfo& b) { return a.name < b.name; });
  vocabulary.kit = read_kit(vocabulary);
  return vocabulary;
}

Vocabulary make_vocabulary(const UnitTable& table, const SampleLibrary& library) {
  auto vocabulary = make_vocabulary(table);
  vocabulary.folders = library.folders();
  return vocabulary;
}

}  // namespace hocket
