// What an expression can be while it is lowered: the language's kinds of value. Internal to lowering.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lang/ast.h"
#include "lang/graph_def.h"
#include "lang/pattern/function.h"
#include "lang/pattern/pattern.h"

namespace hocket {

struct Term;

/// A number; `cycles`: a time that follows the tempo (`3/16c`).
struct NumberTerm {
  double value = 0;
  Rational exact;
  bool cycles = false;
};

/// A word that a sound may play, and where it stands.
struct SoundWord {
  std::string text;
  Span span;
  std::shared_ptr<const Source> source;
};

/// A pattern; `sound`: of control maps. `literal`: written as a string just here, so that it can be read as booleans too.
struct PatternTerm {
  Pattern pattern;
  bool sound = false;
  bool panned = false;           ///< some event may carry a pan
  std::vector<SoundWord> words;  ///< sounds: all that `s` may say
  std::uint64_t id = 0;          ///< one evaluation, one id: uses of one bus share their nodes
  std::optional<StringExpr> literal;
  std::string home;  ///< the bus that this is, as it stands: the nodes that it becomes are that bus's own
};

/// `voice`: the ref counts in the voice graph at hand, else in the main graph.
struct SignalTerm {
  Ref ref;
  int channels = 1;
  bool voice = false;
};

struct FunctionTerm;
struct ListTerm {
  std::vector<Term> items;
};
struct MapTerm {
  std::vector<std::pair<std::string, Term>> entries;
};
/// What stands where an error was reported: takes part in everything, says nothing more.
struct ErrorTerm {};

struct Term {
  std::variant<ErrorTerm, NumberTerm, PatternTerm, SignalTerm, std::shared_ptr<const FunctionTerm>, std::shared_ptr<const ListTerm>,
               std::shared_ptr<const MapTerm>>
      value;
  Span span;

  const NumberTerm* number() const { return std::get_if<NumberTerm>(&value); }
  const PatternTerm* pattern() const { return std::get_if<PatternTerm>(&value); }
  const SignalTerm* signal() const { return std::get_if<SignalTerm>(&value); }
  const FunctionTerm* function() const {
    const auto* f = std::get_if<std::shared_ptr<const FunctionTerm>>(&value);
    return f == nullptr ? nullptr : f->get();
  }
  const ListTerm* list() const {
    const auto* l = std::get_if<std::shared_ptr<const ListTerm>>(&value);
    return l == nullptr ? nullptr : l->get();
  }
  const MapTerm* map() const {
    const auto* m = std::get_if<std::shared_ptr<const MapTerm>>(&value);
    return m == nullptr ? nullptr : m->get();
  }
  bool failed() const { return std::holds_alternative<ErrorTerm>(value); }
  bool is_sound() const { return pattern() != nullptr && pattern()->sound; }
};

/// "a pattern", "a sound", "a signal", … for messages.
std::string kind_name(const Term&);

/// An argument as given: evaluated, with its name where it had one.
struct GivenArg {
  std::string name;
  Span name_span;
  Term term;
  ExprPtr expr;  ///< as written, for arguments that are names or booleans
};

/// Something that waits for a value on its left.
struct FunctionTerm {
  enum class Kind : std::uint8_t {
    identity,
    word,     ///< a name with arguments: unit, row, control, instrument; which one, the subject's kind decides
    section,  ///< `(+ 12)`, `(12 -)`
    control,  ///< `(# ~map)`: a control map waiting for a sound
    user,     ///< a `fn` with arguments, its first open parameter waiting
    chain,    ///< several, left to right
  };
  Kind kind = Kind::identity;
  std::string word;  ///< name or operator
  Span word_span;
  bool wants_right = false;
  bool first = false;  ///< user: what stands on the left takes the first open parameter (`#`), else the last (`$`)
  std::vector<GivenArg> args;
  std::vector<std::shared_ptr<const FunctionTerm>> chain;
  bool habit = false;  ///< a chain written `f $ g`: applied the other way round when its subject stands on the right
};

inline Term make(Span span, NumberTerm n) {
  return {n, span};
}
inline Term make(Span span, PatternTerm p) {
  return {std::move(p), span};
}
inline Term make(Span span, SignalTerm s) {
  return {s, span};
}
inline Term make(Span span, FunctionTerm f) {
  return {std::make_shared<const FunctionTerm>(std::move(f)), span};
}
inline Term failed(Span span) {
  return {ErrorTerm{}, span};
}

}  // namespace hocket
