// The tree that the parser makes. Plain data; nodes are shared and immutable once built.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lang/pattern/time.h"
#include "lang/source.h"

namespace hocket {

struct Expr;
using ExprPtr = std::shared_ptr<const Expr>;

/// The unit written behind a number, already applied where it only scales (`2k`, `250ms`, `-6dB`, `440Hz`).
enum class NumberUnit : std::uint8_t { none, hz, seconds, cycles, decibel };

struct NumberExpr {
  Rational exact;  ///< the value in the base unit; decibels: nearest fraction of the linear gain
  double value = 0;
  NumberUnit unit = NumberUnit::none;
  std::optional<std::pair<Rational, Rational>> ratio;  ///< written as a/b: both sides (`bpm: 120/4` reads them)
  std::string text;                                    ///< as written, for the formatter
};
struct StringExpr {
  std::string text;          ///< between the quotes, verbatim
  std::uint32_t offset = 0;  ///< of its first byte in the source
  bool triple = false;
};
struct NameExpr {
  std::string name;
};
struct BusExpr {
  std::string name;  ///< with its tilde: `~drums`
};
struct NamedArg {
  std::string name;  ///< empty: positional
  Span name_span;
  ExprPtr value;
};
/// `lpf 800 res=0.3`: `head` is a name, a bus or a bracketed expression.
struct CallExpr {
  ExprPtr head;
  std::vector<NamedArg> args;
};
/// Arithmetic, `|+` families, comparison signs: `op` as written.
struct BinaryExpr {
  std::string op;
  Span op_span;
  ExprPtr left, right;
};
struct NegateExpr {
  ExprPtr operand;
};
/// `left # right` or `left $ right`. A null `left` is a chain that wants an input (`# lpf 300`), in a section or as a bus.
struct PipeExpr {
  char op = '#';
  Span op_span;
  ExprPtr left, right;
};
/// `(+ 12)`, `(|+ n "12")`, `(* 0.5)`: an operator that wants its left side; or `(12 -)`: that wants its right.
struct SectionExpr {
  std::string op;
  Span op_span;
  ExprPtr operand;
  bool wants_right = false;
};
struct ListExpr {
  std::vector<ExprPtr> items;
};
/// `[a..b]`, both ends included.
struct RangeExpr {
  ExprPtr from, to;
};
/// `[expr for i in a..b]` or `… in [list]`.
struct ComprehensionExpr {
  ExprPtr body;
  std::string variable;
  Span variable_span;
  ExprPtr over;  ///< a RangeExpr, a list, or anything that gives a list
};
struct MapEntry {
  std::string name;
  Span name_span;
  ExprPtr value;
};
struct MapExpr {
  std::vector<MapEntry> entries;
};
/// Round brackets, kept for the formatter and for `#`'s reach.
struct GroupExpr {
  ExprPtr inner;
};
/// `tracker lines=16 """ … """`
struct TrackerExpr {
  std::vector<NamedArg> options;
  StringExpr block;
};

struct Expr {
  Span span;
  std::variant<NumberExpr, StringExpr, NameExpr, BusExpr, CallExpr, BinaryExpr, NegateExpr, PipeExpr, SectionExpr, ListExpr, RangeExpr,
               ComprehensionExpr, MapExpr, GroupExpr, TrackerExpr>
      node;
};

struct Parameter {
  std::string name;
  Span name_span;
  ExprPtr init;  ///< null: none given
};

/// `~name: e`, `out: e`, `o3: e`, and settings with a value: `cps tempo bpm quant seed`.
struct DefineStatement {
  std::string name;
  Span name_span;
  ExprPtr value;
};
/// `fn name a b=0.5: e` and `synth name a=1: e`.
struct FunctionStatement {
  bool synth = false;
  std::string name;
  Span name_span;
  std::vector<Parameter> params;
  ExprPtr body;
};
/// `hush`, `panic`, `solo X`, `samples "dir"`, `record "a.wav" ~drums`, `route o3: 3 4` …: the word and its arguments.
struct CommandStatement {
  std::string name;
  Span name_span;
  std::vector<ExprPtr> args;
};
/// A bare expression: only `query` and the REPL take one.
struct ExprStatement {
  ExprPtr value;
};

struct Statement {
  Span span;
  std::variant<DefineStatement, FunctionStatement, CommandStatement, ExprStatement> node;
};

struct Ast {
  std::vector<Statement> statements;
};

}  // namespace hocket
