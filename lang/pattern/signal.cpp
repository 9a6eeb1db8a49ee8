// Continuous patterns: one period a cycle.
#include <cmath>
#include <map>
#include <numbers>

#include "lang/pattern/combinators.h"
#include "lang/pattern/function.h"
#include "lang/pattern/random.h"

namespace hocket {
namespace {

using Shape = double (*)(double position);

double saw(double x) {
  return x;
}
double isaw(double x) {
  return 1 - x;
}
double tri(double x) {
  return x < 0.5 ? 2 * x : 2 - 2 * x;
}
double square(double x) {
  return x < 0.5 ? 0 : 1;
}
double sine(double x) {
  return (1 + std::sin(2 * std::numbers::pi * x)) / 2;
}
double cosine(double x) {
  return (1 + std::cos(2 * std::numbers::pi * x)) / 2;
}

Pattern unipolar(Shape shape) {
  return signal([shape](Rational t, QueryContext&) { return Value(shape(t.fraction().to_double())); });
}
Pattern bipolar(Shape shape) {
  return signal([shape](Rational t, QueryContext&) { return Value(2 * shape(t.fraction().to_double()) - 1); });
}

std::map<std::string, Pattern, std::less<>> all_signals() {
  std::map<std::string, Pattern, std::less<>> all{
      {"saw", unipolar(saw)},
      {"isaw", unipolar(isaw)},
      {"tri", unipolar(tri)},
      {"square", unipolar(square)},
      {"sine", unipolar(sine)},
      {"cosine", unipolar(cosine)},
      {"saw2", bipolar(saw)},
      {"isaw2", bipolar(isaw)},
      {"tri2", bipolar(tri)},
      {"square2", bipolar(square)},
      {"sine2", bipolar(sine)},
      {"cosine2", bipolar(cosine)},
      {"rand", signal([](Rational t, QueryContext& context) { return Value(random_at(t, context.seed)); })},
      {"rand2", signal([](Rational t, QueryContext& context) { return Value(2 * random_at(t, context.seed) - 1); })},
      {"perlin", signal([](Rational t, QueryContext& context) { return Value(perlin_at(t, context.seed)); })},
  };
  return all;
}

}  // namespace

const Pattern* find_signal(std::string_view name) {
  static const auto all = all_signals();
  const auto found = all.find(name);
  return found == all.end() ? nullptr : &found->second;
}

}  // namespace hocket
