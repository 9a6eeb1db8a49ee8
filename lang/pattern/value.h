// What an event carries: a number, a note, a word, or a map of controls.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "lang/pattern/flat_map.h"

namespace hocket {

class Value;
/// Control name → value, ordered by name. Shared and immutable.
using Controls = FlatMap<Value>;

/// `number`: a plain number. `note`: semitones from c4, what arithmetic on note names gives (on a port in Hz a note is
/// converted, a number is not). `word`: any other atom as written (`bd`, `bd:3`, `c#4`, `~pluck`); note and chord names
/// stay words until something reads them as notes. `controls`: a sound's map.
class Value {
 public:
  enum class Kind : std::uint8_t { number, note, word, controls };

  Value() = default;
  Value(double number) : kind_(Kind::number), number_(number) {}  // NOLINT
  static Value note(double semitones);
  static Value word(std::string text);
  static Value controls(Controls map);

  Kind kind() const { return kind_; }
  bool is_numeric() const { return kind_ == Kind::number || kind_ == Kind::note; }
  double number() const { return number_; }  ///< number and note; 0 otherwise
  const std::string& text() const;           ///< word; "" otherwise
  const Controls& map() const;               ///< controls; empty otherwise
  /// False for 0, and for the words `0 f false`; true otherwise.
  bool truth() const;

  friend bool operator==(const Value&, const Value&);

 private:
  Kind kind_ = Kind::number;
  double number_ = 0;
  std::shared_ptr<const void> payload_;  ///< a std::string or Controls, as `kind_` says
};

/// As JSON: numbers shortest, words quoted, controls an object.
std::string to_json(const Value&);
/// As the documentation writes it: `0.5`, `bd:3`, `{n: 1, s: bd}`.
std::string to_text(const Value&);
/// The shortest decimal that reads back as x; 0 for what is not finite.
std::string shortest(double x);

}  // namespace hocket
