// Random removal, choice and order: all a fixed function of cycle time and seed.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "lang/pattern/functions/rows.h"
#include "lang/pattern/random.h"

namespace hocket {
namespace {

using enum ArgKind;

enum class Keep { above, below };

// Keeps the events whose number at the start of their whole is at least x (`above`), or below x.
Pattern degrade(double x, Keep keep, const Pattern& p) {
  return map_events(p, [x, keep](Event& e, QueryContext& context) {
    const bool above = random_at(e.span().begin, context.seed) >= x;
    return above == (keep == Keep::above);
  });
}

Pattern degrade_by(const Pattern& chances, Keep keep, const Pattern& p) {
  return with_number(chances, [p, keep](double x) { return degrade(x, keep, p); }, {p});
}

// Chances grow from 0 at cycle 0 to 1 at `cycles`.
Pattern fade(Rational cycles, Keep keep, const Pattern& p) {
  return map_events(p, [cycles, keep](Event& e, QueryContext& context) {
    const Rational begin = e.span().begin;
    const double reached = cycles <= Rational(0) ? 1 : min(max(begin / cycles, 0), 1).to_double();
    const bool above = random_at(begin, context.seed) >= (keep == Keep::above ? reached : 1 - reached);
    return above;
  });
}

Pattern sometimes_by(const Pattern& chances, const PatternFunction& f, const Pattern& p) {
  return with_number(chances,
                     [p, f](double x) {
                       return stack({degrade(x, Keep::above, p), f(degrade(x, Keep::below, p))}).with_steps(p.steps());
                     },
                     {p});
}

Pattern sometimes(Args a, double chance) {
  return sometimes_by(Pattern::pure(Value(chance)), a[0].function(), a[1].pattern());
}

Pattern some_cycles_by(const Pattern& chances, const PatternFunction& f, const Pattern& p) {
  const Pattern changed = f(p);
  return with_number(chances,
                     [p, changed](double x) {
                       return in_cycles([x](std::int64_t cycle, QueryContext& context) { return random_at(cycle, context.seed) < x; },
                                        changed, p);
                     },
                     {p, changed});
}

std::size_t index_of(double r, std::size_t count) {
  return std::min(static_cast<std::size_t>(std::max(0.0, r) * static_cast<double>(count)), count - 1);
}

// The first entry whose running total of weights exceeds r times all of them.
std::size_t weighted_index(double r, const std::vector<WeightedEntry>& entries) {
  double total = 0;
  for (const WeightedEntry& entry : entries) total += entry.weight.to_double();
  double running = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    running += entries[i].weight.to_double();
    if (running > r * total) return i;
  }
  return entries.size() - 1;
}

// A continuous pattern of the entries' values, the entry picked anew at every place.
template <class Pick>
Pattern chosen(std::vector<Pattern> entries, Pick pick) {
  if (entries.empty()) return {};
  const auto body = [entries, pick](const TimeSpan& span, QueryContext& context, Events& out) {
    const Pattern& entry = entries[pick(random_at(span.begin, context.seed))];
    for (const Event& e : entry.query({span.begin, span.begin}, context)) out.push_back({std::nullopt, span, e.value, e.where});
  };
  return Pattern(Pattern::Append(body), entries);
}

std::vector<Pattern> patterns_in(const std::vector<WeightedEntry>& entries) {
  std::vector<Pattern> patterns;
  for (const WeightedEntry& entry : entries) patterns.push_back(entry.pattern);
  return patterns;
}

// Cycle c plays what `cat` plays n * r(c) cycles on.
Pattern rand_cat(const std::vector<Pattern>& patterns) {
  if (patterns.empty()) return {};
  const auto choose = [patterns](std::int64_t cycle, QueryContext& context) -> CycleChoice {
    const auto count = static_cast<std::int64_t>(patterns.size());
    const auto jumped = Rational(cycle) + static_cast<std::int64_t>(index_of(random_at(cycle, context.seed), patterns.size()));
    return {patterns[static_cast<std::size_t>(modulo(jumped.num(), count))], floor_div(jumped.num(), count)};
  };
  return by_cycle(choose, patterns);
}

Pattern weighted_cat(const std::vector<WeightedEntry>& entries) {
  if (entries.empty()) return {};
  const auto choose = [entries](std::int64_t cycle, QueryContext& context) -> CycleChoice {
    return {entries[weighted_index(random_at(cycle, context.seed), entries)].pattern, cycle};
  };
  return by_cycle(choose, patterns_in(entries));
}

constexpr std::int64_t kMostParts = 1 << 12;

// The i-th of n parts of each cycle, stretched to the cycle: a step of `even_steps` squeezes it back.
Pattern nth_part(std::int64_t i, std::int64_t n, const Pattern& p) {
  return zoom(Rational(i, n), Rational(i + 1, n), p);
}

// Steps cut what leads beyond them, as events of a squeezed part end with it.
Pattern part_steps(std::int64_t n, std::function<std::int64_t(std::int64_t step, Rational cycle, QueryContext&)> part, const Pattern& p) {
  if (n < 1) return {};
  if (n > kMostParts) return Pattern::exhausting();
  const Pattern steps = even_steps(n, [part = std::move(part)](std::int64_t step, Rational cycle, QueryContext& context) {
    return Pattern::pure(Value(static_cast<double>(part(step, cycle, context))));
  });
  return squeeze_join(steps, [n, p](const Value& v) { return nth_part(count_of(v), n, p); }, {p});
}

Pattern shuffle(std::int64_t n, const Pattern& p) {
  // The order of a whole cycle is drawn at once; its draws are paid for here, as a query may ask for one step after the other.
  return part_steps(
      n,
      [n](std::int64_t step, Rational cycle, QueryContext& context) {
        context.work -= std::min(context.work, static_cast<std::size_t>(n));
        const std::vector<double> draws = randoms_at(cycle, context.seed, static_cast<std::size_t>(n));
        std::vector<std::int64_t> order(static_cast<std::size_t>(n));
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
          return draws[static_cast<std::size_t>(a)] < draws[static_cast<std::size_t>(b)];
        });
        return order[static_cast<std::size_t>(step)];
      },
      p);
}

