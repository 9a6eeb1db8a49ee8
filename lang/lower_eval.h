// The evaluator that lowering is made of: expressions → terms, on the way building the graph. Internal to lowering.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "lang/lower_graph.h"
#include "lang/lower_value.h"
#include "lang/program.h"
#include "lang/resolve.h"

namespace hocket {

/// What names can mean; shared with the functions inside patterns, which are called long after lowering.
struct Meaning {
  Program program;
  Vocabulary vocabulary;

  const Definition* definition(std::string_view name) const;
  /// A definition if it is a user's or the kit's synth.
  const Definition* synth(std::string_view name) const;
};

class Evaluator {
 public:
  explicit Evaluator(std::shared_ptr<const Meaning> meaning);

  // lower.cpp
  void lower_outputs();
  void check_rest();
  void close();

  // lower_expr.cpp
  Term eval(const ExprPtr&);
  Term bus(const std::string& name, Span at);
  Term binary(const std::string& op, Span at, const Term& left, const Term& right);

  // lower_apply.cpp: what a name does with its arguments, with or without a value on its left
  Term call(const std::string& name, Span at, std::vector<GivenArg> args);
  Term apply(const FunctionTerm&, const Term& subject);

  // lower_convert.cpp: one kind as another
  SignalTerm to_signal(const Term&, PortUnit as);
  PatternTerm to_pattern(const Term&);
  PatternFunction to_function(const Term&, const PatternTerm& subject);

  void error(Span, std::string message, std::string hint = "");
  void warning(Span, std::string message, std::string hint = "");

  Diagnostics diagnostics;
  GraphBuilder main;
  std::shared_ptr<const Source> source;  ///< whose text is being read

 private:
  std::shared_ptr<const Meaning> meaning_;
  Prints prints_;
  GraphBuilder* voice_ = nullptr;
  std::vector<std::map<std::string, Term>> scopes_;  ///< innermost last; each a function's or a voice's own names
  std::vector<std::string> calls_;                   ///< functions and instruments being expanded
  std::uint64_t next_id_ = 1;
  int depth_ = 0;

  struct Loop {
    std::string name;
    int channels = 1;
    bool entered = false;
  };
  std::vector<Loop> loops_;  ///< buses being evaluated
  std::map<std::string, std::uint32_t> loop_ids_;
  std::map<std::string, Term> buses_;
  std::vector<std::string> bus_order_;
  std::map<std::uint32_t, Ref> loop_ends_;
  std::map<std::tuple<std::uint64_t, int, int>, SignalTerm> holds_;
  std::map<std::string, int> voice_defs_;

  // lower_transition.cpp
  Term value_of(const Definition&);

  // lower.cpp
  SignalTerm play_once(const Term&, Rational from);

  GraphBuilder& builder() { return voice_ != nullptr ? *voice_ : main; }
  const Term* local(std::string_view name) const;

  // lower_expr.cpp
  Term eval_node(const ExprPtr&, const NumberExpr&);
  Term eval_node(const ExprPtr&, const StringExpr&);
  Term eval_node(const ExprPtr&, const NameExpr&);
  Term eval_node(const ExprPtr&, const BusExpr&);
  Term eval_node(const ExprPtr&, const CallExpr&);
  Term eval_node(const ExprPtr&, const BinaryExpr&);
  Term eval_node(const ExprPtr&, const NegateExpr&);
  Term eval_node(const ExprPtr&, const PipeExpr&);
  Term eval_node(const ExprPtr&, const SectionExpr&);
  Term eval_node(const ExprPtr&, const ListExpr&);
  Term eval_node(const ExprPtr&, const RangeExpr&);
  Term eval_node(const ExprPtr&, const ComprehensionExpr&);
  Term eval_node(const ExprPtr&, const MapExpr&);
  Term eval_node(const ExprPtr&, const GroupExpr&);
  Term eval_node(const ExprPtr&, const TrackerExpr&);
  std::vector<GivenArg> eval_args(const std::vector<NamedArg>&, std::string_view of);
  Term right_side(const ExprPtr&, char op);
  Term evaluate_bus(const Definition&, Span at);
  Term muted(const std::string& name, Term);

  // lower_binary.cpp
  Term binary_numbers(const std::string& sign, Span, const NumberTerm&, const NumberTerm&);
  Term binary_patterns(const std::string& sign, Structure, Span, const Term&, const Term&);
  Term binary_signals(const std::string& sign, Span, const Term&, const Term&);

  // lower_apply.cpp
  Term apply_word(const FunctionTerm&, const Term* subject);
  Term apply_row(const FunctionRow&, const FunctionTerm&, std::vector<GivenArg> args, const Term* subject);
  Term apply_control(const FunctionTerm&, const PatternTerm& sound);
  Term make_sound(const FunctionTerm&);
  bool is_control_name(std::string_view) const;

  // lower_call.cpp
  Term apply_instrument(const Definition&, const FunctionTerm&, const Term& subject);
  Term call_user(const Definition&, const FunctionTerm&, const Term* subject);
  void unknown(const FunctionTerm&);

  // lower_live.cpp: MIDI
  class LiveArgs;
  Term played_notes(const FunctionTerm&);
  Term turned_knob(const FunctionTerm&);
  Term play_outside(const FunctionTerm&, const Term& subject);

  // lower_unit.cpp
  Term special(const FunctionTerm&, bool& handled);
  Term apply_unit(const UnitInfo&, const FunctionTerm&, const Term* subject);
  Term unit_node(std::string_view unit, std::vector<SignalTerm> inputs);
  SignalTerm mix(const std::vector<SignalTerm>&);

  // lower_convert.cpp
  bool to_arg(const GivenArg&, ArgKind, const PatternTerm* subject, PatternTerm& flags, Arg& out);
  bool to_list(const Term&, const PatternTerm* subject, PatternTerm& flags, ArgList& out);
  SignalTerm here(const SignalTerm&);
  SignalTerm hold(const PatternTerm&, PortUnit, Span);

  // lower_voice.cpp
  SignalTerm play(const PatternTerm& sound, Span);
  int voice_def(const std::string& name, const Definition&, Span);
};

/// `midi`, `cc` and their like: texts among their arguments are names of ports, not patterns.
bool is_live_word(std::string_view);

/// Whether the pattern gives samples of a curve rather than events with onsets.
bool is_continuous(const Pattern&);

/// Whether it is a knob, or made of knobs alone: a signal wherever one is wanted, an output included.
bool is_knob(const Pattern&);

/// Every event's value through `f`; events that it gives nothing for are dropped.
Pattern map_values(const Pattern&, std::function<std::optional<Value>(const Value&)> f);

}  // namespace hocket
