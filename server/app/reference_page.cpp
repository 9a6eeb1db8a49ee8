// The reference as one page of Markdown, made from what units, functions and instruments say of themselves.
#include <cstdio>
#include <map>

#include "lang/ast.h"
#include "server/app/reference.h"

namespace hocket {

namespace {

std::string number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", x);
  return text;
}

// A bar would end a table's cell.
std::string cell(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '|') safe += '\\';
    safe += c == '\n' ? ' ' : c;
  }
  return safe;
}

std::string row(std::initializer_list<std::string> cells) {
  std::string text = "|";
  for (const auto& one : cells) text += ' ' + one + " |";
  return text + '\n';
}

std::string heading(std::string_view name) {
  return "\n### " + std::string(name) + "\n\n";
}

std::string section(const UnitInfo& unit) {
  std::string text = heading(unit.name) + "`" + signature(unit) + "`\n\n" + std::string(unit.doc) + "\n";
  if (!unit.ports.empty()) text += '\n' + row({"input", "is", "default", "range", ""}) + row({"---", "---", "---", "---", "---"});
  for (const auto& port : unit.ports) {
    const bool bounded = port.low < port.high;
    text += row({'`' + std::string(port.name) + '`', std::string(to_string(port.unit)), number(static_cast<double>(port.init)),
                 bounded ? number(static_cast<double>(port.low)) + " to " + number(static_cast<double>(port.high)) : "", cell(port.doc)});
  }
  return text;
}

std::string section(const FunctionRow& function) {
  std::string text = heading(function.name) + '`' + signature(function) + "`\n\n" + function.doc + "\n";
  if (*function.example != 0) text += "\n    " + std::string(function.example) + '\n';
  for (std::string_view events = function.events; !events.empty();) {
    const auto line = events.substr(0, events.find('\n'));
    if (!line.empty()) text += "    -- " + std::string(line) + '\n';
    events.remove_prefix(std::min(line.size() + 1, events.size()));
  }
  return text;
}

// `pluck decay=0.3 bright=0.5`
std::string signature(const Definition& definition) {
  std::string text = definition.name;
  const auto& statement = std::get<FunctionStatement>(definition.statement.node);
  for (const auto& param : statement.params) {
    text += ' ' + param.name;
    if (param.init) text += '=' + definition.source->text.substr(param.init->span.begin, param.init->span.end - param.init->span.begin);
  }
  return text;
}

// The comment on the line above a definition, without its dashes.
std::string comment_above(const Definition& definition) {
  const std::string& text = definition.source->text;
  const auto begin = definition.statement.span.begin;
  if (begin < 2 || text[begin - 1] != '\n') return "";
  const auto line_end = begin - 1;
  const auto line_begin = text.rfind('\n', line_end - 1) + 1;  // npos + 1 is the text's first byte
  const std::string line = text.substr(line_begin, line_end - line_begin);
  return line.starts_with("-- ") ? line.substr(3) : "";
}

}  // namespace

std::string reference_page(const Vocabulary& vocabulary) {
  std::string text =
      "# Reference\n\nEvery word of the language. Made by `hocket reference` from what the code says of itself: edit there, not here.\n"
      "[tutorial.md](tutorial.md) explains the grammar.\n\n"
      "- [Statements](#statements)\n- [Units](#units): signals and effects\n- [Pattern functions](#pattern-functions)\n"
      "- [Controls](#controls) of each event\n- [The kit](#the-kit): built-in instruments\n";
  text += "\n## Statements\n\n" + row({"form", ""}) + row({"---", "---"});
  for (const auto& statement : statement_docs()) text += row({'`' + cell(statement.form) + '`', cell(statement.doc)});

  text +=
      "\n## Units\n\nA parameter takes a number, a pattern or a signal, by position or by name; out of its range it is held at the range's "
      "end. "
      "The input named `in` or `gate` is what stands on the left of `#`; in an instrument an envelope's gate is the note's.\n";
  for (const auto& unit : vocabulary.units) text += section(unit);

  text += "\n## Pattern functions\n\n`p $ f a` hands p to f. Under each example stand its events in the first cycle.\n";
  for (const auto& function : pattern_functions()) text += section(function);

  text += "\n## Controls\n\n`sound # control \"...\"` sets it on each event; structure comes from the left.\n\n" + row({"control", ""}) +
          row({"---", "---"});
  for (const auto& control : control_docs()) text += row({'`' + std::string(control.name) + '`', cell(control.doc)});

  text +=
      "\n## The kit\n\nInstruments in the language itself (`server/control/kit.hk`). Each parameter is a control too: `s \"bd*4\" # decay "
      "0.2`.\n\n";
  if (vocabulary.kit) {
    for (const auto& [name, definition] : vocabulary.kit->definitions) {
      if (definition.kind == Definition::Kind::synth) text += "- `" + signature(definition) + "`: " + comment_above(definition) + "\n";
    }
  }
  return text;
}

}  // namespace hocket
