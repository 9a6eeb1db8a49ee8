#include "server/app/reference.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>

#include "lang/pattern/function.h"

namespace hocket {

namespace {

// The statements, as LANGUAGE's table has them.
constexpr std::array<StatementDoc, 29> kStatements{{
    {"out", "out: expr", "the main stereo output"},
    {"cps", "cps: 0.5", "the tempo in cycles a second"},
    {"tempo", "tempo: 0.5", "the tempo in cycles a second"},
    {"bpm", "bpm: 120  or  bpm: 120/3", "the tempo in beats a minute, at 4 beats a cycle or the number given"},
    {"quant", "quant: 4", "later evaluations take effect at the next multiple of that many cycles; 0: at once"},
    {"seed", "seed: 7", "of every random pattern and noise unit"},
    {"fn", "fn name a b=0.5: expr", "a function; parameters may have defaults"},
    {"synth", "synth name a=1: expr", "an instrument: the graph of one voice, which reads freq, note, vel and gate"},
    {"hush", "hush", "fades all out and stops events"},
    {"panic", "panic", "silences at once and resets all state"},
    {"solo", "solo ~bus", "only this bus or output is heard (and others that are soloed)"},
    {"unsolo", "unsolo", "all are heard again"},
    {"mute", "mute ~bus", "silences a bus or an output"},
    {"unmute", "unmute ~bus", "lets it be heard again"},
    {"clear", "clear ~bus", "forgets a definition"},
    {"route", "route o3: 3 4", "sends an output to hardware channels in place of the main mix"},
    {"samples", "samples \"dir\"", "adds a folder of samples: one sub-folder a sound"},
    {"record", "record \"name.wav\"  or  record stop", "records the main output"},
    {"undo", "undo", "back to before the last evaluation; tails and phases play on"},
    {"redo", "redo", "what was undone again"},
    {"once", "once s \"bd sn\"", "plays one cycle of a sound, from the next moment on"},
    {"resetCycles", "resetCycles", "the transport starts over at cycle 0"},
    {"setCycle", "setCycle 8", "the transport goes on at a cycle"},
    {"nudge", "nudge 20ms", "moves the transport by seconds"},
    {"xfade", "xfade 4", "what this evaluation redefines comes in over so many cycles"},
    {"jumpIn", "jumpIn 4", "what this evaluation redefines comes in after so many cycles"},
    {"clutch", "clutch 4", "old events go and new ones come, more of them each cycle"},
    {"anticipate", "anticipate 8", "the old builds up, and the new comes in after so many cycles"},
    {"o1", "o1: expr … o64: expr", "a further output, mixed into the main one unless routed"},
}};

constexpr std::array<ControlDoc, 16> kControls{{
    {"s", "the sound: an instrument, a folder of samples or a drum of the kit; bd:3 is file 3 of its folder"},
    {"n", "which file of a folder; for an instrument the note in semitones from c4"},
    {"note", "the note in semitones from c4, or its name; samples are played faster or slower"},
    {"gain", "a factor of loudness, 1 as it is"},
    {"pan", "0 left, 0.5 centre, 1 right"},
    {"speed", "how fast a sample is read; below 0 backwards. Instruments are transposed"},
    {"begin", "where in the sample to start, 0 to 1"},
    {"end", "where in the sample to stop, 0 to 1"},
    {"cut", "notes of the same cut group stop each other; 0 is none"},
    {"legato", "how long the gate is held, as a factor of the event's length"},
    {"sustain", "how long the gate is held, in seconds"},
    {"attack", "seconds in which a sample fades in"},
    {"release", "seconds in which a sample fades out"},
    {"vel", "how hard the note is struck, 0 to 1"},
    {"nudge", "seconds by which the event comes later"},
    {"unit", "\"c\": speed counts how often the sample is played in a cycle"},
}};

}  // namespace

std::span<const StatementDoc> statement_docs() {
  return kStatements;
}
std::span<const ControlDoc> control_docs() {
  return kControls;
}

namespace {

std::string number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", x);
  return text;
}

std::string describe(const UnitInfo& unit) {
  std::string text = signature(unit) + "\n  " + std::string(unit.doc) + "\n";
  for (const auto& port : unit.ports) {
    text += "    " + std::string(port.name) + std::string(std::max<int>(1, 10 - static_cast<int>(std::string_view(port.name).size())), ' ');
    text += std::string(to_string(port.unit)) + ", " + number(static_cast<double>(port.init));
    if (port.low != port.high) text += " in " + number(static_cast<double>(port.low)) + ".." + number(static_cast<double>(port.high));
    text += std::string("  ") + port.doc + '\n';
  }
  return text;
}

std::string kind_name(ArgKind kind) {
  switch (kind) {
    case ArgKind::pattern:
      return "pattern";
    case ArgKind::number:
      return "number";
    case ArgKind::time:
      return "time";
    case ArgKind::word:
      return "word";
    case ArgKind::truth:
      return "booleans";
    case ArgKind::constant:
      return "constant";
    case ArgKind::function:
      return "function";
    case ArgKind::list:
      return "list";
    case ArgKind::map:
      return "map";
    case ArgKind::name:
      return "name";
  }
  return "";
}

std::string describe(const FunctionRow& row) {
  std::string text = signature(row);
  text += row.subject ? "  (of a pattern)\n" : "  (makes a pattern)\n";
  text += std::string("  ") + row.doc + "\n  " + row.example + "\n    " + row.events + '\n';
  return text;
}

std::string describe(const Definition& definition, const char* where) {
  std::string text;
  if (const auto* function = std::get_if<FunctionStatement>(&definition.statement.node)) {
    text = definition.name;
    for (const auto& param : function->params) {
      text += ' ' + param.name;
      if (param.init) text += '=' + definition.source->text.substr(param.init->span.begin, param.init->span.end - param.init->span.begin);
    }
    text += function->synth ? "\n  an instrument" : "\n  a function";
  } else {
    text = definition.name + "\n  " + (definition.kind == Definition::Kind::output ? "an output" : "a bus");
  }
  const auto span = definition.statement.span;
  return text + where + "\n    " + definition.source->text.substr(span.begin, span.end - span.begin) + '\n';
}

}  // namespace

