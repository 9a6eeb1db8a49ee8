// Where statements begin and end.
#include "lang/layout.h"

#include "lang/program.h"

namespace hocket {
namespace {

const Token kNothing;

class Layout {
 public:
  explicit Layout(std::span<const Token> tokens) : tokens_(tokens) {}

  std::vector<TokenRange> run() {
    std::vector<TokenRange> ranges;
    for (std::size_t i = 0; i < tokens_.size();) {
      const std::size_t end = statement_end(i);
      ranges.push_back({i, end});
      i = end;
    }
    return ranges;
  }

 private:
  std::span<const Token> tokens_;

  const Token& at(std::size_t i) const { return i < tokens_.size() ? tokens_[i] : kNothing; }

  std::size_t statement_end(std::size_t begin) const {
    const int indent = tokens_[begin].indent;
    std::vector<char> open;
    for (std::size_t i = begin; i < tokens_.size(); ++i) {
      const Token& token = tokens_[i];
      if (i > begin && token.line_start && token.indent <= indent) {
        const bool goes_on = open.empty() ? continues(i) : !starts_definition(i, open.back() == '{');
        if (!goes_on) return i;
      }
      if (token.is(TokenKind::open)) open.push_back(token.text[0]);
      if (token.is(TokenKind::close) && !open.empty()) open.pop_back();
    }
    return tokens_.size();
  }

  bool continues(std::size_t i) const {
    if (at(i).is(TokenKind::pipe)) return !at(i + 1).is(TokenKind::colon);  // `$:` starts a line of Strudel
    return binding(at(i)) >= 0;
  }

  /// Inside braces `name:` is an entry, unless it is an output.
  bool starts_definition(std::size_t i, bool braces) const {
    const Token& first = at(i);
    const Token& second = at(i + 1);
    if (first.is(TokenKind::bus)) return second.is(TokenKind::colon);
    if (!first.is(TokenKind::name)) return false;
    if (first.text == "fn" || first.text == "synth") return second.is(TokenKind::name);
    if (second.is(TokenKind::colon)) return !braces || is_output(first.text);
    const bool argument = second.is(TokenKind::bus) || second.is(TokenKind::name) || second.is(TokenKind::string) ||
                          second.is(TokenKind::end) || second.line_start;
    return is_command(first.text) && argument;
  }
};

}  // namespace

std::vector<TokenRange> statements(std::span<const Token> tokens) {
  return Layout(tokens).run();
}

int binding(const Token& token) {
  if (!token.is(TokenKind::op)) return -1;
  std::string_view sign = token.text;
  if (sign == "<" || sign == ">" || sign == "<=" || sign == ">=" || sign == "==" || sign == "!=") return 0;
  if (sign.starts_with('|')) sign.remove_prefix(1);
  switch (sign[0]) {
    case '^':
      return kPowerBinding;
    case '*':
    case '/':
    case '%':
      return 2;
    default:
      return 1;  // + - and the pattern-aligned < >
  }
}

}  // namespace hocket
