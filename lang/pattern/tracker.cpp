// Reading tracker blocks.
#include "lang/pattern/tracker.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "lang/pattern/function.h"
#include "lang/pattern/mini_text.h"

namespace hocket {
namespace {

constexpr int kMostLines = 4096;

// A piece of the text and where it begins in it.
struct Piece {
  std::string_view text;
  std::size_t at = 0;
};

// What one cell does to its column.
struct Cell {
  std::int64_t tick = 0;      ///< from the start of the block
  std::vector<Value> values;  ///< several for a chord; none: the note before it ends
  Span where;
};

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

std::vector<Piece> split(Piece whole, char separator) {
  std::vector<Piece> pieces;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = whole.text.find(separator, begin);
    const std::size_t length = (end == std::string_view::npos ? whole.text.size() : end) - begin;
    pieces.push_back({whole.text.substr(begin, length), whole.at + begin});
    if (end == std::string_view::npos) return pieces;
    begin = end + 1;
  }
}

std::vector<Piece> words(Piece cell) {
  std::vector<Piece> found;
  for (std::size_t i = 0; i < cell.text.size();) {
    if (is_space(cell.text[i])) {
      ++i;
      continue;
    }
    const std::size_t begin = i;
    while (i < cell.text.size() && !is_space(cell.text[i])) ++i;
    found.push_back({cell.text.substr(begin, i - begin), cell.at + begin});
  }
  return found;
}

// A row without its comment.
Piece without_comment(Piece row) {
  for (std::size_t i = row.text.find("--"); i != std::string_view::npos; i = row.text.find("--", i + 1))
    if (i == 0 || is_space(row.text[i - 1])) return {row.text.substr(0, i), row.at};
  return row;
}

std::optional<int> whole_number(std::string_view digits) {
  int n = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (digits.empty() || read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return std::nullopt;
  return n;
}

// `c4`, `c#4`, `c-4`, or a letter alone. Other words are sounds: `cb` is the cowbell.
std::optional<double> tracker_note(std::string_view word) {
  std::string name(word);
  if (name.size() == 3 && name[1] == '-') name.erase(1, 1);
  const bool octave = name.back() >= '0' && name.back() <= '9';
  return octave || name.size() == 1 ? note_from_name(name) : std::nullopt;
}

class Reader {
 public:
  Reader(std::uint32_t offset, Diagnostics& out) : offset_(offset), out_(out) {}

  bool failed() const { return failed_; }

  void fail(Piece at, std::string message, std::string hint = {}) {
    if (std::exchange(failed_, true)) return;
    out_.push_back({Severity::error, span(at), std::move(message), std::move(hint)});
  }

  std::optional<Cell> read(Piece text, std::int64_t line) {
    const std::vector<Piece> pieces = words(text);
    if (pieces.empty() || (pieces.size() == 1 && is_empty(pieces[0].text))) return std::nullopt;
    Cell cell;
    cell.where = join(span(pieces.front()), span(pieces.back()));
    cell.tick = line * kTicksPerLine;
    const bool ends = pieces[0].text == "===";
    notes_.clear();
    controls_.clear();
    for (std::size_t i = ends ? 1 : 0; i < pieces.size() && !failed_; ++i) take(pieces[i], i == 0, cell);
    if (failed_) return std::nullopt;
    if (ends) {
      if (!controls_.empty()) fail(pieces[1], "the end of a note takes only an offset", "`=== +4`");
      return cell;
    }
    if (notes_.empty() && !controls_.contains("s")) {
      fail(pieces[0], "this cell has no note and no sound for its values", "write the note again, or `...` alone");
      return std::nullopt;
    }
    if (notes_.empty()) cell.values.push_back(Value::controls(controls_));
    for (const double note : notes_) {
      Controls controls = controls_;
      controls.insert_or_assign("note", Value::note(note));
      cell.values.push_back(Value::controls(std::move(controls)));
    }
    return cell;
  }

 private:
  static bool is_empty(std::string_view word) { return word.find_first_not_of('.') == std::string_view::npos; }

  Span span(Piece p) const {
    const auto begin = offset_ + static_cast<std::uint32_t>(p.at);
    return {begin, begin + static_cast<std::uint32_t>(std::max<std::size_t>(p.text.size(), 1))};
  }

  // One word of a cell.
  void take(Piece piece, bool first, Cell& cell) {
    const std::string_view word = piece.text;
    if (is_empty(word)) return;  // `... v32` is caught where the cell turns out to have no note
    if (word[0] == '+') {
      const auto ticks = whole_number(word.substr(1));
      if (!ticks || *ticks < 0 || *ticks >= kTicksPerLine) return fail(piece, "an offset is +0 to +15, in sixteenths of a line");
      cell.tick += *ticks;
    } else if (word[0] == 'v' && word.size() > 1 && MiniText(word.substr(1)).at_digit()) {
      const auto volume = whole_number(word.substr(1));
      if (!volume || *volume > 64) return fail(piece, "a volume is v00 to v64");
      controls_.insert_or_assign("gain", Value(*volume / 64.0));
    } else if (const std::size_t equals = word.find('='); equals != std::string_view::npos) {
      control(piece, equals);
    } else if (const auto note = first ? tracker_note(word) : std::nullopt) {
      notes_.push_back(*note);
    } else if (const auto chord = first ? chord_from_name(word) : std::nullopt) {
      notes_ = *chord;
    } else {
      sound(piece);
    }
  }

  void control(Piece piece, std::size_t equals) {
    const std::string_view name = piece.text.substr(0, equals);
    const std::string_view value = piece.text.substr(equals + 1);
    if (!MiniText(name).at_letter() || value.empty()) return fail(piece, "a control is written name=value", "`cutoff=800`");
    MiniText text(value);
    const auto number = text.take_number();
    const bool whole = number && text.ended();
    controls_.insert_or_assign(std::string(name), whole ? Value(number->value) : Value::word(std::string(value)));
  }

  // An instrument's or a sample folder's name, or the number of a sample.
  void sound(Piece piece) {
    MiniText text(piece.text);
    const auto number = text.take_number();
    if (number && text.ended()) {
      controls_.insert_or_assign("n", Value(number->value));
      return;
    }
    const bool bus = piece.text[0] == '~' && text.at_letter(1);
    if (!bus && !text.at_letter() && !text.at_digit())
      return fail(piece, "`" + std::string(piece.text) + "` is not part of a tracker cell", "`c4 bass v48 +4`, `...` or `===`");
    QueryContext context;
    const Events made = make_control("s", Pattern::pure(Value::word(std::string(piece.text)))).query({0, 1}, context);
    if (controls_.contains("s"))
      return fail(piece, "this cell has two sounds, `" + to_text(controls_["s"]) + "` and `" + std::string(piece.text) + "`");
    for (const auto& [name, value] : made.front().value.map()) controls_.insert_or_assign(name, value);
  }

  std::uint32_t offset_;
  Diagnostics& out_;
  bool failed_ = false;
  std::vector<double> notes_;  // of the cell in hand
  Controls controls_;
};

// An event of the block in every cycle.
struct Note {
  Rational begin;
  Rational end;  ///< may lie in the next cycle
  Value value;
  Span where;
};

// Notes last until the next cell of their column, round the end of the block.
void notes_of(std::vector<Cell> column, std::int64_t ticks, std::vector<Note>& out) {
  std::stable_sort(column.begin(), column.end(), [](const Cell& a, const Cell& b) { return a.tick < b.tick; });
  for (std::size_t i = 0; i < column.size(); ++i) {
    const bool last = i + 1 == column.size();
    const std::int64_t end = last ? column.front().tick + ticks : column[i + 1].tick;
    for (const Value& value : column[i].values)
      if (end > column[i].tick) out.push_back({Rational(column[i].tick, ticks), Rational(end, ticks), value, column[i].where});
  }
}

Pattern repeated(std::vector<Note> notes, int lines) {
  std::sort(notes.begin(), notes.end(), [](const Note& a, const Note& b) { return a.begin < b.begin; });
  std::vector<Pattern> words;
  for (const Note& note : notes)
    if (const auto s = note.value.map().find("s"); s != note.value.map().end()) words.push_back(Pattern::atom(s->second, note.where));
  const auto body = [notes](const TimeSpan& span, QueryContext& context, Events& out) {
    // A note lasts a cycle at most, so those of the cycle before may still sound.
    for (Rational cycle = span.begin.floor() - 1; (cycle < span.end || cycle == span.begin) && context.toil(); cycle += 1) {
      for (const Note& note : notes) {
        const TimeSpan whole{cycle + note.begin, cycle + note.end};
        if (whole.begin > span.end) break;
        const auto part = overlap(whole, span);
        if (!part) continue;
        if (!context.spend()) return;
        out.push_back({whole, *part, note.value, note.where});
      }
    }
  };
  return Pattern(Pattern::Append(body), words, Rational(lines));
}

}  // namespace

Pattern parse_tracker(std::string_view text, std::uint32_t offset, int lines, Diagnostics& out) {
  Reader reader(offset, out);
  if (lines < 1 || lines > kMostLines) {
    reader.fail({text.substr(0, 0), 0}, "a tracker block has 1 to " + std::to_string(kMostLines) + " lines");
    return {};
  }
  std::vector<std::vector<Cell>> columns;
  std::int64_t line = 0;
  for (const Piece& row : split({text, 0}, '\n')) {
    const Piece plain = without_comment(row);
    if (words(plain).empty()) continue;
    if (line == lines) {
      reader.fail(words(plain).front(), "there are more rows than lines=" + std::to_string(lines), "say `lines=` as many, or remove some");
      return {};
    }
    const std::vector<Piece> cells = split(plain, '|');
    if (cells.size() > columns.size()) columns.resize(cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
      auto cell = reader.read(cells[i], line);
      if (reader.failed()) return {};
      if (cell) columns[i].push_back(std::move(*cell));
    }
    ++line;
  }
  std::vector<Note> notes;
  for (std::vector<Cell>& column : columns) notes_of(std::move(column), std::int64_t{lines} * kTicksPerLine, notes);
  return repeated(std::move(notes), lines);
}

}  // namespace hocket
