// One kind of value as another: numbers as patterns, patterns as signals, terms as the arguments of a pattern function.
#include <cmath>
#include <utility>

#include "lang/lower_eval.h"
#include "lang/pattern/mini.h"

namespace hocket {
namespace {

double hz_of_note(double semitones) {
  return 440 * std::exp2((semitones - 9) / 12);
}  // a4 stands 9 above c4

/// How a port of this unit reads one value of a pattern.
std::optional<Value> read_value(const Value& v, PortUnit unit) {
  if (v.kind() == Value::Kind::number) return unit == PortUnit::note ? Value(v.number() + 60) : v;
  std::optional<double> note;
  if (v.kind() == Value::Kind::note) note = v.number();
  if (v.kind() == Value::Kind::word) {
    note = note_from_name(v.text());
    if (!note) {
      if (const auto chord = chord_from_name(v.text()); chord && !chord->empty()) note = chord->front();
    }
    if (!note && unit == PortUnit::gate) return Value(v.truth() ? 1 : 0);
  }
  if (v.kind() == Value::Kind::controls && unit == PortUnit::gate) {
    const auto gain = v.map().find("gain");
    return gain != v.map().end() && gain->second.is_numeric() ? Value(gain->second.number()) : Value(1);
  }
  if (!note) return {};
  if (unit == PortUnit::hz) return Value(hz_of_note(*note));
  if (unit == PortUnit::note) return Value(*note + 60);
  if (unit == PortUnit::gate) return Value(1);
  return Value(*note);
}

// Within this time a knob's step is covered: shorter is heard as steps, longer as sluggish.
constexpr double kKnobLag_s = 0.03;

}  // namespace

bool is_continuous(const Pattern& pattern) {
  QueryContext context;
  for (const Event& e : pattern.query({Rational(0), Rational(1, 64)}, context)) {
    if (!e.whole) return true;
  }
  return false;
}

bool is_knob(const Pattern& pattern) {
  const Pattern::Live live = pattern.reads_live();
  return live.knobs && !live.notes && is_continuous(pattern);
}

Pattern map_values(const Pattern& pattern, std::function<std::optional<Value>(const Value&)> f) {
  return Pattern(
      [pattern, f = std::move(f)](const TimeSpan& span, QueryContext& context) {
        Events events = pattern.query(span, context);
        std::size_t kept = 0;
        for (Event& e : events) {
          std::optional<Value> value = f(e.value);
          if (!value) continue;
          e.value = std::move(*value);
          if (&events[kept] != &e) events[kept] = std::move(e);
          ++kept;
        }
        events.resize(kept);
        return events;
      },
      {pattern});
}

/// A signal of the main graph, as the graph at hand sees it.
SignalTerm Evaluator::here(const SignalTerm& s) {
  if (voice_ == nullptr || s.voice || s.ref.kind == Ref::Kind::number) return s;
  Ref ref = s.ref;
  if (ref.kind == Ref::Kind::feedback) ref = Ref::node(main.add({.unit = "mix", .inputs = {ref}, .channels = s.channels}));
  return {Ref::outer(ref.index), s.channels, true};
}

SignalTerm Evaluator::hold(const PatternTerm& p, PortUnit unit, Span at) {
  const bool gate = unit == PortUnit::gate;
  const auto key = std::make_tuple(p.id, static_cast<int>(unit), gate ? 1 : 0);
  if (const auto it = holds_.find(key); it != holds_.end()) return it->second;
  if (p.literal) {
    p.pattern.each_word([&](const std::string& word, Span where) {
      if (!gate && !note_from_name(word) && !chord_from_name(word)) {
        error(where, "`" + word + "` is neither a number nor a note", "a pattern of sounds is written `s \"" + word + "\"`");
      }
    });
  }
  const Owning owning(main, p.home);
  SourceDef origin;
  origin.kind = gate ? SourceKind::gate : SourceKind::hold;
  Pattern pattern = p.pattern;
  const bool continuous = !gate && is_continuous(pattern);
  const bool knob = !gate && is_knob(pattern);
  if (continuous && !knob) origin.kind = SourceKind::curve;
  origin.live = knob || pattern.reads_live().notes;
  origin.pattern = map_values(pattern, [unit](const Value& v) { return read_value(v, unit); });
  origin.where = at;
  const char* word = gate ? "gate" : origin.kind == SourceKind::curve ? "curve" : "hold";
  const int index = static_cast<int>(main.graph.sources.size());
  main.graph.sources.push_back(std::move(origin));
  const std::uint32_t node = main.add({.unit = word, .source = index, .where = at}, false);
  SourceDef& added = main.graph.sources.back();
  added.key = main.node(node).key;
  added.print = hash_mix(hash_mix(prints_.of(main.owner()), hash_text(added.key)), static_cast<std::uint64_t>(unit));
  added.print = hash_mix(added.print, meaning_->program.settings.seed);
  SignalTerm result{Ref::node(node), 1, false};
  if (knob && meaning_->vocabulary.unit("lag") != nullptr) {
    GraphBuilder* const voice = std::exchange(voice_, nullptr);
    result = *unit_node("lag", {result, {Ref::of(kKnobLag_s), 1, false}}).signal();
    voice_ = voice;
  }
  return holds_[key] = result;
}

SignalTerm Evaluator::to_signal(const Term& term, PortUnit unit) {
  if (const NumberTerm* n = term.number()) {
    if (!n->cycles) return {Ref::of(n->value), 1, false};
    if (n->value == 0) return {Ref::of(0), 1, false};
    const Term cycle = unit_node("cycle_s", {});
    const Term product = unit_node("mul", {*cycle.signal(), {Ref::of(n->value), 1, false}});
    return *product.signal();
  }
  if (const SignalTerm* s = term.signal()) return here(*s);
  if (const PatternTerm* p = term.pattern()) {
    if (p->sound && unit != PortUnit::gate) return here(play(*p, term.span));
    return here(hold(*p, unit, term.span));
  }
  if (term.failed()) return {};
  std::string hint;
  if (term.list() != nullptr) hint = "`mix […]` sums a list of signals, `stack […]` layers patterns";
  if (const FunctionTerm* f = term.function(); f != nullptr && !f->word.empty()) {
    const UnitInfo* waiting = meaning_->vocabulary.unit(f->word);
    hint = waiting != nullptr && waiting->envelope ? "a pattern starts it, `\"1 ~ 1 1\" # " + f->word + "`; inside a synth the note does"
                                                   : "give it an input: `saw 110 # " + f->word + "`";
  }
  error(term.span, "a signal is wanted here; this is " + kind_name(term), hint);
  return {};
}

PatternTerm Evaluator::to_pattern(const Term& term) {
  if (const PatternTerm* p = term.pattern()) return *p;
  PatternTerm result;
  result.id = next_id_++;
  if (const NumberTerm* n = term.number()) {
    result.pattern = Pattern::pure(Value(n->value), term.span);
  } else if (!term.failed()) {
    std::string hint;
    if (term.signal() != nullptr) hint = "patterns become signals, but nothing turns back";
    error(term.span, "a pattern is wanted here; this is " + kind_name(term), hint);
  }
  return result;
}

PatternFunction Evaluator::to_function(const Term& term, const PatternTerm& subject) {
  const auto* shared = std::get_if<std::shared_ptr<const FunctionTerm>>(&term.value);
  if (shared == nullptr) {
    if (!term.failed())
      error(term.span, "a function of patterns is wanted here; this is " + kind_name(term), "for example `rev` or `(fast 2)`");
    return [](const Pattern& p) { return p; };
  }
  // called while the music plays, long after this evaluator is gone: it takes along only what names mean
  return [meaning = meaning_, reader = source, f = *shared, sound = subject.sound](const Pattern& p) {
    Evaluator later(meaning);
    later.source = reader;
    const Term result = later.apply(*f, make({}, PatternTerm{p, sound, false, {}, 0, {}}));
    return result.pattern() != nullptr ? result.pattern()->pattern : p;
  };
}

bool Evaluator::to_list(const Term& term, const PatternTerm* subject, PatternTerm& flags, ArgList& out) {
  for (const Term& item : term.list()->items) {
    if (item.failed()) return false;
    Arg entry;
    if (item.list() != nullptr) {
      ArgList inner;
      if (!to_list(item, subject, flags, inner)) return false;
      entry.value = std::move(inner);
    } else if (const NumberTerm* n = item.number()) {
      entry.value = n->exact;
    } else if (item.function() != nullptr) {
      GivenArg given{"", {}, item, nullptr};
      if (!to_arg(given, ArgKind::function, subject, flags, entry)) return false;
    } else {
      GivenArg given{"", {}, item, nullptr};
      if (!to_arg(given, ArgKind::pattern, subject, flags, entry)) return false;
    }
    out.push_back(std::move(entry));
  }
  return true;
}

/// Turns an argument into what a row asks for; `flags` gathers what the result inherits (sound, words, pan).
bool Evaluator::to_arg(const GivenArg& given, ArgKind kind, const PatternTerm* subject, PatternTerm& flags, Arg& out) {
  const Term& term = given.term;
  const auto inherit = [&](const PatternTerm& p) {
    flags.sound = flags.sound || p.sound;
    flags.panned = flags.panned || p.panned;
    flags.words.insert(flags.words.end(), p.words.begin(), p.words.end());
  };
  if (kind == ArgKind::name) {
    const auto* name = given.expr ? std::get_if<NameExpr>(&given.expr->node) : nullptr;
    if (name == nullptr) {
      error(term.span, "the name of a function is wanted here", "for example `fast`");
      return false;
    }
    out.value = name->name;
    return true;
  }
  if (term.failed()) return false;
  switch (kind) {
    case ArgKind::constant: {
      if (const NumberTerm* n = term.number()) {
        out.value = n->exact;
        return true;
      }
      error(term.span, "a plain number is wanted here; this is " + kind_name(term));
      return false;
    }
    case ArgKind::function: {
      const PatternTerm unknown{.id = next_id_++};
      const PatternTerm& on = subject != nullptr ? *subject : unknown;
      out.value = to_function(term, on);
      if (term.function() == nullptr) return false;
      const Term probe = apply(*term.function(), make(term.span, on));  // says now what would go wrong later
      if (probe.failed()) return false;
      if (probe.pattern() == nullptr) {
        error(term.span, "a function from pattern to pattern is wanted here; this one gives " + kind_name(probe),
              probe.signal() != nullptr ? "an effect works on the whole signal, after the pattern" : "");
        return false;
      }
      inherit(*probe.pattern());
      return true;
    }
    case ArgKind::list: {
      if (term.list() == nullptr) {
        error(term.span, "a list is wanted here; this is " + kind_name(term), "`[a, b, c]`");
        return false;
      }
      ArgList list;
      if (!to_list(term, subject, flags, list)) return false;
      out.value = std::move(list);
      return true;
    }
    case ArgKind::map: {
      if (term.map() == nullptr) {
        error(term.span, "a map is wanted here; this is " + kind_name(term), "`{a: \"x y\", b: \"z\"}`");
        return false;
      }
      std::map<std::string, Pattern> map;
      for (const auto& [name, entry] : term.map()->entries) {
        if (entry.failed()) return false;
        const PatternTerm p = to_pattern(entry);
        inherit(p);
        map.emplace(name, p.pattern);
      }
      out.value = std::move(map);
      return true;
    }
    case ArgKind::truth: {
      const PatternTerm* p = term.pattern();
      if (p != nullptr && p->literal) {
        Diagnostics ignored;  // said once already, when the string was read
        out.value = parse_mini_truth(p->literal->text, p->literal->offset, ignored);
        return true;
      }
      [[fallthrough]];
    }
    default: {
      if (term.pattern() == nullptr && term.number() == nullptr) {
        to_pattern(term);  // says what is wrong
        return false;
      }
      const PatternTerm p = to_pattern(term);
      if (kind == ArgKind::pattern) inherit(p);
      out.value = p.pattern;
      return true;
    }
  }
}

}  // namespace hocket
