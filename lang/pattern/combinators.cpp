// Maps of time and value, and arguments.
#include "lang/pattern/combinators.h"

#include <algorithm>
#include <cmath>

namespace hocket {

bool paid(std::size_t first, QueryContext& context, Events& out) {
  const std::size_t steps = out.size() - first;
  if (context.work >= steps) {
    context.work -= steps;  // also where the budget is spent: what was made until then is a beginning
    return true;
  }
  context.exhausted = true;
  out.resize(first);
  return false;
}

void query_through(const Pattern& p, const TimeMap& map, const TimeSpan& span, QueryContext& context, Events& out) {
  const std::size_t first = out.size();
  const TimeSpan inner = map.inner(span);
  p.query(inner, context, out);
  if (!paid(first, context, out)) return;
  // Times come again: an event begins where the one before ended, and its part is its whole.
  struct Known {
    Rational inner, outer;
  } begin{inner.begin, map.outer(inner.begin)}, end{inner.end, map.outer(inner.end)};
  const auto outer = [&](const TimeSpan& s) -> TimeSpan {
    if (s.begin != begin.inner) begin = s.begin == end.inner ? end : Known{s.begin, map.outer(s.begin)};
    if (s.end != end.inner) end = {s.end, map.outer(s.end)};
    return {begin.outer, end.outer};
  };
  for (std::size_t i = first; i < out.size(); ++i) {
    Event& e = out[i];
    const TimeSpan part = e.part;
    if (e.whole) e.whole = outer(*e.whole);
    e.part = outer(part);
    // The ends of the query come back as they were asked: exact even where a map had to round.
    if (part.begin == inner.begin) e.part.begin = span.begin;
    if (part.end == inner.end) e.part.end = span.end;
  }
}

namespace {

Pattern through(const TimeMap& map, const Pattern& p) {
  return Pattern(Pattern::Append(
                     [map, p](const TimeSpan& span, QueryContext& context, Events& out) { query_through(p, map, span, context, out); }),
                 {p}, p.steps())
      .steady(p.is_steady());
}

}  // namespace

Pattern fast(Rational factor, const Pattern& p) {
  if (factor == Rational(0) || p.is_silence()) return {};
  if (factor < Rational(0)) return rev(fast(-factor, p));
  if (factor == Rational(1)) return p;
  return through({factor, 0}, p);
}

Pattern slow(Rational factor, const Pattern& p) {
  return factor == Rational(0) ? Pattern() : fast(Rational(1) / factor, p);
}

Pattern late(Rational by, const Pattern& p) {
  if (by == Rational(0) || p.is_silence()) return p;
  return through({1, -by}, p);
}

namespace {

TimeSpan reflected(const TimeSpan& s, Rational mirror) {
  return {mirror - s.end, mirror - s.begin};
}

void query_reversed(const Pattern& p, const TimeSpan& piece, Rational mirror, QueryContext& context, Events& out) {
  const std::size_t first = out.size();
  p.query(reflected(piece, mirror), context, out);
  if (!paid(first, context, out)) return;
  for (std::size_t i = first; i < out.size(); ++i) {
    out[i].part = reflected(out[i].part, mirror);
    if (out[i].whole) out[i].whole = reflected(*out[i].whole, mirror);
  }
}

}  // namespace

Pattern rev(const Pattern& p) {
  if (p.is_silence()) return p;
  const auto body = [p](const TimeSpan& span, QueryContext& context, Events& out) {
    each_cycle(span, context, [&](const TimeSpan& piece, Rational cycle) {
      const Rational mirror = cycle + cycle + 1;
      const std::size_t first = out.size();
      query_reversed(p, piece, mirror, context, out);
      if (piece.begin != piece.end) return;
      // An instant: what lasts there ends where its reflection begins, so the events come from the whole cycle.
      std::erase_if(out, [&, i = std::size_t{0}](const Event& e) mutable { return i++ >= first && e.whole; });
      Events around;
      query_reversed(p, {cycle, cycle + 1}, mirror, context, around);
      for (Event& e : around) {
        const auto part = overlap(e.part, piece);
        if (!e.whole || !part) continue;
        e.part = *part;
        out.push_back(std::move(e));
      }
    });
  };
  return Pattern(Pattern::Append(body), {p}, p.steps());
}

Pattern compress(Rational begin, Rational end, const Pattern& p) {
  if (begin < Rational(0) || end > Rational(1) || begin >= end || p.is_silence()) return {};
  return Pattern(Pattern::Append([=](const TimeSpan& span, QueryContext& context, Events& out) {
                   const Rational factor = Rational(1) / (end - begin);
                   each_cycle(span, context, [&](const TimeSpan& piece, Rational cycle) {
                     const auto shared = overlap(piece, {cycle + begin, cycle + end});
                     if (shared) query_through(p, {factor, cycle - (cycle + begin) * factor}, *shared, context, out);
                   });
                 }),
                 {p});
}

Pattern zoom(Rational begin, Rational end, const Pattern& p) {
  if (begin >= end || p.is_silence()) return {};
  return Pattern(Pattern::Append([=](const TimeSpan& span, QueryContext& context, Events& out) {
                   const Rational factor = end - begin;
                   each_cycle(span, context, [&](const TimeSpan& piece, Rational cycle) {
                     query_through(p, {factor, cycle + begin - cycle * factor}, piece, context, out);
                   });
                 }),
                 {p});
}

Pattern by_cycle(std::function<CycleChoice(std::int64_t, QueryContext&)> choose, std::vector<Pattern> parts,
                 std::optional<Rational> steps) {
  return Pattern(Pattern::Append([choose = std::move(choose)](const TimeSpan& span, QueryContext& context, Events& out) {
                   each_cycle(span, context, [&](const TimeSpan& piece, Rational cycle) {
                     const CycleChoice choice = choose(cycle.num(), context);
                     if (choice.cycle == cycle)
                       choice.pattern.query(piece, context, out);
                     else
                       query_through(choice.pattern, {1, choice.cycle - cycle}, piece, context, out);
                   });
                 }),
                 std::move(parts), steps);
}

Pattern in_cycles(std::function<bool(std::int64_t, QueryContext&)> test, const Pattern& then, const Pattern& otherwise) {
  const auto choose = [test = std::move(test), then, otherwise](std::int64_t cycle, QueryContext& context) -> CycleChoice {
    return {test(cycle, context) ? then : otherwise, cycle};
  };
  return by_cycle(choose, {otherwise, then}, otherwise.steps());
}

Pattern map_events(const Pattern& p, std::function<bool(Event&, QueryContext&)> f) {
  if (p.is_silence()) return p;
  return Pattern(Pattern::Append([p, f = std::move(f)](const TimeSpan& span, QueryContext& context, Events& out) {
                   std::size_t kept = out.size();
                   p.query(span, context, out);
                   if (!paid(kept, context, out)) return;
                   for (std::size_t i = kept; i < out.size(); ++i) {
                     if (!f(out[i], context)) continue;
                     if (kept != i) out[kept] = std::move(out[i]);
                     ++kept;
                   }
                   out.erase(out.begin() + static_cast<std::ptrdiff_t>(kept), out.end());
                 }),
                 {p}, p.steps());
}

Pattern map_values(const Pattern& p, std::function<Value(const Value&)> f) {
  return map_events(p,
                    [f = std::move(f)](Event& e, QueryContext&) {
                      e.value = f(e.value);
                      return true;
                    })
      .steady(p.is_steady());
}

Pattern expand_events(const Pattern& p, std::function<void(const Event&, QueryContext&, Events&)> give) {
  if (p.is_silence()) return p;
  return Pattern(Pattern::Append([p, give = std::move(give)](const TimeSpan& span, QueryContext& context, Events& out) {
                   for (const Event& e : p.query(span, context)) {
                     if (!context.toil()) return;
                     give(e, context, out);
                   }
                 }),
                 {p});
}

Pattern unnamed(const Pattern& p) {
  if (p.is_silence()) return p;
  Pattern::Append body = [p](const TimeSpan& span, QueryContext& context, Events& out) { p.query(span, context, out); };
  if (!p.reads_live().any()) return Pattern(std::move(body), {}, p.steps()).steady(p.is_steady());
  return Pattern::live(std::move(body), p.reads_live()).with_steps(p.steps());
}

Pattern signal(std::function<Value(Rational, QueryContext&)> f) {
  return Pattern(Pattern::Append([f = std::move(f)](const TimeSpan& span, QueryContext& context, Events& out) {
    if (context.spend()) out.push_back({std::nullopt, span, f(span.begin, context), {}});
  }));
}

double number_of(const Value& value) {
  if (value.kind() != Value::Kind::word) return value.number();
  return value.truth() && (value.text() == "t" || value.text() == "true") ? 1 : 0;
}

Rational time_of(const Value& value) {
  if (value.kind() != Value::Kind::word) return Rational::near(value.number());
  const std::string& word = value.text();
  if (word.size() != 1) return 0;
  switch (word[0]) {
    case 'w':
      return 1;
    case 'h':
      return {1, 2};
    case 'q':
      return {1, 4};
    case 'e':
      return {1, 8};
    case 's':
      return {1, 16};
    case 't':
      return {1, 3};
    case 'f':
      return {1, 5};
    case 'x':
      return {1, 6};
    default:
      return 0;
  }
}

std::int64_t count_of(const Value& value) {
  const double x = std::floor(number_of(value));
  if (!(std::abs(x) < 9e18)) return x > 0 ? INT64_MAX : -INT64_MAX;
  return static_cast<std::int64_t>(x);
}

Pattern with_number(const Pattern& argument, std::function<Pattern(double)> f, std::vector<Pattern> parts) {
  return inner_join(
      argument, [f = std::move(f)](const Value& v) { return f(number_of(v)); }, std::move(parts));
}

Pattern with_time(const Pattern& argument, std::function<Pattern(Rational)> f, std::vector<Pattern> parts) {
  return inner_join(
      argument, [f = std::move(f)](const Value& v) { return f(time_of(v)); }, std::move(parts));
}

Pattern with_count(const Pattern& argument, std::function<Pattern(std::int64_t)> f, std::vector<Pattern> parts) {
  return inner_join(
      argument, [f = std::move(f)](const Value& v) { return f(count_of(v)); }, std::move(parts));
}

}  // namespace hocket
