// Structures and masks: where a pattern plays.
#include "lang/pattern/euclid.h"
#include "lang/pattern/functions/rows.h"

namespace hocket {
namespace {

using enum ArgKind;

Pattern sew(const Pattern& where, const Pattern& then, const Pattern& otherwise) {
  return stack({mask(where, then), mask(negated(where), otherwise)});
}

Pattern stitch(const Pattern& where, const Pattern& then, const Pattern& otherwise) {
  return stack({structure(where, then), structure(negated(where), otherwise)});
}

Pattern start_over(const Pattern& where, bool restart, const Pattern& p) {
  return reset_join(keep_true(where), restart, [p](const Value&) { return p; }, {p});
}

// f(pulses, steps) under the rule for patterned arguments.
Pattern counted(Args a, const Pattern& p, const std::function<Pattern(std::int64_t, std::int64_t)>& f) {
  const Pattern steps = a[1].pattern();
  return with_count(a[0].pattern(), [=](std::int64_t k) { return with_count(steps, [=](std::int64_t n) { return f(k, n); }, {p}); }, {p});
}

Pattern rotated(Args a, const Pattern& on, const Pattern& off) {
  const Pattern rotation = a[2].pattern();
  return counted(a, on, [=](std::int64_t k, std::int64_t n) {
    return with_time(rotation, [=](Rational r) { return euclid(k, n, r, on, off); }, {on});
  });
}

// As `euclid`, each event lasting until the next onset.
Pattern euclid_legato(std::int64_t k, std::int64_t n, const Pattern& p) {
  const std::vector<bool> rhythm = euclid_rhythm(k, n);
  std::vector<std::int64_t> onsets;
  for (std::size_t i = 0; i < rhythm.size(); ++i)
    if (rhythm[i]) onsets.push_back(static_cast<std::int64_t>(i));
  if (onsets.empty()) return {};
  std::vector<Weighted> steps;
  for (std::size_t i = 0; i < onsets.size(); ++i) {
    const std::int64_t next = i + 1 < onsets.size() ? onsets[i + 1] : onsets.front() + n;
    steps.push_back({next - onsets[i], p});
  }
  return late(Rational(onsets.front(), n), timecat(std::move(steps)).with_steps(n));
}

const std::vector<FunctionRow>& rows() {
  static const std::vector<FunctionRow> made{
      {"struct",
       {{"rhythm", truth}},
       true,
       "Samples the pattern with the structure of the true events.",
       R"("a b" $ struct "1 0 1 1")",
       "0..1/4 a | 1/2..3/4 b | 3/4..1 b",
       [](Args a) { return structure(a[0].pattern(), a[1].pattern()); }},
      {"mask",
       {{"where", truth}},
       true,
       "Plays the pattern where the boolean pattern is true; events are cut to those spans.",
       R"("a b c d" $ mask "1 0 1 1")",
       "0..1/4 a | 1/2..3/4 c | 3/4..1 d",
       [](Args a) { return mask(a[0].pattern(), a[1].pattern()); }},
      {"sew",
       {{"where", truth}, {"other", pattern}},
       true,
       "Plays the pattern where true and `other` where false; events are cut to those spans.",
       R"("0*4" $ sew "1 0" "1*8")",
       "0..1/4 0 | 1/4..1/2 0 | 1/2..5/8 1 | 5/8..3/4 1 | 3/4..7/8 1 | 7/8..1 1",
       [](Args a) { return sew(a[0].pattern(), a[2].pattern(), a[1].pattern()); }},
      {"stitch",
       {{"where", truth}, {"other", pattern}},
       true,
       "Samples the pattern at the true events and `other` at the false ones.",
       R"("a*4" $ stitch "1*2 0 [0 1]" "b")",
       "0..1/6 a | 1/6..1/3 a | 1/3..2/3 b | 2/3..5/6 b | 5/6..1 a",
       [](Args a) { return stitch(a[0].pattern(), a[2].pattern(), a[1].pattern()); }},
      {"reset",
       {{"where", truth}},
       true,
       "At each true event the pattern starts over from the beginning of the current cycle.",
       R"("a b c" $ reset "1 1")",
       "0..1/3 a | 1/3..1/2 b | 1/2..5/6 a | 5/6..1 b",
       [](Args a) { return start_over(a[0].pattern(), false, a[1].pattern()); }},
      {"restart",
       {{"where", truth}},
       true,
       "At each true event the pattern starts over from cycle 0.",
       R"("<a b> c" $ restart "1 1" $ fast 2)",
       "0..1/4 a | 1/4..1/2 a | 1/2..3/4 a | 3/4..1 a",
       [](Args a) { return start_over(a[0].pattern(), true, a[1].pattern()); }},
      {"euclid",
       {{"pulses", number}, {"steps", number}},
       true,
       "The pattern in each on step of a Euclidean rhythm; negative pulses invert it.",
       R"("bd" $ euclid 3 8)",
       "0..1/8 bd | 3/8..1/2 bd | 3/4..7/8 bd",
       [](Args a) {
         const Pattern p = a[2].pattern();
         return counted(a, p, [p](std::int64_t k, std::int64_t n) { return euclid(k, n, 0, p); });
       }},
      {"euclidRot",
       {{"pulses", number}, {"steps", number}, {"rotation", time}},
       true,
       "As `euclid`, `rotation` steps earlier.",
       R"("bd" $ euclidRot 3 8 2)",
       "1/8..1/4 bd | 1/2..5/8 bd | 3/4..7/8 bd",
       [](Args a) { return rotated(a, a[3].pattern(), {}); }},
      {"euclidInv",
       {{"pulses", number}, {"steps", number}},
       true,
       "The pattern in the off steps of a Euclidean rhythm.",
       R"("bd" $ euclidInv 3 8)",
       "1/8..1/4 bd | 1/4..3/8 bd | 1/2..5/8 bd | 5/8..3/4 bd | 7/8..1 bd",
       [](Args a) {
         const Pattern p = a[2].pattern();
         return counted(a, p, [p](std::int64_t k, std::int64_t n) { return euclid(k, n, 0, {}, p); });
       }},
      {"euclidFull",
       {{"pulses", number}, {"steps", number}, {"other", pattern}},
       true,
       "The pattern in the on steps of a Euclidean rhythm, `other` in the off steps.",
       R"("bd" $ euclidFull 3 8 "hh")",
       "0..1/8 bd | 1/8..1/4 hh | 1/4..3/8 hh | 3/8..1/2 bd | 1/2..5/8 hh | 5/8..3/4 hh | 3/4..7/8 bd | 7/8..1 hh",
       [](Args a) {
         const Pattern p = a[3].pattern();
         const Pattern other = a[2].pattern();
         return counted(a, p, [=](std::int64_t k, std::int64_t n) { return euclid(k, n, 0, p, other); });
       }},
      {"euclidOffFull",
       {{"pulses", number}, {"steps", number}, {"rotation", time}, {"other", pattern}},
       true,
       "As `euclidFull`, `rotation` steps earlier.",
       R"("bd" $ euclidOffFull 3 8 2 "hh")",
       "0..1/8 hh | 1/8..1/4 bd | 1/4..3/8 hh | 3/8..1/2 hh | 1/2..5/8 bd | 5/8..3/4 hh | 3/4..7/8 bd | 7/8..1 hh",
       [](Args a) { return rotated(a, a[4].pattern(), a[3].pattern()); }},
      {"euclidLegato",
       {{"pulses", number}, {"steps", number}},
       true,
       "As `euclid`, each event lasting until the next.",
       R"("bd" $ euclidLegato 3 8)",
       "0..3/8 bd | 3/8..3/4 bd | 3/4..1 bd",
       [](Args a) {
         const Pattern p = a[2].pattern();
         return counted(a, p, [p](std::int64_t k, std::int64_t n) { return euclid_legato(k, n, p); });
       }},
      {"segment",
       {{"count", time}},
       true,
       "Samples the pattern with `count` events a cycle.",
       R"(saw $ segment 4)",
       "0..1/4 0 | 1/4..1/2 0.25 | 1/2..3/4 0.5 | 3/4..1 0.75",
       [](Args a) {
         const Pattern p = a[1].pattern();
         return with_time(a[0].pattern(), [p](Rational n) { return structure(fast(n, Pattern::pure(Value(1))), p); }, {p});
       }},
      {"beat",
       {{"positions", time}, {"steps", time}},
       true,
       "An event one step long at each of the positions among `steps` steps of the cycle.",
       R"("bd" $ beat "0,7,10" 16)",
       "0..1/16 bd | 7/16..1/2 bd | 5/8..11/16 bd",
       [](Args a) {
         const Pattern p = a[2].pattern();
         const Pattern steps = a[1].pattern();
         const auto at = [p](Rational position, Rational n) {
           if (n <= Rational(0)) return Pattern();
           const Rational begin = modulo(position, n) / n;
           const Pattern slot = compress(begin, begin + Rational(1) / n, Pattern::pure(Value(1)));
           return merge_right(p, slot, [](Value&, const Value&) {});
         };
         return with_time(a[0].pattern(), [=](Rational t) { return with_time(steps, [=](Rational n) { return at(t, n); }, {p}); }, {p});
       }},
  };
  return made;
}

}  // namespace

Rows rhythm_rows() {
  return rows();
}

}  // namespace hocket
