// The smallest pieces of a program, and the words that start a statement.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lang/source.h"

namespace hocket {

enum class TokenKind : std::uint8_t {
  name,     ///< `lpf`, `every'`, `add.out`
  bus,      ///< `~drums`
  number,   ///< `0.5`, `2k`, `3/16c`, without its sign
  string,   ///< `"bd sn"`
  block,    ///< `""" … """`
  op,       ///< arithmetic, `|+` families, comparison
  sign,     ///< a `-` that belongs to the number after it; made by the parser from an `op`
  pipe,     ///< `#`, `$`
  open,     ///< `(`, `[`, `{`
  close,    ///< `)`, `]`, `}`
  comma,    ///< `,`
  colon,    ///< `:`
  equals,   ///< `=`
  range,    ///< `..`
  dot,      ///< `.` on its own: never right, but other systems' method call
  foreign,  ///< a sign of another system: `;`, `=>`, `->`, `~>`, `<~`, `**`, `++`
  comment,  ///< `-- …`, `// …`
  invalid,  ///< nothing of the language; a diagnostic has been given
  end,      ///< past the last token of a statement
};

struct Token {
  TokenKind kind = TokenKind::end;
  Span span;
  std::string_view text;      ///< of the Source, which must outlive the token
  int line = 1;               ///< of its first byte, from 1
  int column = 1;             ///< in code points, from 1
  int indent = 0;             ///< columns of white space before the first token of its line
  int newlines_before = 0;    ///< line ends between it and the token before
  bool line_start = false;    ///< nothing but white space stands before it on its line
  bool space_before = false;  ///< white space, a comment, or the start of the text

  bool is(TokenKind k) const { return kind == k; }
  bool is(TokenKind k, std::string_view t) const { return kind == k && text == t; }
};

/// One line a token: place, kind, text.
std::string to_text(std::span<const Token>);

std::vector<Token> without_comments(std::span<const Token>);

/// `hush`, `solo`, `record` …: words that make a command when they start a statement.
bool is_command(std::string_view name);
/// `cps tempo bpm quant seed`.
bool is_setting(std::string_view name);

}  // namespace hocket