std::string signature(const FunctionRow& row) {
  std::string text = row.name;
  for (const auto& param : row.params) text += std::string(" ") + param.name + ":" + kind_name(param.kind);
  return text;
}

std::string signature(const UnitInfo& unit) {
  std::string text(unit.name);
  for (std::size_t i = 0; i < unit.ports.size(); ++i) {
    const auto& port = unit.ports[i];
    text += ' ' + std::string(port.name);
    if (port.unit != PortUnit::signal && port.unit != PortUnit::gate) text += '=' + number(static_cast<double>(port.init));
  }
  return text;
}

Reference::Reference(const Vocabulary& vocabulary, const Program* program) : vocabulary_(vocabulary), program_(program) {}

std::string Reference::describe(const std::string& name) const {
  std::string text;
  const auto add = [&](const std::string& more) { text += (text.empty() ? "" : "\n") + more; };
  if (program_)
    if (const auto found = program_->definitions.find(name); found != program_->definitions.end())
      add(hocket::describe(found->second, " of this session"));
  if (const auto* unit = vocabulary_.unit(name)) add(hocket::describe(*unit));
  if (const auto* row = find_function(name)) add(hocket::describe(*row));
  if (find_signal(name)) add(name + "\n  without an argument: a continuous pattern, one period a cycle\n");
  if (vocabulary_.kit)
    if (const auto found = vocabulary_.kit->definitions.find(name); found != vocabulary_.kit->definitions.end())
      add(hocket::describe(found->second, " of the built-in kit"));
  if (const auto* folder = vocabulary_.folder(name)) add(name + "\n  a folder of " + std::to_string(folder->files) + " samples\n");
  for (const auto& control : kControls)
    if (name == control.name) add("# " + name + " \"...\"\n  a control of each event: " + control.doc + '\n');
  for (const auto& statement : kStatements)
    if (name == statement.name) add(std::string(statement.form) + "\n  " + statement.doc + '\n');
  if (text.empty() && is_control(name)) add("# " + name + " \"...\"\n  a control of each event\n");
  return text;
}

std::vector<std::string> Reference::names() const {
  std::set<std::string> names;
  for (const auto& unit : vocabulary_.units) names.emplace(unit.name);
  for (const auto& folder : vocabulary_.folders) names.insert(folder.name);
  for (const auto& row : pattern_functions()) names.emplace(row.name);
  for (const auto& control : control_names()) names.emplace(control);
  for (const auto& statement : kStatements) names.emplace(statement.name);
  if (vocabulary_.kit)
    for (const auto& [name, definition] : vocabulary_.kit->definitions) names.insert(name);
  if (program_)
    for (const auto& [name, definition] : program_->definitions) names.insert(name);
  return {names.begin(), names.end()};
}

std::string Reference::units() const {
  std::size_t width = 0;
  for (const auto& unit : vocabulary_.units) width = std::max(width, signature(unit).size());
  width = std::min<std::size_t>(width, 48);
  std::string text;
  for (const auto& unit : vocabulary_.units) {
    auto line = signature(unit);
    line.resize(std::max(line.size(), width), ' ');
    const auto doc = unit.doc.substr(0, unit.doc.find('\n'));
    text += line + "  " + std::string(doc) + '\n';
  }
  return text;
}

}  // namespace hocket
