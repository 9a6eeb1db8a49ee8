// Cycles repeated, looped and turned round.
#include "lang/pattern/functions/rows.h"

namespace hocket {
namespace {

using enum ArgKind;

// The `cat` of n versions of p, the i-th shifted earlier by i/n (later where `sign` is -1).
Pattern iter(std::int64_t n, int sign, const Pattern& p) {
  if (n < 0) return iter(-n, -sign, p);
  if (n < 2) return p;
  const auto body = [n, sign, p](const TimeSpan& span, QueryContext& context, Events& out) {
    each_cycle(span, context, [&](const TimeSpan& piece, Rational cycle) {
      const std::int64_t version = modulo(cycle.num(), n);
      const Rational own = floor_div(cycle.num(), n);
      query_through(p, {1, own - cycle + Rational(version * sign, n)}, piece, context, out);
    });
  };
  return Pattern(Pattern::Append(body), {p}, p.steps());
}

Pattern repeat_cycles(std::int64_t n, const Pattern& p) {
  if (n < 1) return {};
  return by_cycle([n, p](std::int64_t cycle, QueryContext&) -> CycleChoice { return {p, floor_div(cycle, n)}; }, {p}, p.steps());
}

// The stretch of `length` cycles from `from` on, again and again; wholes end with the loop.
Pattern ribbon(Rational from, Rational length, const Pattern& p) {
  if (length <= Rational(0)) return {};
  const auto body = [=](const TimeSpan& span, QueryContext& context, Events& out) {
    Rational round = (span.begin / length).floor();
    for (Rational begin = span.begin; context.toil(); round += 1) {
      const TimeSpan loop{round * length, (round + 1) * length};
      const std::size_t first = out.size();
      query_through(p, {1, from - loop.begin}, {begin, min(span.end, loop.end)}, context, out);
      for (std::size_t i = first; i < out.size(); ++i)
        if (out[i].whole) out[i].whole = TimeSpan{max(out[i].whole->begin, loop.begin), min(out[i].whole->end, loop.end)};
      begin = loop.end;
      if (begin >= span.end) return;
    }
  };
  return Pattern(Pattern::Append(body), {p}, p.steps());
}

Pattern loop_first(const Pattern& p) {
  return by_cycle([p](std::int64_t, QueryContext&) -> CycleChoice { return {p, 0}; }, {p}, p.steps());
}

Pattern time_loop(Rational n, const Pattern& p) {
  return slow(n, loop_first(fast(n, p)));
}

template <class F>
Pattern counted(Args a, F f) {
  const Pattern p = a[1].pattern();
  return with_count(a[0].pattern(), [p, f](std::int64_t n) { return f(n, p); }, {p});
}

const std::vector<FunctionRow>& rows() {
  static const std::vector<FunctionRow> made{
      {"iter",
       {{"count", number}},
       true,
       "Starts one `count`th of the cycle later in every cycle, over `count` cycles.",
       R"("a b c d" $ iter 4 $ fast 2)",
       "0..1/8 a | 1/8..1/4 b | 1/4..3/8 c | 3/8..1/2 d | 1/2..5/8 b | 5/8..3/4 c | 3/4..7/8 d | 7/8..1 a",
       [](Args a) { return counted(a, [](std::int64_t n, const Pattern& p) { return iter(n, 1, p); }); }},
      {"iterBack",
       {{"count", number}},
       true,
       "As `iter`, the other way round.",
       R"("a b c d" $ iterBack 4 $ fast 2)",
       "0..1/8 a | 1/8..1/4 b | 1/4..3/8 c | 3/8..1/2 d | 1/2..5/8 d | 5/8..3/4 a | 3/4..7/8 b | 7/8..1 c",
       [](Args a) { return counted(a, [](std::int64_t n, const Pattern& p) { return iter(n, -1, p); }); }},
      {"repeatCycles",
       {{"count", number}},
       true,
       "Plays every cycle `count` times.",
       R"("<a b c>" $ repeatCycles 2 $ fast 4)",
       "0..1/4 a | 1/4..1/2 a | 1/2..3/4 b | 3/4..1 b",
       [](Args a) { return counted(a, repeat_cycles); }},
      {"ribbon",
       {{"from", time}, {"cycles", time}},
       true,
       "Loops the stretch of `cycles` cycles that begins at cycle `from`.",
       R"("<a b c d>" $ ribbon 1 2 $ fast 4)",
       "0..1/4 b | 1/4..1/2 c | 1/2..3/4 b | 3/4..1 c",
       [](Args a) {
         const Pattern p = a[2].pattern();
         const Pattern length = a[1].pattern();
         return with_time(a[0].pattern(),
                          [=](Rational from) { return with_time(length, [=](Rational n) { return ribbon(from, n, p); }, {p}); }, {p});
       }},
      {"timeLoop",
       {{"cycles", time}},
       true,
       "Loops the first `cycles` cycles.",
       R"("<a b c>" $ timeLoop 2 $ fast 4)",
       "0..1/4 a | 1/4..1/2 b | 1/2..3/4 a | 3/4..1 b",
       [](Args a) {
         const Pattern p = a[1].pattern();
         return with_time(a[0].pattern(), [p](Rational n) { return time_loop(n, p); }, {p});
       }},
      {"loopFirst",
       {},
       true,
       "Plays cycle 0 again and again.",
       R"("<a b c>" $ loopFirst $ fast 4)",
       "0..1/4 a | 1/4..1/2 a | 1/2..3/4 a | 3/4..1 a",
       [](Args a) { return loop_first(a[0].pattern()); }},
  };
  return made;
}

}  // namespace

Rows loop_rows() {
  return rows();
}

}  // namespace hocket
