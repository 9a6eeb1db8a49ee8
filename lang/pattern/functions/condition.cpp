// Functions applied in some cycles, in part of the cycle, or where a rhythm says so.
#include "lang/pattern/functions/rows.h"

namespace hocket {
namespace {

using enum ArgKind;

// f in the cycles c with c mod n = offset; n < 1: never.
Pattern every(std::int64_t n, std::int64_t offset, const Pattern& changed, const Pattern& p) {
  if (n < 1) return p;
  return in_cycles([n, offset](std::int64_t cycle, QueryContext&) { return modulo(cycle, n) == offset; }, changed, p);
}

Pattern every_counted(const Pattern& counts, const PatternFunction& f, const Pattern& p, bool last) {
  const Pattern changed = f(p);
  return with_count(counts, [=](std::int64_t n) { return every(n, last ? n - 1 : 0, changed, p); }, {p, changed});
}

// Of f(p) the events that begin in begin..end of their cycle, of p the others.
Pattern within(Rational begin, Rational end, const Pattern& changed, const Pattern& p) {
  const auto inside = [begin, end](const Event& e) {
    const Rational position = e.span().begin.fraction();
    return position >= begin && position < end;
  };
  const auto kept = map_events(changed, [inside](Event& e, QueryContext&) { return inside(e); });
  const auto others = map_events(p, [inside](Event& e, QueryContext&) { return !inside(e); });
  return stack({kept, others}).with_steps(p.steps());
}

enum class ChunkTime { held, running };

// Cycle by cycle f on the next of n parts. `held`: each cycle of p serves n times.
Pattern chunk(std::int64_t n, bool backwards, ChunkTime flow, const Pattern& changed, const Pattern& p) {
  if (n < 0) return chunk(-n, !backwards, flow, changed, p);
  if (n == 0) return p;
  const auto choose = [=](std::int64_t cycle, QueryContext&) -> CycleChoice {
    const std::int64_t turn = modulo(cycle, n);
    const std::int64_t part = backwards ? n - 1 - turn : turn;
    return {within(Rational(part, n), Rational(part + 1, n), changed, p), flow == ChunkTime::held ? floor_div(cycle, n) : cycle};
  };
  return by_cycle(choose, {changed, p}, p.steps());
}

Pattern chunk_counted(Args a, bool backwards, ChunkTime flow) {
  const Pattern p = a[2].pattern();
  const Pattern changed = a[1].function()(p);
  return with_count(a[0].pattern(), [=](std::int64_t n) { return chunk(n, backwards, flow, changed, p); }, {p, changed});
}

Pattern when_mod(Rational period, Rational from, const Pattern& changed, const Pattern& p) {
  if (period <= Rational(0)) return p;
  return in_cycles([period, from](std::int64_t cycle, QueryContext&) { return modulo(Rational(cycle), period) >= from; }, changed, p);
}

Pattern when(const Pattern& truth, const PatternFunction& f, const Pattern& p) {
  const Pattern changed = f(p);
  return inner_join(truth, [=](const Value& v) { return v.truth() ? changed : p; }, {p, changed});
}

const std::vector<FunctionRow>& rows() {
  static const std::vector<FunctionRow> made{
      {"every",
       {{"count", number}, {"function", function}},
       true,
       "Applies the function in every `count`th cycle, from cycle 0 on. 0: never.",
       R"("a b" $ every 3 rev $ fast 3)",
       "0..1/6 b | 1/6..1/3 a | 1/3..1/2 a | 1/2..2/3 b | 2/3..5/6 a | 5/6..1 b",
       [](Args a) { return every_counted(a[0].pattern(), a[1].function(), a[2].pattern(), false); }},
      {"lastOf",
       {{"count", number}, {"function", function}},
       true,
       "Applies the function in the last of every `count` cycles.",
       R"("a b" $ lastOf 2 rev $ fast 2)",
       "0..1/4 a | 1/4..1/2 b | 1/2..3/4 b | 3/4..1 a",
       [](Args a) { return every_counted(a[0].pattern(), a[1].function(), a[2].pattern(), true); }},
      {"every'",
       {{"count", number}, {"offset", number}, {"function", function}},
       true,
       "Applies the function in the cycles that leave `offset` when divided by `count`.",
       R"("a b" $ every' 2 1 rev $ fast 2)",
       "0..1/4 a | 1/4..1/2 b | 1/2..3/4 b | 3/4..1 a",
       [](Args a) {
         const Pattern p = a[3].pattern();
         const Pattern changed = a[2].function()(p);
         return with_count(a[0].pattern(),
                           [=, offsets = a[1].pattern()](std::int64_t n) {
                             return with_count(offsets, [=](std::int64_t offset) { return every(n, offset, changed, p); }, {p});
                           },
                           {p, changed});
       }},
      {"foldEvery",
       {{"counts", list}, {"function", function}},
       true,
       "As `every`, once for each of the counts.",
       R"("0 1" $ foldEvery [2, 3] rev)",
       "0..1/2 0 | 1/2..1 1",
       [](Args a) {
         Pattern p = a[2].pattern();
         const ArgList& counts = a[0].list();  // the first is the outermost
         for (auto count = counts.rbegin(); count != counts.rend(); ++count)
           p = every_counted(as_pattern(*count), a[1].function(), p, false);
         return p;
       }},
      {"whenmod",
       {{"period", time}, {"from", time}, {"function", function}},
       true,
       "Applies the function from cycle `from` on of every `period` cycles.",
       R"("a b" $ whenmod 4 2 rev $ fast 4)",
       "0..1/8 a | 1/8..1/4 b | 1/4..3/8 a | 3/8..1/2 b | 1/2..5/8 b | 5/8..3/4 a | 3/4..7/8 b | 7/8..1 a",
       [](Args a) {
         const Pattern p = a[3].pattern();
         const Pattern changed = a[2].function()(p);
         return with_time(a[0].pattern(),
                          [=, from = a[1].pattern()](Rational period) {
                            return with_time(from, [=](Rational b) { return when_mod(period, b, changed, p); }, {p});
                          },
                          {p, changed});
       }},
      {"when",
       {{"where", truth}, {"function", function}},
       true,
       "Applies the function where the boolean pattern is true; the plain pattern plays where it is false, nothing where it rests.",
       R"("a b c d" $ when "1 0" (fast 2))",
       "0..1/8 a | 1/8..1/4 b | 1/4..3/8 c | 3/8..1/2 d | 1/2..3/4 c | 3/4..1 d",
       [](Args a) { return when(a[0].pattern(), a[1].function(), a[2].pattern()); }},
      {"within",
       {{"begin", constant}, {"end", constant}, {"function", function}},
       true,
       "Applies the function to the events that begin in begin..end of the cycle.",
       R"("a b c d" $ within 0 0.5 (fast 2))",
       "0..1/8 a | 1/8..1/4 b | 1/4..3/8 c | 3/8..1/2 d | 1/2..3/4 c | 3/4..1 d",
       [](Args a) { return within(a[0].constant(), a[1].constant(), a[2].function()(a[3].pattern()), a[3].pattern()); }},
      {"chunk",
       {{"count", number}, {"function", function}},
       true,
       "Cycle by cycle, applies the function to the next of `count` parts; each cycle of the pattern serves `count` times.",
       R"("a b c d" $ chunk 4 (ply 2))",
       "0..1/8 a | 1/8..1/4 a | 1/4..1/2 b | 1/2..3/4 c | 3/4..1 d",
       [](Args a) { return chunk_counted(a, false, ChunkTime::held); }},
      {"chunkBack",
       {{"count", number}, {"function", function}},
       true,
       "As `chunk` from the last part backwards, the pattern running on.",
       R"("a b c d" $ chunkBack 4 (ply 2))",
       "0..1/4 a | 1/4..1/2 b | 1/2..3/4 c | 3/4..7/8 d | 7/8..1 d",
       [](Args a) { return chunk_counted(a, true, ChunkTime::running); }},
      {"fastChunk",
       {{"count", number}, {"function", function}},
       true,
       "As `chunk`, the pattern running on.",
       R"("<0 8> 1 2 3" $ fastChunk 4 (ply 2))",
       "0..1/8 0 | 1/8..1/4 0 | 1/4..1/2 1 | 1/2..3/4 2 | 3/4..1 3",
       [](Args a) { return chunk_counted(a, false, ChunkTime::running); }},
      {"always",
       {{"function", function}},
       true,
       "Applies the function.",
       R"("a b c" $ always rev)",
       "0..1/3 c | 1/3..2/3 b | 2/3..1 a",
       [](Args a) { return a[0].function()(a[1].pattern()); }},
      {"never",
       {{"function", function}},
       true,
       "Leaves the pattern as it is.",
       R"("a b c" $ never rev)",
       "0..1/3 a | 1/3..2/3 b | 2/3..1 c",
       [](Args a) { return a[1].pattern(); }},
      {"id", {}, true, "The pattern as it is.", R"("a b" $ id)", "0..1/2 a | 1/2..1 b", [](Args a) { return a[0].pattern(); }},
  };
  return made;
}

}  // namespace

Rows condition_rows() {
  return rows();
}

}  // namespace hocket
