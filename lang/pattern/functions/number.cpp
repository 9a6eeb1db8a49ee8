// Numbers: ranges, rounding, and patterns of generated numbers.
#include <cmath>

#include "lang/pattern/functions/rows.h"

namespace hocket {
namespace {

using enum ArgKind;

template <class F>
Pattern with_each_number(const Pattern& p, F f) {
  return map_values(p, [f](const Value& v) {
    if (v.kind() == Value::Kind::note) return Value::note(f(v.number()));
    return v.kind() == Value::Kind::number ? Value(f(v.number())) : v;
  });
}

double scaled_exponentially(double from, double to, double x) {
  const double y = from * std::pow(to / from, x);
  return std::isfinite(y) ? y : 0;
}

template <class F>
Pattern ranged(Args a, F f) {
  const Pattern p = a[2].pattern();
  const Pattern to = a[1].pattern();
  return with_number(a[0].pattern(),
                     [=](double low) {
                       return with_number(to, [=](double high) { return with_each_number(p, [=](double x) { return f(low, high, x); }); },
                                          {p});
                     },
                     {p});
}

// The number that p has just now, and the event it belongs to.
std::optional<Event> current(const Pattern& p, Rational t, QueryContext& context) {
  for (Event& e : p.query({t, t}, context))
    if (e.value.is_numeric()) return std::move(e);
  return std::nullopt;
}

Pattern smooth(const Pattern& p) {
  const auto body = [p](const TimeSpan& span, QueryContext& context, Events& out) {
    const auto from = current(p, span.begin, context);
    if (!from || !context.spend()) return;
    const auto to = from->whole ? current(p, from->whole->end, context) : from;
    const double x = from->whole ? ((span.begin - from->whole->begin) / from->whole->length()).to_double() : 0;
    const double value = from->value.number() + ((to ? to : from)->value.number() - from->value.number()) * x;
    out.push_back({std::nullopt, span, Value(value), from->where});
  };
  return Pattern(Pattern::Append(body), {p});
}

// 0 .. n-1 in a cycle.
Pattern run(std::int64_t n) {
  return even_values(n, [](std::int64_t i) { return Value(static_cast<double>(i)); });
}

// A run of 1, then of 2 … up to n, one a cycle.
Pattern scan(std::int64_t n) {
  if (n < 1) return {};
  return by_cycle([n](std::int64_t cycle, QueryContext&) -> CycleChoice { return {run(modulo(cycle, n) + 1), floor_div(cycle, n)}; }, {});
}

// The `bits` lowest bits of x, highest first.
Pattern binary(std::int64_t bits, std::int64_t x) {
  return even_values(bits, [bits, x](std::int64_t i) {
    const std::int64_t place = bits - 1 - i;
    return Value(place < 63 ? static_cast<double>((x >> place) & 1) : x < 0 ? 1 : 0);
  });
}

// The bits of each character of the word, 8 a character.
Pattern ascii(const std::string& text) {
  const auto bits = static_cast<std::int64_t>(text.size()) * 8;
  return even_values(bits, [text](std::int64_t i) {
    const auto character = static_cast<unsigned char>(text[static_cast<std::size_t>(i / 8)]);
    return Value((character >> (7 - i % 8)) & 1);
  });
}

const std::vector<FunctionRow>& rows() {
  static const std::vector<FunctionRow> made{
      {"range",
       {{"low", number}, {"high", number}},
       true,
       "Scales numbers from 0..1 to low..high.",
       R"("0 0.5 1" $ range 10 20)",
       "0..1/3 10 | 1/3..2/3 15 | 2/3..1 20",
       [](Args a) { return ranged(a, [](double low, double high, double x) { return low + (high - low) * x; }); }},
      {"range2",
       {{"low", number}, {"high", number}},
       true,
       "Scales numbers from -1..1 to low..high.",
       R"("-1 0 1" $ range2 10 20)",
       "0..1/3 10 | 1/3..2/3 15 | 2/3..1 20",
       [](Args a) { return ranged(a, [](double low, double high, double x) { return low + (high - low) * (x + 1) / 2; }); }},
      {"rangex",
       {{"low", number}, {"high", number}},
       true,
       "Scales numbers from 0..1 to low..high exponentially, as suits frequencies. Both above 0.",
       R"("0 0.5 1" $ rangex 10 1000)",
       "0..1/3 10 | 1/3..2/3 100 | 2/3..1 1000",
       [](Args a) { return ranged(a, scaled_exponentially); }},
      {"round",
       {},
       true,
       "Rounds numbers to the nearest whole one, halves up.",
       R"("0.2 0.7 1.5" $ round)",
       "0..1/3 0 | 1/3..2/3 1 | 2/3..1 2",
       [](Args a) { return with_each_number(a[0].pattern(), [](double x) { return std::floor(x + 0.5); }); }},
      {"floor",
       {},
       true,
       "Rounds numbers down.",
       R"("0.2 -0.7" $ floor)",
       "0..1/2 0 | 1/2..1 -1",
       [](Args a) { return with_each_number(a[0].pattern(), [](double x) { return std::floor(x); }); }},
      {"ceil",
       {},
       true,
       "Rounds numbers up.",
       R"("0.2 -0.7" $ ceil)",
       "0..1/2 1 | 1/2..1 0",
       [](Args a) { return with_each_number(a[0].pattern(), [](double x) { return std::ceil(x); }); }},
      {"quantise",
       {{"parts", constant}},
       true,
       "Rounds numbers to the nearest multiple of 1/parts.",
       R"("0.1 0.3 0.6" $ quantise 2)",
       "0..1/3 0 | 1/3..2/3 0.5 | 2/3..1 0.5",
       [](Args a) {
         const double n = a[0].constant().to_double();
         return with_each_number(a[1].pattern(), [n](double x) { return n == 0 ? x : std::floor(x * n + 0.5) / n; });
       }},
      {"smooth",
       {},
       true,
       "A signal that moves in straight lines from each number to the next.",
       R"("0 10" $ smooth $ segment 4)",
       "0..1/4 0 | 1/4..1/2 5 | 1/2..3/4 10 | 3/4..1 5",
       [](Args a) { return smooth(a[0].pattern()); }},
      {"run",
       {{"count", number}},
       false,
       "The numbers from 0 to count - 1 in a cycle.",
       "run 4",
       "0..1/4 0 | 1/4..1/2 1 | 1/2..3/4 2 | 3/4..1 3",
       [](Args a) { return with_count(a[0].pattern(), run); }},
      {"scan",
       {{"count", number}},
       false,
       "A run of 1, then of 2, up to `count`, one a cycle.",
       "scan 3 $ fast 3",
       "0..1/3 0 | 1/3..1/2 0 | 1/2..2/3 1 | 2/3..7/9 0 | 7/9..8/9 1 | 8/9..1 2",
       [](Args a) { return with_count(a[0].pattern(), scan); }},
      {"binaryN",
       {{"number", number}, {"bits", number}},
       false,
       "The lowest bits of a number in a cycle, highest first.",
       "binaryN 5 4",
       "0..1/4 0 | 1/4..1/2 1 | 1/2..3/4 0 | 3/4..1 1",
       [](Args a) {
         return with_count(a[0].pattern(), [bits = a[1].pattern()](std::int64_t x) {
           return with_count(bits, [x](std::int64_t n) { return binary(n, x); });
         });
       }},
      {"binary",
       {{"number", number}},
       false,
       "As `binaryN` with 8 bits.",
       "binary 146",
       "0..1/8 1 | 1/8..1/4 0 | 1/4..3/8 0 | 3/8..1/2 1 | 1/2..5/8 0 | 5/8..3/4 0 | 3/4..7/8 1 | 7/8..1 0",
       [](Args a) { return with_count(a[0].pattern(), [](std::int64_t x) { return binary(8, x); }); }},
      {"ascii",
       {{"words", word}},
       false,
       "The bits of each letter of a word in a cycle, 8 a letter.",
       R"(ascii "a")",
       "0..1/8 0 | 1/8..1/4 1 | 1/4..3/8 1 | 3/8..1/2 0 | 1/2..5/8 0 | 5/8..3/4 0 | 3/4..7/8 0 | 7/8..1 1",
       [](Args a) { return inner_join(a[0].pattern(), [](const Value& v) { return ascii(to_text(v)); }); }},
      {"inv",
       {},
       true,
       "True for false, false for true.",
       R"("1 0 t f" $ inv)",
       "0..1/4 0 | 1/4..1/2 1 | 1/2..3/4 0 | 3/4..1 1",
       [](Args a) { return negated(a[0].pattern()); },
       nullptr,
       truth},
  };
  return made;
}

}  // namespace

Rows number_rows() {
  return rows();
}

}  // namespace hocket
