// What ExpressionReader says where a token cannot stand.
#include "lang/expression.h"
#include "lang/foreign.h"
#include "lang/layout.h"
#include "lang/program.h"

namespace hocket {
namespace {

struct SignRow {
  std::string_view sign, message, hint;
};
constexpr SignRow kForeignSigns[] = {
    {";", "statements end with their line, without `;`", ""},
    {"=>", "`=>` makes no function here", "a function is a word or a section: `every 4 (fast 2)`, `off 1/8 (+ 12)`"},
    {"->", "`->` makes no function here", "define one with `fn name a: …`"},
    {"~>", "`~>` is written `late`", "`\"bd sn\" $ late 0.25`, or `(late 0.25)` as a function"},
    {"<~", "`<~` is written `early`", "`\"bd sn\" $ early 0.25`, or `(early 0.25)` as a function"},
    {"**", "powers are written `^`", "`freq * 2 ^ (note / 12)`"},
    {"++", "patterns are joined with `fastcat` or `cat`, words are not joined", "`cat [\"a b\", \"c\"]`"},
};

std::string quoted(std::string_view text) {
  constexpr std::size_t kLongest = 30;
  const std::size_t line = std::min(text.find('\n'), text.size());
  if (line <= kLongest && line == text.size()) return "`" + std::string(text) + "`";
  std::size_t cut = std::min(line, kLongest);
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) --cut;
  return "`" + std::string(text.substr(0, cut)) + "…`";
}

bool value(const Token& token) {
  switch (token.kind) {
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

}  // namespace

std::string describe(const Token& token) {
  switch (token.kind) {
    case TokenKind::end:
      return "the end of the statement";
    case TokenKind::string:
    case TokenKind::block:
      return "the string " + quoted(token.text);
    case TokenKind::number:
      return "the number " + quoted(token.text);
    default:
      return quoted(token.text);
  }
}

void ExpressionReader::fail(Span span, std::string message, std::string hint) {
  if (failed_) return;
  failed_ = true;
  report(out_, {Severity::error, span, std::move(message), std::move(hint)});
}

void ExpressionReader::fail_open(std::size_t open) {
  const Token& bracket = tokens_[open];
  const std::string closing = bracket.text == "(" ? ")" : bracket.text == "[" ? "]" : "}";
  fail(bracket.span, "this `" + std::string(bracket.text) + "` is never closed", "it ends with a `" + closing + "`");
}

/// No value stands where one has to.
void ExpressionReader::fail_operand() {
  const Token& token = peek();
  const Token& before = at_ > 0 ? tokens_[at_ - 1] : token;
  if (token.is(TokenKind::foreign)) return fail_unexpected();
  if (token.is(TokenKind::end) && !open_.empty()) return fail_open(open_.back());
  const bool ends = token.is(TokenKind::end) || token.is(TokenKind::close) || token.is(TokenKind::comma);
  if (ends && before.is(TokenKind::open)) return fail(join(before.span, token.span), "there is nothing in these brackets");
  if (ends && at_ > 0) {
    const std::string sign = before.is(TokenKind::colon) ? "the colon" : quoted(before.text);
    if (token.is(TokenKind::end)) {
      return fail(before.span, "nothing stands after " + sign, "a statement goes on in the next line if that is indented");
    }
    return fail(before.span, "nothing stands after " + sign, before.is(TokenKind::op) ? "a function is written `(+ 12)`" : "");
  }
  if (token.is(TokenKind::name)) return fail(token.span, quoted(token.text) + " is a word of the language and cannot be a value");
  if (before.is(TokenKind::pipe)) {
    const bool filters = before.text == "#";
    return fail(token.span, "after " + quoted(before.text) + " stands " + (filters ? "a unit, a control or a bus" : "a function") +
                                ", not " + describe(token));
  }
  fail(token.span, describe(token) + " cannot stand here",
       binding(token) >= 0 ? "an operator stands between two values" : "a value was expected");
}

void ExpressionReader::fail_unexpected() {
  const Token& token = peek();
  const Token& before = at_ > 0 ? tokens_[at_ - 1] : token;
  switch (token.kind) {
    case TokenKind::end:
      return fail(token.span, "the statement ends too early");
    case TokenKind::close: {
      if (open_.empty()) return fail(token.span, quoted(token.text) + " closes nothing");
      const Token& open = tokens_[open_.back()];
      return fail(token.span, quoted(token.text) + " does not close the " + quoted(open.text) + " of line " + std::to_string(open.line) +
                                  ", column " + std::to_string(open.column));
    }
    case TokenKind::comma: {
      const bool round = !open_.empty() && tokens_[open_.back()].text == "(";
      return fail(token.span, "a comma stands only in lists `[a, b]` and maps `{a: x, b: y}`",
                  round ? "arguments are separated by spaces: `within 0 0.5 (fast 2)`" : "");
    }
    case TokenKind::colon: {
      const Span defined = join(before.span, token.span);
      const bool definition = before.is(TokenKind::bus) || (before.is(TokenKind::name) && is_output(before.text));
      if (definition && at_ == 1) return fail(defined, "a definition stands where an expression is wanted");
      if (definition && before.line_start && !open_.empty()) return fail_open(open_.back());
      if (definition && before.line_start) {
        return fail(defined, quoted(before.text) + " is indented, so it goes on with the statement above",
                    "a definition starts in the column of the one above");
      }
      if (definition) return fail(defined, "a definition starts on a line of its own");
      const std::string hint = "a sound with a number stands in quotes: `s \"bd:3\"`";
      return fail(token.span, open_.empty() ? "`:` cannot stand here" : "`:` cannot stand in these brackets", hint);
    }
    case TokenKind::equals:
      return fail(token.span, "`=` cannot stand here", "a definition is made with `:`, an argument is named without spaces: `res=0.3`");
    case TokenKind::range:
      return fail(token.span, "a range stands in square brackets", "`[0..7]`");
    case TokenKind::foreign:
      for (const SignRow& row : kForeignSigns) {
        if (row.sign == token.text) return fail(token.span, std::string(row.message), std::string(row.hint));
      }
      return fail(token.span, quoted(token.text) + " cannot stand here");
    case TokenKind::dot:
      return fail(token.span, "`.` cannot stand here", "functions are chained with `$`: `fast 2 $ rev`");
    default:
      break;
  }
  if (token.is(TokenKind::name, "for")) return fail(token.span, "`for` stands in square brackets", "`[saw (freq * i) for i in 1..4]`");
  if (value(before) && value(token)) {
    return fail(token.span, describe(token) + " cannot follow " + describe(before), "an operator is missing: `#`, `$`, `+`, `*` …");
  }
  fail(token.span, describe(token) + " cannot stand here");
}

/// Refuses `sound("bd").fast(2)` and the like at the operand that starts at `head`.
void ExpressionReader::refuse_foreign_call(std::size_t head) {
  if (failed_) return;
  const bool stuck = peek().is(TokenKind::open, "(") && !peek().space_before && !tokens_[head].is(TokenKind::open) && at_ == head + 1;
  if (!stuck && !peek().is(TokenKind::dot)) return;
  const auto form = foreign_operand(tokens_, head);
  if (!form) return;
  if (form->severity == Severity::error) return fail(form->span, form->message, form->hint);
  report(out_, *form);
}

}  // namespace hocket
