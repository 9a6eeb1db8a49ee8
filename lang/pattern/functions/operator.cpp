// The operators as functions: add, sub.out, mul.squeeze …
#include "lang/pattern/functions/rows.h"

namespace hocket {
namespace {

enum class Way : std::uint8_t { left, right, both, squeeze };

struct Operator {
  const char* name;
  const char* sign;
  Way way;
  const char* doc;
  const char* example;
  const char* events;
};

constexpr Operator kOperators[] = {
    {"add", "+", Way::left, "The sum of the pattern and another, structure from the pattern. The same as `|+`.",
     R"("0 1" $ add "10 [20 30]")", "0..1/2 10 | 1/2..1 21 in 1/2..3/4 | 1/2..1 31 in 3/4..1"},
    {"add.in", "+", Way::left, "As `add`: structure from the pattern.", R"("0 1" $ add.in "10 [20 30]")",
     "0..1/2 10 | 1/2..1 21 in 1/2..3/4 | 1/2..1 31 in 3/4..1"},
    {"add.out", "+", Way::right, "The sum, structure from the other pattern. The same as `+|`.", R"("0 1" $ add.out "10 [20 30]")",
     "0..1/2 10 | 1/2..3/4 21 | 3/4..1 31"},
    {"add.mix", "+", Way::both, "The sum, structure from both. The same as `|+|`.", R"("0 1" $ add.mix "10 [20 30]")",
     "0..1/2 10 | 1/2..3/4 21 | 3/4..1 31"},
    {"add.squeeze", "+", Way::squeeze, "The sum, with one cycle of the other pattern squeezed into each event.",
     R"("0 1" $ add.squeeze "10 [20 30]")", "0..1/4 10 | 1/4..3/8 20 | 3/8..1/2 30 | 1/2..3/4 11 | 3/4..7/8 21 | 7/8..1 31"},
    {"sub", "-", Way::left, "The difference of the pattern and another, structure from the pattern. The same as `|-`.",
     R"("10 20" $ sub "1 [2 3]")", "0..1/2 9 | 1/2..1 18 in 1/2..3/4 | 1/2..1 17 in 3/4..1"},
    {"sub.in", "-", Way::left, "As `sub`: structure from the pattern.", R"("10 20" $ sub.in "1 [2 3]")",
     "0..1/2 9 | 1/2..1 18 in 1/2..3/4 | 1/2..1 17 in 3/4..1"},
    {"sub.out", "-", Way::right, "The difference, structure from the other pattern. The same as `-|`.", R"("10 20" $ sub.out "1 [2 3]")",
     "0..1/2 9 | 1/2..3/4 18 | 3/4..1 17"},
    {"sub.mix", "-", Way::both, "The difference, structure from both. The same as `|-|`.", R"("10 20" $ sub.mix "1 [2 3]")",
     "0..1/2 9 | 1/2..3/4 18 | 3/4..1 17"},
    {"sub.squeeze", "-", Way::squeeze, "The difference, with one cycle of the other pattern squeezed into each event.",
     R"("10 20" $ sub.squeeze "1 [2 3]")", "0..1/4 9 | 1/4..3/8 8 | 3/8..1/2 7 | 1/2..3/4 19 | 3/4..7/8 18 | 7/8..1 17"},
    {"mul", "*", Way::left, "The product of the pattern and another, structure from the pattern. The same as `|*`.",
     R"("1 2" $ mul "2 [3 4]")", "0..1/2 2 | 1/2..1 6 in 1/2..3/4 | 1/2..1 8 in 3/4..1"},
    {"mul.in", "*", Way::left, "As `mul`: structure from the pattern.", R"("1 2" $ mul.in "2 [3 4]")",
     "0..1/2 2 | 1/2..1 6 in 1/2..3/4 | 1/2..1 8 in 3/4..1"},
    {"mul.out", "*", Way::right, "The product, structure from the other pattern. The same as `*|`.", R"("1 2" $ mul.out "2 [3 4]")",
     "0..1/2 2 | 1/2..3/4 6 | 3/4..1 8"},
    {"mul.mix", "*", Way::both, "The product, structure from both. The same as `|*|`.", R"("1 2" $ mul.mix "2 [3 4]")",
     "0..1/2 2 | 1/2..3/4 6 | 3/4..1 8"},
    {"mul.squeeze", "*", Way::squeeze, "The product, with one cycle of the other pattern squeezed into each event.",
     R"("1 2" $ mul.squeeze "2 [3 4]")", "0..1/4 2 | 1/4..3/8 3 | 3/8..1/2 4 | 1/2..3/4 4 | 3/4..7/8 6 | 7/8..1 8"},
    {"div", "/", Way::left, "The quotient of the pattern and another, structure from the pattern. The same as `|/`.",
     R"("8 12" $ div "2 [4 2]")", "0..1/2 4 | 1/2..1 3 in 1/2..3/4 | 1/2..1 6 in 3/4..1"},
    {"div.in", "/", Way::left, "As `div`: structure from the pattern.", R"("8 12" $ div.in "2 [4 2]")",
     "0..1/2 4 | 1/2..1 3 in 1/2..3/4 | 1/2..1 6 in 3/4..1"},
    {"div.out", "/", Way::right, "The quotient, structure from the other pattern. The same as `/|`.", R"("8 12" $ div.out "2 [4 2]")",
     "0..1/2 4 | 1/2..3/4 3 | 3/4..1 6"},
    {"div.mix", "/", Way::both, "The quotient, structure from both. The same as `|/|`.", R"("8 12" $ div.mix "2 [4 2]")",
     "0..1/2 4 | 1/2..3/4 3 | 3/4..1 6"},
    {"div.squeeze", "/", Way::squeeze, "The quotient, with one cycle of the other pattern squeezed into each event.",
     R"("8 12" $ div.squeeze "2 [4 2]")", "0..1/4 4 | 1/4..3/8 2 | 3/8..1/2 4 | 1/2..3/4 6 | 3/4..7/8 3 | 7/8..1 6"},
    {"mod", "%", Way::left,
     "The remainder (with the sign of the divisor) of the pattern and another, structure from the pattern. The same as `|%`.",
     R"("7 8" $ mod "4 [5 3]")", "0..1/2 3 | 1/2..1 3 in 1/2..3/4 | 1/2..1 2 in 3/4..1"},
    {"mod.in", "%", Way::left, "As `mod`: structure from the pattern.", R"("7 8" $ mod.in "4 [5 3]")",
     "0..1/2 3 | 1/2..1 3 in 1/2..3/4 | 1/2..1 2 in 3/4..1"},
    {"mod.out", "%", Way::right, "The remainder (with the sign of the divisor), structure from the other pattern. The same as `%|`.",
     R"("7 8" $ mod.out "4 [5 3]")", "0..1/2 3 | 1/2..3/4 3 | 3/4..1 2"},
    {"mod.mix", "%", Way::both, "The remainder (with the sign of the divisor), structure from both. The same as `|%|`.",
     R"("7 8" $ mod.mix "4 [5 3]")", "0..1/2 3 | 1/2..3/4 3 | 3/4..1 2"},
    {"mod.squeeze", "%", Way::squeeze,
     "The remainder (with the sign of the divisor), with one cycle of the other pattern squeezed into each event.",
     R"("7 8" $ mod.squeeze "4 [5 3]")", "0..1/4 3 | 1/4..3/8 2 | 3/8..1/2 1 | 1/2..3/4 0 | 3/4..7/8 3 | 7/8..1 2"},
    {"pow", "^", Way::left, "The power of the pattern and another, structure from the pattern. The same as `|^`.",
     R"("2 3" $ pow "2 [3 1]")", "0..1/2 4 | 1/2..1 27 in 1/2..3/4 | 1/2..1 3 in 3/4..1"},
    {"pow.in", "^", Way::left, "As `pow`: structure from the pattern.", R"("2 3" $ pow.in "2 [3 1]")",
     "0..1/2 4 | 1/2..1 27 in 1/2..3/4 | 1/2..1 3 in 3/4..1"},
    {"pow.out", "^", Way::right, "The power, structure from the other pattern. The same as `^|`.", R"("2 3" $ pow.out "2 [3 1]")",
     "0..1/2 4 | 1/2..3/4 27 | 3/4..1 3"},
    {"pow.mix", "^", Way::both, "The power, structure from both. The same as `|^|`.", R"("2 3" $ pow.mix "2 [3 1]")",
     "0..1/2 4 | 1/2..3/4 27 | 3/4..1 3"},
    {"pow.squeeze", "^", Way::squeeze, "The power, with one cycle of the other pattern squeezed into each event.",
     R"("2 3" $ pow.squeeze "2 [3 1]")", "0..1/4 4 | 1/4..3/8 8 | 3/8..1/2 2 | 1/2..3/4 9 | 3/4..7/8 27 | 7/8..1 3"},
    {"set", ">", Way::left, "The right value of the pattern and another, structure from the pattern. The same as `|>`.",
     R"("1 2" $ set "5 [6 7]")", "0..1/2 5 | 1/2..1 6 in 1/2..3/4 | 1/2..1 7 in 3/4..1"},
    {"set.in", ">", Way::left, "As `set`: structure from the pattern.", R"("1 2" $ set.in "5 [6 7]")",
     "0..1/2 5 | 1/2..1 6 in 1/2..3/4 | 1/2..1 7 in 3/4..1"},
    {"set.out", ">", Way::right, "The right value, structure from the other pattern. The same as `>|`.", R"("1 2" $ set.out "5 [6 7]")",
     "0..1/2 5 | 1/2..3/4 6 | 3/4..1 7"},
    {"set.mix", ">", Way::both, "The right value, structure from both. The same as `|>|`.", R"("1 2" $ set.mix "5 [6 7]")",
     "0..1/2 5 | 1/2..3/4 6 | 3/4..1 7"},
    {"set.squeeze", ">", Way::squeeze, "The right value, with one cycle of the other pattern squeezed into each event.",
     R"("1 2" $ set.squeeze "5 [6 7]")", "0..1/4 5 | 1/4..3/8 6 | 3/8..1/2 7 | 1/2..3/4 5 | 3/4..7/8 6 | 7/8..1 7"},
    {"keep", "<", Way::left, "The left value of the pattern and another, structure from the pattern. The same as `|<`.",
     R"("1 2" $ keep "5 [6 7]")", "0..1/2 1 | 1/2..1 2"},
    {"keep.in", "<", Way::left, "As `keep`: structure from the pattern.", R"("1 2" $ keep.in "5 [6 7]")", "0..1/2 1 | 1/2..1 2"},
    {"keep.out", "<", Way::right, "The left value, structure from the other pattern. The same as `<|`.", R"("1 2" $ keep.out "5 [6 7]")",
     "0..1/2 1 | 1/2..3/4 2 | 3/4..1 2"},
    {"keep.mix", "<", Way::both, "The left value, structure from both. The same as `|<|`.", R"("1 2" $ keep.mix "5 [6 7]")",
     "0..1/2 1 | 1/2..3/4 2 | 3/4..1 2"},
    {"keep.squeeze", "<", Way::squeeze, "The left value, with one cycle of the other pattern squeezed into each event.",
     R"("1 2" $ keep.squeeze "5 [6 7]")", "0..1/4 1 | 1/4..3/8 1 | 3/8..1/2 1 | 1/2..3/4 2 | 3/4..7/8 2 | 7/8..1 2"},
};

Pattern applied(const Operator& op, const Pattern& p, const Pattern& other) {
  switch (op.way) {
    case Way::left:
      return combine(op.sign, Structure::left, p, other);
    case Way::right:
      return combine(op.sign, Structure::right, p, other);
    case Way::both:
      return combine(op.sign, Structure::both, p, other);
    case Way::squeeze:
      break;
  }
  const auto each = [sign = op.sign, other](const Value& left) {
    return map_values(other, [sign, left](const Value& right) { return apply_operator(sign, left, right); });
  };
  return squeeze_join(p, each, {p, other});
}

std::vector<FunctionRow> rows() {
  std::vector<FunctionRow> made;
  for (const Operator& op : kOperators)
    made.push_back({op.name, {{"other", ArgKind::pattern}}, true, op.doc, op.example, op.events, [op](Args a) {
                      return applied(op, a[1].pattern(), a[0].pattern());
                    }});
  return made;
}

}  // namespace

Rows operator_rows() {
  static const std::vector<FunctionRow> made = rows();
  return made;
}

}  // namespace hocket
