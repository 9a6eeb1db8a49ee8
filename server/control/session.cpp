#include "server/control/session.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "server/control/catalogue.h"
#include "server/control/tempo.h"

namespace hocket {

namespace {

// A quantised change closer than this to its cycle waits for the next multiple: planning takes time too.
constexpr double kLeastAheadS = 0.03;

class Stopwatch {
 public:
  /// Milliseconds since the last lap.
  double lap() {
    const auto now = Clock::now();
    const double ms = std::chrono::duration<double, std::milli>(now - last_).count();
    last_ = now;
    return ms;
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point last_ = Clock::now();
};

std::string in_folder(const std::string& path, const std::string& folder) {
  if (path.starts_with("~/")) {
    const char* home = std::getenv("HOME");
    return (home ? home : "") + path.substr(1);
  }
  if (path.starts_with('/') || folder.empty()) return path;
  return folder + '/' + path;
}

Diagnostic error_for(const std::shared_ptr<const Source>& source, std::string message) {
  return {Severity::error, {0, 0}, std::move(message), "", source};
}

}  // namespace

Session::Session(const UnitTable& units, Engine& engine, Sequencer& sequencer, SampleLibrary& samples, Recorder* recorder, Reports reports,
                 SessionSettings settings, SessionMidi midi)
    : engine_(engine),
      sequencer_(sequencer),
      samples_(samples),
      recorder_(recorder),
      reports_(std::move(reports)),
      settings_(std::move(settings)),
      midi_(std::move(midi)),
      desk_(midi_.live ? std::make_unique<MidiDesk>(*midi_.live, engine) : nullptr),
      planner_(units, engine.settings()),
      vocabulary_(make_vocabulary(units, samples)),
      watch_(engine.settings().rate) {}

Session::~Session() = default;

// What `hush` and `panic` forget, unless the text names it anew.
bool Session::forget_hushed(Evaluation& evaluation) {
  const bool hushed = std::any_of(evaluation.commands.begin(), evaluation.commands.end(),
                                  [](const Command& c) { return c.name == "hush" || c.name == "panic"; });
  if (!hushed) return false;
  std::erase_if(evaluation.program.definitions, [&](const auto& entry) {
    const bool named = std::find(evaluation.changed.begin(), evaluation.changed.end(), entry.first) != evaluation.changed.end();
    return (entry.second.kind == Definition::Kind::output || plays_outside(entry.second)) && !named;
  });
  return true;
}

EvalResult Session::evaluate(std::string text, std::string name, bool replace) {
  EvalResult result;
  Stopwatch watch;
  result.source = std::make_shared<const Source>(Source{std::move(name), std::move(text)});
  auto evaluation = hocket::evaluate(program_, result.source, vocabulary_, replace);
  result.diagnostics = std::move(evaluation.diagnostics);
  result.timings.parse_ms = watch.lap();
  if (has_error(result.diagnostics)) return result;
  for (const auto& command : evaluation.commands) {
    if (command.name == "samples" && !add_samples(command, result)) return result;
    if (command.name == "record" && command.args.size() > 1 && command.args[1] != "out") {
      result.diagnostics.push_back(error_for(
          result.source, "`record` takes the main output only; `hocket render --stems` writes every output to a file of its own"));
      return result;
    }
  }

  const bool hushed = forget_hushed(evaluation);
  const bool panicked =
      std::any_of(evaluation.commands.begin(), evaluation.commands.end(), [](const Command& c) { return c.name == "panic"; });
  for (const auto& command : evaluation.commands) {
    if (command.name != "undo" && command.name != "redo") continue;
    if (evaluation.commands.size() == 1 && evaluation.changed.empty()) return command.name == "undo" ? undo() : redo();
    result.diagnostics.push_back(error_for(result.source, "`" + command.name + "` stands alone: evaluate it by itself"));
    return result;
  }
  carry_transitions(evaluation);
  if (std::find(evaluation.changed.begin(), evaluation.changed.end(), kOnce) != evaluation.changed.end()) {
    schedule_once(evaluation.program);
  } else if (const auto once = evaluation.program.definitions.find(kOnce);
             once != evaluation.program.definitions.end() && now() > once->second.from + Rational(1)) {
    evaluation.program.definitions.erase(once);
  }
  watch.lap();
  auto lowered = lower(evaluation.program, vocabulary_);
  result.timings.lower_ms = watch.lap();
  result.diagnostics.insert(result.diagnostics.end(), lowered.diagnostics.begin(), lowered.diagnostics.end());
  if (has_error(lowered.diagnostics)) return result;

  for (const auto& command : evaluation.commands)
    if (command.name == "record")
      record(command, result);
    else
      use_midi(command, result);
  if (hushed && midi_.out) midi_.out->silence();
  result.ok = true;
  result.changed = std::move(evaluation.changed);
  history_.add(std::exchange(program_, std::move(evaluation.program)), result.source->text);
  log({replace ? SessionStep::Kind::replace : SessionStep::Kind::eval, result.source->name, result.source->text});
  goto_cycle_ = evaluation.cycle;
  nudge_s_ = evaluation.nudge_s.value_or(Rational(0));
  doubt(false);
  change(std::move(lowered), panicked, hushed, result);
  return result;
}

/// The next moment from which all of a cycle can still be played.
Rational Session::next_start(const Settings& settings) const {
  if (!sounding_) return start_cycle_;
  const auto soon = now() + Rational::near(kLeastAheadS) * cps_in_force_;
  return settings.quant > Rational(0) ? next_multiple(soon, settings.quant) : soon;
}

/// Transitions that are over are forgotten; those that the evaluation asks for begin.
void Session::carry_transitions(Evaluation& evaluation) const {
  const auto here = now();
  for (auto& [name, definition] : evaluation.program.definitions) {
    const auto& t = definition.transition;
    if (definition.fading && (!sounding_ || here > t.from + t.cycles + Rational(1))) definition.fading.reset();
  }
  if (evaluation.transition.kind == Transition::Kind::none || !sounding_) return;
  for (const auto& name : evaluation.changed) {
    const auto old = program_.definitions.find(name);
    auto& definition = evaluation.program.definitions.at(name);
    const bool plays = definition.kind == Definition::Kind::bus || definition.kind == Definition::Kind::output;
    if (!plays || name == kOnce || old == program_.definitions.end() || old->second.print == definition.print) continue;
    auto fading = std::make_shared<Definition>(old->second);
    fading->fading.reset();
    definition.fading = std::move(fading);
    definition.transition = evaluation.transition;
    definition.transition.from = next_start(evaluation.program.settings);
    definition.generation = old->second.generation + 1;
  }
}

void Session::schedule_once(Program& program) const {
  auto& once = program.definitions.at(kOnce);
  once.from = next_start(program.settings);
  once.print = once.print * 31 + static_cast<std::uint64_t>(once.from.num()) * 7 + static_cast<std::uint64_t>(once.from.den());
}

EvalResult Session::undo() {
  return go_to(history_.undo(program_), "undo");
}

EvalResult Session::redo() {
  return go_to(history_.redo(program_), "redo");
}

EvalResult Session::go_to(std::optional<Program> program, const char* way) {
  EvalResult result;
  result.source = std::make_shared<const Source>(Source{way, way});
  if (!program) {
    result.diagnostics.push_back(error_for(result.source, std::string("there is nothing to ") + way));
    return result;
  }
  program->definitions.erase(kOnce);
  auto lowered = lower(*program, vocabulary_);
  result.diagnostics = lowered.diagnostics;
  if (has_error(lowered.diagnostics)) return result;
  for (const auto& names : {program->definitions, program_.definitions}) {
    for (const auto& [name, definition] : names) {
      const auto is = [&, name = name](const Program& p) {
        const auto found = p.definitions.find(name);
        return found == p.definitions.end() ? std::uint64_t{0} : found->second.print;
      };
      const bool listed = std::find(result.changed.begin(), result.changed.end(), name) != result.changed.end();
      if (is(*program) != is(program_) && !listed) result.changed.push_back(name);
    }
  }
  result.ok = true;
  log({std::string_view(way) == "undo" ? SessionStep::Kind::undo : SessionStep::Kind::redo, "", ""});
  program_ = *std::move(program);
  doubt(std::string_view(way) == "undo");
  change(std::move(lowered), false, taking_back_, result);
  return result;
}

void Session::log(const SessionStep& step) {
  if (!file_ || file_->add(step)) return;
  if (reports_) reports_({Report::Kind::error, "the session's file could not be written: what follows will be missing in it"});
  file_ = nullptr;
}

void Session::retrace(const SessionStep& step, EvalResult& result) {
  if (step.kind == SessionStep::Kind::undo || step.kind == SessionStep::Kind::redo) {
    if (auto program = step.kind == SessionStep::Kind::undo ? history_.undo(program_) : history_.redo(program_)) program_ = *program;
    return;
  }
  const auto source = std::make_shared<const Source>(Source{step.name, step.text});
  auto evaluation = hocket::evaluate(program_, source, vocabulary_, step.kind == SessionStep::Kind::replace);
  EvalResult added;
  added.source = source;
  bool fits = !has_error(evaluation.diagnostics);
  for (const auto& command : evaluation.commands)
    if (fits && command.name == "samples") fits = add_samples(command, added);
  result.notes.insert(result.notes.end(), added.notes.begin(), added.notes.end());
  if (!fits) {
    for (const auto& d : added.diagnostics) result.notes.push_back(d.message);
    result.notes.push_back("left out, as it no longer holds: " + step.text.substr(0, step.text.find('\n')));
    return;
  }
  for (const auto& command : evaluation.commands)
    if (command.name == "clockout" || command.name == "clockin") clocks_[command.name] = command;
  forget_hushed(evaluation);
  evaluation.program.definitions.erase(kOnce);
  history_.add(std::exchange(program_, std::move(evaluation.program)), step.text);
}

EvalResult Session::resume(SessionFile& file) {
  EvalResult result;
  result.source = std::make_shared<const Source>(Source{"session", ""});
  for (const auto& step : file.steps()) retrace(step, result);
  // A definition may rest on a unit or sound that has gone: the rest plays, and the definition stays to be corrected.
  auto lowered = lower(program_, vocabulary_);
  result.diagnostics = lowered.diagnostics;
  for (const auto& [name, command] : std::exchange(clocks_, {}))
    if (command.args[0] != "stop") use_midi(command, result);
  file_ = &file;
  if (has_error(lowered.diagnostics)) return result;
  result.ok = true;
  for (const auto& [name, definition] : program_.definitions) result.changed.push_back(name);
  change(std::move(lowered), false, false, result);
  return result;
}

EvalResult Session::hush() {
  return evaluate("hush", "hush", false);
}

EvalResult Session::panic() {
  return evaluate("panic", "panic", false);
}

bool Session::add_samples(const Command& command, EvalResult& result) {
  const auto path = in_folder(command.args.empty() ? "" : command.args[0], settings_.folder);
  const auto added = samples_.add_folder(path);
  if (!added) {
    result.diagnostics.push_back(error_for(result.source, added.error));
    return false;
  }
  result.notes.push_back(std::to_string(*added) + " sounds in " + path);
  vocabulary_.folders = samples_.folders();
  return true;
}

void Session::record(const Command& command, EvalResult& result) {
  if (!recorder_) {
    result.notes.push_back("recording: not while rendering offline");
    return;
  }
  const bool stop = !command.args.empty() && command.args[0] == "stop";
  const auto path = stop ? recorder_->stop() : recorder_->start(command.args.empty() ? "" : command.args[0]);
  result.notes.push_back(path ? (stop ? "recorded " : "recording to ") + *path : path.error);
}

void Session::change(Lowered lowered, bool panic, bool at_once, EvalResult& result) {
  for (const auto& source : lowered.graph.sources) {
    if (source.kind != SourceKind::sound) continue;
    source.pattern.each_word([&](const std::string& word, Span) { samples_.prefetch(word.substr(0, word.find(':'))); });
  }
  Change next;
  next.graph = std::make_shared<const GraphDef>(std::move(lowered.graph));
  next.settings = program_.settings;
  next.panic = panic || (waiting_ && waiting_->panic);
  next.ring = !taking_back_;
  next.serial = ++last_serial_;
  next.cycle = std::exchange(goto_cycle_, std::nullopt);
  next.later = std::exchange(nudge_s_, Rational(0)) * program_.settings.cps;
  if (waiting_) {
    if (!next.cycle) next.cycle = waiting_->cycle;
    next.later += waiting_->later;
  }
  if (const auto quant = program_.settings.quant; quant > Rational(0) && sounding_ && !at_once && !next.panic) {
    const auto least = now() + Rational::near(kLeastAheadS) * cps_in_force_;
    next.at = next_multiple(least, quant);
  }
  result.at = next.at;
  result.serial = next.serial;
  waiting_ = std::move(next);
  if (panic) {
    // What the engine has not taken yet will never be heard.
    swap_.reset();
    if (engine_.withdraw()) given_serial_ = engine_.status().swap_serial;
  }
  if (engine_is_free()) publish(&result.timings);
}

bool Session::engine_is_free() const {
  return !swap_ && engine_.status().swap_serial >= given_serial_;
}

Rational Session::now() const {
  const auto status = engine_.status();
  return to_rational(position_at(status.transport, status.frame));
}

MixSettings Session::mix_of(const Settings& settings) const {
  MixSettings mix;
  mix.route = settings.routes;
  const bool solo_bus =
      std::any_of(settings.soloed.begin(), settings.soloed.end(), [](const std::string& name) { return name.starts_with('~'); });
  for (const auto& [name, definition] : program_.definitions) {
    if (definition.kind != Definition::Kind::output) continue;
    const bool soloed = settings.soloed.contains(name) || (solo_bus && name == "out");
    if (settings.muted.contains(name) || (!settings.soloed.empty() && !soloed)) mix.gain[name] = 0;
  }
  return mix;
}

void Session::publish(EvalTimings* timings) {
  if (!waiting_) return;
  const auto here = now();
  if (waiting_->at && sounding_) {
    const auto window = Rational::near(settings_.window_s) * cps_in_force_;
    if (*waiting_->at - here > window) return;
  } else {
    waiting_->at.reset();
  }
  auto change = std::move(*waiting_);
  waiting_.reset();
  const auto& graph = *change.graph;
  const bool starts = (!sounding_ || change.panic) && !graph.outputs.empty();
  // a nudge is exact: it takes over at a cycle position that the engine has not reached yet
  if (change.later != Rational(0) && !change.at && !starts) change.at = here + Rational::near(kLeastAheadS) * cps_in_force_;
  const bool moves = !starts && (change.cycle || change.later != Rational(0));
  const Rational to = starts ? start_cycle_ : change.cycle.value_or(change.at.value_or(here)) - change.later;

  Stopwatch watch;
  auto planned = planner_.plan(graph, mix_of(change.settings), change.settings.seed, change.panic, change.ring);
  outputs_.clear();
  for (const auto& output : graph.outputs) outputs_.push_back(output.name);
  if (timings) timings->plan_ms = watch.lap();

  SourceSet set;
  for (std::size_t i = 0; i < graph.sources.size(); ++i) {
    PlayedSource played{graph.sources[i], planned.source_ids[i], {}};
    for (const auto voice : played.def.voices) played.voices.push_back(graph.voices[voice]);
    set.sources.push_back(std::move(played));
  }
  set.fresh = std::move(planned.fresh);
  set.cps = change.settings.cps;
  set.seed = change.settings.seed;
  // An onset is on the frame nearest to it: one just before `here` may fall on the very frame that takes over.
  const auto frame = change.settings.cps / Rational::near(engine_.settings().rate);
  set.from = starts || moves ? to : change.at.value_or(max(here, frame) - frame);
  set.reset = starts || moves;
  set.serial = change.serial;

  auto& swap = *planned.swap;
  swap.serial = change.serial;
  swap.quantised = change.at.has_value();
  if (change.at) swap.at = to_position(*change.at);
  swap.retime = starts || change.settings.cps != cps_in_force_;
  swap.frames_per_cycle = to_position(frames_per_cycle(change.settings.cps, engine_.settings().rate));
  swap.reset_cycle = starts || moves;
  swap.cycle = to_position(to);
  swap.panic = change.panic;
  if (midi_.out) midi_.out->exchange(set);
  auto first = midi_.live ? midi_.live->exchange(set, here) : std::vector<TimedEvent>{};
  const auto queued = sequencer_.exchange(std::move(set), here);
  first.insert(first.end(), queued.begin(), queued.end());
  swap.first_count = static_cast<std::uint32_t>(first.size());
  swap.first = std::make_unique<TimedEvent[]>(first.size());
  std::copy(first.begin(), first.end(), swap.first.get());

  cps_in_force_ = change.settings.cps;
  sounding_ = !graph.outputs.empty();
  given_serial_ = change.serial;
  swap_ = std::move(planned.swap);
  if (engine_.give(swap_)) swap_.reset();
  if (timings) timings->publish_ms = watch.lap();
}

void Session::tick() {
  engine_.collect();
  if (swap_ && engine_.give(swap_)) swap_.reset();
  if (engine_is_free()) publish();
  tick_midi();
  watch_load();
  report_engine();
}

void Session::report_engine() {
  if (!reports_) return;
  NodeFault fault;
  while (engine_.take(fault))
    reports_({Report::Kind::error, std::string(fault.key) + " gave something that is not a number and was reset: the rest plays on"});
  const auto status = engine_.status();
  if (status.dropped_events > dropped_reported_) {
    reports_({Report::Kind::warning, std::to_string(status.dropped_events - dropped_reported_) + " events were dropped: too many at once"});
    dropped_reported_ = status.dropped_events;
  }
  if (status.late_events > late_reported_) {
    reports_(
        {Report::Kind::warning, std::to_string(status.late_events - late_reported_) + " events came late: the machine was busy elsewhere"});
    late_reported_ = status.late_events;
  }
}

SessionStatus Session::status() const {
  SessionStatus status;
  status.engine = engine_.status();
  engine_.forget_peaks();
  status.cycle = to_rational(position_at(status.engine.transport, status.engine.frame));
  status.cps = program_.settings.cps;
  status.waiting = waiting();
  for (const auto& [name, definition] : program_.definitions) status.names.push_back(name);
  status.events = sequencer_.counts();
  return status;
}

}  // namespace hocket
