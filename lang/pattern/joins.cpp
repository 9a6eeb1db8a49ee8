// Patterns read through other patterns: joins, merges, masks.
#include <algorithm>
#include <utility>

#include "lang/pattern/combinators.h"
#include "lang/pattern/live.h"

namespace hocket {
namespace {

using Make = std::function<Pattern(const Value&)>;

// What building a pattern while querying counts for: that it may take long is paid for here.
constexpr std::size_t kMakingWork = 64;

// The patterns that a query has made already, by the values they were made from: arguments repeat.
class MadeOnce {
 public:
  explicit MadeOnce(const Make& make) : make_(make) {}

  const Pattern& of(const Value& value, QueryContext& context) {
    for (const auto& [key, pattern] : made_)
      if (key == value) return pattern;
    constexpr std::size_t kMostKept = 16;
    if (made_.size() == kMostKept) made_.clear();
    return made_.emplace_back(value, context.toil(kMakingWork) ? make_(value) : Pattern()).second;
  }

 private:
  const Make& make_;
  std::vector<std::pair<Value, Pattern>> made_;
};

// For each event of `outer` in the span: asks what `make` gives, through the map that `place` gives, and hands every inner
// event to `fit`, which may drop it.
template <class Place, class Fit>
Pattern join(const Pattern& outer, Make make, std::vector<Pattern> parts, Place place, Fit fit,
             std::optional<Rational> steps = std::nullopt) {
  if (outer.reads_live().any()) parts.push_back(unnamed(outer));
  const auto body = [=, make = std::move(make)](const TimeSpan& span, QueryContext& context, Events& out) {
    MadeOnce made(make);
    for (const Event& o : outer.query(span, context)) {
      std::size_t kept = out.size();
      const TimeMap map = place(o);
      const Pattern& inner = made.of(o.value, context);
      if (map.factor == Rational(1) && map.shift == Rational(0))
        inner.query(o.part, context, out);
      else
        query_through(inner, map, o.part, context, out);
      for (std::size_t i = kept; i < out.size(); ++i) {
        if (!fit(o, out[i])) continue;
        if (kept != i) out[kept] = std::move(out[i]);
        ++kept;
      }
      out.erase(out.begin() + static_cast<std::ptrdiff_t>(kept), out.end());
      if (context.exhausted) return;
    }
  };
  return Pattern(Pattern::Append(body), std::move(parts), steps);
}

TimeMap as_it_is(const Event&) {
  return {};
}

bool cut_part(const Event& outer, Event& inner) {
  const auto part = overlap(outer.part, inner.part);
  if (part) inner.part = *part;
  return part.has_value();
}

bool cut_both(const Event& outer, Event& inner) {
  if (!cut_part(outer, inner)) return false;
  if (!inner.whole || !outer.whole) return true;
  inner.whole = overlap(*inner.whole, *outer.whole);
  return inner.whole.has_value();
}

}  // namespace

Pattern inner_join(const Pattern& outer, Make f, std::vector<Pattern> parts) {
  if (const Value* value = outer.constant()) return f(*value);
  const auto steps = parts.empty() ? std::nullopt : parts.front().steps();
  return join(outer, std::move(f), std::move(parts), as_it_is, cut_part, steps);
}

Pattern outer_join(const Pattern& outer, Make f, std::vector<Pattern> parts) {
  const auto fit = [](const Event& o, Event& inner) {
    if (!cut_part(o, inner)) return false;
    inner.whole = o.whole;
    return true;
  };
  return join(outer, std::move(f), std::move(parts), as_it_is, fit);
}

Pattern squeeze_join(const Pattern& outer, Make f, std::vector<Pattern> parts) {
  const auto into_event = [](const Event& o) -> TimeMap {
    const TimeSpan whole = o.span();
    if (whole.begin == whole.end) return {};
    const Rational factor = Rational(1) / whole.length();
    return {factor, Rational(whole.begin.floor()) - whole.begin * factor};
  };
  return join(outer, std::move(f), std::move(parts), into_event, cut_both);
}

Pattern reset_join(const Pattern& outer, bool restart, Make f, std::vector<Pattern> parts) {
  const auto from_onset = [restart](const Event& o) -> TimeMap {
    const Rational begin = o.span().begin;
    return {1, restart ? -begin : -begin.fraction()};
  };
  return join(outer, std::move(f), std::move(parts), from_onset, cut_both);
}

namespace {

// A constant has a whole in every cycle: longer events meet several of them, and `cut_wholes` is then visible.
Pattern merge_constant(const Pattern& p, const Pattern& other, Merge merge, bool cut_wholes) {
  const Value constant = *other.constant();
  std::vector<Pattern> parts{p};
  if (constant.kind() == Value::Kind::controls) parts.push_back(other);  // it may name a sound
  const auto body = [=, merge = std::move(merge)](const TimeSpan& span, QueryContext& context, Events& out) {
    const std::size_t first = out.size();
    p.query(span, context, out);
    if (!paid(first, context, out)) return;
    const std::size_t last = out.size();
    for (std::size_t i = first; i < last; ++i) {
      merge(out[i].value, constant);
      const bool within = out[i].span().end <= Rational(out[i].span().begin.floor()) + 1;
      if (within || (out[i].whole && !cut_wholes)) continue;
      const Event e = out[i];
      bool more = false;
      each_cycle(e.part, context, [&](const TimeSpan& piece, Rational cycle) {
        Event cut = e;
        cut.part = piece;
        if (e.whole) cut.whole = overlap(*e.whole, {cycle, cycle + 1});
        if (std::exchange(more, true))
          out.push_back(std::move(cut));
        else
          out[i] = std::move(cut);
      });
    }
  };
  return Pattern(Pattern::Append(body), std::move(parts), p.steps()).steady(p.is_steady());
}

// An event is where its structure stands; but a played note's mark is never lost.
Span place_of(const Event& structure, const Event& other) {
  return is_live_mark(other.where) && !is_live_mark(structure.where) ? other.where : structure.where;
}

// `e` with the value that `o` has while it lasts, if they meet.
void merge_pair(Event& e, const Event& o, bool last, const Merge& merge, Events& out) {
  const auto part = overlap(e.part, o.part);
  if (!part) return;
  out.push_back({e.whole, *part, last ? std::move(e.value) : e.value, place_of(e, o)});
  merge(out.back().value, o.value);
}

// The partners of many events, asked for at once: both ends of their parts rise.
class Partners {
 public:
  /// False: they are not in order, so each event must ask by itself.
  bool ask(const Pattern& steady, const Events& events, QueryContext& context) {
    TimeSpan hull = events.front().part;
    for (const Event& e : events) hull = {min(hull.begin, e.part.begin), max(hull.end, e.part.end)};
    steady.query(hull, context, found_);
    const auto ordered = [](const Event& a, const Event& b) { return a.part.begin < b.part.begin || a.part.end < b.part.end; };
    for (std::size_t i = 1; i < found_.size(); ++i)
      if (ordered(found_[i], found_[i - 1])) return false;
    return true;
  }
  /// give(partner, is it the last?) for all that may meet the span.
  template <class Give>
  void each(const TimeSpan& span, Give give) {
    if (at_ > 0 && found_[at_ - 1].part.end >= span.begin) at_ = 0;  // back again
    while (at_ < found_.size() && found_[at_].part.end < span.begin) ++at_;
    for (std::size_t i = at_; i < found_.size() && found_[i].part.begin <= span.end; ++i)
      give(found_[i], i + 1 == found_.size() || found_[i + 1].part.begin > span.end);
  }

