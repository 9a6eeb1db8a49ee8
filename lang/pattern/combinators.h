// What pattern functions are made of: maps of time and value, joins, layers and sequences.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "lang/pattern/pattern.h"

namespace hocket {

/// An outer time t is the inner time t * factor + shift. factor > 0.
struct TimeMap {
  Rational factor{1};
  Rational shift{0};

  Rational inner(Rational t) const { return t * factor + shift; }
  Rational outer(Rational t) const { return (t - shift) / factor; }
  TimeSpan inner(const TimeSpan& s) const { return {inner(s.begin), inner(s.end)}; }
  TimeSpan outer(const TimeSpan& s) const { return {outer(s.begin), outer(s.end)}; }
};

/// Pays for changing the events of `out` from `first` on. False: they are dropped, for the query cannot afford it.
bool paid(std::size_t first, QueryContext&, Events& out);
/// Asks p through a map and brings its events back, from the `first`th of `out` on.
void query_through(const Pattern& p, const TimeMap&, const TimeSpan& outer_span, QueryContext&, Events& out);

/// Calls give(piece, cycle) for each piece of the span that lies within one cycle, until the query is exhausted.
template <class Give>
void each_cycle(const TimeSpan& span, QueryContext& context, Give&& give) {
  Rational cycle = span.begin.floor();
  if (span.end <= cycle + 1) {
    give(span, cycle);
    return;
  }
  for (Rational begin = span.begin; begin < span.end && context.toil(); begin = cycle) {
    const Rational next = cycle + 1;
    give(TimeSpan{begin, min(next, span.end)}, cycle);
    cycle = next;
  }
}

// ---- time

Pattern fast(Rational factor, const Pattern&);  ///< 0: silence; negative: reversed
Pattern slow(Rational factor, const Pattern&);
Pattern late(Rational by, const Pattern&);
inline Pattern early(Rational by, const Pattern& p) {
  return late(-by, p);
}
Pattern rev(const Pattern&);
/// Each cycle squeezed into begin..end of it, silence around.
Pattern compress(Rational begin, Rational end, const Pattern&);
/// begin..end of each cycle stretched to the cycle.
Pattern zoom(Rational begin, Rational end, const Pattern&);

/// In cycle c plays the cycle that `choose(c)` names.
struct CycleChoice {
  Pattern pattern;
  Rational cycle;  ///< of the chosen pattern
};
Pattern by_cycle(std::function<CycleChoice(std::int64_t, QueryContext&)> choose, std::vector<Pattern> parts,
                 std::optional<Rational> steps = std::nullopt);
/// f in the cycles that pass the test, p in the others.
Pattern in_cycles(std::function<bool(std::int64_t, QueryContext&)> test, const Pattern& then, const Pattern& otherwise);

// ---- values and events

Pattern map_values(const Pattern&, std::function<Value(const Value&)>);
/// Changes each event in place; false drops it.
Pattern map_events(const Pattern&, std::function<bool(Event&, QueryContext&)>);
/// Replaces each event by any number of others, which `give` adds to `out`.
Pattern expand_events(const Pattern&, std::function<void(const Event&, QueryContext&, Events& out)> give);
/// The same events, but the words in them name no sounds (arguments, and controls other than `s`).
Pattern unnamed(const Pattern&);
/// A continuous pattern: one event over whatever is asked, its value taken at the start.
Pattern signal(std::function<Value(Rational, QueryContext&)>);

// ---- joins

/// While an event of `outer` lasts, what f(its value) gives there; wholes are those of the inner events. f is called while
/// querying, from any thread. Where `outer` is constant, f is called once, now.
Pattern inner_join(const Pattern& outer, std::function<Pattern(const Value&)> f, std::vector<Pattern> parts = {});
/// The same, but wholes are those of the outer events.
Pattern outer_join(const Pattern& outer, std::function<Pattern(const Value&)> f, std::vector<Pattern> parts = {});
/// One cycle of f(value) squeezed into each event of `outer`.
Pattern squeeze_join(const Pattern& outer, std::function<Pattern(const Value&)> f, std::vector<Pattern> parts = {});
/// At each event of `outer` f(value) starts over from the beginning of the cycle, or of all time (`restart`).
Pattern reset_join(const Pattern& outer, bool restart, std::function<Pattern(const Value&)> f, std::vector<Pattern> parts = {});

/// `left` becomes what the two give.
using Merge = std::function<void(Value& left, const Value& right)>;
/// Structure from the left: the right is asked over the whole of each left event.
Pattern merge_left(const Pattern& left, const Pattern& right, Merge);
Pattern merge_right(const Pattern& left, const Pattern& right, Merge);
/// Structure from both: wherever two events overlap.
Pattern merge_both(const Pattern& left, const Pattern& right, Merge);

/// The events of p, with part and whole as they are, cut to where `keep` has true events.
Pattern mask(const Pattern& keep, const Pattern&);
/// p sampled with the structure of the true events of `rhythm`.
Pattern structure(const Pattern& rhythm, const Pattern&);
Pattern keep_true(const Pattern&);
Pattern negated(const Pattern&);

// ---- many into one

struct Weighted {
  Rational weight{1};
  Pattern pattern;
};

Pattern stack(std::vector<Pattern>);
/// One cycle each in turn; each pattern goes on where it stopped.
Pattern cat(std::vector<Pattern>);
/// Side by side within each cycle. Steps of no or negative weight are left out.
Pattern timecat(std::vector<Weighted>);
Pattern fastcat(std::vector<Pattern>);
/// `count` equal steps a cycle; `choose(step, cycle)` is squeezed whole into its step. Nothing is built before it is asked.
using ChooseStep = std::function<Pattern(std::int64_t step, Rational cycle, QueryContext&)>;
Pattern even_steps(std::int64_t count, ChooseStep choose, std::vector<Pattern> parts = {});
/// The same where each step is a value, whatever the cycle.
Pattern even_values(std::int64_t count, std::function<Value(std::int64_t step)> value);

// ---- arguments

double number_of(const Value&);
/// Exact; the words w h q e s t f x are the note lengths that TidalCycles calls so.
Rational time_of(const Value&);
/// A count: rounded down.
std::int64_t count_of(const Value&);

/// f applied under the rule for patterned arguments (inner join).
Pattern with_number(const Pattern& argument, std::function<Pattern(double)> f, std::vector<Pattern> parts = {});
Pattern with_time(const Pattern& argument, std::function<Pattern(Rational)> f, std::vector<Pattern> parts = {});
Pattern with_count(const Pattern& argument, std::function<Pattern(std::int64_t)> f, std::vector<Pattern> parts = {});

}  // namespace hocket
