// Scales, chords and arpeggios.
#include <algorithm>
#include <cmath>
#include <set>

#include "lang/pattern/functions/rows.h"
#include "lang/pattern/harmony.h"

namespace hocket {
namespace {

using enum ArgKind;

// Events of one whole together, in the order in which they were given; those of one note are its fragments.
struct Together {
  TimeSpan whole;
  std::vector<Events> notes;

  void add(Event e) {
    const auto goes_on = [&e](const Events& note) {
      return note.back().part.end <= e.part.begin && note.back().where == e.where && note.back().value == e.value;
    };
    const auto note = std::find_if(notes.begin(), notes.end(), goes_on);
    (note == notes.end() ? notes.emplace_back() : *note).push_back(std::move(e));
  }
};

std::vector<Together> by_whole(Events events) {
  std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    if (a.span().begin != b.span().begin) return a.span().begin < b.span().begin;
    return a.span().end < b.span().end;
  });
  std::vector<Together> groups;
  for (Event& e : events) {
    if (!e.whole) continue;
    if (groups.empty() || groups.back().whole != *e.whole) groups.push_back({*e.whole, {}});
    groups.back().add(std::move(e));
  }
  return groups;
}

// Chord names become stacks of notes, so that they can be played note by note.
Pattern with_chords(const Pattern& p) {
  return expand_events(p, [](const Event& e, QueryContext& context, Events& out) {
    const auto chord = e.value.kind() == Value::Kind::word ? chord_from_name(e.value.text()) : std::nullopt;
    if (!chord) {
      out.push_back(e);
      return;
    }
    for (const double note : *chord)
      if (context.spend()) out.push_back({e.whole, e.part, Value::note(note), e.where});
  });
}

using Order = std::vector<std::size_t> (*)(std::size_t count);

std::vector<std::size_t> up(std::size_t n) {
  std::vector<std::size_t> order(n);
  for (std::size_t i = 0; i < n; ++i) order[i] = i;
  return order;
}
std::vector<std::size_t> reversed(std::vector<std::size_t> order) {
  std::reverse(order.begin(), order.end());
  return order;
}
std::vector<std::size_t> without_last(std::vector<std::size_t> order) {
  if (!order.empty()) order.pop_back();
  return order;
}
std::vector<std::size_t> joined(std::vector<std::size_t> first, const std::vector<std::size_t>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}
// The turning points are played once; a note alone, being both of them, is not played.
std::vector<std::size_t> there_and_back(std::vector<std::size_t> order) {
  std::vector<std::size_t> back = reversed(order);
  return joined(without_last(std::move(order)), without_last(std::move(back)));
}
std::vector<std::size_t> converge(std::size_t n) {
  std::vector<std::size_t> order;
  for (std::size_t low = 0, high = n; low < high;) {
    order.push_back(low++);
    if (low < high) order.push_back(--high);
  }
  return order;
}
std::vector<std::size_t> pinky_up(std::size_t n) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i + 1 < n; ++i) order.insert(order.end(), {i, n - 1});
  return order;
}
std::vector<std::size_t> thumb_up(std::size_t n) {
  std::vector<std::size_t> order;
  for (std::size_t i = 1; i < n; ++i) order.insert(order.end(), {0, i});
  return order;
}

const std::map<std::string, Order>& arp_modes() {
  static const std::map<std::string, Order> modes{
      {"up", up},
      {"down", [](std::size_t n) { return reversed(up(n)); }},
      {"updown", [](std::size_t n) { return there_and_back(up(n)); }},
      {"downup", [](std::size_t n) { return there_and_back(reversed(up(n))); }},
      {"up&down", [](std::size_t n) { return joined(up(n), reversed(up(n))); }},
      {"down&up", [](std::size_t n) { return joined(reversed(up(n)), up(n)); }},
      {"converge", converge},
      {"diverge", [](std::size_t n) { return reversed(converge(n)); }},
      {"disconverge",
       [](std::size_t n) {
         std::vector<std::size_t> back = reversed(converge(n));
         if (!back.empty()) back.erase(back.begin());
         return joined(converge(n), back);
       }},
      {"pinkyup", pinky_up},
      {"pinkyupdown", [](std::size_t n) { return there_and_back(pinky_up(n)); }},
      {"thumbup", thumb_up},
      {"thumbupdown", [](std::size_t n) { return there_and_back(thumb_up(n)); }},
  };
  return modes;
}

// Each stack as a sequence within its span.
Pattern arp_by(Order order, const Pattern& p) {
  const auto body = [order, p](const TimeSpan& span, QueryContext& context, Events& out) {
    for (const Together& chord : by_whole(p.query(span, context))) {
      const std::vector<std::size_t> notes = order(chord.notes.size());
      if (notes.empty()) continue;
      const Rational length = chord.whole.length() / Rational(static_cast<std::int64_t>(notes.size()));
      for (std::size_t i = 0; i < notes.size(); ++i) {
        const Rational begin = chord.whole.begin + length * Rational(static_cast<std::int64_t>(i));
        const TimeSpan whole{begin, begin + length};
        for (const Event& note : chord.notes[notes[i]]) {
          const auto part = overlap(whole, note.part);
          if (!part) continue;
          if (!context.spend()) return;
          out.push_back({whole, *part, note.value, note.where});
        }
      }
    }
  };
  return Pattern(Pattern::Append(body), {p});
}

