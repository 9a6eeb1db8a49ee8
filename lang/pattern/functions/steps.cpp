// Patterns as rows of steps: take, drop, expand, contract …
#include <algorithm>

#include "lang/pattern/functions/rows.h"

namespace hocket {
namespace {

using enum ArgKind;

Rational steps_of(const Pattern& p) {
  return p.steps().value_or(1);
}

// The first n steps (below 0: the last), as a pattern of that many steps.
Pattern take(Rational n, const Pattern& p) {
  const Rational steps = steps_of(p);
  const Rational kept = min(abs(n), steps);
  if (kept <= Rational(0)) return {};
  if (kept == steps) return p;
  const Rational part = kept / steps;
  return (n > Rational(0) ? zoom(0, part, p) : zoom(Rational(1) - part, 1, p)).with_steps(kept);
}

Pattern drop(Rational n, const Pattern& p) {
  const Rational steps = steps_of(p);
  const Rational kept = steps - abs(n);
  if (kept <= Rational(0)) return {};
  return take(n > Rational(0) ? -kept : kept, p);
}

Pattern step_cat(const std::vector<Pattern>& patterns) {
  std::vector<Weighted> steps;
  for (const Pattern& p : patterns) steps.push_back({steps_of(p), p});
  return timecat(std::move(steps));
}

constexpr std::int64_t kMostSections = 512;

// The pattern again and again, each time without `n` more steps (`grow`: beginning with few).
Pattern shrink(Rational n, bool grow, const Pattern& p) {
  const Rational steps = steps_of(p);
  if (n == Rational(0)) return p;
  std::vector<Pattern> sections;
  for (Rational left = steps; left > Rational(0); left -= abs(n)) {
    if (static_cast<std::int64_t>(sections.size()) == kMostSections) return Pattern::exhausting();
    // Shrinking by n > 0 drops steps from the front, growing by n > 0 adds them at the end.
    sections.push_back(take(grow == (n > Rational(0)) ? left : -left, p));
  }
  if (grow) std::reverse(sections.begin(), sections.end());
  return step_cat(sections);
}

// The step-th steps of all patterns side by side, then the next ones …
Pattern zip(const std::vector<Pattern>& patterns) {
  Rational common = 1;
  for (const Pattern& p : patterns) common = least_common_multiple(common, steps_of(p));
  std::vector<Pattern> sped;
  for (const Pattern& p : patterns) sped.push_back(slow(steps_of(p), p));
  const Rational total = common * Rational(static_cast<std::int64_t>(patterns.size()));
  return fast(total, cat(std::move(sped))).with_steps(total);
}

// The pattern moves through the others, from before the last to after it.
Pattern tour(const std::vector<Pattern>& others, const Pattern& p) {
  std::vector<Pattern> row;
  for (std::size_t place = others.size() + 1; place-- > 0;) {
    for (std::size_t i = 0; i < others.size(); ++i) {
      if (i == place) row.push_back(p);
      row.push_back(others[i]);
    }
    if (place == others.size()) row.push_back(p);
  }
  return step_cat(row);
}

template <class F>
Pattern timed(Args a, F f) {
  const Pattern p = a[1].pattern();
  if (const Value* constant = a[0].pattern().constant()) return f(time_of(*constant), p);
  return with_time(a[0].pattern(), [p, f](Rational n) { return f(n, p); }, {p});
}

const std::vector<FunctionRow>& rows() {
  static const std::vector<FunctionRow> made{
      {"take",
       {{"steps", time}},
       true,
       "The first `steps` steps; below 0, the last.",
       R"("a b c d" $ take 3)",
       "0..1/3 a | 1/3..2/3 b | 2/3..1 c",
       [](Args a) { return timed(a, take); }},
      {"drop",
       {{"steps", time}},
       true,
       "All but the first `steps` steps; below 0, all but the last.",
       R"("a b c d" $ drop 1)",
       "0..1/3 b | 1/3..2/3 c | 2/3..1 d",
       [](Args a) { return timed(a, drop); }},
      {"expand",
       {{"factor", time}},
       true,
       "Counts each step as `factor` steps, where patterns are joined step by step.",
       R"(timecat [("a b" $ expand 2), "c d"])",
       "0..1/3 a | 1/3..2/3 b | 2/3..5/6 c | 5/6..1 d",
       [](Args a) { return timed(a, [](Rational n, const Pattern& p) { return p.with_steps(steps_of(p) * n); }); }},
      {"contract",
       {{"factor", time}},
       true,
       "Counts `factor` steps as one, where patterns are joined step by step.",
       R"(timecat [("a b" $ contract 2), "c d"])",
       "0..1/6 a | 1/6..1/3 b | 1/3..2/3 c | 2/3..1 d",
       [](Args a) { return timed(a, [](Rational n, const Pattern& p) { return n == Rational(0) ? p : p.with_steps(steps_of(p) / n); }); }},
      {"extend",
       {{"factor", time}},
       true,
       "Plays the pattern `factor` times over as many more steps.",
       R"(timecat [("a b" $ extend 2), "c d"])",
       "0..1/6 a | 1/6..1/3 b | 1/3..1/2 a | 1/2..2/3 b | 2/3..5/6 c | 5/6..1 d",
       [](Args a) { return timed(a, [](Rational n, const Pattern& p) { return fast(n, p).with_steps(steps_of(p) * n); }); }},
      {"pace",
       {{"steps", time}},
       true,
       "Speeds the pattern so that it has `steps` steps a cycle.",
       R"("a b c" $ pace 4)",
       "0..1/4 a | 1/4..1/2 b | 1/2..3/4 c | 3/4..1 a",
       [](Args a) { return timed(a, [](Rational n, const Pattern& p) { return fast(n / steps_of(p), p).with_steps(n); }); }},
      {"shrink",
       {{"steps", time}},
       true,
       "The pattern again and again, each time without `steps` more of its first steps (below 0: the last).",
       R"("a b c" $ shrink 1)",
       "0..1/6 a | 1/6..1/3 b | 1/3..1/2 c | 1/2..2/3 b | 2/3..5/6 c | 5/6..1 c",
       [](Args a) { return timed(a, [](Rational n, const Pattern& p) { return shrink(n, false, p); }); }},
      {"grow",
       {{"steps", time}},
       true,
       "The pattern again and again, each time with `steps` more of its first steps (below 0: the last).",
       R"("a b c" $ grow 1)",
       "0..1/6 a | 1/6..1/3 a | 1/3..1/2 b | 1/2..2/3 a | 2/3..5/6 b | 5/6..1 c",
       [](Args a) { return timed(a, [](Rational n, const Pattern& p) { return shrink(n, true, p); }); }},
      {"zip",
       {{"patterns", list}},
       false,
       "The first steps of all patterns, then their second steps, and so on.",
       R"(zip ["a b", "c d"])",
       "0..1/4 a | 1/4..1/2 c | 1/2..3/4 b | 3/4..1 d",
       [](Args a) { return zip(patterns_of(a[0].list())); }},
      {"tour",
       {{"others", list}},
       true,
       "Joins the other patterns step by step again and again, the pattern moving one place forward through them each time.",
       R"("x" $ tour ["a", "b"])",
       "0..1/9 a | 1/9..2/9 b | 2/9..1/3 x | 1/3..4/9 a | 4/9..5/9 x | 5/9..2/3 b | 2/3..7/9 x | 7/9..8/9 a | 8/9..1 b",
       [](Args a) { return tour(patterns_of(a[0].list()), a[1].pattern()); }},
  };
  return made;
}

}  // namespace

Rows step_rows() {
  return rows();
}

}  // namespace hocket
