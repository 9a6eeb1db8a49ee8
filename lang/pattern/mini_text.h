// The characters of mini-notation: what may stand in a word, how numbers are written.
#pragma once

#include <optional>
#include <string_view>

#include "lang/pattern/time.h"

namespace hocket {

/// A cursor over mini-notation text. Past the end it reads as '\0'.
class MiniText {
 public:
  explicit MiniText(std::string_view text) : text_(text) {}

  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool ended() const { return at_ >= text_.size(); }
  std::size_t at() const { return at_; }
  void skip(std::size_t bytes = 1) { at_ = at_ + bytes < text_.size() ? at_ + bytes : text_.size(); }
  void skip_space();
  std::string_view since(std::size_t begin) const { return text_.substr(begin, at_ - begin); }

  bool at_digit(std::size_t ahead = 0) const;
  bool at_letter(std::size_t ahead = 0) const;
  /// A number may begin here: `3`, `-3`, `.5`, `-.5`.
  bool at_number() const;
  /// Nothing that belongs to a step follows `ahead` bytes on: space, end, a bracket or a separator.
  bool at_break(std::size_t ahead = 0) const;
  /// Bytes of the character here (1 where it is ASCII or not UTF-8).
  std::size_t character_size() const;

  struct Number {
    double value = 0;
    Rational exact;
  };
  /// Takes a number, if what stands here is one as a whole (`808` is, `808bd` is not).
  std::optional<Number> take_number();
  /// Takes a word: a letter, a digit or `~`, then anything but space, brackets and operators.
  std::string_view take_word();

 private:
  bool at_word_character() const;
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace hocket