// The index-th note of each stack while the index lasts.
void arp_at(const Event& index, const Pattern& p, QueryContext& context, Events& out) {
  const std::int64_t i = count_of(index.value);
  for (const Together& chord : by_whole(p.query(index.part, context))) {
    const auto count = static_cast<std::int64_t>(chord.notes.size());
    for (const Event& note : chord.notes[static_cast<std::size_t>(modulo(i, count))]) {
      const auto part = overlap(note.part, index.part);
      if (part && context.spend()) out.push_back({index.whole, *part, note.value, note.where});
    }
  }
}

Pattern arp(const Pattern& modes, const Pattern& subject) {
  const Pattern p = with_chords(subject);
  std::map<std::string, Pattern> played;
  for (const auto& [name, order] : arp_modes()) played.emplace(name, arp_by(order, p));
  if (const Value* constant = modes.constant(); constant && constant->kind() == Value::Kind::word) {
    const auto mode = played.find(constant->text());
    return mode == played.end() ? Pattern() : mode->second;
  }
  const auto body = [modes, p, played](const TimeSpan& span, QueryContext& context, Events& out) {
    for (const Event& m : modes.query(span, context)) {
      if (m.value.kind() != Value::Kind::word) {
        arp_at(m, p, context, out);
        continue;
      }
      const auto mode = played.find(m.value.text());
      if (mode != played.end()) mode->second.query(m.part, context, out);
    }
  };
  return Pattern(Pattern::Append(body), {p});
}

std::string check_arp(Args a) {
  std::vector<std::string> known;
  for (const auto& [name, order] : arp_modes()) known.push_back(name);
  for (const std::string& word : words_of(a[0].pattern())) {
    const std::string message = unless_known("arpeggio mode", word, known);
    if (!message.empty()) return message;
  }
  return "";
}

// Of k stacked events the i-th starts i/k of `part` of the span late; all end together.
Pattern rolled(Rational part_of_span, const Pattern& subject) {
  const Pattern p = with_chords(subject);
  if (part_of_span == Rational(0)) return p;
  const auto body = [p, part_of_span](const TimeSpan& span, QueryContext& context, Events& out) {
    for (Together& chord : by_whole(p.query(span, context))) {
      if (part_of_span < Rational(0)) std::reverse(chord.notes.begin(), chord.notes.end());
      const Rational delay = chord.whole.length() * abs(part_of_span) / Rational(static_cast<std::int64_t>(chord.notes.size()));
      Rational begin = chord.whole.begin;
      for (Events& note : chord.notes) {
        const TimeSpan whole{min(begin, chord.whole.end), chord.whole.end};
        begin += delay;
        for (Event& e : note) {
          const auto part = overlap(whole, e.part);
          if (!part) continue;
          e.whole = whole;
          e.part = *part;
          out.push_back(std::move(e));
        }
      }
    }
  };
  return Pattern(Pattern::Append(body), {p}, p.steps());
}

Value degree_to_note(const std::vector<double>& semitones, double root, const Value& degree) {
  if (degree.kind() == Value::Kind::word) return degree;
  if (degree.kind() != Value::Kind::controls) return Value::note(root + scale_note(semitones, degree.number()));
  Controls map = degree.map();
  for (const char* name : {"n", "note"})
    if (const auto held = map.find(name); held != map.end()) held->second = degree_to_note(semitones, root, held->second);
  return Value::controls(std::move(map));
}

Pattern scale(const Pattern& names, const Pattern& p) {
  return inner_join(names,
                    [p](const Value& name) -> Pattern {
                      const auto found = read_scale(to_text(name));
                      if (!found) return {};
                      return map_values(p,
                                        [found = *found](const Value& v) { return degree_to_note(found.scale->semitones, found.root, v); });
                    },
                    {p});
}

std::string check_scale(Args a) {
  for (const std::string& word : words_of(a[0].pattern())) {
    if (read_scale(word)) continue;
    const std::size_t colon = word.find(':');
    const std::string name = colon == std::string::npos ? word : word.substr(colon + 1);
    if (find_scale(name)) return "`" + word.substr(0, colon) + "` is no note; a scale's root is written `c:minor`";
    return unless_known("scale", name, scale_names());
  }
  return "";
}

Pattern to_scale(const ArgList& list, const Pattern& p) {
  std::vector<double> semitones;
  for (const Arg& entry : list) semitones.push_back(constant_of(entry).to_double());
  if (semitones.empty()) return {};
  return map_values(p, [semitones](const Value& v) { return degree_to_note(semitones, 0, v); });
}

