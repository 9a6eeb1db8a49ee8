// Reading words and numbers of mini-notation.
#include "lang/pattern/mini_text.h"

#include <charconv>
#include <cmath>

namespace hocket {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_ascii_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

struct CodePoint {
  std::uint32_t code = 0;
  std::size_t bytes = 1;
};

CodePoint decode(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U; };
  const unsigned first = byte(0);
  const std::size_t bytes = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;
  std::uint32_t code = bytes == 1 ? first : first & (0x7fU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return {first, 1};
    code = (code << 6) | (byte(i) & 0x3fU);
  }
  return {code, bytes};
}

// Letters of other scripts may name sounds; signs, quotes, dashes and spaces may not.
bool is_far_letter(std::uint32_t code) {
  return code >= 0xc0 && code != 0xd7 && code != 0xf7 && !(code >= 0x2000 && code < 0x2c00) && !(code >= 0x3000 && code < 0x3040) &&
         !(code >= 0xe000 && code < 0xf900) && !(code >= 0xfe00 && code < 0xfe70) && code < 0x1f000;
}

}  // namespace

void MiniText::skip_space() {
  while (!ended() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')) ++at_;
}

bool MiniText::at_digit(std::size_t ahead) const {
  return is_digit(peek(ahead));
}

bool MiniText::at_letter(std::size_t ahead) const {
  if (is_ascii_letter(peek(ahead))) return true;
  const CodePoint c = decode(text_, at_ + ahead);
  return c.bytes > 1 && is_far_letter(c.code);
}

bool MiniText::at_number() const {
  const std::size_t sign = peek() == '-' ? 1 : 0;
  return at_digit(sign) || (peek(sign) == '.' && at_digit(sign + 1));
}

bool MiniText::at_break(std::size_t ahead) const {
  static constexpr std::string_view kBreaks = " \t\n\r[]{}<>(),|";
  return at_ + ahead >= text_.size() || kBreaks.find(peek(ahead)) != std::string_view::npos;
}

std::size_t MiniText::character_size() const {
  return decode(text_, at_).bytes;
}

bool MiniText::at_word_character() const {
  static constexpr std::string_view kInner = "_'#~-";
  if (at_digit() || at_letter()) return true;
  if (peek() == '\0') return false;
  if (kInner.find(peek()) != std::string_view::npos) return true;
  return (peek() == '.' || peek() == ':') && (at_digit(1) || at_letter(1));
}

std::optional<MiniText::Number> MiniText::take_number() {
  const std::size_t begin = at_;
  if (!at_number()) return std::nullopt;
  if (peek() == '-') ++at_;
  while (at_digit()) ++at_;
  const bool whole = peek() != '.';
  if (peek() == '.' && at_digit(1)) {
    ++at_;
    while (at_digit()) ++at_;
  }
  if (peek() == 'e' && (at_digit(1) || ((peek(1) == '-' || peek(1) == '+') && at_digit(2)))) {
    at_ += 2;
    while (at_digit()) ++at_;
  }
  Number number;
  const std::string_view written = since(begin);
  const auto read = std::from_chars(written.data(), written.data() + written.size(), number.value);
  bool fits = read.ec == std::errc() && std::isfinite(number.value);
  number.exact = Rational::near(number.value);
  if (fits && whole && peek() == '%' && at_digit(1)) {  // 1%8, an exact fraction
    const std::size_t below = at_ + 1;
    ++at_;
    while (at_digit()) ++at_;
    std::int64_t den = 0;
    const std::string_view digits = since(below);
    fits = std::from_chars(digits.data(), digits.data() + digits.size(), den).ec == std::errc() && den != 0;
    if (fits) {
      number.exact = number.exact / Rational(den);
      number.value = number.exact.to_double();
    }
  }
  if (!fits || at_word_character()) {
    at_ = begin;
    return std::nullopt;
  }
  return number;
}

std::string_view MiniText::take_word() {
  const std::size_t begin = at_;
  skip(character_size());
  while (!ended() && at_word_character()) skip(character_size());
  return since(begin);
}

}  // namespace hocket
