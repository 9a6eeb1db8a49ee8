// What an event carries: a number, a note, a word, or a map of controls.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "lang/pattern/flat_map.h"

namespace hocket {

class Value;
/// Control name → value, ordered by name.
using Controls = FlatMap<Value>;

/// `number`: a plain number. `note`: semitones from c4, what arithmetic on note names gives (on a port in Hz a note is
/// converted, a number is not). `word`: any other atom as written (`bd`, `bd:3`, `c#4`, `~pluck`); note and chord names
/// stay words until something reads them as notes. `controls`: a sound's map. Copies share words and maps.
class Value {
 public:
  enum class Kind : std::uint8_t { number, note, word, controls };

  Value() : number_(0) {}
  Value(double number) : number_(number) {}  // NOLINT
  Value(const Value& other) noexcept : kind_(other.kind_) {
    assign(other);
    if (shares()) shared_->holders.fetch_add(1, std::memory_order_relaxed);
  }
  Value(Value&& other) noexcept : kind_(other.kind_) {
    assign(other);
    other.kind_ = Kind::number;
  }
  Value& operator=(const Value& other) noexcept {
    if (this != &other) *this = Value(other);
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    if (this == &other) return *this;
    if (shares()) let_go();
    kind_ = other.kind_;
    assign(other);
    other.kind_ = Kind::number;
    return *this;
  }
  ~Value() {
    if (shares()) let_go();
  }
  static Value note(double semitones);
  static Value word(std::string text);
  static Value controls();  ///< an empty map, to be filled
  static Value controls(Controls map);

  Kind kind() const { return kind_; }
  bool is_numeric() const { return !shares(); }
  double number() const { return shares() ? 0 : number_; }  ///< number and note; 0 otherwise
  const std::string& text() const;                          ///< word; "" otherwise
  const Controls& map() const;                              ///< controls; empty otherwise
  /// The map of `controls`, to be changed: where others have it too, it is copied first.
  Controls& own_map();
  /// False for 0, and for the words `0 f false`; true otherwise.
  bool truth() const;

  friend bool operator==(const Value&, const Value&);

 private:
  struct Shared {
    std::atomic<std::uint32_t> holders{1};
  };
  struct Word;
  struct Map;
  struct Spare;

  bool shares() const { return kind_ >= Kind::word; }
  void assign(const Value& other) {
    if (shares())
      shared_ = other.shared_;
    else
      number_ = other.number_;
  }
  void let_go() {
    if (shared_->holders.load(std::memory_order_acquire) == 1 || shared_->holders.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy();
  }
  void destroy();

  Kind kind_ = Kind::number;
  union {
    double number_;   // number and note
    Shared* shared_;  // a Word or a Map, as `kind_` says
  };
};

/// As JSON: numbers shortest, words quoted, controls an object.
std::string to_json(const Value&);
/// As the documentation writes it: `0.5`, `bd:3`, `{n: 1, s: bd}`.
std::string to_text(const Value&);
/// The shortest decimal that reads back as x; 0 for what is not finite.
std::string shortest(double x);

}  // namespace hocket
