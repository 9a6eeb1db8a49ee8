// Note names and chord names.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "lang/pattern/function.h"
#include "lang/pattern/harmony.h"

namespace hocket {
namespace {

struct ChordKind {
  std::vector<double> semitones;
  std::vector<std::string_view> names;
};

// The names and notes are TidalCycles' (1.10); `7`, `9`, `sus` and their like are Strudel's.
const std::vector<ChordKind>& chord_kinds() {
  static const std::vector<ChordKind> all{
      {{0, 4, 7}, {"major", "maj", "M"}},
      {{0, 4, 8}, {"aug", "plus", "sharp5"}},
      {{0, 4, 7, 9}, {"six", "6"}},
      {{0, 4, 7, 9, 14}, {"sixNine", "six9", "sixby9", "6by9"}},
      {{0, 4, 7, 11}, {"major7", "maj7", "M7"}},
      {{0, 4, 7, 11, 14}, {"major9", "maj9", "M9"}},
      {{0, 4, 7, 14}, {"add9", "dom9", "add2"}},
      {{0, 4, 7, 11, 14, 17}, {"major11", "maj11", "M11"}},
      {{0, 4, 7, 17}, {"add11", "dom11"}},
      {{0, 4, 7, 11, 14, 21}, {"major13", "maj13", "M13"}},
      {{0, 4, 7, 21}, {"add13", "dom13"}},
      {{0, 4, 7, 10}, {"dom7", "7"}},
      {{0, 4, 6, 10}, {"sevenFlat5", "7f5"}},
      {{0, 4, 8, 10}, {"sevenSharp5", "7s5", "aug7"}},
      {{0, 4, 7, 10, 13}, {"sevenFlat9", "7f9"}},
      {{0, 4, 7, 10, 14}, {"nine", "9"}},
      {{0, 4, 7, 10, 14, 17}, {"eleven", "11"}},
      {{0, 4, 7, 10, 14, 17, 21}, {"thirteen", "13"}},
      {{0, 3, 7}, {"minor", "min", "m"}},
      {{0, 3, 6}, {"diminished", "dim"}},
      {{0, 3, 8}, {"minorSharp5", "msharp5", "mS5"}},
      {{0, 3, 7, 9}, {"minor6", "min6", "m6"}},
      {{0, 3, 9, 7, 14}, {"minorSixNine", "minor69", "min69", "minSixNine", "m69", "mSixNine", "m6by9"}},
      {{0, 3, 6, 10}, {"minor7flat5", "minor7f5", "min7flat5", "min7f5", "m7flat5", "m7f5", "m7b5", "halfDim"}},
      {{0, 3, 7, 10}, {"minor7", "min7", "m7"}},
      {{0, 3, 8, 10}, {"minor7sharp5", "minor7s5", "min7sharp5", "min7s5", "m7sharp5", "m7s5"}},
      {{0, 3, 7, 10, 13}, {"minor7flat9", "minor7f9", "min7flat9", "min7f9", "m7flat9", "m7f9"}},
      {{0, 3, 7, 10, 15}, {"minor7sharp9", "minor7s9", "min7sharp9", "min7s9", "m7sharp9", "m7s9"}},
      {{0, 3, 6, 9}, {"diminished7", "dim7"}},
      {{0, 3, 7, 10, 14}, {"minor9", "min9", "m9"}},
      {{0, 3, 7, 10, 14, 17}, {"minor11", "min11", "m11"}},
      {{0, 3, 7, 10, 14, 17, 21}, {"minor13", "min13", "m13"}},
      {{0, 3, 7, 11}, {"minorMajor7", "minMaj7", "mmaj7"}},
      {{0}, {"one", "1"}},
      {{0, 7}, {"five", "5"}},
      {{0, 2, 7}, {"sus2"}},
      {{0, 5, 7}, {"sus4", "sus"}},
      {{0, 2, 7, 10}, {"sevenSus2", "7sus2"}},
      {{0, 5, 7, 10}, {"sevenSus4", "7sus4", "7sus"}},
      {{0, 5, 7, 10, 14}, {"nineSus4", "ninesus4", "9sus4"}},
      {{0, 4, 7, 10, 15}, {"sevenFlat10", "7f10"}},
      {{0, 1, 13}, {"nineSharp5", "9sharp5", "9s5"}},
      {{0, 1, 14}, {"minor9sharp5", "minor9s5", "min9sharp5", "min9s5", "m9sharp5", "m9s5"}},
      {{0, 4, 8, 10, 13}, {"sevenSharp5flat9", "7s5f9"}},
      {{0, 3, 8, 10, 13}, {"minor7sharp5flat9", "m7sharp5flat9"}},
      {{0, 4, 7, 10, 14, 18}, {"elevenSharp", "11s"}},
      {{0, 3, 7, 10, 14, 18}, {"minor11sharp", "m11sharp", "m11s"}},
  };
  return all;
}

std::optional<int> whole_number(std::string_view digits) {
  int n = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (digits.empty() || read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return std::nullopt;
  return n;
}

// `i` inversions, `o` open, `d2` the second voice from the top an octave down, `5` so many notes up the octaves.
bool modify(std::vector<double>& notes, std::string_view modifier) {
  constexpr int kMostNotes = 64;
  if (modifier == "o") {
    if (notes.size() > 2)
      notes = [&] {
        std::vector<double> open{notes[0] - 12, notes[2] - 12, notes[1]};
        open.insert(open.end(), notes.begin() + 3, notes.end());
        return open;
      }();
    return true;
  }
  if (!modifier.empty() && modifier.find_first_not_of('i') == std::string_view::npos) {
    for (std::size_t i = 0; i < modifier.size(); ++i) {
      notes.front() += 12;
      std::rotate(notes.begin(), notes.begin() + 1, notes.end());
    }
    return true;
  }
  if (modifier.starts_with('d')) {
    const auto n = whole_number(modifier.substr(1));
    if (!n || *n < 1) return false;
    if (static_cast<std::size_t>(*n) > notes.size()) return true;
    const auto voice = notes.end() - *n;
    const double dropped = *voice - 12;
    notes.erase(voice);
    notes.insert(notes.begin(), dropped);
    return true;
  }
  const auto count = whole_number(modifier);
  if (!count || *count < 1 || *count > kMostNotes) return false;
  const std::size_t size = notes.size();
  for (std::size_t i = size; i < static_cast<std::size_t>(*count); ++i) notes.push_back(notes[i - size] + 12);
  notes.resize(static_cast<std::size_t>(*count));
  return true;
}

std::optional<double> root_from_name(std::string_view word) {
  double number = 0;
  const auto read = std::from_chars(word.data(), word.data() + word.size(), number);
  if (!word.empty() && read.ec == std::errc() && read.ptr == word.data() + word.size() && std::isfinite(number)) return number;
  return note_from_name(word);
}

}  // namespace

const std::vector<double>* find_chord(std::string_view name) {
  for (const ChordKind& kind : chord_kinds())
    if (std::find(kind.names.begin(), kind.names.end(), name) != kind.names.end()) return &kind.semitones;
  return nullptr;
}

std::vector<std::string> chord_names() {
  std::vector<std::string> names;
  for (const ChordKind& kind : chord_kinds()) names.insert(names.end(), kind.names.begin(), kind.names.end());
  return names;
}

std::optional<double> note_from_name(std::string_view word) {
  static constexpr std::string_view kLetters = "c d ef g a b";  // a semitone a place
  if (word.empty()) return std::nullopt;
  const char first = word[0] >= 'A' && word[0] <= 'G' ? static_cast<char>(word[0] - 'A' + 'a') : word[0];
  const std::size_t place = first == ' ' ? std::string_view::npos : kLetters.find(first);
  if (place == std::string_view::npos) return std::nullopt;
  auto semitones = static_cast<double>(place);
  std::size_t i = 1;
  for (; i < word.size() && i < 4; ++i) {
    const char c = word[i];
    if (c == '#' || c == 's')
      semitones += 1;
    else if (c == 'b' || c == 'f')
      semitones -= 1;
    else
      break;
  }
  if (i == word.size()) return semitones;
  const std::string_view octave = word.substr(i);
  const bool below = octave[0] == '-';
  const auto number = whole_number(below ? octave.substr(1) : octave);
  if (!number || *number > 12) return std::nullopt;
  return semitones + 12 * ((below ? -*number : *number) - 4);
}

std::optional<std::vector<double>> chord_from_name(std::string_view word) {
  std::size_t tick = word.find('\'');
  if (tick == std::string_view::npos) return std::nullopt;
  const auto root = root_from_name(word.substr(0, tick));
  if (!root) return std::nullopt;
  std::optional<std::vector<double>> notes;
  while (tick != std::string_view::npos) {
    const std::size_t begin = tick + 1;
    tick = word.find('\'', begin);
    const std::string_view piece = word.substr(begin, tick == std::string_view::npos ? tick : tick - begin);
    const std::vector<double>* kind = notes ? nullptr : find_chord(piece);
    if (kind) {
      notes = *kind;
    } else {
      if (!notes) notes = std::vector<double>{0, 4, 7};
      if (!modify(*notes, piece)) return std::nullopt;
    }
  }
  for (double& note : *notes) note += *root;
  return notes;
}

}  // namespace hocket
