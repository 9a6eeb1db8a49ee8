// Text → tokens.
#include "lang/lexer.h"

#include <cctype>
#include <cstdio>

#include "lang/number.h"
#include "lang/program.h"
#include "lang/utf8.h"

namespace hocket {
namespace {

bool letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}
bool digit(char c) {
  return c >= '0' && c <= '9';
}
bool name_char(char c) {
  return letter(c) || digit(c) || c == '\'';
}
bool sign_char(char c) {
  return std::string_view("+-*/%^<>").find(c) != std::string_view::npos;
}

std::uint32_t narrow(std::size_t n) {
  return static_cast<std::uint32_t>(n);
}

/// End of the name that starts at `i`: letters, digits, `_`, `'` and inner points.
std::size_t name_end(std::string_view text, std::size_t i) {
  while (i < text.size() && (name_char(text[i]) || (text[i] == '.' && i + 1 < text.size() && letter(text[i + 1])))) ++i;
  return i;
}

/// Whether a line reads like the start of a definition: what a string that somebody forgot to close must not swallow.
bool reads_like_definition(std::string_view line) {
  const auto skip_spaces = [&](std::size_t i) { return std::min(line.find_first_not_of(" \t", i), line.size()); };
  std::size_t i = skip_spaces(0);
  const bool bus = i + 1 < line.size() && line[i] == '~' && letter(line[i + 1]);
  const std::size_t end = name_end(line, bus ? i + 1 : i);
  const std::string_view name = line.substr(i, end - i);
  i = skip_spaces(end);
  if (name == "fn" || name == "synth") return i > end && i < line.size() && letter(line[i]);
  const bool defines = bus || is_setting(name) || is_output(name);
  return defines && i < line.size() && line[i] == ':' && (i + 1 == line.size() || line[i + 1] == ' ' || line[i + 1] == '\t');
}

class Lexer {
 public:
  Lexer(const Source& source, Diagnostics& out) : text_(source.text), out_(out) {}

  std::vector<Token> run() {
    if (!readable()) return {};
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = line_begin_ = counted_ = 3;
    while (skip_space()) token();
    return std::move(tokens_);
  }

 private:
  std::string_view text_;
  Diagnostics& out_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::size_t line_begin_ = 0;
  int line_ = 1;
  int column_ = 1;           // of `counted_`
  std::size_t counted_ = 0;  // bytes of this line whose columns are counted
  int indent_ = 0;
  int newlines_ = 0;

  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool starts(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  void error(std::size_t begin, std::size_t end, std::string message, std::string hint = "") {
    report(out_, {Severity::error, {narrow(begin), narrow(end)}, std::move(message), std::move(hint)});
  }

  bool readable() {
    if (text_.size() > kLargestSource) {
      error(0, 0, "the text is larger than 1 MB", "send it in parts");
      return false;
    }
    for (std::size_t i = 0; i < text_.size();) {
      const std::size_t length = utf8_length(text_, i);
      const auto c = static_cast<unsigned char>(text_[i]);
      const bool control = (c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7F;
      if (length == 0 || control) {
        char byte[8];
        std::snprintf(byte, sizeof byte, "0x%02X", c);
        error(i, i + 1, length == 0 ? std::string("the text is not UTF-8: byte ") + byte : std::string("a control character, ") + byte);
        return false;
      }
      i += length;
    }
    return true;
  }

  void new_line() {
    ++line_;
    ++newlines_;
    line_begin_ = counted_ = at_;
    column_ = 1;
    indent_ = 0;
  }

  /// Moves to the next token; false at the end of the text.
  bool skip_space() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\n') {
        ++at_;
        new_line();
      } else if (c == ' ' || c == '\t' || c == '\r') {
        ++at_;
      } else if (starts("\xC2\xA0")) {  // no-break space, as pasted from web pages
        at_ += 2;
      } else {
        return true;
      }
    }
    return false;
  }

  int column_of(std::size_t offset) {
    column_ += static_cast<int>(utf8_count(text_.substr(counted_, offset - counted_)));
    counted_ = offset;
    return column_;
  }

  int width_of_indent(std::size_t offset) const {
    int width = 0;
    for (std::size_t i = line_begin_; i < offset; ++i) {
      if (text_[i] == '\t') {
        width = (width / 8 + 1) * 8;
      } else if (static_cast<unsigned char>(text_[i]) != 0xC2) {
        ++width;
      }
    }
    return width;
  }

  /// Adds the token [at_, at_ + length).
  void add(TokenKind kind, std::size_t length) {
    Token token;
    token.kind = kind;
    token.span = {narrow(at_), narrow(at_ + length)};
    token.text = text_.substr(at_, length);
    token.line = line_;
    token.column = column_of(at_);
    const std::uint32_t before = tokens_.empty() ? 0 : tokens_.back().span.end;
    token.newlines_before = newlines_;
    token.line_start = tokens_.empty() || newlines_ > 0;
    if (token.line_start) indent_ = width_of_indent(at_);
    token.indent = indent_;
    token.space_before = tokens_.empty() || before < at_;
    tokens_.push_back(token);
    newlines_ = 0;
    for (std::size_t i = at_; i < at_ + length; ++i) {
      if (text_[i] == '\n') {
        ++line_;
        line_begin_ = counted_ = i + 1;
        column_ = 1;
      }
    }
    at_ += length;
  }

  void invalid(std::size_t length, std::string message, std::string hint = "") {
    error(at_, at_ + length, std::move(message), std::move(hint));
    add(TokenKind::invalid, length);
  }

  std::size_t line_rest() const { return std::min(text_.find('\n', at_), text_.size()) - at_; }

