#include "server/control/midi_phrase.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "lang/pattern/value.h"
#include "server/control/midi_message.h"

namespace hocket {

namespace {

/// One step of a line: what sounds from `on` to `off`, several keys a chord.
struct Step {
  Rational on, off;
  std::vector<int> keys;
  int velocity = 0;
};
using Line = std::vector<Step>;

Rational nearest(Rational x, Rational grid) {
  return grid * Rational((x / grid + Rational(1, 2)).floor());
}

void quantise(std::vector<PlayedNote>& notes, const PhraseForm& form) {
  if (form.grid <= Rational(0)) return;
  const Rational end(form.cycles);
  for (auto& note : notes) {
    const auto length = max(nearest(note.off - note.on, form.grid), form.grid);
    note.on = modulo(nearest(note.on, form.grid), end);
    note.off = note.on + length;
  }
}

// Chords first, then each step into the first line that is free.
std::vector<Line> lines_of(std::vector<PlayedNote> notes, Rational end) {
  std::stable_sort(notes.begin(), notes.end(), [](const PlayedNote& a, const PlayedNote& b) {
    if (a.on != b.on) return a.on < b.on;
    return a.key < b.key;
  });
  std::vector<Step> steps;
  for (const auto& note : notes) {
    const auto on = max(note.on, 0);
    const auto off = min(note.off, end);
    if (on >= off) continue;
    const auto same =
        std::find_if(steps.begin(), steps.end(), [&](const Step& s) { return s.on == on && s.off == off && s.velocity == note.velocity; });
    if (same == steps.end()) {
      steps.push_back({on, off, {note.key}, note.velocity});
    } else if (std::find(same->keys.begin(), same->keys.end(), note.key) == same->keys.end()) {
      same->keys.push_back(note.key);
    }
  }
  std::vector<Line> lines;
  for (auto& step : steps) {
    const auto free = std::find_if(lines.begin(), lines.end(), [&](const Line& l) { return l.back().off <= step.on; });
    if (free == lines.end())
      lines.push_back({std::move(step)});
    else
      free->push_back(std::move(step));
  }
  return lines;
}

std::string keys_text(const std::vector<int>& keys) {
  std::string text;
  for (const int key : keys)  // below octave 0 there are no names to write
    text += (text.empty() ? "" : ",") + (key < 12 ? std::to_string(key - 60) : midi_note_name(key));
  return keys.size() > 1 ? '[' + text + ']' : text;
}

// 127 values in three digits, told apart.
std::string velocity_text(int velocity) {
  return shortest(std::round(velocity / 127. * 1000) / 1000);
}

/// Steps with their lengths, written in the largest unit that counts all of them.
class Writer {
 public:
  void add(const std::string& atom, Rational length) {
    if (length <= Rational(0)) return;
    atoms_.push_back(atom);
    lengths_.push_back(length);
  }
  std::string text(int cycles) const {
    Rational unit = lengths_.empty() ? Rational(1) : lengths_[0];
    for (const auto length : lengths_) unit = {std::gcd(unit.num() * length.den(), length.num() * unit.den()), unit.den() * length.den()};
    std::string text;
    for (std::size_t i = 0; i < atoms_.size(); ++i) {
      const auto weight = (lengths_[i] / unit).num();
      text += (i ? " " : "") + atoms_[i] + (weight == 1 ? "" : '@' + std::to_string(weight));
    }
    return cycles == 1 ? '"' + text + '"' : "\"[" + text + "]/" + std::to_string(cycles) + '"';
  }

 private:
  std::vector<std::string> atoms_;
  std::vector<Rational> lengths_;
};

std::string line_text(const Line& line, int cycles) {
  Writer notes, velocities;
  Rational at;
  for (const auto& step : line) {
    notes.add("~", step.on - at);
    velocities.add("~", step.on - at);
    notes.add(keys_text(step.keys), step.off - step.on);
    velocities.add(velocity_text(step.velocity), step.off - step.on);
    at = step.off;
  }
  notes.add("~", Rational(cycles) - at);
  velocities.add("~", Rational(cycles) - at);
  const bool even = std::all_of(line.begin(), line.end(), [&](const Step& s) { return s.velocity == line[0].velocity; });
  return "note " + notes.text(cycles) + " # vel " + (even ? velocity_text(line[0].velocity) : velocities.text(cycles));
}

}  // namespace

std::string phrase_text(std::vector<PlayedNote> notes, const PhraseForm& form) {
  quantise(notes, form);
  const auto lines = lines_of(std::move(notes), Rational(form.cycles));
  if (lines.empty()) return "silence";
  std::string text;
  for (const auto& line : lines) text += (text.empty() ? "" : ", ") + line_text(line, form.cycles);
  return lines.size() == 1 ? text : "stack [" + text + ']';
}

std::string moves_text(const std::vector<PlayedMove>& moves, double before, const PhraseForm& form) {
  const auto grid = form.grid > Rational(0) ? form.grid : Rational(1, 64);
  const auto step_text = [](double value) { return shortest(std::round(value * 1000) / 1000); };
  Writer writer;
  Rational since;
  std::string value = step_text(before);
  std::size_t next = 0;
  for (Rational at; at < Rational(form.cycles); at += grid) {
    double here = NAN;
    for (; next < moves.size() && moves[next].at < at + grid; ++next) here = moves[next].value;
    const auto text = std::isnan(here) ? value : step_text(here);
    if (text == value) continue;
    writer.add(value, at - since);
    since = at;
    value = text;
  }
  writer.add(value, Rational(form.cycles) - since);
  return writer.text(form.cycles);
}

}  // namespace hocket
