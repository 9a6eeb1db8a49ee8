// Other systems' forms → ours, as far as a hint needs it.
#include "lang/foreign.h"

#include <algorithm>
#include <array>
#include <vector>

#include "lang/layout.h"
#include "lang/pattern/function.h"

namespace hocket {
namespace {

constexpr std::size_t kLongestHint = 200;
constexpr int kDeepest = 20;
constexpr std::size_t kFarthest = 2000;  // tokens of a call: the look ahead costs the same at every level of nesting
const Token kNothing;

/// What a word is called here. Of SuperCollider's units the first `kept` arguments mean the same; the first of a filter is
/// its signal.
struct WordRow {
  std::string_view theirs, ours;
  std::size_t kept = 0;
  bool filter = false;
};
constexpr auto kWords = std::to_array<WordRow>({
    {"sound", "s"},
    {"SinOsc.ar", "sine", 1},
    {"SinOsc.kr", "sine", 1},
    {"Saw.ar", "saw", 1},
    {"LFSaw.ar", "saw", 1},
    {"LFSaw.kr", "saw", 1},
    {"Pulse.ar", "square", 1},
    {"LFPulse.ar", "square", 1},
    {"LFTri.ar", "tri", 1},
    {"LFTri.kr", "tri", 1},
    {"Impulse.ar", "impulse", 1},
    {"WhiteNoise.ar", "noise"},
    {"PinkNoise.ar", "pink"},
    {"LPF.ar", "lpf", 2, true},
    {"RLPF.ar", "lpf", 2, true},
    {"HPF.ar", "hpf", 2, true},
    {"RHPF.ar", "hpf", 2, true},
});
/// Words that take one list where others take several arguments.
constexpr auto kListed =
    std::to_array<std::string_view>({"stack", "cat", "slowcat", "fastcat", "randcat", "polymeter", "choose", "layer", "mix"});

const WordRow* row_of(std::string_view word) {
  const auto row = std::find_if(kWords.begin(), kWords.end(), [&](const WordRow& r) { return r.theirs == word; });
  return row == kWords.end() ? nullptr : &*row;
}

std::string_view our_word(std::string_view word) {
  const WordRow* row = row_of(word);
  return row == nullptr ? word : row->ours;
}

/// `s.fast` of `s.fast(2)` is a method; `SinOsc.ar` and `add.out` are words.
std::size_t method_point(std::string_view name) {
  const std::size_t point = name.rfind('.');
  if (point == std::string_view::npos) return point;
  for (const std::string_view part : {"ar", "kr", "in", "out", "mix", "squeeze", "squeezeout", "trig", "reset", "restart", "poly"}) {
    if (name.substr(point + 1) == part) return std::string_view::npos;
  }
  return point;
}

bool called(const Token& name, const Token& bracket) {
  return (name.is(TokenKind::name) || name.is(TokenKind::bus)) && bracket.is(TokenKind::open, "(") && !bracket.space_before;
}

bool atomic(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '(' || c == '[') ++depth;
    if (c == ')' || c == ']') --depth;
    if (c == ' ' && depth == 0) return false;
  }
  return true;
}

/// Reads tokens and writes what they would be here. What it does not understand makes it give up.
class Translation {
 public:
  Translation(std::span<const Token> tokens, std::size_t at) : tokens_(tokens), at_(at) {}

  /// Empty: not understood.
  std::string expression() {
    std::string text = operand("");
    while (ok_ && (binding(peek()) >= 0 || peek().is(TokenKind::pipe))) {
      const Token& op = tokens_[at_++];
      text += " " + std::string(op.text) + " " + operand("");
    }
    return ok_ && text.size() <= kLongestHint ? text : "";
  }
  std::string single_operand() {
    const std::string text = operand("");
    return ok_ && text.size() <= kLongestHint ? text : "";
  }
  bool at_end() const { return at_ >= tokens_.size() || tokens_[at_].is(TokenKind::foreign, ";"); }

 private:
  std::span<const Token> tokens_;
  std::size_t at_;
  int depth_ = 0;
  bool ok_ = true;

  const Token& peek(std::size_t ahead = 0) const { return at_ + ahead < tokens_.size() ? tokens_[at_ + ahead] : kNothing; }
  std::string give_up() {
    ok_ = false;
    return "";
  }

  /// A value and the methods called on it. `self` is the parameter of the arrow function around it.
  std::string operand(std::string_view self) {
    if (++depth_ > kDeepest) return give_up();
    std::string text = value(self);
    while (ok_ && peek().is(TokenKind::dot) && peek(1).is(TokenKind::name)) {
      const bool composition = peek(1).space_before;
      ++at_;
      if (composition) {
        text += " $ " + operand("");
      } else {
        method(text, tokens_[at_++].text);
      }
    }
    --depth_;
    return text;
  }

  void method(std::string& text, std::string_view name) {
    const bool has_arguments = peek().is(TokenKind::open, "(") && !peek().space_before;
    const std::string call = has_arguments ? called_with(name) : std::string(our_word(name));
    if (name == "play") return;
    if (!text.empty()) text += find_function(our_word(name)) != nullptr ? " $ " : " # ";
    text += call;
  }

