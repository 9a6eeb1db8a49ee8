// Faster, later, backwards, and parts of the cycle.
#include "lang/pattern/functions/rows.h"

namespace hocket {
namespace {

using enum ArgKind;

Pattern fast_gap(Rational n, const Pattern& p) {
  return n == Rational(0) ? Pattern() : compress(0, Rational(1) / max(n, 1), p);
}

// The first `until` of each cycle; events that reach further are cut.
Pattern trunc(Rational until, const Pattern& p) {
  const auto body = [until, p](const TimeSpan& span, QueryContext& context, Events& out) {
    each_cycle(span, context, [&](const TimeSpan& piece, Rational cycle) {
      const auto kept = overlap(piece, {cycle, cycle + min(until, 1)});
      if (kept && until > Rational(0)) p.query(*kept, context, out);
    });
  };
  return Pattern(Pattern::Append(body), {p}, p.steps());
}

// The first part of the cycle (below 0: the last) repeated; the repeats run through successive cycles.
Pattern linger(Rational part, const Pattern& p) {
  if (part == Rational(0)) return {};
  const Rational length = min(abs(part), 1);
  return fast(Rational(1) / length, part > Rational(0) ? zoom(0, length, p) : zoom(Rational(1) - length, 1, p));
}

// The span from the first to the last event of each cycle stretched to the cycle.
Pattern stretch(const Pattern& p) {
  const auto body = [p](const TimeSpan& span, QueryContext& context, Events& out) {
    each_cycle(span, context, [&](const TimeSpan& piece, Rational cycle) {
      const Events all = p.query({cycle, cycle + 1}, context);
      if (all.empty()) return;
      TimeSpan around = all.front().span();
      for (const Event& e : all) around = {min(around.begin, e.span().begin), max(around.end, e.span().end)};
      const Rational factor = around.length();
      query_through(p, {factor, around.begin - cycle * factor}, piece, context, out);
    });
  };
  return Pattern(Pattern::Append(body), {p});
}

Pattern wedge(Rational part, const Pattern& first, const Pattern& rest) {
  if (part <= Rational(0)) return rest;
  if (part >= Rational(1)) return first;
  return timecat({{part, first}, {Rational(1) - part, rest}});
}

template <class F>
Pattern timed(Args a, F f) {
  const Pattern p = a[1].pattern();
  return with_time(a[0].pattern(), [p, f](Rational t) { return f(t, p); }, {p});
}

template <class F>
Pattern spanned(Args a, F f) {
  const Pattern p = a[2].pattern();
  const Pattern end = a[1].pattern();
  return with_time(a[0].pattern(), [=](Rational from) { return with_time(end, [=](Rational to) { return f(from, to, p); }, {p}); }, {p});
}

const std::vector<FunctionRow>& rows() {
  static const std::vector<FunctionRow> made{
      {"fast",
       {{"factor", time}},
       true,
       "Plays the pattern `factor` times as fast. 0 is silence, below 0 it runs backwards.",
       R"("bd sn" $ fast 2)",
       "0..1/4 bd | 1/4..1/2 sn | 1/2..3/4 bd | 3/4..1 sn",
       [](Args a) { return timed(a, [](Rational t, const Pattern& p) { return fast(t, p); }); }},
      {"slow",
       {{"factor", time}},
       true,
       "Stretches the pattern over `factor` cycles. 0 is silence.",
       R"("bd sn hh cp" $ slow 2)",
       "0..1/2 bd | 1/2..1 sn",
       [](Args a) { return timed(a, [](Rational t, const Pattern& p) { return slow(t, p); }); }},
      {"early",
       {{"cycles", time}},
       true,
       "Moves the pattern earlier in time (`<~` in TidalCycles).",
       R"("bd sn" $ early 0.25)",
       "-1/4..1/4 bd in 0..1/4 | 1/4..3/4 sn | 3/4..5/4 bd in 3/4..1",
       [](Args a) { return timed(a, [](Rational t, const Pattern& p) { return early(t, p); }); }},
      {"late",
       {{"cycles", time}},
       true,
       "Moves the pattern later in time (`~>` in TidalCycles).",
       R"("bd sn" $ late 0.25)",
       "-1/4..1/4 sn in 0..1/4 | 1/4..3/4 bd | 3/4..5/4 sn in 3/4..1",
       [](Args a) { return timed(a, [](Rational t, const Pattern& p) { return late(t, p); }); }},
      {"rev",
       {},
       true,
       "Plays each cycle backwards.",
       R"("bd sn hh" $ rev)",
       "0..1/3 hh | 1/3..2/3 sn | 2/3..1 bd",
       [](Args a) { return rev(a[0].pattern()); }},
      {"palindrome",
       {},
       true,
       "Every cycle forwards, then backwards.",
       R"("bd sn hh" $ palindrome $ fast 2)",
       "0..1/6 bd | 1/6..1/3 sn | 1/3..1/2 hh | 1/2..2/3 hh | 2/3..5/6 sn | 5/6..1 bd",
       [](Args a) {
         return cat({a[0].pattern(), rev(a[0].pattern())});
       }},
      {"compress",
       {{"begin", time}, {"end", time}},
       true,
       "Squeezes each cycle into begin..end of the cycle, with silence around it. Silence unless 0 <= begin < end <= 1.",
       R"("bd sn" $ compress 0.25 0.75)",
       "1/4..1/2 bd | 1/2..3/4 sn",
       [](Args a) { return spanned(a, [](Rational b, Rational e, const Pattern& p) { return compress(b, e, p); }); }},
      {"fastGap",
       {{"factor", time}},
       true,
       "Plays each cycle `factor` times as fast, once, and leaves the rest of it empty.",
       R"("bd sn" $ fastGap 2)",
       "0..1/4 bd | 1/4..1/2 sn",
       [](Args a) { return timed(a, fast_gap); }},
      {"zoom",
       {{"begin", time}, {"end", time}},
       true,
       "Stretches begin..end of each cycle to the whole cycle.",
       R"("a b c d" $ zoom 0.25 0.75)",
       "0..1/2 b | 1/2..1 c",
       [](Args a) { return spanned(a, [](Rational b, Rational e, const Pattern& p) { return zoom(b, e, p); }); }},
      {"linger",
       {{"part", time}},
       true,
       "Repeats the first `part` of the cycle to fill it; below 0, the last part. The repeats run through successive cycles. 0 is silence.",
       R"("a b c d" $ linger 0.25)",
       "0..1/4 a | 1/4..1/2 a | 1/2..3/4 a | 3/4..1 a",
       [](Args a) { return timed(a, linger); }},
      {"trunc",
       {{"part", time}},
       true,
       "Plays only the first `part` of each cycle; events that reach further are cut.",
       R"("a b c d" $ trunc 0.75)",
       "0..1/4 a | 1/4..1/2 b | 1/2..3/4 c",
       [](Args a) { return timed(a, trunc); }},
      {"stretch",
       {},
       true,
       "Stretches the span from each cycle's first event to its last to the whole cycle.",
       R"("a ~ b ~" $ stretch)",
       "0..1/3 a | 2/3..1 b",
       [](Args a) { return stretch(a[0].pattern()); }},
      {"wedge",
       {{"part", time}, {"rest", pattern}},
       true,
       "Squeezes the pattern into the first `part` of the cycle and `rest` into what is left.",
       R"("a b c" $ wedge 0.25 "d e")",
       "0..1/12 a | 1/12..1/6 b | 1/6..1/4 c | 1/4..5/8 d | 5/8..1 e",
       [](Args a) {
         const Pattern p = a[2].pattern();
         const Pattern rest = a[1].pattern();
         return with_time(a[0].pattern(), [=](Rational part) { return wedge(part, p, rest); }, {p, rest});
       }},
      {"inside",
       {{"factor", time}, {"function", function}},
       true,
       "Applies the function to the pattern slowed by `factor`, and speeds the result up again.",
       R"("0 1 2 3 4 5 6 7" $ inside 4 rev)",
       "0..1/8 1 | 1/8..1/4 0 | 1/4..3/8 3 | 3/8..1/2 2 | 1/2..5/8 5 | 5/8..3/4 4 | 3/4..7/8 7 | 7/8..1 6",
       [](Args a) {
         return with_time(a[0].pattern(), [f = a[1].function(), p = a[2].pattern()](Rational n) { return fast(n, f(slow(n, p))); },
                          {a[2].pattern()});
       }},
      {"outside",
       {{"factor", time}, {"function", function}},
       true,
       "Applies the function to the pattern sped up by `factor`, and slows the result down again.",
       R"("<[0 1] 2 [3 4] 5>" $ outside 4 rev $ fast 4)",
       "0..1/4 5 | 1/4..3/8 4 | 3/8..1/2 3 | 1/2..3/4 2 | 3/4..7/8 1 | 7/8..1 0",
       [](Args a) {
         return with_time(a[0].pattern(), [f = a[1].function(), p = a[2].pattern()](Rational n) { return slow(n, f(fast(n, p))); },
                          {a[2].pattern()});
       }},
  };
  return made;
}

}  // namespace

Rows time_rows() {
  return rows();
}

}  // namespace hocket