Pattern scramble(std::int64_t n, const Pattern& p) {
  return part_steps(
      n,
      [n](std::int64_t step, Rational cycle, QueryContext& context) {
        const double r = random_at(cycle + Rational(step, n), context.seed);
        return static_cast<std::int64_t>(index_of(r, static_cast<std::size_t>(n)));
      },
      p);
}

template <class F>
Pattern counted(Args a, F f) {
  const Pattern p = a[1].pattern();
  return with_count(a[0].pattern(), [p, f](std::int64_t n) { return f(n, p); }, {p});
}

const std::vector<FunctionRow>& rows() {
  static const std::vector<FunctionRow> made{
      {"degrade",
       {},
       true,
       "Drops each event with probability 0.5.",
       R"("hh*8" $ degrade)",
       "0..1/8 hh | 1/4..3/8 hh | 3/8..1/2 hh",
       [](Args a) { return degrade(0.5, Keep::above, a[0].pattern()); }},
      {"degradeBy",
       {{"chance", number}},
       true,
       "Drops each event with this probability.",
       R"("hh*8" $ degradeBy 0.4)",
       "0..1/8 hh | 1/4..3/8 hh | 3/8..1/2 hh",
       [](Args a) { return degrade_by(a[0].pattern(), Keep::above, a[1].pattern()); }},
      {"undegradeBy",
       {{"chance", number}},
       true,
       "Keeps each event with this probability: those that `degradeBy` drops.",
       R"("hh*8" $ undegradeBy 0.4)",
       "1/8..1/4 hh | 1/2..5/8 hh | 5/8..3/4 hh | 3/4..7/8 hh | 7/8..1 hh",
       [](Args a) { return degrade_by(a[0].pattern(), Keep::below, a[1].pattern()); }},
      {"fadeOut",
       {{"cycles", constant}},
       true,
       "Drops more and more events over the first `cycles` cycles, until none are left.",
       R"("hh*8" $ fadeOut 1)",
       "0..1/8 hh | 1/8..1/4 hh | 1/4..3/8 hh | 3/8..1/2 hh",
       [](Args a) { return fade(a[0].constant(), Keep::above, a[1].pattern()); }},
      {"fadeIn",
       {{"cycles", constant}},
       true,
       "Lets in more and more events over the first `cycles` cycles, until all are there.",
       R"("hh*8" $ fadeIn 1)",
       "7/8..1 hh",
       [](Args a) { return fade(a[0].constant(), Keep::below, a[1].pattern()); }},
      {"sometimesBy",
       {{"chance", number}, {"function", function}},
       true,
       "Applies the function to each event with this probability.",
       R"("hh*4" $ sometimesBy 0.3 (ply 2))",
       "0..1/4 hh | 1/4..1/2 hh | 1/2..5/8 hh | 5/8..3/4 hh | 3/4..7/8 hh | 7/8..1 hh",
       [](Args a) { return sometimes_by(a[0].pattern(), a[1].function(), a[2].pattern()); }},
      {"sometimes",
       {{"function", function}},
       true,
       "As `sometimesBy 0.5`.",
       R"("hh*4" $ sometimes (ply 2))",
       "0..1/4 hh | 1/4..1/2 hh | 1/2..5/8 hh | 5/8..3/4 hh | 3/4..7/8 hh | 7/8..1 hh",
       [](Args a) { return sometimes(a, 0.5); }},
      {"often",
       {{"function", function}},
       true,
       "As `sometimesBy 0.75`.",
       R"("hh*8" $ often (ply 2))",
       "0..1/16 hh | 1/16..1/8 hh | 1/8..3/16 hh | 3/16..1/4 hh | 1/4..5/16 hh | 5/16..3/8 hh | 3/8..7/16 hh | 7/16..1/2 hh | "
       "1/2..9/16 hh | 9/16..5/8 hh | 5/8..11/16 hh | 11/16..3/4 hh | 3/4..13/16 hh | 13/16..7/8 hh | 7/8..15/16 hh | "
       "15/16..1 hh",
       [](Args a) { return sometimes(a, 0.75); }},
      {"rarely",
       {{"function", function}},
       true,
       "As `sometimesBy 0.25`.",
       R"("hh*4" $ rarely (ply 2))",
       "0..1/4 hh | 1/4..1/2 hh | 1/2..3/4 hh | 3/4..7/8 hh | 7/8..1 hh",
       [](Args a) { return sometimes(a, 0.25); }},
      {"almostNever",
       {{"function", function}},
       true,
       "As `sometimesBy 0.1`.",
       R"("hh*4" $ almostNever (ply 2))",
       "0..1/4 hh | 1/4..1/2 hh | 1/2..3/4 hh | 3/4..1 hh",
       [](Args a) { return sometimes(a, 0.1); }},
      {"almostAlways",
       {{"function", function}},
       true,
       "As `sometimesBy 0.9`.",
       R"("hh*4" $ almostAlways (ply 2))",
       "0..1/8 hh | 1/8..1/4 hh | 1/4..3/8 hh | 3/8..1/2 hh | 1/2..5/8 hh | 5/8..3/4 hh | 3/4..7/8 hh | 7/8..1 hh",
       [](Args a) { return sometimes(a, 0.9); }},
      {"someCyclesBy",
       {{"chance", number}, {"function", function}},
       true,
       "Applies the function to whole cycles with this probability.",
       R"("a b c" $ someCyclesBy 0.6 rev)",
       "0..1/3 c | 1/3..2/3 b | 2/3..1 a",
       [](Args a) { return some_cycles_by(a[0].pattern(), a[1].function(), a[2].pattern()); }},
      {"someCycles",
       {{"function", function}},
       true,
       "As `someCyclesBy 0.5`.",
       R"("a b" $ someCycles rev $ fast 4)",
       "0..1/8 a | 1/8..1/4 b | 1/4..3/8 a | 3/8..1/2 b | 1/2..5/8 b | 5/8..3/4 a | 3/4..7/8 a | 7/8..1 b",
       [](Args a) { return some_cycles_by(Pattern::pure(Value(0.5)), a[0].function(), a[1].pattern()); }},
      {"irand",
       {{"count", number}},
       false,
       "A signal of random whole numbers from 0 to count - 1.",
       "irand 8 $ segment 4",
       "0..1/4 4 | 1/4..1/2 5 | 1/2..3/4 2 | 3/4..1 1",
       [](Args a) {
         return with_number(a[0].pattern(), [](double n) {
           return signal([n](Rational t, QueryContext& context) { return Value(std::floor(n * random_at(t, context.seed))); });
         });
       }},
      {"choose",
       {{"values", list}},
       false,
       "A signal of values picked at random.",
       R"(choose ["a", "b", "c"] $ segment 4)",
       "0..1/4 b | 1/4..1/2 b | 1/2..3/4 a | 3/4..1 a",
       [](Args a) {
         std::vector<Pattern> entries = patterns_of(a[0].list());
         const std::size_t count = entries.size();
         return chosen(std::move(entries), [count](double r) { return index_of(r, count); });
       }},
      {"wchoose",
       {{"values", list}},
       false,
       "As `choose`, with weights: [value, weight].",
       R"(wchoose [["a", 1], ["b", 3]] $ segment 4)",
       "0..1/4 b | 1/4..1/2 b | 1/2..3/4 b | 3/4..1 a",
       [](Args a) {
         const std::vector<WeightedEntry> entries = weighted_of(a[0].list(), false);
         return chosen(patterns_in(entries), [entries](double r) { return weighted_index(r, entries); });
       }},
      {"randcat",
       {{"patterns", list}},
       false,
       "A pattern picked at random in every cycle.",
       R"(randcat ["a", "b", "c"] $ fast 4)",
       "0..1/4 b | 1/4..1/2 c | 1/2..3/4 c | 3/4..1 c",
       [](Args a) { return rand_cat(patterns_of(a[0].list())); }},
      {"wrandcat",
       {{"patterns", list}},
       false,
       "As `randcat`, with weights: [pattern, weight].",
       R"(wrandcat [["a", 1], ["b", 2]] $ fast 4)",
       "0..1/4 b | 1/4..1/2 b | 1/2..3/4 a | 3/4..1 b",
       [](Args a) { return weighted_cat(weighted_of(a[0].list(), false)); }},
      {"shuffle",
       {{"parts", number}},
       true,
       "Cuts each cycle into parts and plays them in random order, each once.",
       R"("a b c d" $ shuffle 4)",
       "0..1/4 d | 1/4..1/2 c | 1/2..3/4 a | 3/4..1 b",
       [](Args a) { return counted(a, shuffle); }},
      {"scramble",
       {{"parts", number}},
       true,
       "Cuts each cycle into parts and plays a part picked at random in place of each.",
       R"("a b c d" $ scramble 4)",
       "0..1/4 c | 1/4..1/2 c | 1/2..3/4 b | 3/4..1 a",
       [](Args a) { return counted(a, scramble); }},
  };
  return made;
}

}  // namespace

Rows chance_rows() {
  return rows();
}

}  // namespace hocket