  std::string value(std::string_view self) {
    const Token token = peek();
    ++at_;
    switch (token.kind) {
      case TokenKind::number:
      case TokenKind::string:
        return std::string(token.text);
      case TokenKind::op:
      case TokenKind::sign:
        return token.text == "-" ? "-" + value(self) : give_up();
      case TokenKind::name:
      case TokenKind::bus:
        return word(token, self);
      case TokenKind::open:
        return bracket(token, self);
      default:
        return give_up();
    }
  }

  std::string word(const Token& token, std::string_view self) {
    if (peek().is(TokenKind::foreign, "=>")) {
      ++at_;
      const std::string body = operand(token.text);
      return atomic(body) ? body : "(" + body + ")";
    }
    if (!self.empty() && token.text == self) return "";
    if (called(token, peek())) {
      const std::size_t point = method_point(token.text);
      if (point == std::string_view::npos) return called_with(token.text);
      std::string text(token.text.substr(0, point) == self ? "" : token.text.substr(0, point));
      method(text, token.text.substr(point + 1));
      return text;
    }
    std::string text(our_word(token.text));
    while (ok_ && starts_argument()) text += " " + value(self);
    return text;
  }

  bool starts_argument() const {
    const bool juxtaposed = peek().space_before && !peek().line_start;
    switch (peek().kind) {
      case TokenKind::name:
      case TokenKind::bus:
      case TokenKind::number:
      case TokenKind::string:
      case TokenKind::open:
        return juxtaposed;
      default:
        return false;
    }
  }

  std::string bracket(const Token& open, std::string_view self) {
    if (open.text == "{") {  // a function of SuperCollider: what it gives counts
      const std::string inside = enclosed("}");
      return inside;
    }
    if (open.text == "(") {
      const std::string inside = enclosed(")");
      return !self.empty() || inside.empty() ? inside : "(" + inside + ")";
    }
    return "[" + join(entries("]"), ", ") + "]";
  }

  std::string enclosed(std::string_view closing) {
    const std::string inside = expression();
    if (!peek().is(TokenKind::close, closing)) return give_up();
    ++at_;
    return inside;
  }

  std::vector<std::string> entries(std::string_view closing) {
    std::vector<std::string> list;
    while (ok_ && !peek().is(TokenKind::close)) {
      list.push_back(expression());
      if (!peek().is(TokenKind::comma)) break;
      ++at_;
    }
    if (!peek().is(TokenKind::close, closing)) give_up();
    ++at_;
    return list;
  }

  static std::string join(const std::vector<std::string>& parts, std::string_view between) {
    std::string text;
    for (const std::string& part : parts) {
      if (!text.empty()) text += between;
      text += part;
    }
    return text;
  }

  /// `word(a, b)`, from its bracket on.
  std::string called_with(std::string_view name) {
    ++at_;
    std::vector<std::string> list = entries(")");
    const std::string ours(our_word(name));
    if (name.ends_with(".ar") || name.ends_with(".kr")) {
      const WordRow* row = row_of(name);
      if (row == nullptr || (row->filter && list.size() < row->kept)) return give_up();
      list.resize(std::min(list.size(), row->kept));
      if (row->filter) return list[0] + " # " + ours + " " + (atomic(list[1]) ? list[1] : "(" + list[1] + ")");
    }
    if (std::find(kListed.begin(), kListed.end(), ours) != kListed.end() && list.size() > 1) return ours + " [" + join(list, ", ") + "]";
    for (std::string& argument : list) {
      if (!atomic(argument)) argument = "(" + argument + ")";
    }
    return list.empty() ? ours : ours + " " + join(list, " ");
  }
};

std::string expression_from(std::span<const Token> tokens, std::size_t at) {
  Translation translation(tokens, at);
  std::string text = translation.expression();
  return translation.at_end() ? text : "";
}

Diagnostic foreign(Span span, std::string message, const std::string& hint) {
  return {Severity::error, span, std::move(message), hint.empty() ? "" : "here it is written `" + hint + "`"};
}

