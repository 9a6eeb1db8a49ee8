// Functions on sounds: parts of samples, stereo, echoes.
#include <cmath>

#include "lang/pattern/functions/rows.h"

namespace hocket {
namespace {

using enum ArgKind;

std::optional<double> number_in(const Controls& map, std::string_view name) {
  const auto held = map.find(name);
  return held != map.end() && held->second.is_numeric() ? std::optional(held->second.number()) : std::nullopt;
}

// Changes the controls of every event; other values pass.
template <class F>
bool change(Event& e, F f) {
  if (e.value.kind() != Value::Kind::controls) return true;
  f(e.value.own_map());
  return true;
}

Pattern set(const char* name, const Value& value, const Pattern& p) {
  return map_events(
      p, [name, value](Event& e, QueryContext&) { return change(e, [&](Controls& map) { map.insert_or_assign(name, value); }); });
}

// A missing control is set to the factor.
Pattern scaled(const char* name, double factor, const Pattern& p) {
  return map_events(p, [name, factor](Event& e, QueryContext&) {
    return change(e, [&](Controls& map) { map.insert_or_assign(name, Value(number_in(map, name).value_or(1) * factor)); });
  });
}

Pattern added(const char* name, double amount, const Pattern& p) {
  return map_events(p, [name, amount](Event& e, QueryContext&) {
    return change(e, [&](Controls& map) { map.insert_or_assign(name, Value(number_in(map, name).value_or(0) + amount)); });
  });
}

struct Range {
  double begin = 0;
  double end = 1;
};

// The part of a sample, within the range that is played already.
void set_range(Controls& map, Range part, Range existing) {
  const double length = existing.end - existing.begin;
  map.insert_or_assign("begin", Value(existing.begin + part.begin * length));
  map.insert_or_assign("end", Value(existing.begin + part.end * length));
}

Range range_in(const Controls& map) {
  return {number_in(map, "begin").value_or(0), number_in(map, "end").value_or(1)};
}

Pattern hurry(Rational n, const Pattern& p) {
  return scaled("speed", n.to_double(), fast(n, p));
}

Pattern jux_by(double width, const PatternFunction& f, const Pattern& p) {
  return stack({added("pan", 0.5 - width / 2, p), f(added("pan", 0.5 + width / 2, p))}).with_steps(p.steps());
}

constexpr std::int64_t kMostLayers = 128;

Pattern spin(std::int64_t n, const Pattern& p) {
  if (n > kMostLayers) return Pattern::exhausting();
  std::vector<Pattern> layers;
  for (std::int64_t i = 0; i < n; ++i) {
    const Rational part(i, n);
    layers.push_back(set("pan", Value(part.to_double()), early(part, p)));
  }
  return stack(std::move(layers));
}

// Each event cut into n; an existing range is subdivided where both its ends are set.
Pattern chop(std::int64_t n, const Pattern& p) {
  if (n < 1) return {};
  return expand_events(p, [n](const Event& e, QueryContext& context, Events& out) {
    const TimeSpan whole = e.span();
    if (whole.begin == whole.end) return;
    const Rational length = whole.length() / Rational(n);
    const Controls& map = e.value.map();
    const Range existing = number_in(map, "begin") && number_in(map, "end") ? range_in(map) : Range{};
    for (std::int64_t i = ((e.part.begin - whole.begin) / length).floor(); i < n; ++i) {
      const Rational begin = whole.begin + length * Rational(i);
      if (begin >= e.part.end && begin != e.part.begin) return;
      const TimeSpan slot{begin, begin + length};
      const auto part = overlap(slot, e.part);
      if (!part) continue;
      if (!context.spend()) return;
      Event cut{slot, *part, e.value, e.where};
      const auto count = static_cast<double>(n);
      const auto place = static_cast<double>(i);
      change(cut, [&](Controls& changed) { set_range(changed, {place / count, (place + 1) / count}, existing); });
      out.push_back(std::move(cut));
    }
  });
}

// n passes over the cycle within each cycle; pass i plays the part of every sample that `part(i)` gives.
Pattern striate(std::int64_t n, const std::function<Range(double)>& part, const Pattern& p) {
  return even_steps(n,
                    [=](std::int64_t i, Rational, QueryContext&) {
                      return map_events(p, [range = part(static_cast<double>(i))](Event& e, QueryContext&) {
                        return change(e, [&](Controls& map) { set_range(map, range, range_in(map)); });
                      });
                    },
                    {p});
}

Pattern slice(std::int64_t n, const Pattern& indices, const Pattern& p) {
  if (n == 0) return {};
  const auto count = static_cast<double>(n);
  const Pattern parts = map_values(indices, [count](const Value& v) {
    const double i = number_of(v);
    return Value::controls({{"begin", Value(i / count)}, {"end", Value((i + 1) / count)}});
  });
  return combine(">", Structure::left, parts, p);
}

// As `slice`, each part played as fast as its event asks.
Pattern splice(std::int64_t n, const Pattern& indices, const Pattern& p) {
  return map_events(slice(n, indices, p), [n](Event& e, QueryContext&) {
    const double length = e.span().length().to_double();
    return change(e, [&](Controls& map) {
      const double speed = length == 0 ? 1 : 1 / (static_cast<double>(n) * length);
      map.insert_or_assign("speed", Value(number_in(map, "speed").value_or(1) * speed));
      map.insert_or_assign("unit", Value::word("c"));
    });
  });
}

// As `bite`, and a part that is squeezed or stretched plays its sounds as much faster or slower.
Pattern chew(std::int64_t n, const Pattern& order, const Pattern& p) {
  if (n < 1) return {};
  const Pattern sized = map_events(order, [n](Event& e, QueryContext&) {
    const double length = e.span().length().to_double() * static_cast<double>(n);
    e.value = Value::controls({{"part", e.value}, {"speed", Value(length == 0 ? 1 : 1 / length)}});
    return true;
  });
  const auto part = [n, p](const Value& v) {
    const std::int64_t i = modulo(count_of(v.map().at("part")), n);
    return scaled("speed", v.map().at("speed").number(), zoom(Rational(i, n), Rational(i + 1, n), p));
  };
  return squeeze_join(sized, part, {p});
}

Pattern fit(const Pattern& p) {
  return map_events(p, [](Event& e, QueryContext&) {
    const double length = e.span().length().to_double();
    return change(e, [&](Controls& map) {
      const Range range = range_in(map);
      map.insert_or_assign("speed", Value(length == 0 ? 1 : (range.end - range.begin) / length));
      map.insert_or_assign("unit", Value::word("c"));
    });
  });
}

Pattern loop_at(Rational n, const Pattern& p) {
  if (n == Rational(0)) return {};
  return set("unit", Value::word("c"), scaled("speed", 1 / n.to_double(), slow(n, p)));
}

// n layers, each `t` later than the one before; the first unchanged, the others scaled by gain(i).
Pattern echoes(std::int64_t n, Rational t, const std::function<double(double)>& gain, const Pattern& p) {
  if (n > kMostLayers) return Pattern::exhausting();
  std::vector<Pattern> layers{p};
  for (std::int64_t i = 1; i < n; ++i) layers.push_back(late(t * Rational(i), scaled("gain", gain(static_cast<double>(i)), p)));
  return stack(std::move(layers));
}

Pattern ghost(const Pattern& p) {
  const auto soft = [](const Pattern& q) { return scaled("speed", 1.25, set("end", Value(0.2), scaled("gain", 0.7, q))); };
  const Pattern twice = stack({p, soft(late(Rational(3, 16), p))});
  return stack({twice, soft(late(Rational(5, 16), twice))});
}

// f on the events that hold all these values, g on the others.
Pattern contrast(const PatternFunction& f, const PatternFunction& g, const std::map<std::string, Pattern>& wanted, const Pattern& p) {
  Controls values;
  QueryContext context;
  for (const auto& [name, pattern] : wanted) {
    const Events first = pattern.query({0, 1}, context);
    if (!first.empty()) values.emplace(name, first.front().value);
  }
  const auto holds = [values](const Event& e) {
    for (const auto& [name, value] : values) {
      const auto held = e.value.map().find(name);
      if (held == e.value.map().end()) return false;
      const bool same = value.is_numeric() && held->second.is_numeric() ? value.number() == held->second.number()
                                                                        : to_text(value) == to_text(held->second);
      if (!same) return false;
    }
    return true;
  };
  return stack({f(map_events(p, [holds](Event& e, QueryContext&) { return holds(e); })),
                g(map_events(p, [holds](Event& e, QueryContext&) { return !holds(e); }))});
}

// f(n, t, x) under the rule for patterned arguments.
Pattern echoed(const Pattern& counts, const Pattern& times, const Pattern& amounts, const Pattern& p,
               const std::function<double(double count, double amount, double layer)>& gain) {
  return with_count(counts,
                    [=](std::int64_t n) {
                      return with_time(times,
                                       [=](Rational t) {
                                         return with_number(amounts,
                                                            [=](double x) {
                                                              return echoes(
                                                                  n, t,
                                                                  [=](double layer) { return gain(static_cast<double>(n), x, layer); }, p);
                                                            },
                                                            {p});
                                       },
                                       {p});
                    },
                    {p});
}

const std::vector<FunctionRow>& rows() {
  static const std::vector<FunctionRow> made{
      {"hurry",
       {{"factor", time}},
       true,
       "Plays the pattern faster, and its samples too.",
       R"(s "bd sn" $ hurry 2)",
       "0..1/4 {s: bd, speed: 2} | 1/4..1/2 {s: sn, speed: 2} | 1/2..3/4 {s: bd, speed: 2} | 3/4..1 {s: sn, speed: 2}",
       [](Args a) {
         const Pattern p = a[1].pattern();
         return with_time(a[0].pattern(), [p](Rational n) { return hurry(n, p); }, {p});
       }},
      {"jux",
       {{"function", function}},
       true,
       "The pattern on the left, the function of it on the right.",
       R"(s "bd sn" $ jux rev)",
       "0..1/2 {pan: 0, s: bd} | 0..1/2 {pan: 1, s: sn} | 1/2..1 {pan: 0, s: sn} | 1/2..1 {pan: 1, s: bd}",
       [](Args a) { return jux_by(1, a[0].function(), a[1].pattern()); }},
      {"juxBy",
       {{"width", number}, {"function", function}},
       true,
       "As `jux`, less far apart: 1 is fully left and right, 0 the centre.",
       R"(s "bd sn" $ juxBy 0.5 rev)",
       "0..1/2 {pan: 0.25, s: bd} | 0..1/2 {pan: 0.75, s: sn} | 1/2..1 {pan: 0.25, s: sn} | 1/2..1 {pan: 0.75, s: bd}",
       [](Args a) {
         const Pattern p = a[2].pattern();
         return with_number(a[0].pattern(), [p, f = a[1].function()](double width) { return jux_by(width, f, p); }, {p});
       }},
      {"spin",
       {{"copies", number}},
       true,
       "`copies` layers spread round the listener, each one further in the cycle.",
       R"(s "bd sn" $ spin 2)",
       "0..1/2 {pan: 0, s: bd} | 0..1/2 {pan: 0.5, s: sn} | 1/2..1 {pan: 0, s: sn} | 1/2..1 {pan: 0.5, s: bd}",
       [](Args a) {
         const Pattern p = a[1].pattern();
         return with_count(a[0].pattern(), [p](std::int64_t n) { return spin(n, p); }, {p});
       }},
      {"chop",
       {{"parts", number}},
       true,
       "Cuts each event into parts, which play the parts of its sample.",
       R"(s "bd" $ chop 2)",
       "0..1/2 {begin: 0, end: 0.5, s: bd} | 1/2..1 {begin: 0.5, end: 1, s: bd}",
       [](Args a) {
         const Pattern p = a[1].pattern();
         return with_count(a[0].pattern(), [p](std::int64_t n) { return chop(n, p); }, {p});
       }},
      {"striate",
       {{"parts", number}},
       true,
       "Passes over the cycle `parts` times; pass i plays the i-th part of every sample.",
       R"(s "bd sn" $ striate 2)",
       "0..1/4 {begin: 0, end: 0.5, s: bd} | 1/4..1/2 {begin: 0, end: 0.5, s: sn} | 1/2..3/4 {begin: 0.5, end: 1, s: bd} | "
       "3/4..1 {begin: 0.5, end: 1, s: sn}",
       [](Args a) {
         const Pattern p = a[1].pattern();
         return with_count(a[0].pattern(),
                           [p](std::int64_t n) {
                             const auto count = static_cast<double>(n);
                             return striate(
                                 n,
                                 [count](double i) {
                                   return Range{i / count, (i + 1) / count};
                                 },
                                 p);
                           },
                           {p});
       }},
      {"striateBy",
       {{"parts", number}, {"length", number}},
       true,
       "As `striate`, each part `length` of the sample long, so that they overlap.",
       R"(s "bd" $ striateBy 2 0.75)",
       "0..1/2 {begin: 0, end: 0.75, s: bd} | 1/2..1 {begin: 0.25, end: 1, s: bd}",
       [](Args a) {
         const Pattern p = a[2].pattern();
         return with_count(a[0].pattern(),
                           [p, lengths = a[1].pattern()](std::int64_t n) {
                             return with_number(lengths,
                                                [=](double length) {
                                                  const double step = n > 1 ? (1 - length) / static_cast<double>(n - 1) : 0;
                                                  return striate(
                                                      n,
                                                      [=](double i) {
                                                        return Range{step * i, step * i + length};
                                                      },
                                                      p);
                                                },
                                                {p});
                           },
                           {p});
       }},
      {"slice",
       {{"parts", number}, {"order", number}},
       true,
       "Plays parts of the sample by index, with the structure of the indices.",
       R"(s "bd" $ slice 4 "0 2")",
       "0..1/2 {begin: 0, end: 0.25, s: bd} | 1/2..1 {begin: 0.5, end: 0.75, s: bd}",
       [](Args a) {
         return with_count(a[0].pattern(), [order = a[1].pattern(), p = a[2].pattern()](std::int64_t n) { return slice(n, order, p); },
                           {a[2].pattern()});
       }},
      {"splice",
       {{"parts", number}, {"order", number}},
       true,
       "As `slice`, each part played at the speed that fits its event.",
       R"(s "bd" $ splice 4 "0 2")",
       "0..1/2 {begin: 0, end: 0.25, s: bd, speed: 0.5, unit: c} | 1/2..1 {begin: 0.5, end: 0.75, s: bd, speed: 0.5, unit: c}",
       [](Args a) {
         return with_count(a[0].pattern(), [order = a[1].pattern(), p = a[2].pattern()](std::int64_t n) { return splice(n, order, p); },
                           {a[2].pattern()});
       }},
      {"chew",
       {{"parts", number}, {"order", number}},
       true,
       "As `bite`, and a part that is squeezed plays its sounds as much faster.",
       R"(s "bd sn hh cp" $ chew 4 "0 [1 2]")",
       "0..1/2 {s: bd, speed: 0.5} | 1/2..3/4 {s: sn, speed: 1} | 3/4..1 {s: hh, speed: 1}",
       [](Args a) {
         return with_count(a[0].pattern(), [order = a[1].pattern(), p = a[2].pattern()](std::int64_t n) { return chew(n, order, p); },
                           {a[2].pattern()});
       }},
      {"fit",
       {},
       true,
       "Plays each sample at the speed at which it lasts its event.",
       R"(s "bd sn*2" $ fit)",
       "0..1/2 {s: bd, speed: 2, unit: c} | 1/2..3/4 {s: sn, speed: 4, unit: c} | 3/4..1 {s: sn, speed: 4, unit: c}",
       [](Args a) { return fit(a[0].pattern()); }},
      {"loopAt",
       {{"cycles", time}},
       true,
       "Stretches the pattern over `cycles` and fits the samples to them.",
       R"(s "break" $ chop 4 $ loopAt 2)",
       "0..1/2 {begin: 0, end: 0.25, s: break, speed: 0.5, unit: c} | "
       "1/2..1 {begin: 0.25, end: 0.5, s: break, speed: 0.5, unit: c}",
       [](Args a) {
         const Pattern p = a[1].pattern();
         return with_time(a[0].pattern(), [p](Rational n) { return loop_at(n, p); }, {p});
       }},
      {"stut",
       {{"count", number}, {"feedback", number}, {"cycles", time}},
       true,
       "`count` layers, each `cycles` later; the gain falls in equal steps towards `feedback`.",
       R"(s "bd" $ stut 3 0.25 1/8)",
       "-7/8..1/8 {gain: 0.75, s: bd} in 0..1/8 | -3/4..1/4 {gain: 0.5, s: bd} in 0..1/4 | 0..1 {s: bd} | "
       "1/8..9/8 {gain: 0.75, s: bd} in 1/8..1 | 1/4..5/4 {gain: 0.5, s: bd} in 1/4..1",
       [](Args a) {
         return echoed(a[0].pattern(), a[2].pattern(), a[1].pattern(), a[3].pattern(),
                       [](double n, double x, double i) { return x + (1 - x) * (n - i) / n; });
       }},
      {"echo",
       {{"count", number}, {"cycles", time}, {"feedback", number}},
       true,
       "`count` layers, each `cycles` later; the gain is multiplied by `feedback` from layer to layer.",
       R"(s "bd" $ echo 3 1/8 0.5)",
       "-7/8..1/8 {gain: 0.5, s: bd} in 0..1/8 | -3/4..1/4 {gain: 0.25, s: bd} in 0..1/4 | 0..1 {s: bd} | "
       "1/8..9/8 {gain: 0.5, s: bd} in 1/8..1 | 1/4..5/4 {gain: 0.25, s: bd} in 1/4..1",
       [](Args a) {
         return echoed(a[0].pattern(), a[1].pattern(), a[2].pattern(), a[3].pattern(),
                       [](double, double x, double i) { return std::pow(x, i); });
       }},
      {"ghost",
       {},
       true,
       "Adds softer, shorter, higher copies 3/16, 5/16 and 8/16 of a cycle later.",
       R"(s "sn" $ ghost)",
       "-13/16..3/16 {end: 0.2, gain: 0.7, s: sn, speed: 1.25} in 0..3/16 | "
       "-11/16..5/16 {end: 0.2, gain: 0.7, s: sn, speed: 1.25} in 0..5/16 | "
       "-1/2..1/2 {end: 0.2, gain: 0.48999999999999994, s: sn, speed: 1.5625} in 0..1/2 | 0..1 {s: sn} | "
       "3/16..19/16 {end: 0.2, gain: 0.7, s: sn, speed: 1.25} in 3/16..1 | "
       "5/16..21/16 {end: 0.2, gain: 0.7, s: sn, speed: 1.25} in 5/16..1 | "
       "1/2..3/2 {end: 0.2, gain: 0.48999999999999994, s: sn, speed: 1.5625} in 1/2..1",
       [](Args a) { return ghost(a[0].pattern()); }},
      {"fix",
       {{"function", function}, {"controls", map}},
       true,
       "Applies the function to the events that have all these controls.",
       R"(s "bd sn" $ fix (fast 2) {s: "bd"})",
       "0..1/4 {s: bd} | 1/2..3/4 {s: bd} | 1/2..1 {s: sn}",
       [](Args a) {
         return contrast(
             a[0].function(), [](const Pattern& p) { return p; }, a[1].map(), a[2].pattern());
       }},
      {"contrast",
       {{"function", function}, {"otherwise", function}, {"controls", map}},
       true,
       "Applies one function to the events that have all these controls, the other to the rest.",
       R"(s "bd sn" $ contrast (# speed 2) (# speed 0.5) {s: "bd"})",
       "0..1/2 {s: bd, speed: 2} | 1/2..1 {s: sn, speed: 0.5}",
       [](Args a) { return contrast(a[0].function(), a[1].function(), a[2].map(), a[3].pattern()); }},
  };
  return made;
}

}  // namespace

Rows control_rows() {
  return rows();
}

}  // namespace hocket
