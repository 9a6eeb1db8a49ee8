// A text and places in it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hocket {

/// Half-open range of byte offsets into a Source.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  friend bool operator==(Span, Span) = default;
};

/// The smallest span that holds both.
constexpr Span join(Span a, Span b) {
  return {a.begin < b.begin ? a.begin : b.begin, a.end > b.end ? a.end : b.end};
}

/// Line and column, both from 1; a column counts code points, not bytes.
struct Place {
  int line = 1;
  int column = 1;
};

/// One text handed in: a file, or what a client sent. `name` is what error messages call it.
struct Source {
  std::string name;
  std::string text;

  Place place(std::uint32_t offset) const;
  /// The line (without its end) that holds `offset`.
  std::string_view line_at(std::uint32_t offset) const;
};

}  // namespace hocket