// Every note of a stack moved by octaves as near as can be to the middle of the last stack's range.
Pattern voicing(const Pattern& subject) {
  const Pattern p = as_notes(subject);
  constexpr double kCentre = 0;  // c4
  const auto body = [p](const TimeSpan& span, QueryContext& context, Events& out) {
    for (Together& chord : by_whole(p.query(span, context))) {
      std::set<double> taken;
      for (Events& fragments : chord.notes) {
        const double note = fragments.front().value.number();
        double placed = note - 12 * std::round((note - kCentre) / 12);
        while (!taken.insert(placed).second) placed += 12;
        for (Event& e : fragments) {
          e.value = Value::note(placed);
          out.push_back(std::move(e));
        }
      }
    }
  };
  return Pattern(Pattern::Append(body), {p}, p.steps());
}

// Roots become chords of the kind that the other pattern names.
Pattern chord(const Pattern& kinds, const Pattern& p) {
  return inner_join(kinds,
                    [p](const Value& kind) {
                      return expand_events(as_notes(p), [name = to_text(kind)](const Event& e, QueryContext& context, Events& out) {
                        const auto notes = chord_from_name("0'" + name);
                        for (const double note : notes.value_or(std::vector<double>{}))
                          if (context.spend()) out.push_back({e.whole, e.part, Value::note(e.value.number() + note), e.where});
                      });
                    },
                    {p});
}

std::string check_chord(Args a) {
  for (const std::string& word : words_of(a[0].pattern())) {
    if (chord_from_name("0'" + word)) continue;
    return unless_known("chord", word.substr(0, word.find('\'')), chord_names());
  }
  return "";
}

const std::vector<FunctionRow>& rows() {
  static const std::vector<FunctionRow> made{
      {"scale",
       {{"name", word}},
       true,
       "Reads numbers as degrees of a scale and gives semitones, octaves beyond the ends. `c:minor` names the root too.",
       R"("0 2 4 7" $ scale "minor")",
       "0..1/4 0 | 1/4..1/2 3 | 1/2..3/4 7 | 3/4..1 12",
       [](Args a) { return scale(a[0].pattern(), a[1].pattern()); },
       check_scale},
      {"toScale",
       {{"semitones", list}},
       true,
       "As `scale`, with the scale written out.",
       R"("0 1 2 3" $ toScale [0, 2, 7])",
       "0..1/4 0 | 1/4..1/2 2 | 1/2..3/4 7 | 3/4..1 12",
       [](Args a) { return to_scale(a[0].list(), a[1].pattern()); }},
      {"chord",
       {{"kind", word}},
       true,
       "Turns each note into a chord on it.",
       R"("0 5" $ chord "major")",
       "0..1/2 0 | 0..1/2 4 | 0..1/2 7 | 1/2..1 5 | 1/2..1 9 | 1/2..1 12",
       [](Args a) { return chord(a[0].pattern(), a[1].pattern()); },
       check_chord},
      {"voicing",
       {},
       true,
       "Moves the notes of each chord by octaves to lie close around c4, so that chords follow each other smoothly.",
       R"("c'maj g'maj" $ voicing)",
       "0..1/2 -5 | 0..1/2 0 | 0..1/2 4 | 1/2..1 -5 | 1/2..1 -1 | 1/2..1 2",
       [](Args a) { return voicing(a[0].pattern()); }},
      {"arp",
       {{"mode", word}},
       true,
       "Plays stacked events of equal span one after the other. Modes: up down updown downup up&down down&up converge diverge disconverge "
       "pinkyup "
       "pinkyupdown thumbup thumbupdown; or numbers, which play the notes of the stack by index.",
       R"("[c,e,g]" $ arp "up")",
       "0..1/3 c | 1/3..2/3 e | 2/3..1 g",
       [](Args a) { return arp(a[0].pattern(), a[1].pattern()); },
       check_arp},
      {"arpeggiate",
       {},
       true,
       "As `arp \"up\"`.",
       R"("[c,e,g]" $ arpeggiate)",
       "0..1/3 c | 1/3..2/3 e | 2/3..1 g",
       [](Args a) { return arp_by(up, with_chords(a[0].pattern())); }},
      {"rolledBy",
       {{"part", time}},
       true,
       "Starts stacked events one after the other within `part` of their span; all end together. Below 0, from the last to the first.",
       R"("[0,4,7]" $ rolledBy 0.5)",
       "0..1 0 | 1/6..1 4 | 1/3..1 7",
       [](Args a) {
         const Pattern p = a[1].pattern();
         return with_time(a[0].pattern(), [p](Rational part) { return rolled(part, p); }, {p});
       }},
      {"rolled",
       {},
       true,
       "As `rolledBy 1/4`.",
       R"("[0,4,7]" $ rolled)",
       "0..1 0 | 1/12..1 4 | 1/6..1 7",
       [](Args a) { return rolled(Rational(1, 4), a[0].pattern()); }},
  };
  return made;
}

}  // namespace

Rows harmony_rows() {
  return rows();
}

}  // namespace hocket
