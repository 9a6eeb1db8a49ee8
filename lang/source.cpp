// Lines and columns of a text.
#include "lang/source.h"

#include <algorithm>

#include "lang/utf8.h"

namespace hocket {
namespace {

std::size_t line_begin(std::string_view text, std::size_t offset) {
  if (offset == 0) return 0;
  const std::size_t end = text.rfind('\n', offset - 1);
  return end == std::string_view::npos ? 0 : end + 1;
}

}  // namespace

std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) { return byte(i) >= low && byte(i) <= high; };
  const unsigned first = byte(at);
  if (at >= text.size()) return 0;
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(at + 1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool second = follows(at + 1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF);
    return second && follows(at + 2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool second = follows(at + 1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF);
    return second && follows(at + 2) && follows(at + 3) ? 4 : 0;
  }
  return 0;
}

std::size_t utf8_count(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); i += std::max<std::size_t>(utf8_length(text, i), 1)) ++count;
  return count;
}

Place Source::place(std::uint32_t offset) const {
  const std::string_view view = text;
  const std::size_t at = std::min<std::size_t>(offset, view.size());
  const std::size_t begin = line_begin(view, at);
  Place place;
  place.line = 1 + static_cast<int>(std::count(view.begin(), view.begin() + static_cast<std::ptrdiff_t>(begin), '\n'));
  place.column = 1 + static_cast<int>(utf8_count(view.substr(begin, at - begin)));
  return place;
}

std::string_view Source::line_at(std::uint32_t offset) const {
  const std::string_view view = text;
  const std::size_t begin = line_begin(view, std::min<std::size_t>(offset, view.size()));
  std::string_view line = view.substr(begin, view.find('\n', begin) - begin);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace hocket
