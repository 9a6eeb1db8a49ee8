// A handful of units for tests of the language: enough of each shape, none of the server's.
#pragma once

#include "lang/lower.h"
#include "lang/program.h"

namespace hocket::test {

inline const Vocabulary& small_vocabulary() {
  static constexpr Port kOscillator[] = {{"freq", PortUnit::hz, 440, 0, 0, ""}, {"phase", PortUnit::cycles, 0, 0, 0, ""}};
  static constexpr Port kFilter[] = {
      {"in", PortUnit::signal, 0, 0, 0, ""}, {"cutoff", PortUnit::hz, 1000, 10, 20000, ""}, {"res", PortUnit::number, 0, 0, 1, ""}};
  static constexpr Port kDelay[] = {{"in", PortUnit::signal, 0, 0, 0, ""},
                                    {"time", PortUnit::seconds, 0.25F, 0, 8, ""},
                                    {"feedback", PortUnit::number, 0, 0, 1, ""},
                                    {"mix", PortUnit::number, 0.5F, 0, 1, ""}};
  static constexpr Port kPan[] = {{"in", PortUnit::signal, 0, 0, 0, ""}, {"position", PortUnit::number, 0.5F, 0, 1, ""}};
  static constexpr Port kPerc[] = {{"gate", PortUnit::gate, 0, 0, 0, ""},
                                   {"attack", PortUnit::seconds, 0.001F, 0, 10, ""},
                                   {"decay", PortUnit::seconds, 0.3F, 0, 10, ""}};
  static constexpr Port kTwo[] = {{"a", PortUnit::signal, 0, 0, 0, ""}, {"b", PortUnit::signal, 0, 0, 0, ""}};
  static const Vocabulary vocabulary{{
                                         {.name = "add", .ports = kTwo, .pure = true},
                                         {.name = "cycle_s"},
                                         {.name = "delay", .ports = kDelay, .tail = true},
                                         {.name = "div", .ports = kTwo, .pure = true},
                                         {.name = "lpf", .ports = kFilter},
                                         {.name = "mod", .ports = kTwo, .pure = true},
                                         {.name = "mul", .ports = kTwo, .pure = true},
                                         {.name = "noise", .random = true},
                                         {.name = "pan", .ports = kPan, .shape = Shape::spread},
                                         {.name = "perc", .ports = kPerc, .envelope = true},
                                         {.name = "pow", .ports = kTwo, .pure = true},
                                         {.name = "saw", .ports = kOscillator},
                                         {.name = "sine", .ports = kOscillator},
                                         {.name = "sub", .ports = kTwo, .pure = true},
                                     },
                                     {{"break", 3}},
                                     nullptr};
  return vocabulary;
}

inline Evaluation evaluate_text(const std::string& text, const Program& before = {}, bool replace = false) {
  return evaluate(before, std::make_shared<const Source>(Source{"test", text}), small_vocabulary(), replace);
}

inline Lowered lower_text(const std::string& text) {
  const Evaluation evaluation = evaluate_text(text);
  if (has_error(evaluation.diagnostics)) return {{}, evaluation.diagnostics};
  return lower(evaluation.program, small_vocabulary());
}

}  // namespace hocket::test
