// The tree as S-expressions.
#include <utility>
#include <variant>

#include "lang/parser.h"

namespace hocket {
namespace {

class Printer {
 public:
  std::string text;

  void expr(const ExprPtr& e) {
    if (e) {
      std::visit([this](const auto& node) { visit(node); }, e->node);
    } else {
      text += "_";
    }
  }
  void node(const Expr& e) {
    std::visit([this](const auto& n) { visit(n); }, e.node);
  }

  void visit(const DefineStatement& s) {
    text += "(define " + s.name + " ";
    expr(s.value);
    text += ")";
  }
  void visit(const FunctionStatement& s) {
    text += std::string(s.synth ? "(synth " : "(fn ") + s.name + " (";
    bool first = true;
    for (const Parameter& parameter : s.params) {
      if (!first) text += " ";
      first = false;
      text += parameter.name;
      if (parameter.init) {
        text += "=";
        expr(parameter.init);
      }
    }
    text += ") ";
    expr(s.body);
    text += ")";
  }
  void visit(const CommandStatement& s) {
    text += "(command " + s.name;
    for (const ExprPtr& arg : s.args) {
      text += " ";
      expr(arg);
    }
    text += ")";
  }
  void visit(const ExprStatement& s) { expr(s.value); }

 private:
  void visit(const NumberExpr& e) { text += e.text; }
  void visit(const StringExpr& e) {
    const char* quotes = e.triple ? "\"\"\"" : "\"";
    text += quotes + e.text + quotes;
  }
  void visit(const NameExpr& e) { text += e.name; }
  void visit(const BusExpr& e) { text += e.name; }
  void visit(const CallExpr& e) {
    text += "(";
    expr(e.head);
    named(e.args);
    text += ")";
  }
  void visit(const BinaryExpr& e) { list(e.op, e.left, e.right); }
  void visit(const NegateExpr& e) {
    text += "(- ";
    expr(e.operand);
    text += ")";
  }
  void visit(const PipeExpr& e) { list(std::string(1, e.op), e.left, e.right); }
  void visit(const SectionExpr& e) { e.wants_right ? list(e.op, e.operand, nullptr) : list(e.op, nullptr, e.operand); }
  void visit(const ListExpr& e) {
    text += "[";
    for (std::size_t i = 0; i < e.items.size(); ++i) {
      if (i > 0) text += " ";
      expr(e.items[i]);
    }
    text += "]";
  }
  void visit(const RangeExpr& e) {
    text += "[";
    expr(e.from);
    text += " .. ";
    expr(e.to);
    text += "]";
  }
  void visit(const ComprehensionExpr& e) {
    text += "[";
    expr(e.body);
    text += " for " + e.variable + " in ";
    expr(e.over);
    text += "]";
  }
  void visit(const MapExpr& e) {
    text += "{";
    for (std::size_t i = 0; i < e.entries.size(); ++i) {
      if (i > 0) text += " ";
      text += e.entries[i].name + ": ";
      expr(e.entries[i].value);
    }
    text += "}";
  }
  void visit(const GroupExpr& e) {
    text += "(() ";
    expr(e.inner);
    text += ")";
  }
  void visit(const TrackerExpr& e) {
    text += "(tracker";
    named(e.options);
    text += " ";
    visit(e.block);
    text += ")";
  }

  void list(const std::string& head, const ExprPtr& a, const ExprPtr& b) {
    text += "(" + head + " ";
    expr(a);
    text += " ";
    expr(b);
    text += ")";
  }
  void named(const std::vector<NamedArg>& args) {
    for (const NamedArg& arg : args) {
      text += " ";
      if (!arg.name.empty()) text += arg.name + "=";
      expr(arg.value);
    }
  }
};

}  // namespace

std::string to_text(const Statement& statement) {
  Printer printer;
  std::visit([&](const auto& node) { printer.visit(node); }, statement.node);
  return std::move(printer.text);
}

std::string to_text(const Ast& ast) {
  std::string text;
  for (const Statement& statement : ast.statements) text += to_text(statement) + "\n";
  return text;
}

std::string to_text(const Expr& expr) {
  Printer printer;
  printer.node(expr);
  return printer.text;
}

}  // namespace hocket
