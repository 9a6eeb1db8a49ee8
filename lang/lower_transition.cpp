// A redefinition on its way: the old value and the new one, joined over some cycles.
#include <algorithm>
#include <cmath>
#include <utility>

#include "lang/lower_eval.h"
#include "lang/pattern/random.h"

namespace hocket {
namespace {

/// How far the transition has come at `time`: 0 before it, 1 after it.
double progress(const Transition& t, Rational time) {
  if (time < t.from) return 0;
  if (t.cycles <= Rational(0) || time >= t.from + t.cycles) return 1;
  return ((time - t.from) / t.cycles).to_double();
}

using Choice = std::function<std::optional<Value>(const Event&, const QueryContext&)>;

/// Events with a whole go through `choose`; what it gives nothing for is left out.
Pattern choose_events(const Pattern& pattern, Choice choose) {
  return Pattern(
      [pattern, choose = std::move(choose)](const TimeSpan& span, QueryContext& context) {
        Events kept;
        for (Event& e : pattern.query(span, context)) {
          std::optional<Value> value = e.whole ? choose(e, context) : std::optional(e.value);
          if (!value) continue;
          e.value = std::move(*value);
          kept.push_back(std::move(e));
        }
        return kept;
      },
      {pattern});
}

/// The event's sound with its gain times `factor`; nothing at 0.
std::optional<Value> with_gain(const Value& v, double factor) {
  if (factor <= 0) return {};
  if (v.kind() != Value::Kind::controls) return v;
  Controls map = v.map();
  const auto gain = map.find("gain");
  const double before = gain != map.end() && gain->second.is_numeric() ? gain->second.number() : 1;
  map.insert_or_assign("gain", Value(before * factor));
  return Value::controls(std::move(map));
}

/// One number a cycle: the distance of the echoes that `anticipate` draws together.
Pattern echo_distance(const Transition& t) {
  return Pattern([t](const TimeSpan& span, QueryContext&) {
    Events events;
    for (std::int64_t c = span.begin.floor(); Rational(c) < span.end || c == span.begin.floor(); ++c) {
      const TimeSpan whole{Rational(c), Rational(c + 1)};
      events.push_back({whole,
                        {max(span.begin, whole.begin), min(max(span.end, span.begin), whole.end)},
                        Value((1 - progress(t, whole.begin)) / 4),
                        {}});
    }
    return events;
  });
}

Pattern join_patterns(const Transition& t, const Pattern& before, const Pattern& after, bool sound) {
  const auto both = [](Pattern a, Pattern b) {
    return Pattern(
        [a, b](const TimeSpan& span, QueryContext& context) {
          Events events = a.query(span, context);
          for (Event& e : b.query(span, context)) events.push_back(std::move(e));
          return events;
        },
        {a, b});
  };
  const auto until_end = [t](const Event& e, const QueryContext&) {
    return progress(t, e.whole->begin) < 1 ? std::optional(e.value) : std::nullopt;
  };
  const auto from_end = [t](const Event& e, const QueryContext&) {
    return progress(t, e.whole->begin) < 1 ? std::nullopt : std::optional(e.value);
  };
  const FunctionRow* const echoes = find_function("stut");
  if (sound && t.kind == Transition::Kind::xfade) {  // equal power
    return both(choose_events(before, [t](const Event& e,
                                          const QueryContext&) { return with_gain(e.value, std::sqrt(1 - progress(t, e.whole->begin))); }),
                choose_events(after, [t](const Event& e, const QueryContext&) {
                  return with_gain(e.value, std::sqrt(progress(t, e.whole->begin)));
                }));
  }
  if (sound && t.kind == Transition::Kind::anticipate && echoes != nullptr) {
    const std::vector<Arg> args{{Pattern::pure(Value(8))}, {Pattern::pure(Value(0.2))}, {echo_distance(t)}, {before}};
    return both(choose_events(echoes->body(args), until_end), choose_events(after, from_end));
  }
  if (t.kind == Transition::Kind::clutch || t.kind == Transition::Kind::xfade) {
    const auto turned = [t](const Event& e, const QueryContext& c) {
      return random_at(e.whole->begin, c.seed) < progress(t, e.whole->begin);
    };
    return both(choose_events(before, [turned](const Event& e,
                                               const QueryContext& c) { return turned(e, c) ? std::nullopt : std::optional(e.value); }),
                choose_events(after, [turned](const Event& e, const QueryContext& c) {
                  return turned(e, c) ? std::optional(e.value) : std::nullopt;
                }));
  }
  return both(choose_events(before, until_end), choose_events(after, from_end));
}

}  // namespace

/// A definition's value: its expression, or while a transition lasts, both its expressions.
Term Evaluator::value_of(const Definition& definition) {
  const ExprPtr& value = std::get<DefineStatement>(definition.statement.node).value;
  if (definition.fading == nullptr) return eval(value);
  const Definition& old = *definition.fading;
  Term before;
  {
    const Owning owning(main, old.owner());
    const auto reader = std::exchange(source, old.source);
    before = eval(std::get<DefineStatement>(old.statement.node).value);
    source = reader;
  }
  Term after = eval(value);
  if (before.failed() || after.failed()) return after;
  const Transition& t = definition.transition;
  if (before.pattern() != nullptr && after.pattern() != nullptr && before.is_sound() == after.is_sound()) {
    const PatternTerm& a = *before.pattern();
    const PatternTerm& b = *after.pattern();
    PatternTerm joined{join_patterns(t, a.pattern, b.pattern, a.sound), a.sound, a.panned || b.panned, b.words, next_id_++, {}, {}};
    joined.words.insert(joined.words.end(), a.words.begin(), a.words.end());
    return make(after.span, std::move(joined));
  }
  if (before.function() != nullptr || after.function() != nullptr) return after;
  if (auto* pattern = std::get_if<PatternTerm>(&before.value)) pattern->home = old.owner();
  const bool at_once = t.kind == Transition::Kind::jump;
  const auto gain = [&](bool rising) {
    const Pattern curve([t, rising, at_once](const TimeSpan& span, QueryContext&) {
      const double x = at_once ? std::floor(progress(t, span.begin)) : progress(t, span.begin);
      return Events{{std::nullopt, span, Value(std::sqrt(rising ? x : 1 - x)), {}}};
    });
    return to_signal(make(after.span, PatternTerm{curve, false, false, {}, next_id_++, {}, {}}), PortUnit::signal);
  };
  const Term fading = unit_node("mul", {to_signal(before, PortUnit::signal), gain(false)});
  const Term rising = unit_node("mul", {to_signal(after, PortUnit::signal), gain(true)});
  return make(after.span, mix({*fading.signal(), *rising.signal()}));
}

}  // namespace hocket
