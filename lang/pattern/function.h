// A pattern function's one row: signature, doc, example, the events it gives, body.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lang/pattern/pattern.h"

namespace hocket {

using PatternFunction = std::function<Pattern(const Pattern&)>;

/// What an argument may be.
enum class ArgKind : std::uint8_t {
  pattern,   ///< any pattern; a number or string literal serves too
  number,    ///< a patterned number (inner join is the body's business)
  time,      ///< a patterned number read as an exact time or count
  word,      ///< a patterned word
  truth,     ///< a boolean pattern: mini-notation in which Euclid's off steps are false
  constant,  ///< one exact number, not patterned
  function,  ///< pattern → pattern
  list,      ///< a list of any of these; entries may be lists ([weight, pattern])
  map,       ///< {name: value}
  name,      ///< a function's bare name (`spread fast [1, 2]`)
};

struct Arg;
using ArgList = std::vector<Arg>;
/// An argument, already of the kind that the row asks for: `pattern number time word truth` → Pattern, `constant` → Rational,
/// `function` → PatternFunction, `name` → string; list entries → Rational, Pattern, PatternFunction or ArgList as written.
struct Arg {
  std::variant<Pattern, Rational, PatternFunction, ArgList, std::map<std::string, Pattern>, std::string> value;

  const Pattern& pattern() const { return std::get<Pattern>(value); }
  Rational constant() const { return std::get<Rational>(value); }
  const PatternFunction& function() const { return std::get<PatternFunction>(value); }
  const ArgList& list() const { return std::get<ArgList>(value); }
  const std::map<std::string, Pattern>& map() const { return std::get<std::map<std::string, Pattern>>(value); }
  const std::string& name() const { return std::get<std::string>(value); }
};

struct ParamRow {
  const char* name;
  ArgKind kind;
};

/// One function. `subject`: it transforms a pattern, which arrives last in `args` (`p $ fast 2`, `fast 2 p`); otherwise it
/// makes one (`run 4`, `stack [..]`). Where `subject` is false and the row is used as an op (`p $ silence`), `p` is dropped.
struct FunctionRow {
  const char* name;
  std::vector<ParamRow> params;  ///< without the subject
  bool subject;
  const char* doc;      ///< what goes in and out, edges, source
  const char* example;  ///< an expression of the language
  const char* events;   ///< what the example gives in cycle 0, as `to_text` writes it; the test suite checks it
  std::function<Pattern(std::span<const Arg>)> body;
  std::string (*check)(std::span<const Arg>) = nullptr;  ///< optional: an error message for unfit arguments, or ""
  ArgKind subject_kind = ArgKind::pattern;               ///< how a literal subject is read: `pattern`, or `truth` (`"1(3,8)" $ inv`)
};

/// Every row, ordered by name; made once from the files of lang/pattern/functions/.
std::span<const FunctionRow> pattern_functions();
const FunctionRow* find_function(std::string_view name);

/// The function named `name` with `entry` as its argument (an ArgList for several), on `subject`: what `spread fast [1, 2]`
/// does with each entry. Nothing where no such function is, or the entry does not fit it.
std::optional<Pattern> apply_by_name(std::string_view name, const Arg& entry, const Pattern& subject);
/// An entry of a list as a pattern: numbers become constants; functions and lists become silence.
Pattern as_pattern(const Arg&);

/// Binary operators by their sign without bars: + - * / % ^ < > ; structure from `left`, `right` or both.
enum class Structure : std::uint8_t { left, right, both };
Pattern combine(std::string_view sign, Structure, const Pattern& left, const Pattern& right);
/// The operator on two values, as `combine` uses it: numbers, notes (a note name counts from c4) and control maps.
Value apply_operator(std::string_view sign, const Value& left, const Value& right);

/// Continuous patterns by name: sine saw isaw tri square cosine rand perlin and the bipolar sine2 saw2 tri2 square2.
const Pattern* find_signal(std::string_view name);

/// Control makers: `s` splits `bd:3`, the others name the number or word. {"s": "bd"}
Pattern make_control(std::string_view name, const Pattern&);
/// Control words that need no instrument to own them: s n note gain pan speed begin end cut legato attack release …
bool is_control(std::string_view name);
std::span<const std::string_view> control_names();

/// Reads note names, chord names and numbers as notes in semitones from c4 (chords become several events); other values
/// are dropped. Source of names: scientific pitch notation, c4 = MIDI 60.
Pattern as_notes(const Pattern&);
/// The note named by `word` in semitones from c4, if it is one (`c4`, `eb3`, `g#5`, `cs2`, `bf1`, `c` in octave 4).
std::optional<double> note_from_name(std::string_view word);
/// The semitones from c4 of a chord name (`c'maj7`, `e3'min'ii`), if it is one.
std::optional<std::vector<double>> chord_from_name(std::string_view word);

}  // namespace hocket
