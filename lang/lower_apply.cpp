// What a name does with its arguments, with or without a value on its left.
#include <algorithm>
#include <utility>

#include "lang/lower_eval.h"
#include "lang/pattern/mini.h"

namespace hocket {
namespace {

/// Effects by name that a sound takes as a control of each event all the same.
bool control_before_unit(std::string_view name) {
  return name == "gain" || name == "pan";
}

bool is_sound_maker(std::string_view name) {
  return name == "s" || name == "sound";
}

bool waits_for_signal(const UnitInfo& unit) {
  return !unit.ports.empty() && (unit.ports[0].unit == PortUnit::signal || unit.ports[0].unit == PortUnit::gate);
}

std::string signature(const FunctionRow& row) {
  std::string text = row.name;
  for (const ParamRow& p : row.params) text += std::string(" ") + p.name;
  return text;
}

}  // namespace

const Definition* Meaning::definition(std::string_view name) const {
  const std::string key(name);
  if (const auto it = program.definitions.find(key); it != program.definitions.end()) return &it->second;
  if (vocabulary.kit != nullptr) {
    if (const auto it = vocabulary.kit->definitions.find(key); it != vocabulary.kit->definitions.end()) return &it->second;
  }
  return nullptr;
}

const Definition* Meaning::synth(std::string_view name) const {
  const Definition* found = definition(name);
  return found != nullptr && found->kind == Definition::Kind::synth ? found : nullptr;
}

bool Evaluator::is_control_name(std::string_view name) const {
  if (is_control(name) || is_sound_maker(name)) return true;
  const auto has_param = [&](const Program& program) {
    for (const auto& [_, definition] : program.definitions) {
      const auto* synth = std::get_if<FunctionStatement>(&definition.statement.node);
      if (synth == nullptr || !synth->synth) continue;
      for (const Parameter& p : synth->params) {
        if (p.name == name) return true;
      }
    }
    return false;
  };
  return has_param(meaning_->program) || (meaning_->vocabulary.kit != nullptr && has_param(*meaning_->vocabulary.kit));
}

/// A name with its arguments, nothing on its left: a value where that is enough, else a function that waits.
Term Evaluator::call(const std::string& name, Span at, std::vector<GivenArg> args) {
  FunctionTerm f{.kind = FunctionTerm::Kind::word, .word = name, .word_span = at};
  f.args = std::move(args);
  for (const GivenArg& arg : f.args) {
    const bool as_name = arg.expr && std::holds_alternative<NameExpr>(arg.expr->node);
    if (arg.term.failed() && !as_name) return failed(at);
  }
  bool handled = false;
  Term term = special(f, handled);
  if (handled) return term;
  if (const Definition* user = meaning_->definition(name); user != nullptr && user->kind == Definition::Kind::function) {
    f.kind = FunctionTerm::Kind::user;
    const auto& params = std::get<FunctionStatement>(user->statement.node).params;
    const auto open = static_cast<std::size_t>(std::count_if(params.begin(), params.end(), [](const Parameter& p) { return !p.init; }));
    return f.args.size() >= open && !(f.args.empty() && !params.empty() && open == 0) ? call_user(*user, f, nullptr)
           : open == 0                                                                ? call_user(*user, f, nullptr)
                                                                                      : make(at, std::move(f));
  }
  if (f.args.empty()) {
    if (const Pattern* signal = find_signal(name)) return make(at, PatternTerm{*signal, false, false, {}, next_id_++, {}});
  }
  const UnitInfo* unit = meaning_->vocabulary.unit(name);
  const FunctionRow* row = find_function(name);
  const bool with_signal = !f.args.empty() && f.args[0].name.empty() && (f.args[0].term.signal() != nullptr || f.args[0].term.is_sound());
  if (unit != nullptr && row == nullptr) {
    const bool envelope_here = unit->envelope && voice_ != nullptr;
    if (!waits_for_signal(*unit) || envelope_here) return apply_unit(*unit, f, nullptr);
    const bool named_input = std::any_of(f.args.begin(), f.args.end(), [&](const GivenArg& a) { return a.name == unit->ports[0].name; });
    if (named_input) return apply_unit(*unit, f, nullptr);
    const bool all_given = unit->pure && f.args.size() >= unit->ports.size();
    if ((with_signal && !control_before_unit(name)) || all_given) {
      const Term subject = f.args[0].term;
      FunctionTerm rest = f;
      rest.args.erase(rest.args.begin());
      return apply_unit(*unit, rest, &subject);
    }
    if (!control_before_unit(name)) return make(at, std::move(f));
  }
  if (row != nullptr) {
    const std::size_t wanted = row->params.size();
    if (!row->subject) {
      if (f.args.size() == wanted) return apply_row(*row, f, f.args, nullptr);
      error(at, "`" + name + "` is written `" + signature(*row) + "`");
      return failed(at);
    }
    if (f.args.size() == wanted + 1) {  // the habit of TidalCycles: the pattern last
      const Term subject = f.args.back().term;
      f.args.pop_back();
      return apply(f, subject);
    }
    return make(at, std::move(f));
  }
  if (is_control_name(name) && f.args.size() == 1 && f.args[0].name.empty() && meaning_->synth(name) == nullptr) return make_sound(f);
  if (meaning_->synth(name) != nullptr || unit != nullptr || is_control_name(name)) return make(at, std::move(f));
  unknown(f);
  return failed(at);
}

/// `gain "1 0.5"`, `note "0 7"`, `s "bd sn"`: a pattern of control maps.
Term Evaluator::make_sound(const FunctionTerm& f) {
  const Term& arg = f.args[0].term;
  if (arg.failed()) return failed(f.word_span);
  if (arg.is_sound()) return arg;
  PatternTerm p = to_pattern(arg);
  PatternTerm sound;
  sound.id = next_id_++;
  sound.sound = true;
  sound.panned = f.word == "pan";
  const bool names_sounds = is_sound_maker(f.word);
  bool notes = false;
  p.pattern.each_word([&](const std::string& word, Span where) {
    if (names_sounds) sound.words.push_back({word.substr(0, word.find(':')), where, source});
    notes = notes || note_from_name(word) || chord_from_name(word);
  });
  if (f.word == "note" || f.word == "n" || f.word == "up") {
    if (p.literal) {
      p.pattern.each_word([&](const std::string& word, Span where) {
        if (!note_from_name(word) && !chord_from_name(word)) error(where, "`" + word + "` is neither a number nor a note");
      });
    }
    if (notes) p.pattern = as_notes(p.pattern);
  }
  sound.pattern = make_control(names_sounds ? "s" : f.word, p.pattern);
  return make(f.word_span, std::move(sound));
}

Term Evaluator::apply(const FunctionTerm& f, const Term& subject) {
  if (subject.failed()) return subject;
  if (subject.function() != nullptr && f.kind != FunctionTerm::Kind::identity) {
    FunctionTerm chain{.kind = FunctionTerm::Kind::chain};
    chain.chain.push_back(std::make_shared<const FunctionTerm>(*subject.function()));
    chain.chain.push_back(std::make_shared<const FunctionTerm>(f));
    return make(subject.span, std::move(chain));
  }
  switch (f.kind) {
    case FunctionTerm::Kind::identity:
      return subject;
    case FunctionTerm::Kind::chain: {
      Term term = subject;
      for (const auto& part : f.chain) term = apply(*part, term);
      return term;
    }
    case FunctionTerm::Kind::section: {
      const Term& operand = f.args[0].term;
      return f.wants_right ? binary(f.word, f.word_span, operand, subject) : binary(f.word, f.word_span, subject, operand);
    }
    case FunctionTerm::Kind::control: {
      if (!subject.is_sound()) {
        error(subject.span, "controls are set on a sound; this is " + kind_name(subject), "`s \"bd sn\"`, or `\"c4 e4\" # pluck`");
        return failed(subject.span);
      }
      const PatternTerm& left = *subject.pattern();
      const PatternTerm& right = *f.args[0].term.pattern();
      PatternTerm r{combine(">", Structure::left, left.pattern, right.pattern), true, left.panned || right.panned, {}, next_id_++, {}};
      r.words = right.words.empty() ? left.words : right.words;
      return make(subject.span, std::move(r));
    }
    case FunctionTerm::Kind::user:
      return call_user(*meaning_->definition(f.word), f, &subject);
    case FunctionTerm::Kind::word:
      return apply_word(f, &subject);
  }
  return failed(subject.span);
}

Term Evaluator::apply_word(const FunctionTerm& f, const Term* subject) {
  const std::string& name = f.word;
  bool handled = false;
  if (name == "id") return *subject;
  if (name == "midiout") return play_outside(f, *subject);
  const UnitInfo* unit = meaning_->vocabulary.unit(name);
  const FunctionRow* row = find_function(name);
  const Definition* synth = meaning_->synth(name);
  const PatternTerm* pattern = subject->pattern();
  if (subject->list() != nullptr) {
    error(subject->span, "a list is no input for `" + name + "`", "`mix […]` sums signals, `stack […]` layers patterns");
    return failed(f.word_span);
  }
  if (subject->is_sound() && is_control_name(name) && (unit == nullptr || control_before_unit(name)) &&
      (row == nullptr || f.args.size() == 1) && synth == nullptr) {
    const bool ambiguous = row != nullptr && row->params.size() == f.args.size();
    if (!ambiguous) return apply_control(f, *pattern);
  }
  const auto own = meaning_->program.definitions.find(name);  // a synth of the program's own stands before all words of the language
  if (own != meaning_->program.definitions.end() && own->second.kind == Definition::Kind::synth && !subject->signal()) {
    return apply_instrument(own->second, f, *subject);
  }
  const bool patterned = pattern != nullptr || (subject->number() != nullptr && unit == nullptr);
  if (row != nullptr && (patterned || unit == nullptr)) {
    if (!patterned && row->subject) {
      error(f.word_span, "`" + name + "` transforms patterns; on its left stands " + kind_name(*subject));
      return failed(f.word_span);
    }
    return apply_row(*row, f, f.args, subject);
  }
  if (synth != nullptr) return apply_instrument(*synth, f, *subject);
  if (unit != nullptr) return apply_unit(*unit, f, subject);
  if (pattern != nullptr && is_control_name(name)) {
    if (is_sound_maker(name) && f.args.empty()) {
      FunctionTerm made = f;
      made.args.push_back({"", {}, *subject, nullptr});
      return make_sound(made);
    }
    if ((name == "note" || name == "n") && f.args.empty()) {
      FunctionTerm made = f;
      made.args.push_back({"", {}, *subject, nullptr});
      return make_sound(made);
    }
    if (is_sound_maker(name)) {  // notes on the left: `"c4 e4" # s "pluck"`
      FunctionTerm notes{.kind = FunctionTerm::Kind::word, .word = "note", .word_span = f.word_span};
      notes.args.push_back({"", {}, *subject, nullptr});
      const Term sound = make_sound(notes);
      return sound.pattern() != nullptr ? apply_control(f, *sound.pattern()) : sound;
    }
    error(f.word_span, "`" + name + "` is set on a sound; on its left stands a plain pattern",
          "`s \"bd sn\" # " + name + " …`, or notes with an instrument: `\"c4 e4\" # pluck # " + name + " …`");
    return failed(f.word_span);
  }
  Term made = special(f, handled);
  if (handled) {
    if (made.function() != nullptr) return apply(*made.function(), *subject);
    return made;
  }
  if (is_control_name(name)) {
    error(f.word_span, "`" + name + "` is a control of sounds; on its left stands " + kind_name(*subject));
    return failed(f.word_span);
  }
  unknown(f);
  return failed(f.word_span);
}

/// `sound # gain "1 0.5"`: structure from the left, one value an event.
Term Evaluator::apply_control(const FunctionTerm& f, const PatternTerm& sound) {
  if (f.args.size() != 1) {
    error(f.word_span, "`" + f.word + "` takes one value", "`# " + f.word + " \"1 0.5\"`");
    return failed(f.word_span);
  }
  const Term& arg = f.args[0].term;
  if (arg.failed()) return failed(f.word_span);
  if (arg.pattern() == nullptr && arg.number() == nullptr) {
    error(arg.span, "`" + f.word + "` of a sound takes a number or a pattern: one value an event; this is " + kind_name(arg),
          arg.signal() != nullptr ? "to shape the whole sound, multiply: `(s \"bd*4\") * ~lfo`" : "");
    return failed(f.word_span);
  }
  const Term control = make_sound(f);
  if (control.pattern() == nullptr) return failed(f.word_span);
  const PatternTerm& right = *control.pattern();
  PatternTerm r{combine(">", Structure::left, sound.pattern, right.pattern), true, sound.panned || right.panned, {}, next_id_++, {}};
  r.words = is_sound_maker(f.word) ? right.words : sound.words;
  return make(f.word_span, std::move(r));
}

Term Evaluator::apply_row(const FunctionRow& row, const FunctionTerm& f, std::vector<GivenArg> args, const Term* subject) {
  PatternTerm flags;
  std::vector<Arg> converted(row.params.size());
  std::vector<bool> filled(row.params.size(), false);
  PatternTerm on;
  if (subject != nullptr && row.subject) {
    on = to_pattern(*subject);
    if (row.subject_kind == ArgKind::truth && on.literal) {
      Diagnostics ignored;  // said once already, when the string was read
      on.pattern = parse_mini_truth(on.literal->text, on.literal->offset, ignored);
    }
    flags = {Pattern(), on.sound, on.panned, on.words, 0, {}};
  }
  // `stack [~a, ~b]` of signals is a mix
  if (std::string_view(row.name) == "stack" && args.size() == 1 && args[0].term.list() != nullptr) {
    const auto& items = args[0].term.list()->items;
    if (std::any_of(items.begin(), items.end(), [](const Term& t) { return t.signal() != nullptr; })) {
      std::vector<SignalTerm> signals;
      for (const Term& t : items) signals.push_back(to_signal(t, PortUnit::signal));
      return make(f.word_span, mix(signals));
    }
  }
  std::size_t place = 0;
  for (const GivenArg& arg : args) {
    std::size_t at = place;
    if (!arg.name.empty()) {
      at = 0;
      while (at < row.params.size() && arg.name != row.params[at].name) ++at;
    } else {
      ++place;
    }
    if (at >= row.params.size()) {
      error(arg.name.empty() ? arg.term.span : arg.name_span, "this is one argument too many", "`" + signature(row) + "`");
      return failed(f.word_span);
    }
    if (!to_arg(arg, row.params[at].kind, subject != nullptr && row.subject ? &on : nullptr, flags, converted[at]))
      return failed(f.word_span);
    filled[at] = true;
  }
  for (std::size_t i = 0; i < filled.size(); ++i) {
    if (!filled[i]) {
      error(f.word_span, "`" + f.word + "` lacks its `" + row.params[i].name + "`", "`" + signature(row) + "`");
      return failed(f.word_span);
    }
  }
  if (subject != nullptr && row.subject) converted.push_back({on.pattern});
  if (row.check != nullptr) {
    if (std::string wrong = row.check(converted); !wrong.empty()) {
      error(args.empty() ? f.word_span : args[0].term.span, wrong);
      return failed(f.word_span);
    }
  }
  PatternTerm result = std::move(flags);
  result.pattern = row.body(converted);
  result.panned = result.panned || std::string_view(row.name).starts_with("jux");
  result.id = next_id_++;
  result.literal.reset();
  return make(f.word_span, std::move(result));
}

}  // namespace hocket
