#include "lang/lower.h"

#include <algorithm>

#include "lang/lower_eval.h"
#include "lang/parser.h"

namespace hocket {

Evaluator::Evaluator(std::shared_ptr<const Meaning> meaning)
    : meaning_(std::move(meaning)), prints_(meaning_->program, meaning_->vocabulary.kit.get()) {}

void Evaluator::error(Span span, std::string message, std::string hint) {
  for (const Diagnostic& d : diagnostics) {
    if (d.span == span && d.message == message && d.source == source) return;  // a function expanded twice errs once
  }
  diagnostics.push_back({Severity::error, span, std::move(message), std::move(hint), source});
}

void Evaluator::warning(Span span, std::string message, std::string hint) {
  for (const Diagnostic& d : diagnostics) {
    if (d.span == span && d.message == message && d.source == source) return;
  }
  diagnostics.push_back({Severity::warning, span, std::move(message), std::move(hint), source});
}

void Evaluator::lower_outputs() {
  const Program& program = meaning_->program;
  std::vector<std::string> solo_buses;
  for (const std::string& name : program.settings.soloed) {
    if (name.starts_with('~') && program.definitions.contains(name)) solo_buses.push_back(name);
  }
  for (const auto& [name, definition] : program.definitions) {
    if (definition.kind != Definition::Kind::output) continue;
    source = definition.source;
    main.own(definition.owner());
    if (name == "out" && !solo_buses.empty()) continue;
    const ExprPtr& value = std::get<DefineStatement>(definition.statement.node).value;
    const Term term = value_of(definition);
    if (term.failed()) continue;
    if (term.pattern() != nullptr && !term.is_sound() && !is_knob(term.pattern()->pattern)) {
      error(value->span, "an output plays a sound or a signal; this is a pattern",
            "`s \"bd sn\"` plays samples, `\"c4 e4\" # pluck` notes");
      continue;
    }
    const SignalTerm signal = name == kOnce ? play_once(term, definition.from) : to_signal(term, PortUnit::signal);
    main.graph.outputs.push_back({name, signal.ref, signal.channels});
  }
  for (const auto& [name, definition] : program.definitions) {
    if (!plays_outside(definition) || buses_.contains(name)) continue;
    if (!program.settings.soloed.empty() && !program.settings.soloed.contains(name)) continue;
    const Term term = bus(name, {});
    if (term.failed()) continue;
    const SignalTerm signal = to_signal(term, PortUnit::signal);
    main.graph.outputs.push_back({name, signal.ref, signal.channels});
  }
  if (solo_buses.empty()) return;
  main.own("out");
  std::vector<SignalTerm> signals;
  for (const std::string& name : solo_buses) {
    const Term term = bus(name, {});
    if (!term.failed()) signals.push_back(to_signal(term, PortUnit::signal));
  }
  const SignalTerm sum = mix(signals);
  main.graph.outputs.push_back({"out", sum.ref, sum.channels});
}

/// The pattern's cycle 0, played in the cycle that begins at `from`.
SignalTerm Evaluator::play_once(const Term& term, Rational from) {
  if (!term.is_sound()) {
    error(term.span, "`once` plays a sound; this is " + kind_name(term), "`once s \"bd sn\"`");
    return {};
  }
  PatternTerm once = *term.pattern();
  once.home.clear();
  once.id = next_id_++;
  once.pattern = Pattern(
      [pattern = once.pattern, from](const TimeSpan& span, QueryContext& context) {
        Events events;
        const TimeSpan inside{max(span.begin - from, Rational(0)), min(span.end - from, Rational(1))};
        if (inside.begin >= inside.end) return events;
        events = pattern.query(inside, context);
        for (Event& e : events) {
          e.part = {e.part.begin + from, e.part.end + from};
          if (e.whole) e.whole = TimeSpan{e.whole->begin + from, e.whole->end + from};
        }
        return events;
      },
      {term.pattern()->pattern});
  return to_signal(make(term.span, std::move(once)), PortUnit::signal);
}

void Evaluator::check_rest() {
  const Program& program = meaning_->program;
  for (const auto& [name, definition] : program.definitions) {
    source = definition.source;
    main.own(name);
    const bool instrument =
        definition.kind == Definition::Kind::synth || (definition.kind == Definition::Kind::bus && reads_voice(definition));
    if (instrument) {
      voice_def(name, definition, definition.statement.span);
    } else if (definition.kind == Definition::Kind::bus) {
      bus(name, definition.statement.span);
    } else if (definition.kind == Definition::Kind::function) {
      // its parameters could be anything: only the names in it can be judged
      for (const std::string& word : references(definition).names) {
        if (word.starts_with('~') && !program.definitions.contains(word)) bus(word, definition.statement.span);
      }
    }
  }
}

Lowered lower(const Program& program, const Vocabulary& vocabulary) {
  auto meaning = std::make_shared<const Meaning>(Meaning{program, vocabulary});
  Evaluator evaluator(meaning);
  evaluator.lower_outputs();
  evaluator.check_rest();
  Lowered result;
  result.diagnostics = std::move(evaluator.diagnostics);
  if (has_error(result.diagnostics)) return result;
  evaluator.close();
  result.graph = std::move(evaluator.main.graph);
  return result;
}

void Evaluator::close() {
  main.resolve_feedback(loop_ends_);
  main.finish();
}

QueryValue lower_pattern(const Program& program, std::shared_ptr<const Source> source, const Vocabulary& vocabulary) {
  QueryValue result;
  const ExprPtr expr = parse_expression(*source, result.diagnostics);
  for (Diagnostic& d : result.diagnostics) d.source = source;
  if (has_error(result.diagnostics) || !expr) return result;
  Evaluator evaluator(std::make_shared<const Meaning>(Meaning{program, vocabulary}));
  evaluator.source = source;
  const Term term = evaluator.eval(expr);
  if (!term.failed()) result.pattern = evaluator.to_pattern(term).pattern;
  result.diagnostics.insert(result.diagnostics.end(), evaluator.diagnostics.begin(), evaluator.diagnostics.end());
  return result;
}

}  // namespace hocket
