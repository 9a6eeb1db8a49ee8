// hocket show: every stage between text and sound prints itself.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <stdexcept>

#include "lang/lexer.h"
#include "lang/lower.h"
#include "lang/parser.h"
#include "lang/pattern/tracker.h"
#include "lang/resolve.h"
#include "server/app/commands.h"
#include "server/app/files.h"
#include "server/control/catalogue.h"
#include "server/control/planner.h"

namespace hocket {

namespace {

bool print_errors(const Source& source, const Diagnostics& diagnostics) {
  if (!diagnostics.empty()) std::fprintf(stderr, "%s\n", render(source, diagnostics).c_str());
  return has_error(diagnostics);
}

int print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  if (!text.empty() && text.back() != '\n') std::fputc('\n', stdout);
  return 0;
}

/// Every bus of sounds whose cycle 0 fits a tracker block, as one; `lines` 0: as few lines as it needs.
int print_trackers(const Program& program, const Vocabulary& vocabulary, int lines) {
  static constexpr int kLines[] = {4, 8, 12, 16, 24, 32, 48, 64};
  int shown = 0;
  for (const auto& [name, definition] : program.definitions) {
    if (definition.kind != Definition::Kind::bus || reads_voice(definition)) continue;
    const auto value = lower_pattern(program, std::make_shared<const Source>(Source{name, name}), vocabulary);
    if (has_error(value.diagnostics)) continue;  // a signal: nothing that a tracker could say
    std::optional<std::string> block;
    if (lines > 0) block = to_tracker(value.pattern, lines);
    for (const int count : kLines) {
      if (lines > 0 || block) break;
      block = to_tracker(value.pattern, count);
      if (block) lines = -count;
    }
    const int used = std::abs(lines);
    lines = std::max(lines, 0);
    if (!block) {
      print("-- " + name + " does not fit a tracker block" + (used > 0 ? " of " + std::to_string(used) + " lines" : ""));
      continue;
    }
    print(name + ": tracker lines=" + std::to_string(used) + " \"\"\"\n" + *block + (block->ends_with('\n') ? "" : "\n") + "\"\"\"");
    ++shown;
  }
  return shown > 0 ? 0 : 1;
}

}  // namespace

int show(const ShowOptions& options) {
  const auto source = std::make_shared<const Source>(Source{options.file, read_text(options.file)});
  Diagnostics diagnostics;
  if (options.stage == "tokens") {
    const auto tokens = lex(*source, diagnostics);
    print(to_text(tokens));
    return print_errors(*source, diagnostics) ? 1 : 0;
  }
  if (options.stage == "ast") {
    const auto parsed = parse(*source);
    print(to_text(parsed.ast));
    return print_errors(*source, parsed.diagnostics) ? 1 : 0;
  }
  SampleLibrary samples(sound_reader(), reports_to_stderr());
  add_sample_folders(samples, options.sound.samples);
  const auto vocabulary = make_vocabulary(unit_table(), samples);
  const auto evaluation = evaluate({}, source, vocabulary, true);
  if (print_errors(*source, evaluation.diagnostics)) return 1;
  if (options.stage == "program") return print(to_text(evaluation.program));
  const auto lowered = lower(evaluation.program, vocabulary);
  if (print_errors(*source, lowered.diagnostics)) return 1;
  if (options.stage == "graph") {
    if (options.dot) return print(to_dot(lowered.graph));
    return print(options.json ? to_json(lowered.graph) : to_text(lowered.graph));
  }
  if (options.stage == "plan") {
    Planner planner(unit_table(), engine_settings(options.sound, 48000, 2));
    planner.plan(lowered.graph);
    return print(planner.text());
  }
  if (options.stage == "tracker") return print_trackers(evaluation.program, vocabulary, options.lines);
  throw std::runtime_error("no stage is called `" + options.stage + "`: there are tokens, ast, program, graph, plan and tracker");
}

}  // namespace hocket
