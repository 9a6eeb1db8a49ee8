// Names that the session defined: instruments played by notes, functions with their arguments; and names that nobody did.
#include <algorithm>
#include <utility>

#include "lang/lower_eval.h"

namespace hocket {

/// `"c4 e4" # pluck decay=0.2`: notes play an instrument; its parameters are controls.
Term Evaluator::apply_instrument(const Definition& synth, const FunctionTerm& f, const Term& subject) {
  const auto& params = std::get<FunctionStatement>(synth.statement.node).params;
  PatternTerm sound;
  if (subject.is_sound()) {
    sound = *subject.pattern();
    sound.home.clear();
  } else if (subject.pattern() != nullptr || subject.number() != nullptr) {
    FunctionTerm notes{.kind = FunctionTerm::Kind::word, .word = "note", .word_span = f.word_span};
    notes.args.push_back({"", {}, subject, nullptr});
    const Term made = make_sound(notes);
    if (made.pattern() == nullptr) return made;
    sound = *made.pattern();
  } else {
    error(subject.span, "an instrument is played by notes; this is " + kind_name(subject), "`\"c4 e4 g4\" # " + f.word + "`");
    return failed(f.word_span);
  }
  sound.pattern = combine(">", Structure::left, sound.pattern, make_control("s", Pattern::pure(Value::word(f.word), f.word_span)));
  sound.words = {{f.word, f.word_span, source}};
  std::size_t place = 0;
  for (const GivenArg& arg : f.args) {
    std::string name = arg.name;
    if (name.empty() && place < params.size()) name = params[place++].name;
    if (name.empty()) {
      error(arg.term.span, "`" + f.word + "` has only " + std::to_string(params.size()) + " parameters");
      return failed(f.word_span);
    }
    const bool own = std::any_of(params.begin(), params.end(), [&](const Parameter& p) { return p.name == name; });
    if (!own && !is_control(name)) {
      std::vector<std::string> names;
      for (const Parameter& p : params) names.push_back(p.name);
      error(arg.name_span, "`" + f.word + "` has no parameter `" + name + "`", did_you_mean(nearest(name, names)));
      return failed(f.word_span);
    }
    FunctionTerm control{.kind = FunctionTerm::Kind::word, .word = name, .word_span = arg.name.empty() ? arg.term.span : arg.name_span};
    control.args.push_back({"", {}, arg.term, arg.expr});
    const Term set = apply_control(control, sound);
    if (set.pattern() == nullptr) return failed(f.word_span);
    sound = *set.pattern();
  }
  sound.id = next_id_++;
  return make(f.word_span, std::move(sound));
}

/// Binds arguments to a user function's parameters (what stands on the left takes the first open one) and evaluates its body.
Term Evaluator::call_user(const Definition& definition, const FunctionTerm& f, const Term* subject) {
  const auto& statement = std::get<FunctionStatement>(definition.statement.node);
  const auto& params = statement.params;
  if (std::find(calls_.begin(), calls_.end(), definition.name) != calls_.end()) {
    std::string path;
    for (const std::string& call : calls_) path += call + " → ";
    error(f.word_span, "`" + definition.name + "` calls itself: " + path + definition.name,
          "functions are expanded, so they cannot recurse");
    return failed(f.word_span);
  }
  std::map<std::string, Term> scope;
  for (const GivenArg& arg : f.args) {
    if (arg.term.failed()) return failed(f.word_span);
    if (arg.name.empty()) continue;
    if (std::none_of(params.begin(), params.end(), [&](const Parameter& p) { return p.name == arg.name; })) {
      std::vector<std::string> names;
      for (const Parameter& p : params) names.push_back(p.name);
      error(arg.name_span, "`" + definition.name + "` has no parameter `" + arg.name + "`", did_you_mean(nearest(arg.name, names)));
      return failed(f.word_span);
    }
    scope[arg.name] = arg.term;
  }
  std::vector<Term> given;
  for (const GivenArg& arg : f.args) {
    if (arg.name.empty()) given.push_back(arg.term);
  }
  // `p $ f 2` with `fn f n: fast n`: all parameters are there, so the body gives the function that takes the subject
  const bool complete = given.size() + scope.size() >= params.size();
  if (subject != nullptr && !complete) {
    if (f.first) {
      given.insert(given.begin(), *subject);
    } else {  // the last parameter that nobody has given
      std::size_t last = params.size();
      while (last > 0 && scope.contains(params[last - 1].name)) --last;
      scope[params[last - 1].name] = *subject;
    }
  }
  std::size_t next = 0;
  for (const Parameter& p : params) {
    if (scope.contains(p.name)) continue;
    if (next < given.size()) {
      scope[p.name] = given[next++];
    } else if (p.init) {
      const auto reader = std::exchange(source, definition.source);
      scope[p.name] = eval(p.init);
      source = reader;
    } else {
      error(f.word_span, "`" + definition.name + "` lacks its `" + p.name + "`");
      return failed(f.word_span);
    }
  }
  if (next < given.size()) {
    error(given[next].span, "`" + definition.name + "` takes " + std::to_string(params.size()) + " arguments at most");
    return failed(f.word_span);
  }
  calls_.push_back(definition.name);
  if (voice_ != nullptr && !scopes_.empty()) {
    for (const char* name : kVoiceParams) {
      if (const auto it = scopes_.back().find(name); it != scopes_.back().end()) scope.emplace(name, it->second);
    }
  }
  scopes_.push_back(std::move(scope));
  const auto reader = std::exchange(source, definition.source);
  Term result = eval(statement.body);
  source = reader;
  scopes_.pop_back();
  calls_.pop_back();
  result.span = f.word_span;
  if (subject != nullptr && complete) {
    if (result.function() != nullptr) return apply(*result.function(), *subject);
    if (result.failed()) return result;
    error(f.word_span, "`" + definition.name + "` takes nothing on its left here: all its parameters are given");
    return failed(f.word_span);
  }
  return result;
}

void Evaluator::unknown(const FunctionTerm& f) {
  std::vector<std::string> names;
  for (const auto& [name, _] : meaning_->program.definitions) {
    if (!name.starts_with('~')) names.push_back(name);
  }
  if (meaning_->vocabulary.kit != nullptr) {
    for (const auto& [name, _] : meaning_->vocabulary.kit->definitions) names.push_back(name);
  }
  for (const UnitInfo& unit : meaning_->vocabulary.units) names.emplace_back(unit.name);
  for (const FunctionRow& row : pattern_functions()) names.emplace_back(row.name);
  for (const std::string_view control : control_names()) names.emplace_back(control);
  std::string hint = did_you_mean(nearest(f.word, names));
  if (meaning_->definition("~" + f.word) != nullptr) hint = "the bus is written `~" + f.word + "`";
  error(f.word_span, "nothing is named `" + f.word + "`", hint);
}

}  // namespace hocket
