#include "lang/program.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "lang/parser.h"
#include "lang/resolve.h"

namespace hocket {
namespace {

/// The statement's text with comments dropped and every run of white space one space: what its meaning depends on.
std::uint64_t print_of(const Source& source, Span span) {
  const std::string_view text = std::string_view(source.text).substr(span.begin, span.end - span.begin);
  std::string plain;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') quoted = !quoted;
    const bool comment = !quoted && (text.substr(i, 2) == "--" || text.substr(i, 2) == "//");
    if (comment) {
      while (i < text.size() && text[i] != '\n') ++i;
      if (i == text.size()) break;
    }
    const bool space = text[i] == ' ' || text[i] == '\t' || text[i] == '\n' || text[i] == '\r';
    if (!space) {
      plain += text[i];
    } else if (!plain.empty() && plain.back() != ' ') {
      plain += ' ';
    }
  }
  while (!plain.empty() && plain.back() == ' ') plain.pop_back();
  return hash_text(plain);
}

std::optional<Rational> constant_of(const ExprPtr& e) {
  if (!e) return {};
  if (const auto* number = std::get_if<NumberExpr>(&e->node)) return number->exact;
  if (const auto* group = std::get_if<GroupExpr>(&e->node)) return constant_of(group->inner);
  if (const auto* negate = std::get_if<NegateExpr>(&e->node)) {
    const auto x = constant_of(negate->operand);
    return x ? std::optional(-*x) : std::nullopt;
  }
  if (const auto* binary = std::get_if<BinaryExpr>(&e->node)) {
    const auto a = constant_of(binary->left);
    const auto b = constant_of(binary->right);
    if (!a || !b) return {};
    if (binary->op == "+") return *a + *b;
    if (binary->op == "-") return *a - *b;
    if (binary->op == "*") return *a * *b;
    if (binary->op == "/" && *b != Rational(0)) return *a / *b;
  }
  return {};
}

/// `bpm: x` counts 4 beats a cycle, `bpm: x/b` b of them.
std::optional<Rational> beats_to_cps(const ExprPtr& e) {
  Rational beats = 4;
  std::optional<Rational> bpm;
  if (const auto* number = std::get_if<NumberExpr>(&e->node); number != nullptr && number->ratio) {
    bpm = number->ratio->first;
    beats = number->ratio->second;
  } else if (const auto* binary = std::get_if<BinaryExpr>(&e->node); binary != nullptr && binary->op == "/") {
    bpm = constant_of(binary->left);
    beats = constant_of(binary->right).value_or(Rational(0));
  } else {
    bpm = constant_of(e);
  }
  if (!bpm || beats <= Rational(0)) return {};
  return *bpm / (beats * 60);
}

Transition::Kind transition_of(std::string_view name) {
  if (name == "xfade") return Transition::Kind::xfade;
  if (name == "jumpIn") return Transition::Kind::jump;
  if (name == "clutch") return Transition::Kind::clutch;
  if (name == "anticipate") return Transition::Kind::anticipate;
  return Transition::Kind::none;
}

std::string word_of(const ExprPtr& e, const Source& source) {
  if (const auto* name = std::get_if<NameExpr>(&e->node)) return name->name;
  if (const auto* bus = std::get_if<BusExpr>(&e->node)) return bus->name;
  if (const auto* string = std::get_if<StringExpr>(&e->node)) return string->text;
  return source.text.substr(e->span.begin, e->span.end - e->span.begin);
}

class Reader {
 public:
  Reader(Evaluation& result, std::shared_ptr<const Source> source, const Vocabulary& vocabulary)
      : result_(result), source_(std::move(source)), vocabulary_(vocabulary) {}

  void read(const Statement& statement) {
    std::visit([&](const auto& node) { visit(statement, node); }, statement.node);
  }

 private:
  Evaluation& result_;
  std::shared_ptr<const Source> source_;
  const Vocabulary& vocabulary_;

  Settings& settings() { return result_.program.settings; }
  void error(Span span, std::string message, std::string hint = "") {
    result_.diagnostics.push_back({Severity::error, span, std::move(message), std::move(hint), source_});
  }

