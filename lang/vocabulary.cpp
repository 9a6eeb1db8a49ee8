#include "lang/vocabulary.h"

#include <algorithm>

namespace hocket {
namespace {

template <class T>
const T* find_by_name(const std::vector<T>& sorted, std::string_view name) {
  const auto it = std::lower_bound(sorted.begin(), sorted.end(), name, [](const T& entry, std::string_view n) { return entry.name < n; });
  return it != sorted.end() && it->name == name ? &*it : nullptr;
}

}  // namespace

const UnitInfo* Vocabulary::unit(std::string_view name) const {
  return find_by_name(units, name);
}

const SoundFolder* Vocabulary::folder(std::string_view name) const {
  return find_by_name(folders, name);
}

std::string_view to_string(PortUnit unit) {
  static constexpr std::string_view kNames[] = {"signal", "gate", "", "Hz", "s", "note", "level", "cycles"};
  return kNames[static_cast<int>(unit)];
}

}  // namespace hocket
