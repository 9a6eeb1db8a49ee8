// Statements.
#include "lang/parser.h"

#include <algorithm>

#include "lang/expression.h"
#include "lang/foreign.h"
#include "lang/layout.h"
#include "lang/lexer.h"
#include "lang/program.h"

namespace hocket {
namespace {

class StatementReader {
 public:
  StatementReader(std::span<Token> tokens, Diagnostics& out) : tokens_(tokens), reader_(tokens, out) {}

  /// Nothing after an error.
  std::optional<Statement> run() {
    if (const auto form = foreign_statement(tokens_)) reader_.fail(form->span, form->message, form->hint);
    Statement statement;
    const Token& first = reader_.peek();
    const Token& second = reader_.peek(1);
    const bool name = first.is(TokenKind::name);
    if (reader_.failed()) return {};
    if ((name || first.is(TokenKind::bus)) && second.is(TokenKind::colon)) {
      define(statement);
    } else if (name && (first.text == "fn" || first.text == "synth")) {
      function(statement);
    } else if (name && is_command(first.text)) {
      command(statement);
    } else {
      refuse_missing_colon();
      statement.node = ExprStatement{reader_.expression()};
    }
    if (!reader_.failed() && !reader_.peek().is(TokenKind::end)) reader_.fail_unexpected();
    if (reader_.failed()) return {};
    statement.span = join(tokens_.front().span, tokens_.back().span);
    return statement;
  }

 private:
  std::span<Token> tokens_;
  ExpressionReader reader_;

  /// `~kick s "bd"` and `out ~drums` would be calls; what calls a bus in a statement of its own meant to define it.
  void refuse_missing_colon() {
    const Token& name = reader_.peek();
    const Token& second = reader_.peek(1);
    const bool output = name.is(TokenKind::name) && is_output(name.text);
    const bool value = starts_argument(second, reader_.peek(2)) || (output && second.is(TokenKind::pipe));
    if (!value || !(output || name.is(TokenKind::bus))) return;
    const std::string word(name.text);
    reader_.fail(name.span, "a colon is missing behind `" + word + "`", "a definition is written `" + word + ": …`");
  }

  void define(Statement& statement) {
    DefineStatement define;
    const Token& name = reader_.next();
    define.name = name.text;
    define.name_span = name.span;
    reader_.next();
    define.value = reader_.expression();
    statement.node = std::move(define);
  }

  /// `fn name a b=0.5: e`
  void function(Statement& statement) {
    FunctionStatement function;
    const Token& word = reader_.next();
    function.synth = word.text == "synth";
    const std::string form =
        function.synth ? "`synth pluck decay=0.3: saw freq * adsr 0.01 decay 0 0.1`" : "`fn double x amount=2: x * amount`";
    const Token& name = reader_.next();
    if (!name.is(TokenKind::name)) {
      return reader_.fail(name.is(TokenKind::end) ? word.span : name.span, "after `" + std::string(word.text) + "` stands a plain name",
                          form);
    }
    function.name = name.text;
    function.name_span = name.span;
    while (reader_.peek().is(TokenKind::name)) parameter(function);
    if (reader_.failed()) return;
    if (!reader_.take(TokenKind::colon)) {
      const Token& found = reader_.peek();
      const bool brackets = found.is(TokenKind::open) || found.is(TokenKind::comma);
      return reader_.fail(
          found.span,
          brackets ? "parameters stand behind the name, separated by spaces" : "a `:` stands before the body, not " + describe(found),
          form);
    }
    function.body = reader_.expression();
    statement.node = std::move(function);
  }

  void parameter(FunctionStatement& function) {
    const Token& name = reader_.next();
    Parameter parameter{std::string(name.text), name.span, nullptr};
    for (const Parameter& earlier : function.params) {
      if (earlier.name == parameter.name) reader_.fail(name.span, "two parameters are named `" + parameter.name + "`");
    }
    if (reader_.take(TokenKind::equals)) parameter.init = reader_.argument();
    function.params.push_back(std::move(parameter));
  }

  /// A word and its arguments; `route o3: 3 4` may have a colon, `once s "bd"` takes a whole expression.
  void command(Statement& statement) {
    CommandStatement command;
    const Token& name = reader_.next();
    command.name = name.text;
    command.name_span = name.span;
    if (name.text == "once") {
      if (reader_.peek().is(TokenKind::pipe, "$")) reader_.next();
      command.args.push_back(reader_.expression());
    }
    while (!reader_.failed() && starts_argument(reader_.peek(), reader_.peek(1))) {
      command.args.push_back(reader_.argument());
      if (name.text == "route" && command.args.size() == 1) reader_.take(TokenKind::colon);
    }
    statement.node = std::move(command);
  }

  static bool starts_argument(const Token& token, const Token& after) {
    switch (token.kind) {
      case TokenKind::name:
      case TokenKind::bus:
      case TokenKind::number:
      case TokenKind::string:
      case TokenKind::block:
      case TokenKind::open:
        return true;
      default:
        return token.is(TokenKind::op, "-") && after.is(TokenKind::number);
    }
  }
};

bool readable(std::span<const Token> tokens) {
  return std::none_of(tokens.begin(), tokens.end(), [](const Token& t) { return t.is(TokenKind::invalid); });
}

void in_order_of_text(Diagnostics& diagnostics) {
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.span.begin < b.span.begin; });
}

}  // namespace

Parsed parse(const Source& source) {
  Parsed parsed;
  std::vector<Token> tokens = lex(source, parsed.diagnostics);
  parsed.ast = parse(tokens, parsed.diagnostics);
  in_order_of_text(parsed.diagnostics);
  return parsed;
}

Ast parse(std::span<Token> tokens, Diagnostics& out) {
  Ast ast;
  std::vector<Token> code = without_comments(tokens);
  for (const TokenRange range : statements(code)) {
    const std::span<Token> statement = std::span(code).subspan(range.begin, range.end - range.begin);
    if (!readable(statement)) continue;  // that has been said
    if (auto read = StatementReader(statement, out).run()) ast.statements.push_back(std::move(*read));
  }
  auto code_token = code.begin();
  for (Token& token : tokens) {
    if (!token.is(TokenKind::comment)) token.kind = (code_token++)->kind;
  }
  return ast;
}

ExprPtr parse_expression(const Source& source, Diagnostics& out) {
  Diagnostics found;
  const std::vector<Token> tokens = lex(source, found);
  std::vector<Token> code = without_comments(tokens);
  ExprPtr expr;
  if (code.empty() && found.empty()) {
    found.push_back({Severity::error, {0, 0}, "there is no expression here", ""});
  } else if (!code.empty() && readable(code)) {
    ExpressionReader reader(code, found);
    if (const auto form = foreign_statement(code)) reader.fail(form->span, form->message, form->hint);
    expr = reader.expression();
    if (!reader.failed() && !reader.peek().is(TokenKind::end)) reader.fail_unexpected();
    if (reader.failed()) expr = nullptr;
  }
  in_order_of_text(found);
  out.insert(out.end(), found.begin(), found.end());
  return expr;
}

}  // namespace hocket
