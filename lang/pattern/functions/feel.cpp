// Events moved and divided within their own spans: ply, press, swing, rot.
#include <algorithm>
#include <cmath>

#include "lang/pattern/functions/rows.h"

namespace hocket {
namespace {

using enum ArgKind;

// The i-th of n parts of a span; the last may be short where n is not whole.
TimeSpan part_of(const TimeSpan& whole, Rational i, Rational n) {
  const Rational length = whole.length() / n;
  return {whole.begin + i * length, min(whole.begin + (i + 1) * length, whole.end)};
}

Pattern ply(Rational n, const Pattern& p) {
  if (n <= Rational(0)) return {};
  if (n == Rational(1)) return p;
  return expand_events(p, [n](const Event& e, QueryContext& context, Events& out) {
    const TimeSpan whole = e.span();
    if (whole.begin == whole.end) return;
    for (Rational i = ((e.part.begin - whole.begin) / whole.length() * n).floor(); i < n; i += 1) {
      const TimeSpan slot = part_of(whole, i, n);
      if (slot.begin >= e.part.end && slot.begin != e.part.begin) return;
      const auto part = overlap(slot, e.part);
      if (!part) continue;
      if (!context.spend()) return;
      out.push_back({slot, *part, e.value, e.where});
    }
  });
}

Pattern press_by(Rational by, const Pattern& p) {
  if (by < Rational(0) || by >= Rational(1)) return {};
  return map_events(p, [by](Event& e, QueryContext&) {
    if (!e.whole) return true;
    e.whole->begin += e.whole->length() * by;
    const auto part = overlap(e.part, *e.whole);
    if (part) e.part = *part;
    return part.has_value();
  });
}

// In each of n slices of the cycle, events of the second half are late by `amount` of that half.
Pattern swing_by(Rational amount, Rational n, const Pattern& p) {
  if (n == Rational(0)) return p;
  const Rational delay = amount / (n * 2);
  const auto second_half = [n](const Event& e) { return (e.span().begin * n).fraction() >= Rational(1, 2); };
  const Pattern straight = map_events(p, [second_half](Event& e, QueryContext&) { return !second_half(e); });
  const Pattern swung = map_events(p, [second_half](Event& e, QueryContext&) { return second_half(e); });
  return stack({straight, late(delay, swung)}).with_steps(p.steps());
}

// Odd cycles squeezed to half their length and a quarter of a cycle late.
Pattern brak(const Pattern& p) {
  return in_cycles([](std::int64_t cycle, QueryContext&) { return modulo(cycle, 2) == 1; },
                   late(Rational(1, 4), compress(0, Rational(1, 2), p)), p);
}

// Within each cycle the values move n places earlier, in order of time.
Pattern rot(std::int64_t n, const Pattern& p) {
  if (n == 0) return p;
  const auto body = [n, p](const TimeSpan& span, QueryContext& context, Events& out) {
    each_cycle(span, context, [&](const TimeSpan& piece, Rational cycle) {
      Events all = p.query({cycle, cycle + 1}, context);
      std::stable_sort(all.begin(), all.end(), [](const Event& a, const Event& b) {
        if (a.part.begin != b.part.begin) return a.part.begin < b.part.begin;
        return a.span().begin < b.span().begin;
      });
      const auto count = static_cast<std::int64_t>(all.size());
      for (std::int64_t i = 0; i < count; ++i) {
        const auto part = overlap(all[static_cast<std::size_t>(i)].part, piece);
        if (!part) continue;
        const Event& giver = all[static_cast<std::size_t>(modulo(i + modulo(n, count), count))];
        out.push_back({all[static_cast<std::size_t>(i)].whole, *part, giver.value, giver.where});
      }
    });
  };
  return Pattern(Pattern::Append(body), {p}, p.steps());
}

template <class F>
Pattern timed(Args a, F f) {
  const Pattern p = a[1].pattern();
  return with_time(a[0].pattern(), [p, f](Rational t) { return f(t, p); }, {p});
}

const std::vector<FunctionRow>& rows() {
  static const std::vector<FunctionRow> made{
      {"ply",
       {{"count", time}},
       true,
       "Repeats each event `count` times within its span.",
       R"("bd sn" $ ply 2)",
       "0..1/4 bd | 1/4..1/2 bd | 1/2..3/4 sn | 3/4..1 sn",
       [](Args a) { return timed(a, ply); }},
      {"press",
       {},
       true,
       "Starts each event half way through its span.",
       R"("bd sn" $ press)",
       "1/4..1/2 bd | 3/4..1 sn",
       [](Args a) { return press_by(Rational(1, 2), a[0].pattern()); }},
      {"pressBy",
       {{"part", time}},
       true,
       "Starts each event `part` of its span late. Silence unless 0 <= part < 1.",
       R"("bd sn" $ pressBy 0.25)",
       "1/8..1/2 bd | 5/8..1 sn",
       [](Args a) { return timed(a, press_by); }},
      {"swingBy",
       {{"amount", time}, {"slices", time}},
       true,
       "Cuts the cycle into `slices`; in each, events of the second half are late by `amount` of that half.",
       R"("hh*8" $ swingBy 1/3 4)",
       "-1/12..1/24 hh in 0..1/24 | 0..1/8 hh | 1/6..7/24 hh | 1/4..3/8 hh | 5/12..13/24 hh | 1/2..5/8 hh | 2/3..19/24 hh | "
       "3/4..7/8 hh | 11/12..25/24 hh in 11/12..1",
       [](Args a) {
         const Pattern p = a[2].pattern();
         const Pattern slices = a[1].pattern();
         return with_time(a[0].pattern(),
                          [=](Rational amount) { return with_time(slices, [=](Rational n) { return swing_by(amount, n, p); }, {p}); }, {p});
       }},
      {"swing",
       {{"slices", time}},
       true,
       "As `swingBy 1/3`.",
       R"("hh*8" $ swing 4)",
       "-1/12..1/24 hh in 0..1/24 | 0..1/8 hh | 1/6..7/24 hh | 1/4..3/8 hh | 5/12..13/24 hh | 1/2..5/8 hh | 2/3..19/24 hh | "
       "3/4..7/8 hh | 11/12..25/24 hh in 11/12..1",
       [](Args a) { return timed(a, [](Rational n, const Pattern& p) { return swing_by(Rational(1, 3), n, p); }); }},
      {"brak",
       {},
       true,
       "Squeezes every odd cycle to half its length and starts it a quarter of a cycle late.",
       R"("bd sn hh cp" $ brak $ fast 2)",
       "0..1/8 bd | 1/8..1/4 sn | 1/4..3/8 hh | 3/8..1/2 cp | 5/8..11/16 bd | 11/16..3/4 sn | 3/4..13/16 hh | 13/16..7/8 cp",
       [](Args a) { return brak(a[0].pattern()); }},
      {"rot",
       {{"places", number}},
       true,
       "Moves the values of each cycle `places` earlier, in order of time; the rhythm stays.",
       R"("a ~ b c" $ rot 1)",
       "0..1/4 b | 1/2..3/4 c | 3/4..1 a",
       [](Args a) {
         const Pattern p = a[1].pattern();
         return with_count(a[0].pattern(), [p](std::int64_t n) { return rot(n, p); }, {p});
       }},
  };
  return made;
}

}  // namespace

Rows feel_rows() {
  return rows();
}

}  // namespace hocket