  /// Whether a point here is stuck to a value: then it starts no number.
  bool after_value() const {
    if (tokens_.empty() || tokens_.back().span.end != at_) return false;
    switch (tokens_.back().kind) {
      case TokenKind::name:
      case TokenKind::bus:
      case TokenKind::number:
      case TokenKind::string:
      case TokenKind::block:
      case TokenKind::close:
        return true;
      default:
        return false;
    }
  }

  void token() {
    const char c = peek();
    if (starts("--") || starts("//")) return comment();
    if (letter(c)) return add(TokenKind::name, name_end(text_, at_) - at_);
    if (c == '~') return tilde();
    if (c == '"') return string();
    if (digit(c) || (c == '.' && !after_value())) {
      if (const std::size_t length = number_length(text_, at_); length > 0) return add(TokenKind::number, length);
    }
    if (c == '|' || sign_char(c) || starts("==") || starts("!=")) return op();
    if (starts("=>")) return add(TokenKind::foreign, 2);
    switch (c) {
      case '#':
      case '$':
        return add(TokenKind::pipe, 1);
      case '(':
      case '[':
      case '{':
        return add(TokenKind::open, 1);
      case ')':
      case ']':
      case '}':
        return add(TokenKind::close, 1);
      case ',':
        return add(TokenKind::comma, 1);
      case ':':
        return add(TokenKind::colon, 1);
      case '=':
        return add(TokenKind::equals, 1);
      case ';':
        return add(TokenKind::foreign, 1);
      case '.':
        return peek(1) == '.' ? add(TokenKind::range, 2) : add(TokenKind::dot, 1);
      default:
        return stranger();
    }
  }

  void comment() {
    std::size_t length = line_rest();
    while (length > 0 && (text_[at_ + length - 1] == ' ' || text_[at_ + length - 1] == '\t' || text_[at_ + length - 1] == '\r')) --length;
    add(TokenKind::comment, length);
  }

  void tilde() {
    if (letter(peek(1))) return add(TokenKind::bus, name_end(text_, at_ + 1) - at_);
    if (peek(1) == '>') return add(TokenKind::foreign, 2);
    invalid(1, "`~` alone means a rest, and that only inside quotes", "a bus has its name right after the `~`: `~drums`");
  }

  void op() {
    for (const std::string_view foreign : {"**", "++", "->"}) {
      if (starts(foreign)) return add(TokenKind::foreign, 2);
    }
    if (starts("<~") && !letter(peek(2))) return add(TokenKind::foreign, 2);
    for (const std::string_view comparison : {"<=", ">=", "==", "!="}) {
      if (starts(comparison)) return add(TokenKind::op, 2);
    }
    const bool bar = peek() == '|';
    const std::size_t sign = bar ? 1 : 0;
    if (!sign_char(peek(sign)))
      return invalid(1, "`|` alone has a meaning only inside quotes", "operators on patterns are written `|+`, `+|`, `|+|`");
    add(TokenKind::op, sign + 1 + (peek(sign + 1) == '|' ? 1 : 0));
  }

  void string() {
    const bool triple = starts("\"\"\"");
    const std::size_t quotes = triple ? 3 : 1;
    const std::size_t end = text_.find(triple ? "\"\"\"" : "\"", at_ + quotes);
    if (end != std::string_view::npos && !swallows_definition(at_ + quotes, end)) {
      return add(triple ? TokenKind::block : TokenKind::string, end + quotes - at_);
    }
    const std::size_t length = line_rest();
    error(at_, at_ + quotes, triple ? "this block is never closed" : "this string is never closed",
          triple ? "a block ends with another `\"\"\"`" : "a string ends with another `\"`");
    add(TokenKind::invalid, length);
  }

  /// Whether a line between the quotes reads like a definition: then the closing quote is another string's opening one.
  bool swallows_definition(std::size_t begin, std::size_t end) const {
    const std::string_view inside = text_.substr(begin, end - begin);
    for (std::size_t line = inside.find('\n'); line != std::string_view::npos; line = inside.find('\n', line + 1)) {
      const std::size_t from = begin + line + 1;
      if (reads_like_definition(text_.substr(from, text_.find('\n', from) - from))) return true;
    }
    return false;
  }

  /// Length of what stands between two marks on this line, the marks included; 0 if the second is not near.
  std::size_t enclosed(std::size_t opening, std::string_view closing) const {
    constexpr std::size_t kNear = 200;
    const std::string_view near = text_.substr(at_, kNear);
    const std::size_t end = near.find(closing, opening);
    return end < near.find('\n') ? end + closing.size() : 0;
  }

  void stranger() {
    const std::size_t length = utf8_length(text_, at_);
    const std::string shown = "`" + std::string(text_.substr(at_, length)) + "`";
    const auto quoted = [&](std::size_t all) {
      invalid(std::max(all, length), shown + " does not open a string", "strings stand in straight double quotes: \"bd sn\"");
    };
    if (starts("“") || starts("”") || starts("„")) return quoted(enclosed(3, "”"));
    if (starts("‘") || starts("’")) return quoted(enclosed(3, "’"));
    if (peek() == '\'' || peek() == '`') return quoted(enclosed(1, text_.substr(at_, 1)));
    if (starts("–") || starts("−")) return invalid(length, shown + " is not a minus sign", "write `-`");
    if (length > 1) return invalid(length, shown + " cannot stand here", "names are made of the letters a to z, digits, `_` and `'`");
    invalid(length, shown + " has no meaning outside quotes");
  }
};

}  // namespace

std::vector<Token> lex(const Source& source, Diagnostics& out) {
  return Lexer(source, out).run();
}

}  // namespace hocket