  void define(Definition::Kind kind, const std::string& name, const Statement& statement) {
    for (const std::string& earlier : result_.changed) {
      if (earlier == name) {
        result_.diagnostics.push_back(
            {Severity::warning, statement.span, "`" + name + "` is defined twice here; the last one counts", "", source_});
      }
    }
    result_.changed.push_back(name);
    Definition& entry = result_.program.definitions[name];
    const int generation = entry.generation;
    entry = {kind, name, statement, source_, print_of(*source_, statement.span)};
    entry.generation = generation;
  }

  void visit(const Statement& statement, const DefineStatement& node) {
    const std::string& name = node.name;
    if (!node.value) return;
    if (name.starts_with('~')) return define(Definition::Kind::bus, name, statement);
    if (is_output(name)) return define(Definition::Kind::output, name, statement);
    if (name == "cps" || name == "tempo") return tempo(constant_of(node.value), *node.value);
    if (name == "bpm") return tempo(beats_to_cps(node.value), *node.value);
    const auto number = constant_of(node.value);
    if (name == "quant" || name == "seed") {
      if (!number || *number < Rational(0)) return error(node.value->span, "`" + name + "` takes a number, 0 or more");
      if (name == "quant") {
        settings().quant = *number;
      } else {
        settings().seed = static_cast<std::uint64_t>(number->floor());
      }
      return;
    }
    std::vector<std::string> known{"out", "o1", "cps", "tempo", "bpm", "quant", "seed"};
    std::string hint = did_you_mean(nearest(name, known));
    error(node.name_span, "`" + name + "` is not something to set",
          hint.empty() ? "a bus is written with a tilde: `~" + name + ": …`" : hint);
  }

  void tempo(std::optional<Rational> cps, const Expr& at) {
    if (!cps) return error(at.span, "a tempo is a number", "`cps: 0.5`, `bpm: 120`, or `bpm: 120/3` for three beats a cycle");
    if (*cps < Rational(1, 1000000) || *cps > Rational(100)) return error(at.span, "a tempo stays above 0 and at most 100 cycles a second");
    settings().cps = *cps;
  }

  void visit(const Statement& statement, const FunctionStatement& node) {
    if (!node.synth && vocabulary_.unit(node.name) != nullptr) {
      result_.diagnostics.push_back(
          {Severity::warning, node.name_span, "`" + node.name + "` is a unit as well; this function hides it", "", source_});
    }
    define(node.synth ? Definition::Kind::synth : Definition::Kind::function, node.name, statement);
  }

  void visit(const Statement&, const ExprStatement& node) {
    error(node.value->span, "this is an expression, not a statement", "to hear it write `out: …`, to name it `~name: …`");
  }

  /// `record midi 2`, with a grid or `exact` behind it; `record midi stop`.
  void record_midi(const Statement& statement, const CommandStatement& node, const std::vector<std::string>& words) {
    const char* const form = "`record midi 2`, `record midi 2 1/8`, `record midi 2 exact`, `record midi stop`";
    if (words.size() < 2 || words.size() > 3) return error(statement.span, "`record midi` needs its length in cycles", form);
    Command command{"record midi", {}};
    if (words[1] == "stop" && words.size() == 2) {
      result_.commands.push_back(command);
      return;
    }
    const auto cycles = constant_of(node.args[1]);
    if (!cycles || cycles->den() != 1 || *cycles < Rational(1) || *cycles > Rational(64))
      return error(node.args[1]->span, "a phrase lasts from 1 to 64 whole cycles", form);
    command.args = {std::to_string(cycles->num()), "1/16"};
    if (words.size() == 3) {
      const auto grid = words[2] == "exact" ? Rational(0) : constant_of(node.args[2]).value_or(Rational(-1));
      const bool fits = grid == Rational(0) || (grid > Rational(0) && grid <= Rational(1) && grid.den() <= 1024 && grid.num() == 1);
      if (!fits || (grid == Rational(0) && words[2] != "exact"))
        return error(node.args[2]->span, "a grid is a part of a cycle, as 1/16, or `exact`", form);
      command.args[1] = words[2] == "exact" ? "0/1" : to_string(grid);
    }
    result_.commands.push_back(command);
  }

