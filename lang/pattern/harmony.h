// What musicians call pitches: scales and chords by name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hocket {

/// Semitones above the root within one octave, ascending.
struct Scale {
  std::string_view name;
  std::vector<double> semitones;
};
/// By the names that TidalCycles gives them; null for others.
const Scale* find_scale(std::string_view name);
std::vector<std::string> scale_names();

/// A scale as an argument names it: `minor`, or with its root `c:minor`, `eb3:dorian`.
struct RootedScale {
  const Scale* scale = nullptr;
  double root = 0;
};
std::optional<RootedScale> read_scale(std::string_view word);

/// The note of a degree: octaves beyond the ends, fractions between two degrees.
double scale_note(const std::vector<double>& semitones, double degree);

/// A chord's notes in semitones above its root, by the names that TidalCycles gives them; null for others.
const std::vector<double>* find_chord(std::string_view name);
std::vector<std::string> chord_names();

}  // namespace hocket
