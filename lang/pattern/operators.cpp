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

struct Sign {
  std::string_view sign;
  Arithmetic apply;
};
constexpr Sign kSigns[] = {
    {"+", [](double x, double y) { return x + y; }},
    {"-", [](double x, double y) { return x - y; }},
    {"*", [](double x, double y) { return x * y; }},
    {"/", divided},
    {"%", remainder},
    {"^", power},
    {"<", [](double x, double) { return x; }},
    {">", [](double, double y) { return y; }},
};

Arithmetic arithmetic(std::string_view sign) {
  for (const Sign& known : kSigns)
    if (known.sign == sign) return known.apply;
  return nullptr;
}

// A word that names a note is that note; other words are no numbers.
std::optional<Value> as_number(const Value& v) {
  if (v.is_numeric()) return v;
  if (v.kind() != Value::Kind::word) return std::nullopt;
  const auto note = note_from_name(v.text());
  return note ? std::optional(Value::note(*note)) : std::nullopt;
}

Value apply(std::string_view sign, Arithmetic f, const Value& left, const Value& right);

// Names of sounds are joined, never read as notes.
Value apply_to_words(std::string_view sign, const Value& left, const Value& right) {
  if (sign == "+") return Value::word(to_text(left) + to_text(right));
  return sign == ">" ? right : left;
}

// Controls of both sides; the operator works on those that both have.
Value apply_to_maps(std::string_view sign, Arithmetic f, const Value& left, const Value& right) {
  Controls all = left.map();
  for (const auto& [name, value] : right.map()) {
    const auto [place, added] = all.try_emplace(name, value);
    if (!added) place->second = name == "s" ? apply_to_words(sign, place->second, value) : apply(sign, f, place->second, value);
  }
  return Value::controls(std::move(all));
}

// A plain number works on the control that the sign is about: a sum transposes, a product scales the gain.
Value apply_to_map(std::string_view sign, Arithmetic f, const Value& map, const Value& number) {
  if (!number.is_numeric()) return map;
  Controls all = map.map();
  const bool sum = sign == "+" || sign == "-";
  const char* control = !sum ? "gain" : all.contains("note") || !all.contains("n") ? "note" : "n";
  const auto [place, added] = all.try_emplace(control, sum ? 0 : 1);
  place->second = apply(sign, f, place->second, number);
  return Value::controls(std::move(all));
}

Value apply(std::string_view sign, Arithmetic f, const Value& left, const Value& right) {
  using Kind = Value::Kind;
  if (left.kind() == Kind::number && right.kind() == Kind::number) return f(left.number(), right.number());
  if (left.kind() == Kind::controls && right.kind() == Kind::controls) return apply_to_maps(sign, f, left, right);
  if (sign == "<") return left;
  if (sign == ">") return right;
  if (left.kind() == Kind::controls) return apply_to_map(sign, f, left, right);
  if (right.kind() == Kind::controls) return apply_to_map(sign, f, right, left);
  const auto x = as_number(left);
  const auto y = as_number(right);
  if (x && y) {
    const double z = f(x->number(), y->number());
    return x->kind() == Kind::note || y->kind() == Kind::note ? Value::note(z) : Value(z);
  }
  if (sign == "+") return Value::word(to_text(left) + to_text(right));
  return left;
}

}  // namespace

Value apply_operator(std::string_view sign, const Value& left, const Value& right) {
  const Arithmetic f = arithmetic(sign);
  return f ? apply(sign, f, left, right) : left;
}

Pattern combine(std::string_view sign, Structure structure, const Pattern& left, const Pattern& right) {
  const Arithmetic f = arithmetic(sign);
  if (!f) return left;
  const Merge merge = [sign = std::string(sign), f](const Value& l, const Value& r) { return apply(sign, f, l, r); };
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
