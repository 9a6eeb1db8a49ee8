// UTF-8, as much of it as placing a caret needs.
#pragma once

#include <cstddef>
#include <string_view>

namespace hocket {

/// Bytes of the code point that starts at `text[at]`, 1 to 4; 0 where the bytes there are not UTF-8 (overlong forms and
/// surrogates are not). Source: The Unicode Standard 15.0, table 3-7.
std::size_t utf8_length(std::string_view text, std::size_t at);

/// Code points in `text`; a byte that is not UTF-8 counts as one.
std::size_t utf8_count(std::string_view text);

}  // namespace hocket
