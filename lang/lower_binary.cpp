// Operators between terms of any kind.
#include <algorithm>
#include <cmath>

#include "lang/lower_eval.h"

namespace hocket {
namespace {

struct Operator {
  std::string sign;
  std::optional<Structure> structure;  ///< none: written plain
};

Operator split(const std::string& op) {
  const bool left = op.starts_with('|');
  const bool right = op.size() > 1 && op.ends_with('|');
  Operator o;
  o.sign = op.substr(left ? 1 : 0, op.size() - (left ? 1 : 0) - (right ? 1 : 0));
  if (left || right) o.structure = left && right ? Structure::both : left ? Structure::left : Structure::right;
  return o;
}

/// The unit that does what `sign` says on signals.
std::string_view unit_of(const std::string& sign) {
  static constexpr std::pair<std::string_view, std::string_view> kUnits[] = {{"+", "add"}, {"-", "sub"}, {"*", "mul"},
                                                                             {"/", "div"}, {"%", "mod"}, {"^", "pow"}};
  for (const auto& [s, unit] : kUnits) {
    if (s == sign) return unit;
  }
  return {};
}

/// May a signal be multiplied by 1 / x where it is divided by x? Products cost far less than quotients; in floats they differ by a last
/// bit, if at all.
bool has_inverse(double x) {
  return std::abs(x) > 1e-30 && std::abs(x) < 1e30;
}

}  // namespace

Term Evaluator::binary(const std::string& op, Span at, const Term& left, const Term& right) {
  if (left.failed() || right.failed()) return failed(at);
  if (left.function() != nullptr || right.function() != nullptr) {
    if (left.function() != nullptr && right.function() != nullptr) {
      error(at, "both sides of `" + op + "` wait for an input");
      return failed(at);
    }
    const bool waits_left = left.function() != nullptr;
    FunctionTerm section{.kind = FunctionTerm::Kind::section, .word = op, .word_span = at, .wants_right = !waits_left};
    section.args.push_back({"", {}, waits_left ? right : left, nullptr});
    FunctionTerm chain{.kind = FunctionTerm::Kind::chain};
    chain.chain.push_back(std::make_shared<const FunctionTerm>(*(waits_left ? left : right).function()));
    chain.chain.push_back(std::make_shared<const FunctionTerm>(std::move(section)));
    return make(at, std::move(chain));
  }
  const auto [sign, structure] = split(op);
  if (structure) return binary_patterns(sign, *structure, at, left, right);
  if (left.number() != nullptr && right.number() != nullptr) return binary_numbers(sign, at, *left.number(), *right.number());

  const bool patterns =
      (left.pattern() != nullptr || left.number() != nullptr) && (right.pattern() != nullptr || right.number() != nullptr);
  // `n "0 2" + n "12"` works on controls; sounds that play are summed
  const bool playing = (left.is_sound() && (!left.pattern()->words.empty() || right.number() != nullptr)) ||
                       (right.is_sound() && (!right.pattern()->words.empty() || left.number() != nullptr));
  const bool control = left.is_sound() && right.is_sound() && right.pattern()->words.empty();
  if (patterns && (control || !playing)) {
    const Structure how = left.number() != nullptr ? Structure::right : right.number() != nullptr ? Structure::left : Structure::both;
    return binary_patterns(sign, how, at, left, right);
  }
  return binary_signals(sign, at, left, right);
}

Term Evaluator::binary_numbers(const std::string& sign, Span at, const NumberTerm& a, const NumberTerm& b) {
  NumberTerm r{.cycles = a.cycles || b.cycles};
  if (a.cycles && b.cycles && sign != "+" && sign != "-") {
    error(at, "two times in cycles can only be added or subtracted");
    return failed(at);
  }
  if (a.cycles != b.cycles && (sign == "+" || sign == "-")) {
    error(at, "a time in cycles and a plain number do not add up");
    return failed(at);
  }
  if (sign == "+") {
    r.exact = a.exact + b.exact;
    r.value = a.value + b.value;
  } else if (sign == "-") {
    r.exact = a.exact - b.exact;
    r.value = a.value - b.value;
  } else if (sign == "*") {
    r.exact = a.exact * b.exact;
    r.value = a.value * b.value;
  } else if (sign == "/" || sign == "%") {
    if (b.value == 0) {
      error(at, "division by zero");
      return failed(at);
    }
    if (sign == "/") {
      r.exact = b.exact == Rational(0) ? Rational::near(a.value / b.value) : a.exact / b.exact;
      r.value = a.value / b.value;
    } else {
      r.value = a.value - b.value * std::floor(a.value / b.value);
      r.exact = Rational::near(r.value);
    }
  } else if (sign == "^") {
    r.value = std::pow(a.value, b.value);
    if (!std::isfinite(r.value)) {
      error(at, "this power is not a finite number");
      return failed(at);
    }
    r.exact = Rational::near(r.value);
  } else {
    error(at, "`" + sign + "` does not work on numbers");
    return failed(at);
  }
  return make(at, r);
}

Term Evaluator::binary_patterns(const std::string& sign, Structure how, Span at, const Term& left, const Term& right) {
  for (const Term* side : {&left, &right}) {
    if (side->pattern() == nullptr && side->number() == nullptr) {
      error(side->span, "this operator lines up patterns; this is " + kind_name(*side), "signals take plain `+ - * /`");
      return failed(at);
    }
  }
  PatternTerm a = to_pattern(left);
  PatternTerm b = to_pattern(right);
  if (a.sound != b.sound) {
    error(a.sound ? right.span : left.span, "a sound lines up with controls only; this is " + kind_name(a.sound ? right : left),
          "name the control: `|" + sign + " n 12`");
    return failed(at);
  }
  PatternTerm r;
  r.pattern = combine(sign, how, a.pattern, b.pattern);
  r.sound = a.sound;
  r.panned = a.panned || b.panned;
  r.words = a.words;
  r.words.insert(r.words.end(), b.words.begin(), b.words.end());
  r.id = next_id_++;
  return make(at, std::move(r));
}

Term Evaluator::binary_signals(const std::string& sign, Span at, const Term& left, const Term& right) {
  const std::string_view unit = unit_of(sign);
  if (unit.empty()) {
    error(at, "`" + sign + "` does not work on signals");
    return failed(at);
  }
  const SignalTerm a = to_signal(left, PortUnit::signal);
  const SignalTerm b = to_signal(right, PortUnit::signal);
  const bool numbers = a.ref.kind == Ref::Kind::number || b.ref.kind == Ref::Kind::number;
  if (unit == "add" && !numbers) return make(at, mix({a, b}));
  if (unit == "pow" && b.ref == Ref::of(2)) return unit_node("mul", {a, a});
  if (unit == "div" && b.ref.kind == Ref::Kind::number && has_inverse(b.ref.number)) {
    SignalTerm inverse = b;
    inverse.ref.number = 1 / b.ref.number;
    return unit_node("mul", {a, inverse});
  }
  return unit_node(unit, {a, b});
}

}  // namespace hocket
