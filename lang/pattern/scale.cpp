// Scales by the names that TidalCycles gives them.
#include <algorithm>
#include <array>
#include <cmath>

#include "lang/pattern/function.h"
#include "lang/pattern/harmony.h"

namespace hocket {
namespace {

const std::vector<Scale>& scales() {
  static const std::vector<Scale> all{
      // five notes
      {"minPent", {0, 3, 5, 7, 10}},
      {"majPent", {0, 2, 4, 7, 9}},
      {"ritusen", {0, 2, 5, 7, 9}},
      {"egyptian", {0, 2, 5, 7, 10}},
      {"kumai", {0, 2, 3, 7, 9}},
      {"hirajoshi", {0, 2, 3, 7, 8}},
      {"iwato", {0, 1, 5, 6, 10}},
      {"chinese", {0, 4, 6, 7, 11}},
      {"indian", {0, 4, 5, 7, 10}},
      {"pelog", {0, 1, 3, 7, 8}},
      {"prometheus", {0, 2, 4, 6, 11}},
      {"scriabin", {0, 1, 4, 7, 9}},
      {"gong", {0, 2, 4, 7, 9}},
      {"shang", {0, 2, 5, 7, 10}},
      {"jiao", {0, 3, 5, 8, 10}},
      {"zhi", {0, 2, 5, 7, 9}},
      {"yu", {0, 3, 5, 7, 10}},
      // six
      {"whole", {0, 2, 4, 6, 8, 10}},
      {"wholetone", {0, 2, 4, 6, 8, 10}},
      {"augmented", {0, 3, 4, 7, 8, 11}},
      {"augmented2", {0, 1, 4, 5, 8, 9}},
      {"hexMajor7", {0, 2, 4, 7, 9, 11}},
      {"hexDorian", {0, 2, 3, 5, 7, 10}},
      {"hexPhrygian", {0, 1, 3, 5, 8, 10}},
      {"hexSus", {0, 2, 5, 7, 9, 10}},
      {"hexMajor6", {0, 2, 4, 5, 7, 9}},
      {"hexAeolian", {0, 3, 5, 7, 8, 10}},
      {"blues", {0, 3, 5, 6, 7, 10}},
      // seven
      {"major", {0, 2, 4, 5, 7, 9, 11}},
      {"ionian", {0, 2, 4, 5, 7, 9, 11}},
      {"dorian", {0, 2, 3, 5, 7, 9, 10}},
      {"phrygian", {0, 1, 3, 5, 7, 8, 10}},
      {"lydian", {0, 2, 4, 6, 7, 9, 11}},
      {"mixolydian", {0, 2, 4, 5, 7, 9, 10}},
      {"aeolian", {0, 2, 3, 5, 7, 8, 10}},
      {"minor", {0, 2, 3, 5, 7, 8, 10}},
      {"locrian", {0, 1, 3, 5, 6, 8, 10}},
      {"harmonicMinor", {0, 2, 3, 5, 7, 8, 11}},
      {"harmonicMajor", {0, 2, 4, 5, 7, 8, 11}},
      {"melodicMinor", {0, 2, 3, 5, 7, 9, 11}},
      {"melodicMinorDesc", {0, 2, 3, 5, 7, 8, 10}},
      {"melodicMajor", {0, 2, 4, 5, 7, 8, 10}},
      {"bartok", {0, 2, 4, 5, 7, 8, 10}},
      {"hindu", {0, 2, 4, 5, 7, 8, 10}},
      {"todi", {0, 1, 3, 6, 7, 8, 11}},
      {"purvi", {0, 1, 4, 6, 7, 8, 11}},
      {"marva", {0, 1, 4, 6, 7, 9, 11}},
      {"bhairav", {0, 1, 4, 5, 7, 8, 11}},
      {"ahirbhairav", {0, 1, 4, 5, 7, 9, 10}},
      {"superLocrian", {0, 1, 3, 4, 6, 8, 10}},
      {"romanianMinor", {0, 2, 3, 6, 7, 9, 10}},
      {"hungarianMinor", {0, 2, 3, 6, 7, 8, 11}},
      {"neapolitanMinor", {0, 1, 3, 5, 7, 8, 11}},
      {"enigmatic", {0, 1, 4, 6, 8, 10, 11}},
      {"spanish", {0, 1, 4, 5, 7, 8, 10}},
      {"leadingWhole", {0, 2, 4, 6, 8, 10, 11}},
      {"lydianMinor", {0, 2, 4, 6, 7, 8, 10}},
      {"neapolitanMajor", {0, 1, 3, 5, 7, 9, 11}},
      {"locrianMajor", {0, 2, 4, 5, 6, 8, 10}},
      // eight and more
      {"diminished", {0, 1, 3, 4, 6, 7, 9, 10}},
      {"octatonic", {0, 1, 3, 4, 6, 7, 9, 10}},
      {"diminished2", {0, 2, 3, 5, 6, 8, 9, 11}},
      {"octatonic2", {0, 2, 3, 5, 6, 8, 9, 11}},
      {"messiaen1", {0, 2, 4, 6, 8, 10}},
      {"messiaen2", {0, 1, 3, 4, 6, 7, 9, 10}},
      {"messiaen3", {0, 2, 3, 4, 6, 7, 8, 10, 11}},
      {"messiaen4", {0, 1, 2, 5, 6, 7, 8, 11}},
      {"messiaen5", {0, 1, 5, 6, 7, 11}},
      {"messiaen6", {0, 2, 4, 5, 6, 8, 10, 11}},
      {"messiaen7", {0, 1, 2, 3, 5, 6, 7, 8, 9, 11}},
      {"chromatic", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
      // maqams, with quarter tones
      {"bayati", {0, 1.5, 3, 5, 7, 8, 10}},
      {"hijaz", {0, 1, 4, 5, 7, 8.5, 10}},
      {"sikah", {0, 1.5, 3.5, 5.5, 7, 8.5, 10.5}},
      {"rast", {0, 2, 3.5, 5, 7, 9, 10.5}},
      {"saba", {0, 1.5, 3, 4, 6, 8, 10}},
      {"iraq", {0, 1.5, 3.5, 5, 6.5, 8.5, 10.5}},
  };
  return all;
}

}  // namespace

const Scale* find_scale(std::string_view name) {
  const auto found = std::find_if(scales().begin(), scales().end(), [name](const Scale& s) { return s.name == name; });
  return found == scales().end() ? nullptr : &*found;
}

std::vector<std::string> scale_names() {
  std::vector<std::string> names;
  for (const Scale& scale : scales()) names.emplace_back(scale.name);
  return names;
}

std::optional<RootedScale> read_scale(std::string_view word) {
  const std::size_t colon = word.find(':');
  const Scale* scale = find_scale(colon == std::string_view::npos ? word : word.substr(colon + 1));
  if (!scale) return std::nullopt;
  if (colon == std::string_view::npos) return RootedScale{scale, 0};
  const auto root = note_from_name(word.substr(0, colon));
  return root ? std::optional(RootedScale{scale, *root}) : std::nullopt;
}

double scale_note(const std::vector<double>& semitones, double degree) {
  if (semitones.empty() || !std::isfinite(degree)) return 0;
  const auto size = static_cast<double>(semitones.size());
  const auto note_at = [&](double whole) {
    const double octave = std::floor(whole / size);
    return semitones[static_cast<std::size_t>(whole - octave * size)] + 12 * octave;
  };
  const double below = std::floor(degree);
  const double between = degree - below;
  return between == 0 ? note_at(below) : note_at(below) * (1 - between) + note_at(below + 1) * between;
}

}  // namespace hocket