  void visit(const Statement& statement, const CommandStatement& node) {
    std::vector<std::string> words;
    for (const ExprPtr& arg : node.args) words.push_back(word_of(arg, *source_));
    const std::string& name = node.name;
    const auto wants = [&](std::size_t least, std::size_t most, const char* form) {
      if (words.size() >= least && words.size() <= most) return true;
      error(statement.span, "`" + name + "` is written `" + form + "`");
      return false;
    };
    if (name == "hush" || name == "panic" || name == "unsolo") {
      if (!wants(0, name == "unsolo" ? 1 : 0, name.c_str())) return;
      if (name == "unsolo") {
        if (words.empty()) {
          settings().soloed.clear();
        } else {
          settings().soloed.erase(words[0]);
        }
        return;
      }
      result_.commands.push_back({name, words});
    } else if (name == "solo" || name == "mute" || name == "unmute" || name == "clear") {
      if (!wants(1, 1, (name + " ~bus").c_str())) return;
      if (!result_.program.definitions.contains(words[0])) {
        std::vector<std::string> names;
        for (const auto& [defined, _] : result_.program.definitions) names.push_back(defined);
        return error(node.args[0]->span, "nothing is named `" + words[0] + "`", did_you_mean(nearest(words[0], names)));
      }
      if (name == "solo") settings().soloed.insert(words[0]);
      if (name == "mute") settings().muted.insert(words[0]);
      if (name == "unmute") settings().muted.erase(words[0]);
      if (name == "clear") result_.program.definitions.erase(words[0]);
    } else if (name == "route") {
      if (!wants(2, 9, "route o3: 3 4")) return;
      if (!is_output(words[0]))
        return error(node.args[0]->span, "`" + words[0] + "` is not an output", "outputs are `out` and `o1` to `o64`");
      std::vector<int> channels;
      for (std::size_t i = 1; i < words.size(); ++i) {
        const auto number = constant_of(node.args[i]);
        if (!number || number->den() != 1 || *number < Rational(1) || *number > Rational(64)) {
          return error(node.args[i]->span, "a hardware channel is a whole number from 1 to 64");
        }
        channels.push_back(static_cast<int>(number->num()));
      }
      settings().routes[words[0]] = std::move(channels);
    } else if (name == "samples") {
      if (!wants(1, 1, "samples \"dir\"")) return;
      auto& dirs = settings().sample_dirs;
      if (std::find(dirs.begin(), dirs.end(), words[0]) == dirs.end()) dirs.push_back(words[0]);
      result_.commands.push_back({name, words});
    } else if (name == "undo" || name == "redo") {
      if (wants(0, 0, name.c_str())) result_.commands.push_back({name, words});
    } else if (name == "resetCycles") {
      if (wants(0, 0, "resetCycles")) result_.cycle = Rational(0);
    } else if (name == "setCycle" || name == "nudge") {
      const bool set = name == "setCycle";
      if (!wants(1, 1, set ? "setCycle 8" : "nudge 20ms")) return;
      const auto number = constant_of(node.args[0]);
      if (!number ||
          (set ? *number < Rational(0) || *number > Rational(1'000'000'000) : *number < Rational(-60) || *number > Rational(60))) {
        return error(node.args[0]->span, set ? "a cycle is a number, 0 or more" : "`nudge` takes seconds, -60 to 60");
      }
      (set ? result_.cycle : result_.nudge_s) = *number;
    } else if (name == "once") {
      if (!wants(1, 1, "once s \"bd sn\"")) return;
      Statement plays = statement;
      plays.node = DefineStatement{kOnce, node.name_span, node.args[0]};
      define(Definition::Kind::output, kOnce, plays);
    } else if (const auto kind = transition_of(name); kind != Transition::Kind::none) {
      if (!wants(0, 1, (name + " 4").c_str())) return;
      const auto cycles = node.args.empty() ? Rational(name == "anticipate" ? 8 : 2) : constant_of(node.args[0]).value_or(Rational(-1));
      if (cycles < Rational(0) || cycles > Rational(1000)) return error(statement.span, "a transition lasts from 0 to 1000 cycles");
      result_.transition = {kind, cycles, 0};
    } else if (name == "record" && !words.empty() && words[0] == "midi") {
      record_midi(statement, node, words);
    } else if (name == "record") {
      if (!wants(1, 2, "record \"name.wav\"")) return;
      result_.commands.push_back({name, words});
    } else if (name == "learn") {
      if (!wants(1, 3, "learn ~cutoff 200 8k")) return;
      if (!words[0].starts_with('~')) return error(node.args[0]->span, "a knob is learnt by a bus", "`learn ~cutoff`");
      for (std::size_t i = 1; i < words.size(); ++i) {
        if (!constant_of(node.args[i])) return error(node.args[i]->span, "the ends of a knob's way are numbers");
      }
      result_.commands.push_back({name, words});
    } else if (name == "clockout" || name == "clockin") {
      if (!wants(1, 1, (name + " \"port\"").c_str())) return;
      result_.commands.push_back({name, words});
    } else {
      error(node.name_span, "`" + name + "` is not carried out yet");
    }
  }
};

}  // namespace

bool plays_outside(const Definition& definition) {
  const auto* define = std::get_if<DefineStatement>(&definition.statement.node);
  if (definition.kind != Definition::Kind::bus || define == nullptr) return false;
  const Expr* e = define->value.get();
  while (e != nullptr) {
    if (const auto* group = std::get_if<GroupExpr>(&e->node)) {
      e = group->inner.get();
      continue;
    }
    const auto* pipe = std::get_if<PipeExpr>(&e->node);
    if (pipe == nullptr || !pipe->left || !pipe->right) return false;
    e = pipe->right.get();
    if (const auto* call = std::get_if<CallExpr>(&e->node)) e = call->head.get();
    const auto* name = std::get_if<NameExpr>(&e->node);
    return name != nullptr && name->name == "midiout";
  }
  return false;
}

bool is_output(std::string_view name) {
  if (name == "out") return true;
  if (name.size() < 2 || name.size() > 3 || name[0] != 'o' || name[1] == '0') return false;
  int number = 0;
  const auto [end, status] = std::from_chars(name.data() + 1, name.data() + name.size(), number);
  return status == std::errc() && end == name.data() + name.size() && number >= 1 && number <= 64;
}

Evaluation evaluate(const Program& before, std::shared_ptr<const Source> source, const Vocabulary& vocabulary, bool replace) {
  Evaluation result;
  result.program = before;
  if (replace) {
    result.program.definitions.clear();
    result.program.settings = Settings{};
    // what a performer set by hand is not the file's to undo
    result.program.settings.sample_dirs = before.settings.sample_dirs;
    result.program.settings.muted = before.settings.muted;
    result.program.settings.soloed = before.settings.soloed;
  }
  Parsed parsed = parse(*source);
  result.diagnostics = std::move(parsed.diagnostics);
  for (Diagnostic& d : result.diagnostics) d.source = source;
  Reader reader(result, source, vocabulary);
  for (const Statement& statement : parsed.ast.statements) reader.read(statement);
  if (has_error(result.diagnostics)) {
    result.program = before;
    result.commands.clear();
    result.changed.clear();
    return result;
  }
  result.retimed = !(result.program.settings.cps == before.settings.cps);
  return result;
}

std::string to_text(const Program& program) {
  static constexpr const char* kKinds[] = {"bus", "output", "fn", "synth"};
  std::string text = "cps " + to_string(program.settings.cps) + "\n";
  for (const auto& [name, definition] : program.definitions) {
    text += std::string(kKinds[static_cast<int>(definition.kind)]) + " " + name;
    std::string reads;
    const References refs = references(definition);
    for (const auto* set : {&refs.names, &refs.words}) {
      for (const std::string& n : *set) {
        if (program.definitions.contains(n)) reads += (reads.empty() ? "" : " ") + n;
      }
    }
    text += reads.empty() ? "\n" : "  reads " + reads + "\n";
  }
  return text;
}

}  // namespace hocket
