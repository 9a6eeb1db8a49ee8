// hocket query: what a pattern gives, as text or JSON; the conformance corpus speaks to it in JSON lines.
#include <cstdio>
#include <iostream>
#include <stdexcept>

#include "lang/lower.h"
#include "server/app/commands.h"
#include "server/app/files.h"
#include "server/app/rational_text.h"
#include "server/control/catalogue.h"

namespace hocket {

namespace {

struct Answer {
  Events events;
  std::string error;  ///< rendered with its caret; empty: none
};

Answer ask(const Program& program, const Vocabulary& vocabulary, const std::string& code, const TimeSpan& span, std::uint64_t seed) {
  Answer answer;
  const auto source = std::make_shared<const Source>(Source{"query", code});
  const auto value = lower_pattern(program, source, vocabulary);
  if (has_error(value.diagnostics)) return {{}, render(*source, value.diagnostics)};
  QueryContext context;
  context.seed = seed;
  answer.events = tidied(value.pattern.query(span, context));
  if (context.exhausted) return {{}, "the pattern gives too many events to list them"};
  return answer;
}

Json span_json(const TimeSpan& span) {
  return Json::array({to_string(span.begin), to_string(span.end)});
}

Json to_json(const Events& events) {
  auto list = Json::array();
  for (const auto& event : events) {
    const Json whole = event.whole ? span_json(*event.whole) : Json(nullptr);
    list.push_back({{"whole", whole}, {"part", span_json(event.part)}, {"value", Json::parse(to_json(event.value), nullptr, false)}});
  }
  return list;
}

std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

Rational time_of(const Json& json) {
  return to_rational(json.is_string() ? json.get<std::string>() : json.dump());
}

Json answer_case(const Program& program, const Vocabulary& vocabulary, const std::string& line, std::uint64_t seed) {
  Json id = nullptr;
  try {
    const auto request = Json::parse(line);
    id = request.value("id", Json(nullptr));
    const auto& cycles = request.at("cycles");
    const TimeSpan span{time_of(cycles.at(0)), time_of(cycles.at(1))};
    const auto answer = ask(program, vocabulary, request.at("code").get<std::string>(), span, seed);
    if (!answer.error.empty()) return {{"id", id}, {"error", answer.error}};
    return {{"id", id}, {"events", to_json(answer.events)}};
  } catch (const std::exception& error) {
    return {{"id", id}, {"error", error.what()}};
  }
}

Program program_of(const std::string& file, const Vocabulary& vocabulary) {
  if (file.empty()) return {};
  const auto source = std::make_shared<const Source>(Source{file, read_text(file)});
  auto evaluation = evaluate({}, source, vocabulary, true);
  if (has_error(evaluation.diagnostics)) throw std::runtime_error(render(*source, evaluation.diagnostics));
  return std::move(evaluation.program);
}

}  // namespace

int query(const QueryOptions& options) {
  const auto vocabulary = make_vocabulary(unit_table());
  const auto program = program_of(options.program, vocabulary);
  if (options.json_lines) {
    for (std::string line; std::getline(std::cin, line);) {
      if (line.empty()) continue;
      std::fputs(line_of(answer_case(program, vocabulary, line, options.seed)).c_str(), stdout);
      std::fflush(stdout);
    }
    return 0;
  }
  const TimeSpan span{to_rational(options.cycles.at(0)), to_rational(options.cycles.at(1))};
  if (span.end < span.begin) throw std::runtime_error("--cycles takes a begin and an end after it");
  const auto answer = ask(program, vocabulary, options.code == "-" ? read_text("-") : options.code, span, options.seed);
  if (!answer.error.empty()) {
    std::fprintf(stderr, "%s\n", answer.error.c_str());
    return 1;
  }
  if (options.json) {
    std::fputs(line_of(to_json(answer.events)).c_str(), stdout);
    return 0;
  }
  for (const auto& event : answer.events) std::printf("%s\n", to_text(Events{event}).c_str());
  return 0;
}

}  // namespace hocket
