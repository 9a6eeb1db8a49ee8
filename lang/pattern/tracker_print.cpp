// Writing a pattern as a tracker block.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "lang/pattern/tracker.h"

namespace hocket {
namespace {

struct Placed {
  std::int64_t begin, end;  ///< in ticks
  std::string cell;         ///< without its offset
};

std::optional<std::string> note_name(double semitones) {
  static constexpr std::array kNames{"c", "c#", "d", "d#", "e", "f", "f#", "g", "g#", "a", "a#", "b"};
  if (semitones != std::floor(semitones) || std::abs(semitones) > 60) return std::nullopt;
  const double octave = std::floor(semitones / 12) + 4;
  if (octave < 0) return std::nullopt;
  return kNames[static_cast<std::size_t>(semitones - 12 * (octave - 4))] + std::to_string(static_cast<int>(octave));
}

bool is_plain(const std::string& word) {
  return !word.empty() && word.find_first_of(" \t\n|=+") == std::string::npos && word[0] != '.';
}

// What a cell says of an event, or nothing where it cannot say it.
std::optional<std::string> cell_of(const Value& value) {
  if (value.kind() != Value::Kind::controls) return std::nullopt;
  std::string note, sound, volume, rest;
  for (const auto& [name, control] : value.map()) {
    const std::string text = to_text(control);
    if (control.kind() == Value::Kind::controls || !is_plain(text)) return std::nullopt;
    if (name == "note") {
      const auto named = note_name(control.number());
      if (!named || !control.is_numeric()) return std::nullopt;
      note = *named;
    } else if (name == "s") {
      sound = text;
    } else if (name == "n" && control.is_numeric() && control.number() >= 0) {
      rest += " " + text;
    } else if (name == "gain" && control.is_numeric() && control.number() >= 0 && control.number() <= 1 &&
               control.number() * 64 == std::floor(control.number() * 64)) {
      const int steps = static_cast<int>(control.number() * 64);
      volume = std::string(" v") + (steps < 10 ? "0" : "") + std::to_string(steps);
    } else {
      rest += " " + name + "=" + text;
    }
  }
  if (note.empty() && sound.empty()) return std::nullopt;
  return note + (note.empty() || sound.empty() ? "" : " ") + sound + volume + rest;
}

std::optional<std::int64_t> ticks_of(Rational cycles, std::int64_t ticks) {
  const Rational at = cycles * Rational(ticks);
  return at.den() == 1 ? std::optional(at.num()) : std::nullopt;
}

// The rows of one column: cells, `===` where a note ends before the next, empty lines.
std::optional<std::vector<std::string>> rows_of(std::vector<Placed> column, int lines) {
  const std::int64_t ticks = std::int64_t{lines} * kTicksPerLine;
  std::vector<std::string> rows(static_cast<std::size_t>(lines), "...");
  const auto put = [&](std::int64_t tick, const std::string& cell) {
    std::string& row = rows[static_cast<std::size_t>(tick / kTicksPerLine)];
    if (row != "...") return false;
    row = cell + (tick % kTicksPerLine == 0 ? "" : " +" + std::to_string(tick % kTicksPerLine));
    return true;
  };
  for (std::size_t i = 0; i < column.size(); ++i)
    if (!put(column[i].begin, column[i].cell)) return std::nullopt;
  for (std::size_t i = 0; i < column.size(); ++i) {
    const std::int64_t next = i + 1 < column.size() ? column[i + 1].begin : column.front().begin + ticks;
    if (column[i].end > next) return std::nullopt;
    if (column[i].end < next && !put(modulo(column[i].end, ticks), "===")) return std::nullopt;
  }
  return rows;
}

}  // namespace

std::optional<std::string> to_tracker(const Pattern& pattern, int lines) {
  if (lines < 1) return std::nullopt;
  const std::int64_t ticks = std::int64_t{lines} * kTicksPerLine;
  QueryContext context;
  std::vector<Placed> notes;
  for (const Event& e : tidied(pattern.query({0, 1}, context))) {
    if (!e.whole) return std::nullopt;
    if (!e.has_onset()) continue;  // the end of a note of the cycle before
    const auto begin = ticks_of(e.whole->begin, ticks);
    const auto end = ticks_of(e.whole->end, ticks);
    const auto cell = cell_of(e.value);
    if (!begin || !end || !cell || *end - *begin > ticks) return std::nullopt;
    notes.push_back({*begin, *end, *cell});
  }
  if (context.exhausted) return std::nullopt;
  // Each note goes into the first column that is free by then.
  std::vector<std::vector<Placed>> columns;
  for (const Placed& note : notes) {
    const auto free = std::find_if(columns.begin(), columns.end(), [&](const std::vector<Placed>& column) {
      const bool row_free = column.back().begin / kTicksPerLine != note.begin / kTicksPerLine;
      const bool off_row = column.back().end != note.begin && column.back().end / kTicksPerLine == note.begin / kTicksPerLine;
      return column.back().end <= note.begin && row_free && !off_row && note.end <= column.front().begin + ticks;
    });
    if (free == columns.end())
      columns.push_back({note});
    else
      free->push_back(note);
  }
  std::vector<std::vector<std::string>> grid;
  for (const std::vector<Placed>& column : columns) {
    auto rows = rows_of(column, lines);
    if (!rows) return std::nullopt;
    grid.push_back(std::move(*rows));
  }
  std::string text;
  for (std::size_t line = 0; line < static_cast<std::size_t>(lines); ++line) {
    for (std::size_t c = 0; c < grid.size(); ++c) {
      std::size_t width = 0;
      for (const std::string& cell : grid[c]) width = std::max(width, cell.size());
      const bool last = c + 1 == grid.size();
      text += grid[c][line] + (last ? "" : std::string(width - grid[c][line].size(), ' ') + " | ");
    }
    text += (grid.empty() ? "...\n" : "\n");
  }
  return text;
}

}  // namespace hocket