 private:
  Events found_;
  std::size_t at_ = 0;
};

// The events of `structure`, each with the values that `other` has while it lasts.
Pattern merge_onto(const Pattern& structure, const Pattern& other, Merge merge) {
  if (structure.is_silence() || other.is_silence()) return {};
  if (other.constant()) return merge_constant(structure, other, std::move(merge), false);
  const auto body = [=, merge = std::move(merge)](const TimeSpan& span, QueryContext& context, Events& out) {
    constexpr std::size_t kMany = 3;
    Events events = structure.query(span, context);
    if (Partners partners; other.is_steady() && events.size() >= kMany && partners.ask(other, events, context)) {
      for (Event& e : events) {
        if (!context.toil()) return;
        partners.each(e.part, [&](const Event& o, bool last) { merge_pair(e, o, last, merge, out); });
      }
      return;
    }
    Events others;
    for (Event& e : events) {
      if (!context.toil()) return;
      others.clear();
      other.query(e.part, context, others);
      // A continuous value is the one at the start of the whole, so it needs the whole asked.
      const bool continuous = std::any_of(others.begin(), others.end(), [](const Event& o) { return !o.whole; });
      if (continuous && e.whole && *e.whole != e.part) {
        others.clear();
        other.query(*e.whole, context, others);
      }
      for (const Event& o : others) merge_pair(e, o, &o == &others.back(), merge, out);
      if (context.exhausted) return;
    }
  };
  return Pattern(Pattern::Append(body), {structure, other}, structure.steps()).steady(structure.is_steady() && other.is_steady());
}

}  // namespace

Pattern merge_left(const Pattern& left, const Pattern& right, Merge merge) {
  return merge_onto(left, right, std::move(merge));
}

Pattern merge_right(const Pattern& left, const Pattern& right, Merge merge) {
  return merge_onto(right, left, [merge = std::move(merge)](Value& r, const Value& l) {
    Value merged = l;
    merge(merged, r);
    r = std::move(merged);
  });
}

Pattern merge_both(const Pattern& left, const Pattern& right, Merge merge) {
  if (left.is_silence() || right.is_silence()) return {};
  if (right.constant()) return merge_constant(left, right, std::move(merge), true);
  return Pattern(
      Pattern::Append([=, merge = std::move(merge)](const TimeSpan& span, QueryContext& context, Events& out) {
        const Events lefts = left.query(span, context);
        Events rights = right.query(span, context);
        // Ordered by begin, with the latest end so far beside it, the partners of one event are a short run.
        std::stable_sort(rights.begin(), rights.end(), [](const Event& a, const Event& b) { return a.part.begin < b.part.begin; });
        std::vector<Rational> latest;
        for (const Event& r : rights) latest.push_back(latest.empty() ? r.part.end : max(latest.back(), r.part.end));
        for (const Event& l : lefts) {
          const auto past =
              std::upper_bound(rights.begin(), rights.end(), l.part.end, [](Rational end, const Event& r) { return end < r.part.begin; });
          auto i = static_cast<std::size_t>(past - rights.begin());
          std::size_t from = i;
          while (from > 0 && latest[from - 1] >= l.part.begin) --from;
          for (std::size_t k = from; k < i; ++k) {
            const Event& r = rights[k];
            const auto part = overlap(l.part, r.part);
            if (!part) continue;
            const auto whole = l.whole && r.whole ? overlap(*l.whole, *r.whole) : std::nullopt;
            if (l.whole && r.whole && !whole) continue;
            if (!context.spend()) return;
            out.push_back({whole, *part, l.value, place_of(l, r)});
            merge(out.back().value, r.value);
          }
        }
      }),
      {left, right});
}

Pattern keep_true(const Pattern& p) {
  return map_events(p, [](Event& e, QueryContext&) { return e.value.truth(); });
}

Pattern negated(const Pattern& p) {
  return map_values(p, [](const Value& v) { return Value(v.truth() ? 0 : 1); });
}

Pattern mask(const Pattern& keep, const Pattern& p) {
  return merge_left(p, unnamed(keep_true(keep)), [](Value&, const Value&) {});
}

Pattern structure(const Pattern& rhythm, const Pattern& p) {
  return merge_left(unnamed(keep_true(rhythm)), p, [](Value& beat, const Value& value) { beat = value; });
}

}  // namespace hocket
