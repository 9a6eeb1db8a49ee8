// A pattern together with changed copies of itself.
#include "lang/pattern/functions/rows.h"

namespace hocket {
namespace {

using enum ArgKind;

constexpr std::int64_t kMostLayers = 128;  // each holds the one below: past this a query could not afford them anyway

// p, f(p late by t), f(f(p late by t) late by t) …
Pattern echo_with(std::int64_t n, Rational t, const PatternFunction& f, const Pattern& p) {
  if (n > kMostLayers) return Pattern::exhausting();
  std::vector<Pattern> layers{p};
  for (std::int64_t i = 1; i < n; ++i) layers.push_back(f(late(t, layers.back())));
  return stack(std::move(layers));
}

Pattern stutter(std::int64_t n, Rational t, const Pattern& p) {
  if (n > kMostLayers) return Pattern::exhausting();
  std::vector<Pattern> layers{p};
  for (std::int64_t i = 1; i < n; ++i) layers.push_back(late(t * Rational(i), p));
  return stack(std::move(layers));
}

// Like `ply`, the i-th repeat with f applied i times.
Pattern ply_with(std::int64_t n, const PatternFunction& f, const Pattern& p) {
  if (n < 1) return {};
  if (n > kMostLayers) return Pattern::exhausting();
  std::vector<Pattern> layers;
  Pattern changed = p;
  for (std::int64_t i = 0; i < n; ++i) {
    layers.push_back(map_events(changed, [i, n](Event& e, QueryContext&) {
      if (!e.whole) return true;
      const Rational length = e.whole->length() / Rational(n);
      const Rational begin = e.whole->begin + length * Rational(i);
      e.whole = TimeSpan{begin, begin + length};
      const auto part = overlap(e.part, *e.whole);
      if (part) e.part = *part;
      return part.has_value();
    }));
    changed = f(changed);
  }
  return stack(std::move(layers));
}

// The `cat` of p, f(p), f(f(p)) …; `pile`: each together with all before it.
Pattern soak(std::int64_t n, bool pile, const PatternFunction& f, const Pattern& p) {
  if (n < 1) return {};
  if (n > kMostLayers) return Pattern::exhausting();
  std::vector<Pattern> cycles{p};
  Pattern changed = p;
  for (std::int64_t i = 1; i < n; ++i) {
    changed = f(changed);
    cycles.push_back(pile ? stack({cycles.back(), changed}) : changed);
  }
  return cat(std::move(cycles));
}

Pattern soak_counted(Args a, bool pile) {
  const Pattern p = a[2].pattern();
  return with_count(a[0].pattern(), [=, f = a[1].function()](std::int64_t n) { return soak(n, pile, f, p); }, {p});
}

const std::vector<FunctionRow>& rows() {
  static const std::vector<FunctionRow> made{
      {"superimpose",
       {{"function", function}},
       true,
       "The pattern together with the function of it.",
       R"("a b" $ superimpose (fast 2))",
       "0..1/4 a | 0..1/2 a | 1/4..1/2 b | 1/2..3/4 a | 1/2..1 b | 3/4..1 b",
       [](Args a) {
         return stack({a[1].pattern(), a[0].function()(a[1].pattern())});
       }},
      {"off",
       {{"cycles", time}, {"function", function}},
       true,
       "The pattern together with the function of it, delayed.",
       R"("0 1" $ off 0.25 (+ 12))",
       "-1/4..1/4 13 in 0..1/4 | 0..1/2 0 | 1/4..3/4 12 | 1/2..1 1 | 3/4..5/4 13 in 3/4..1",
       [](Args a) {
         const Pattern p = a[2].pattern();
         const auto delayed = [p, f = a[1].function()](Rational t) { return f(late(t, p)); };
         return stack({p, with_time(a[0].pattern(), delayed, {p})});
       }},
      {"layer",
       {{"functions", list}},
       true,
       "All functions of the pattern together, without the pattern itself.",
       R"("0 1" $ layer [rev, (+ 10)])",
       "0..1/2 1 | 0..1/2 10 | 1/2..1 0 | 1/2..1 11",
       [](Args a) {
         std::vector<Pattern> layers;
         for (const Arg& f : a[0].list())
           if (const auto* apply = std::get_if<PatternFunction>(&f.value)) layers.push_back((*apply)(a[1].pattern()));
         return stack(std::move(layers));
       }},
      {"echoWith",
       {{"count", number}, {"cycles", time}, {"function", function}},
       true,
       "`count` layers, each later than the one before by `cycles` and with the function applied once more.",
       R"("0" $ echoWith 3 0.25 (+ 2))",
       "-3/4..1/4 2 in 0..1/4 | -1/2..1/2 4 in 0..1/2 | 0..1 0 | 1/4..5/4 2 in 1/4..1 | 1/2..3/2 4 in 1/2..1",
       [](Args a) {
         const Pattern p = a[3].pattern();
         return with_count(a[0].pattern(),
                           [=, times = a[1].pattern(), f = a[2].function()](std::int64_t n) {
                             return with_time(times, [=](Rational t) { return echo_with(n, t, f, p); }, {p});
                           },
                           {p});
       }},
      {"stutter",
       {{"count", number}, {"cycles", time}},
       true,
       "`count` copies, each `cycles` later than the one before.",
       R"("a" $ stutter 3 0.125)",
       "-7/8..1/8 a in 0..1/8 | -3/4..1/4 a in 0..1/4 | 0..1 a | 1/8..9/8 a in 1/8..1 | 1/4..5/4 a in 1/4..1",
       [](Args a) {
         const Pattern p = a[2].pattern();
         return with_count(
             a[0].pattern(),
             [=, times = a[1].pattern()](std::int64_t n) { return with_time(times, [=](Rational t) { return stutter(n, t, p); }, {p}); },
             {p});
       }},
      {"plyWith",
       {{"count", number}, {"function", function}},
       true,
       "As `ply`, each repeat with the function applied once more.",
       R"("0 1" $ plyWith 3 (+ 2))",
       "0..1/6 0 | 1/6..1/3 2 | 1/3..1/2 4 | 1/2..2/3 1 | 2/3..5/6 3 | 5/6..1 5",
       [](Args a) {
         const Pattern p = a[2].pattern();
         return with_count(a[0].pattern(), [=, f = a[1].function()](std::int64_t n) { return ply_with(n, f, p); }, {p});
       }},
      {"soak",
       {{"count", number}, {"function", function}},
       true,
       "Over `count` cycles: the pattern, the function of it, the function of that, and so on.",
       R"("0 1" $ soak 3 (+ 10) $ fast 3)",
       "0..1/6 0 | 1/6..1/3 1 | 1/3..1/2 10 | 1/2..2/3 11 | 2/3..5/6 20 | 5/6..1 21",
       [](Args a) { return soak_counted(a, false); }},
      {"snowball",
       {{"count", number}, {"function", function}},
       true,
       "As `soak`, each cycle together with all that came before it.",
       R"("0 1" $ snowball 3 (+ 10) $ fast 3)",
       "0..1/6 0 | 1/6..1/3 1 | 1/3..1/2 0 | 1/3..1/2 10 | 1/2..2/3 1 | 1/2..2/3 11 | 2/3..5/6 0 | 2/3..5/6 10 | "
       "2/3..5/6 20 | 5/6..1 1 | 5/6..1 11 | 5/6..1 21",
       [](Args a) { return soak_counted(a, true); }},
  };
  return made;
}

}  // namespace

Rows layer_rows() {
  return rows();
}

}  // namespace hocket
