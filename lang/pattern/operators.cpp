// Arithmetic on values and on patterns.
#include <cmath>

#include "lang/pattern/combinators.h"
#include "lang/pattern/function.h"

namespace hocket {
namespace {

using Arithmetic = double (*)(double, double);

double divided(double x, double y) {
  return y == 0 ? 0 : x / y;
}
double remainder(double x, double y) {
  return y == 0 ? 0 : x - y * std::floor(x / y);
}
double power(double x, double y) {
  const double z = std::pow(x, y);
  return std::isfinite(z) ? z : 0;
}

struct Operator {
  char sign;
  Arithmetic apply;
};
constexpr Operator kOperators[] = {
    {'+', [](double x, double y) { return x + y; }},
    {'-', [](double x, double y) { return x - y; }},
    {'*', [](double x, double y) { return x * y; }},
    {'/', divided},
    {'%', remainder},
    {'^', power},
    {'<', [](double x, double) { return x; }},
    {'>', [](double, double y) { return y; }},
};

const Operator* find_operator(std::string_view sign) {
  for (const Operator& known : kOperators)
    if (sign.size() == 1 && known.sign == sign[0]) return &known;
  return nullptr;
}

// A word that names a note is that note; other words are no numbers.
std::optional<Value> as_number(const Value& v) {
  if (v.is_numeric()) return v;
  if (v.kind() != Value::Kind::word) return std::nullopt;
  const auto note = note_from_name(v.text());
  return note ? std::optional(Value::note(*note)) : std::nullopt;
}

void apply(const Operator& op, Value& left, const Value& right);

// Names of sounds are joined, never read as notes.
void apply_to_words(const Operator& op, Value& left, const Value& right) {
  if (op.sign == '+')
    left = Value::word(to_text(left) + to_text(right));
  else if (op.sign == '>')
    left = right;
}

// Controls of both sides; the operator works on those that both have.
void apply_to_maps(const Operator& op, Value& left, const Value& right) {
  if (right.map().empty()) return;
  Controls& all = left.own_map();
  for (const auto& [name, value] : right.map()) {
    const auto [place, added] = all.try_emplace(name, value);
    if (added) continue;
    if (name == "s")
      apply_to_words(op, place->second, value);
    else
      apply(op, place->second, value);
  }
}

// A plain number works on the control that the sign is about: a sum transposes, a product scales the gain.
void apply_to_map(const Operator& op, Value& map, const Value& number) {
  if (!number.is_numeric()) return;
  Controls& all = map.own_map();
  const bool sum = op.sign == '+' || op.sign == '-';
  const char* control = !sum ? "gain" : all.contains("note") || !all.contains("n") ? "note" : "n";
  const auto [place, added] = all.try_emplace(control, sum ? 0 : 1);
  apply(op, place->second, number);
}

// As `>` of a map with this one control.
void set_control(const std::string& name, Value& left, const Value& value) {
  if (value.kind() == Value::Kind::controls || left.kind() != Value::Kind::controls)
    apply(*find_operator(">"), left, value.kind() == Value::Kind::controls ? value : Value::controls({{name, value}}));
  else
    left.own_map().insert_or_assign(name, value);
}

// `left` becomes what the operator gives.
void apply(const Operator& op, Value& left, const Value& right) {
  using Kind = Value::Kind;
  if (left.kind() == Kind::number && right.kind() == Kind::number) {
    left = Value(op.apply(left.number(), right.number()));
    return;
  }
  if (left.kind() == Kind::controls && right.kind() == Kind::controls) return apply_to_maps(op, left, right);
  if (op.sign == '<') return;
  if (op.sign == '>') {
    left = right;
    return;
  }
  if (left.kind() == Kind::controls) return apply_to_map(op, left, right);
  if (right.kind() == Kind::controls) {
    Value map = right;
    apply_to_map(op, map, left);
    left = std::move(map);
    return;
  }
  const auto x = as_number(left);
  const auto y = as_number(right);
  if (x && y) {
    const double z = op.apply(x->number(), y->number());
    left = x->kind() == Kind::note || y->kind() == Kind::note ? Value::note(z) : Value(z);
  } else if (op.sign == '+') {
    left = Value::word(to_text(left) + to_text(right));
  }
}

// Constants on top of constants are one pass over the events.
Pattern set_constants(const Pattern& left, const Pattern& right) {
  const Merge put = [op = find_operator(">")](Value& l, const Value& r) { apply(*op, l, r); };
  const auto* below = left.as_set();
  if (!below) return Pattern::set(merge_left(left, right, put), left, right);
  Value all = *below->constants.constant();
  put(all, *right.constant());
  const Pattern constants = Pattern::pure(all, right.constant_where(), {below->constants, right});
  return Pattern::set(merge_left(below->base, constants, put).with_steps(left.steps()), below->base, constants);
}

}  // namespace

Value apply_operator(std::string_view sign, const Value& left, const Value& right) {
  Value result = left;
  if (const Operator* const op = find_operator(sign)) apply(*op, result, right);
  return result;
}

Pattern combine(std::string_view sign, Structure structure, const Pattern& left, const Pattern& right) {
  const Operator* const op = find_operator(sign);
  if (!op) return left;
  if (const auto* control = right.as_control(); control && op->sign == '>' && structure == Structure::left)
    return merge_left(left, control->values, [name = control->name](Value& l, const Value& value) { set_control(name, l, value); });
  if (op->sign == '>' && structure == Structure::left && right.constant() && right.constant()->kind() == Value::Kind::controls)
    return set_constants(left, right);
  const Merge merge = [op](Value& l, const Value& r) { apply(*op, l, r); };
  switch (structure) {
    case Structure::left:
      return merge_left(left, right, merge);
    case Structure::right:
      return merge_right(left, right, merge);
    case Structure::both:
      return merge_both(left, right, merge);
  }
  return left;
}

}  // namespace hocket
