// hocket show: every stage between text and sound prints itself.
#include <cstdio>
#include <stdexcept>

#include "lang/lexer.h"
#include "lang/lower.h"
#include "lang/parser.h"
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
    return print(planner.plan(lowered.graph).text);
  }
  throw std::runtime_error("no stage is called `" + options.stage + "`: there are tokens, ast, program, graph and plan");
}

}  // namespace hocket