/// The `d1` of `d1 $ sound "bd"`.
bool tidal_output(std::string_view name) {
  return name.size() >= 2 && name.size() <= 3 && name[0] == 'd' &&
         std::all_of(name.begin() + 1, name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

const Token& token_at(std::span<const Token> tokens, std::size_t i) {
  return i < tokens.size() ? tokens[i] : kNothing;
}

std::optional<Diagnostic> assignment(std::span<const Token> tokens) {
  const bool declared = tokens[0].is(TokenKind::name) && (tokens[0].text == "let" || tokens[0].text == "var" || tokens[0].text == "const");
  const std::size_t name = declared && token_at(tokens, 1).is(TokenKind::name) ? 1 : 0;
  const bool named = tokens[name].is(TokenKind::name) || tokens[name].is(TokenKind::bus);
  if (!named || !token_at(tokens, name + 1).is(TokenKind::equals)) return {};
  const std::string word(tokens[name].text);
  const bool plain = is_setting(word) || tokens[name].is(TokenKind::bus);
  const std::string value = expression_from(tokens, name + 2);
  return foreign(tokens[name + 1].span, "a definition is made with `:`, not with `=`",
                 (plain ? word : "~" + word) + ": " + (value.empty() ? "…" : value));
}

std::optional<Diagnostic> tempo(std::span<const Token> tokens) {
  std::string_view word = tokens[0].text;
  const bool set = word == "setcps" || word == "setcpm" || word == "setbpm";
  if (set) word.remove_prefix(3);
  const bool value = token_at(tokens, 1).is(TokenKind::number) || token_at(tokens, 1).is(TokenKind::open, "(");
  if (!value || !(set || is_setting(word))) return {};
  std::string text = expression_from(tokens, 1);
  if (text.starts_with('(') && text.ends_with(')')) text = text.substr(1, text.size() - 2);
  if (text.empty()) text = "…";
  const std::string ours = word == "cpm" ? "cps: (" + text + ") / 60" : std::string(word) + ": " + text;
  return foreign(tokens[0].span, "`" + std::string(tokens[0].text) + "` is set with a colon", ours);
}

}  // namespace

std::optional<Diagnostic> foreign_statement(std::span<const Token> tokens) {
  const Token& first = tokens[0];
  const Token& second = token_at(tokens, 1);
  if (first.is(TokenKind::pipe, "$") && second.is(TokenKind::colon)) {
    const std::string rest = expression_from(tokens, 2);
    return foreign(join(first.span, second.span), "`$:` is Strudel's way to play a pattern", "o1: " + (rest.empty() ? "…" : rest));
  }
  if (first.is(TokenKind::name) && tidal_output(first.text) && !second.is(TokenKind::colon) && !second.is(TokenKind::end)) {
    const std::string rest = expression_from(tokens, second.is(TokenKind::pipe, "$") ? 2 : 1);
    const std::string output = "o" + std::string(first.text.substr(1));
    return foreign(first.span, "`" + std::string(first.text) + "` is TidalCycles' way to play a pattern",
                   output + ": " + (rest.empty() ? "…" : rest));
  }
  if (auto found = assignment(tokens)) return found;
  if (!first.is(TokenKind::name)) return {};
  if (auto found = tempo(tokens)) return found;
  if (is_command(first.text) && called(first, second) && token_at(tokens, 2).is(TokenKind::close, ")")) {
    return foreign(join(first.span, tokens[2].span), "a command is called without brackets", std::string(first.text));
  }
  return {};
}

std::optional<Diagnostic> foreign_operand(std::span<const Token> tokens, std::size_t begin) {
  const Token& first = tokens[begin];
  const Token& second = token_at(tokens, begin + 1);
  if (first.is(TokenKind::open, "{")) {
    if (!second.is(TokenKind::name) && !second.is(TokenKind::bus)) return {};
    const std::string text = Translation(tokens, begin).single_operand();
    if (text.empty()) return {};
    return foreign(first.span, "braces hold a map here, not a function", text);
  }
  std::size_t last = begin;  // of the operand, without methods
  bool several = false;
  bool arrow = false;
  const bool call = called(first, second);
  if (call || first.is(TokenKind::open)) {
    int depth = 0;
    const std::size_t far = std::min(tokens.size(), begin + kFarthest);
    for (last = call ? begin + 1 : begin; last < far; ++last) {
      if (tokens[last].is(TokenKind::open)) ++depth;
      if (tokens[last].is(TokenKind::close) && --depth == 0) break;
      several = several || (call && depth == 1 && tokens[last].is(TokenKind::comma));
      arrow = arrow || tokens[last].is(TokenKind::foreign, "=>");
    }
    if (last == far) return {};
  }
  const bool empty = call && last == begin + 2;
  const bool methods = (call && method_point(first.text) != std::string_view::npos) ||
                       (token_at(tokens, last + 1).is(TokenKind::dot) && token_at(tokens, last + 2).is(TokenKind::name));
  const bool theirs = call && our_word(first.text) != first.text;
  const bool one_atom = call && last == begin + 3;
  if (!methods && !several && !arrow && !empty && !theirs && !one_atom) return {};
  const std::string text = Translation(tokens, begin).single_operand();
  if (methods) {
    const bool composition = token_at(tokens, last + 1).is(TokenKind::dot) && token_at(tokens, last + 2).space_before;
    const Span span = token_at(tokens, last + 1).is(TokenKind::dot) ? tokens[last + 1].span : first.span;
    return foreign(span,
                   composition ? "functions are chained with `$`, not with `.`"
                               : "there are no methods here: `#` and `$` pass on what stands on their left",
                   text);
  }
  Diagnostic found = foreign(join(first.span, tokens[last].span), "arguments stand behind the name, separated by spaces", text);
  if (one_atom && !theirs && !arrow) {
    found.severity = Severity::warning;
    found.message = "a single argument needs no brackets";
  }
  return found;
}

}  // namespace hocket
