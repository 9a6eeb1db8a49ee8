// Expressions, by precedence climbing. Source of the method: Richards and Whitby-Strevens, "BCPL: the language and its
// compiler", 1979 (operator precedence in recursive descent).
#include "lang/expression.h"

#include <algorithm>

#include "lang/foreign.h"
#include "lang/layout.h"
#include "lang/number.h"
#include "lang/parser.h"

namespace hocket {

/// One level of nesting, for as long as it lives.
class ExpressionReader::Level {
 public:
  explicit Level(ExpressionReader& reader) : reader_(reader) {
    if (++reader_.depth_ > kDeepestNesting)
      reader_.fail(reader_.peek().span, "this is nested deeper than 200 levels", "name a part of it with a bus or a `fn`");
  }
  ~Level() { --reader_.depth_; }
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

 private:
  ExpressionReader& reader_;
};

ExpressionReader::ExpressionReader(std::span<Token> tokens, Diagnostics& out) : tokens_(tokens), out_(out) {
  end_.span = {tokens.back().span.end, tokens.back().span.end};
}

const Token& ExpressionReader::next() {
  const Token& token = peek();
  if (at_ < tokens_.size()) ++at_;
  return token;
}

bool ExpressionReader::take(TokenKind kind) {
  if (!peek().is(kind)) return false;
  ++at_;
  return true;
}

template <class Node>
ExpressionReader::Tree ExpressionReader::make(Span span, Node node, int height) {
  if (height > kTallestTree)
    fail(span, "this expression has more than 500 steps in a row", "name a part of it with a bus, or sum with `mix [a, b, …]`");
  if (failed_) return {};
  return {std::make_shared<const Expr>(Expr{span, std::move(node)}), height};
}

/// `a + b # f x $ g y * 2`: `#` and `$` take everything on their left; operators after their right side take the result.
ExpressionReader::Tree ExpressionReader::pipeline(bool round) {
  Tree left;
  if (!peek().is(TokenKind::pipe)) {
    // `(- 5)` wants its left side, `(-5)` is a number
    const bool minus = peek().is(TokenKind::op, "-");
    left = binding(peek()) >= 0 && (!minus || (round && peek(1).space_before)) ? section() : climb(prefix(), 0);
  }
  while (!failed_ && peek().is(TokenKind::pipe)) {
    const Token op = next();
    const Tree right = application();
    if (failed_) return {};
    const Span span = join(left.expr ? left.expr->span : op.span, right.expr->span);
    left = make(span, PipeExpr{op.text[0], op.span, left.expr, right.expr}, std::max(left.height, right.height) + 1);
    left = climb(left, 0);
  }
  return left;
}

/// `+ 12`, `|+ n "12"`: an operator without its left side, and what follows.
ExpressionReader::Tree ExpressionReader::section() {
  const Token op = next();
  const Tree operand = right_side(binding(op));
  if (failed_) return {};
  return climb(make(join(op.span, operand.expr->span), SectionExpr{std::string(op.text), op.span, operand.expr}, operand.height + 1), 0);
}

/// Adds to `left` every operator that follows and binds at least as tightly as `least`.
ExpressionReader::Tree ExpressionReader::climb(Tree left, int least) {
  while (!failed_ && binding(peek()) >= least && !trailing_operator()) {
    const Token op = next();
    const Tree right = right_side(binding(op));
    if (failed_) return {};
    const Span span = join(left.expr->span, right.expr->span);
    left = make(span, BinaryExpr{std::string(op.text), op.span, left.expr, right.expr}, std::max(left.height, right.height) + 1);
  }
  return failed_ ? Tree{} : left;
}

/// What an operator of this binding takes on its right.
ExpressionReader::Tree ExpressionReader::right_side(int tightness) {
  if (tightness < kPowerBinding) return climb(prefix(), tightness + 1);
  const Level level(*this);  // `2 ^ 3 ^ 4` is `2 ^ (3 ^ 4)`
  if (failed_) return {};
  return climb(prefix(), kPowerBinding);
}

/// `(12 -)`: the operator that a round bracket ends with.
bool ExpressionReader::trailing_operator() const {
  return peek(1).is(TokenKind::close, ")") && !open_.empty() && tokens_[open_.back()].text == "(";
}

ExpressionReader::Tree ExpressionReader::prefix() {
  if (!peek().is(TokenKind::op, "-")) return application();
  if (peek(1).is(TokenKind::number)) return signed_atom();
  const Level level(*this);
  if (failed_) return {};
  const Token minus = next();
  const Tree operand = climb(prefix(), kPowerBinding);
  if (failed_) return {};
  return make(join(minus.span, operand.expr->span), NegateExpr{operand.expr}, operand.height + 1);
}

/// `lpf 800 res=0.3`, or one atom.
ExpressionReader::Tree ExpressionReader::application() {
  const std::size_t begin = at_;
  const Tree head = atom();
  if (failed_) return {};
  const Token& first = tokens_[begin];
  const bool name = first.is(TokenKind::name);
  const bool callable = name || first.is(TokenKind::bus) || first.is(TokenKind::open, "(");
  refuse_foreign_call(begin);
  std::vector<NamedArg> args;
  int height = head.height;
  while (!failed_ && callable && starts_argument(name || !args.empty())) {
    args.push_back(named_argument(height));
    if (!failed_ && peek().is(TokenKind::dot)) refuse_foreign_call(begin);
  }
  if (failed_) return {};
  if (first.is(TokenKind::name, "tracker")) return tracker(first, std::move(args), height);
  if (args.empty()) return head;
  const Span span = join(head.expr->span, args.back().value->span);
  return make(span, CallExpr{head.expr, std::move(args)}, height + 1);
}

bool ExpressionReader::starts_argument(bool after_name) const {
  switch (peek().kind) {
    case TokenKind::name:
      return peek().text != "for";
    case TokenKind::bus:
    case TokenKind::number:
    case TokenKind::string:
    case TokenKind::block:
    case TokenKind::open:
      return true;
    case TokenKind::op:  // `pan -0.5`, but `pan - 0.5` and `pan-0.5` subtract
      return after_name && peek().text == "-" && peek().space_before && peek(1).is(TokenKind::number) && !peek(1).space_before;
    default:
      return false;
  }
}

NamedArg ExpressionReader::named_argument(int& height) {
  NamedArg arg;
  if (peek().is(TokenKind::name) && peek(1).is(TokenKind::equals)) {
    const Token& name = next();
    next();
    arg.name = name.text;
    arg.name_span = name.span;
  }
  const Tree value = signed_atom();
  arg.value = value.expr;
  height = std::max(height, value.height);
  return arg;
}

ExpressionReader::Tree ExpressionReader::signed_atom() {
  if (!peek().is(TokenKind::op, "-") || !peek(1).is(TokenKind::number)) return atom();
  tokens_[at_++].kind = TokenKind::sign;
  return number(true);
}

ExpressionReader::Tree ExpressionReader::atom() {
  if (failed_) return {};
  const Token& token = peek();
  switch (token.kind) {
    case TokenKind::number:
      return number(false);
    case TokenKind::string:
    case TokenKind::block:
      return string();
    case TokenKind::name:
      if (token.text == "for" || token.text == "fn" || token.text == "synth") break;
      next();
      return make(token.span, NameExpr{std::string(token.text)}, 1);
    case TokenKind::bus:
      next();
      return make(token.span, BusExpr{std::string(token.text)}, 1);
    case TokenKind::open: {
      const Level level(*this);
      if (failed_) return {};
      return token.text == "(" ? group() : token.text == "[" ? list() : map();
    }
    default:
      break;
  }
  fail_operand();
  return {};
}

ExpressionReader::Tree ExpressionReader::number(bool negative) {
  const Token& token = next();
  const Span span = negative ? join(tokens_[at_ - 2].span, token.span) : token.span;
  NumberRead read = read_number((negative ? "-" : "") + std::string(token.text));
  if (!read.problem.empty()) fail(span, read.problem, read.hint);
  return make(span, std::move(read.number), 1);
}

ExpressionReader::Tree ExpressionReader::string() {
  const Token& token = next();
  const std::uint32_t quotes = token.is(TokenKind::block) ? 3 : 1;
  StringExpr string;
  string.text = token.text.substr(quotes, token.text.size() - 2 * quotes);
  string.offset = token.span.begin + quotes;
  string.triple = token.is(TokenKind::block);
  return make(token.span, std::move(string), 1);
}

ExpressionReader::Tree ExpressionReader::group() {
  const std::size_t open = at_;
  open_.push_back(at_++);
  Tree inner = pipeline(true);
  if (failed_) return {};
  if (binding(peek()) >= 0) {  // only where the bracket closes right after it
    const Token op = next();
    const auto* looser = std::get_if<BinaryExpr>(&inner.expr->node);
    Token inside;
    inside.kind = TokenKind::op;
    if (looser != nullptr) inside.text = looser->op;
    if (looser != nullptr && binding(inside) < binding(op)) {
      fail(op.span, "`" + std::string(op.text) + "` binds tighter than `" + looser->op + "` here", "put brackets around what it takes");
    }
    inner = make(join(inner.expr->span, op.span), SectionExpr{std::string(op.text), op.span, inner.expr, true}, inner.height + 1);
  }
  if (!close(open)) return {};
  return make(join(span_of(open), span_of(at_ - 1)), GroupExpr{inner.expr}, inner.height + 1);
}

ExpressionReader::Tree ExpressionReader::list() {
  const std::size_t open = at_;
  open_.push_back(at_++);
  ListExpr list;
  int height = 0;
  while (!failed_ && !peek().is(TokenKind::close)) {
    const Tree item = pipeline(false);
    if (failed_) return {};
    if (list.items.empty() && peek().is(TokenKind::range)) return range(tokens_[open], item);
    if (list.items.empty() && peek().is(TokenKind::name, "for")) return comprehension(tokens_[open], item);
    list.items.push_back(item.expr);
    height = std::max(height, item.height);
    if (!take(TokenKind::comma)) break;
  }
  if (!close(open)) return {};
  return make(join(span_of(open), span_of(at_ - 1)), std::move(list), height + 1);
}

ExpressionReader::Tree ExpressionReader::range(const Token& open, Tree from) {
  next();
  const Tree to = pipeline(false);
  if (!failed_ && peek().is(TokenKind::comma)) fail(peek().span, "a range stands alone in its brackets", "`[0..7]`");
  if (failed_ || !close(open_.back())) return {};
  return make(join(open.span, span_of(at_ - 1)), RangeExpr{from.expr, to.expr}, std::max(from.height, to.height) + 1);
}

/// `[body for i in 0..7]`
ExpressionReader::Tree ExpressionReader::comprehension(const Token& open, Tree body) {
  const Token word = next();
  const Token variable = next();
  if (!variable.is(TokenKind::name) || !peek().is(TokenKind::name, "in")) {
    fail(word.span, "after `for` stand a name, `in` and a range or list", "`[saw (freq * i) for i in 1..4]`");
    return {};
  }
  next();
  Tree over = pipeline(false);
  if (!failed_ && take(TokenKind::range)) {
    const Tree to = pipeline(false);
    if (failed_) return {};
    over = make(join(over.expr->span, to.expr->span), RangeExpr{over.expr, to.expr}, std::max(over.height, to.height) + 1);
  }
  if (failed_ || !close(open_.back())) return {};
  return make(join(open.span, span_of(at_ - 1)), ComprehensionExpr{body.expr, std::string(variable.text), variable.span, over.expr},
              std::max(body.height, over.height) + 1);
}

ExpressionReader::Tree ExpressionReader::map() {
  const std::size_t open = at_;
  open_.push_back(at_++);
  MapExpr map;
  int height = 0;
  while (!failed_ && !peek().is(TokenKind::close)) {
    const Token key = peek();
    const bool keyed = key.is(TokenKind::name) || key.is(TokenKind::number) || key.is(TokenKind::string);
    if (!keyed || !peek(1).is(TokenKind::colon)) {
      if (key.is(TokenKind::end)) fail_open(open);
      if (const auto form = foreign_operand(tokens_, open)) fail(form->span, form->message, form->hint);
      fail(key.span, "an entry of a map is `name: value`, not " + describe(key), "`{a: \"x y\", b: \"z\"}`");
      return {};
    }
    at_ += 2;
    const Tree value = pipeline(false);
    if (failed_) return {};
    const std::string_view name = key.is(TokenKind::string) ? key.text.substr(1, key.text.size() - 2) : key.text;
    map.entries.push_back({std::string(name), key.span, value.expr});
    height = std::max(height, value.height);
    if (!take(TokenKind::comma)) break;
  }
  if (!close(open)) return {};
  return make(join(span_of(open), span_of(at_ - 1)), std::move(map), height + 1);
}

/// `tracker lines=16 """ … """`
ExpressionReader::Tree ExpressionReader::tracker(const Token& head, std::vector<NamedArg> args, int height) {
  TrackerExpr tracker;
  const StringExpr* block = args.empty() || !args.back().name.empty() ? nullptr : std::get_if<StringExpr>(&args.back().value->node);
  if (block == nullptr) {
    fail(head.span, "`tracker` needs a block of rows after its options", "tracker lines=16 \"\"\" … \"\"\"");
    return {};
  }
  tracker.block = *block;
  const Span span = join(head.span, args.back().value->span);
  args.pop_back();
  for (const NamedArg& option : args) {
    if (option.name.empty()) fail(option.value->span, "an option of `tracker` is written `name=value`", "tracker lines=16 \"\"\" … \"\"\"");
  }
  tracker.options = std::move(args);
  return make(span, std::move(tracker), height + 1);
}

bool ExpressionReader::close(std::size_t open) {
  if (failed_) return false;
  const char bracket = tokens_[open].text[0];
  const char wanted = bracket == '(' ? ')' : bracket == '[' ? ']' : '}';
  if (peek().is(TokenKind::end)) {
    fail_open(open);
  } else if (!peek().is(TokenKind::close, std::string_view(&wanted, 1))) {
    fail_unexpected();
  } else {
    next();
    open_.pop_back();
  }
  return !failed_;
}

}  // namespace hocket
