// One statement's tokens → expressions. Used by the parser alone.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lang/ast.h"
#include "lang/diagnostic.h"
#include "lang/token.h"

namespace hocket {

/// Reads forwards through the tokens of one statement. After the first error it has failed: all that it gives is null.
class ExpressionReader {
 public:
  /// `tokens` hold no comments, and at least one token.
  ExpressionReader(std::span<Token> tokens, Diagnostics& out);

  /// A whole expression: what stands in a bracket or after a colon.
  ExprPtr expression() { return pipeline(false).expr; }
  /// One argument: an atom, a bracketed expression, or a number with its sign.
  ExprPtr argument() { return signed_atom().expr; }

  const Token& peek(std::size_t ahead = 0) const { return at_ + ahead < tokens_.size() ? tokens_[at_ + ahead] : end_; }
  const Token& next();
  bool take(TokenKind);

  bool failed() const { return failed_; }
  void fail(Span, std::string message, std::string hint = "");
  /// Says why the token at hand cannot stand there.
  void fail_unexpected();

 private:
  struct Tree {
    ExprPtr expr;
    int height = 0;
  };
  class Level;

  std::span<Token> tokens_;
  Diagnostics& out_;
  Token end_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool failed_ = false;
  std::vector<std::size_t> open_;  // brackets, innermost last

  Tree pipeline(bool round);
  Tree section();
  Tree climb(Tree left, int least);
  Tree right_side(int tightness);
  Tree prefix();
  Tree application();
  NamedArg named_argument(int& height);
  Tree signed_atom();
  Tree atom();
  Tree number(bool negative);
  Tree string();
  Tree group();
  Tree list();
  Tree range(const Token& open, Tree from);
  Tree comprehension(const Token& open, Tree body);
  Tree map();
  Tree tracker(const Token& head, std::vector<NamedArg> args, int height);

  template <class Node>
  Tree make(Span span, Node node, int height);
  bool starts_argument(bool after_name) const;
  bool trailing_operator() const;
  bool close(std::size_t open);
  void fail_operand();
  void fail_open(std::size_t open);
  void refuse_foreign_call(std::size_t head);
  Span span_of(std::size_t token) const { return tokens_[token].span; }
};

/// `name` and what else the token is, as messages call it.
std::string describe(const Token&);

}  // namespace hocket
