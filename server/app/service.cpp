#include "server/app/service.h"

#include <algorithm>
#include <cstdio>

#include "server/app/reference.h"
#include "server/app/version.h"
#include "server/control/tempo.h"

namespace hocket {

namespace {

const std::set<std::string> kTopics{"log", "error", "eval", "load"};

// A text parameter by name, or the first of a list.
std::optional<std::string> text_param(const Json& params, const char* name) {
  if (params.is_object()) {
    const auto found = params.find(name);
    if (found != params.end() && found->is_string()) return found->get<std::string>();
  } else if (params.is_array() && !params.empty() && params[0].is_string()) {
    return params[0].get<std::string>();
  }
  return std::nullopt;
}

Fault missing(const char* name) {
  return {Fault::invalid_params, "this method takes \"" + std::string(name) + "\", a string", nullptr};
}

std::string decimal(double x, const char* form = "%.3f") {
  char text[64];
  std::snprintf(text, sizeof text, form, x);
  return text;
}

}  // namespace

std::string version_text() {
  return HOCKET_VERSION;
}

Json to_json(const Source& at_hand, const Diagnostics& diagnostics) {
  auto list = Json::array();
  for (const auto& d : diagnostics) {
    const auto& source = d.source ? *d.source : at_hand;
    const auto begin = source.place(d.span.begin);
    const auto end = source.place(d.span.end);
    list.push_back({{"severity", d.severity == Severity::error ? "error" : "warning"},
                    {"source", source.name},
                    {"line", begin.line},
                    {"column", begin.column},
                    {"end_line", end.line},
                    {"end_column", end.column},
                    {"message", d.message},
                    {"hint", d.hint},
                    {"text", render(source, d)}});
  }
  return list;
}

std::string to_text(const EvalResult& result) {
  std::string text;
  if (!result.diagnostics.empty()) {
    text = render(*result.source, result.diagnostics);
    if (!text.empty() && text.back() != '\n') text += '\n';
  }
  if (!result.ok) return text;
  for (const auto& note : result.notes) text += note + '\n';
  std::string names;
  for (const auto& name : result.changed) names += (names.empty() ? "" : " ") + name;
  text += names.empty() ? "ok" : "ok: " + names;
  if (result.at) text += ", from cycle " + decimal(result.at->to_double(), "%.6g");
  const auto& t = result.timings;
  return text + " (" + decimal(t.parse_ms + t.lower_ms + t.plan_ms + t.publish_ms, "%.1f") + " ms)\n";
}

Service::Service(Session& session, std::function<HostStatus()> host) : session_(session), host_(std::move(host)), load_(session) {}

const std::vector<Service::Row>& Service::methods() {
  static const std::vector<Row> rows{
      {"complete", &Service::complete, "words that begin with `prefix`"},
      {"describe", &Service::describe, "what a `name` is and takes"},
      {"eval", &Service::eval, "evaluates `code`: what it names is replaced"},
      {"history", &Service::history, "the texts evaluated so far, and how many of the last are undone"},
      {"hush", &Service::hush, "fades everything out"},
      {"panic", &Service::panic, "silence at once"},
      {"redo", &Service::redo, "what was undone again"},
      {"replace", &Service::replace, "evaluates `code` as the whole program"},
      {"status", &Service::status, "where the performance stands"},
      {"subscribe", &Service::subscribe, "notices of `topics`: log, error, eval, load"},
      {"undo", &Service::undo, "back to before the last evaluation; tails and phases play on"},
      {"unsubscribe", &Service::unsubscribe, "no more notices of `topics`"},
      {"version", &Service::version, "of the server"},
  };
  return rows;
}

std::string Service::answer(Client client, const Frame& frame) {
  switch (frame.kind) {
    case Frame::Kind::call:
      return answer_call(client, frame.text);
    case Frame::Kind::code:
      return answer_code(client, frame.text);
    case Frame::Kind::http:
      return "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: 36\r\nConnection: close\r\n\r\nhocket does not speak "
             "to web pages.\n";
    case Frame::Kind::binary:
      return "error: this is not text in UTF-8\n\n";
    case Frame::Kind::too_long:
      return "error: a message may be " + std::to_string(kMaxMessageBytes >> 20) + " MB at most\n\n";
  }
  return "";
}

void Service::gone(Client client) {
  topics_.erase(client);
  load_.open(!subscribers("load").empty());
}

std::string Service::load_notice() {
  return load_.is_open() ? notice_line("load", load_.statement(host_ ? host_().xruns : 0)) : "";
}

std::vector<Service::Client> Service::subscribers(const std::string& topic) const {
  std::vector<Client> list;
  for (const auto& [client, topics] : topics_)
    if (topics.contains(topic)) list.push_back(client);
  return list;
}

std::string Service::answer_call(Client client, const std::string& line) {
  const auto parsed = parse_call(line);
  if (const auto* bad = std::get_if<BadCall>(&parsed)) return fault_line(bad->id, bad->fault);
  const auto& call = std::get<Call>(parsed);
  const auto& rows = methods();
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const Row& r) { return call.method == r.name; });
  Outcome outcome;
  if (row != rows.end()) {
    outcome = (this->*row->method)(client, call.params);
  } else {
    std::vector<std::string> names;
    for (const auto& r : rows) names.emplace_back(r.name);
    const auto hint = did_you_mean(nearest(call.method, names));
    outcome.fault = Fault{Fault::unknown_method,
                          "no method is called `" + call.method.substr(0, 80) + "`" + (hint.empty() ? "" : ": " + hint), nullptr};
  }
  if (!call.wants_answer) return "";
  return outcome.fault ? fault_line(call.id, *outcome.fault) : answer_line(call.id, outcome.result);
}

std::string Service::answer_code(Client client, const std::string& code) {
  const auto result = session_.evaluate(code, "code", false);
  carry_out(client, result);
  return to_text(result) + '\n';
}

Service::Outcome Service::carry_out(Client client, const EvalResult& result) {
  auto diagnostics = to_json(*result.source, result.diagnostics);
  if (!result.ok) {
    const auto first = std::find_if(result.diagnostics.begin(), result.diagnostics.end(),
                                    [](const Diagnostic& d) { return d.severity == Severity::error; });
    const auto message = first == result.diagnostics.end() ? "the program has an error" : first->message;
    return {nullptr,
            Fault{Fault::program_error, message, {{"diagnostics", diagnostics}, {"text", render(*result.source, result.diagnostics)}}}};
  }
  if (on_evaluated) on_evaluated(client, result);
  const auto& t = result.timings;
  Json json{{"ok", true},
            {"defined", result.changed},
            {"notes", result.notes},
            {"diagnostics", diagnostics},
            {"text", to_text(result)},
            {"serial", result.serial},
            {"ms", {{"parse", t.parse_ms}, {"lower", t.lower_ms}, {"plan", t.plan_ms}, {"publish", t.publish_ms}}}};
  if (result.at) json["cycle"] = result.at->to_double();
  return {json, std::nullopt};
}

Service::Outcome Service::run(Client client, const Json& params, bool replace) {
  const auto code = text_param(params, "code");
  if (!code) return {nullptr, missing("code")};
  const auto name = params.is_object() ? text_param(params, "name") : std::nullopt;
  return carry_out(client, session_.evaluate(*code, name.value_or("code"), replace));
}

Service::Outcome Service::eval(Client client, const Json& params) {
  return run(client, params, false);
}

Service::Outcome Service::replace(Client client, const Json& params) {
  return run(client, params, true);
}

Service::Outcome Service::hush(Client client, const Json&) {
  return carry_out(client, session_.hush());
}

Service::Outcome Service::panic(Client client, const Json&) {
  return carry_out(client, session_.panic());
}

Service::Outcome Service::undo(Client client, const Json&) {
  return carry_out(client, session_.undo());
}

Service::Outcome Service::redo(Client client, const Json&) {
  return carry_out(client, session_.redo());
}

Service::Outcome Service::history(Client, const Json&) {
  const auto list = session_.history();
  return {{{"texts", list.texts}, {"undone", list.undone}}, std::nullopt};
}

Service::Outcome Service::status(Client, const Json&) {
  const auto status = session_.status();
  session_.forget_peaks();
  const auto host = host_ ? host_() : HostStatus{};
  const auto& engine = status.engine;
  return {{{"version", version_text()},
           {"audio", host.audio},
           {"rate", host.rate},
           {"clients", host.clients},
           {"cycle", status.cycle.to_double()},
           {"cps", status.cps.to_double()},
           {"frame", engine.frame},
           {"serial", engine.swap_serial},
           {"swap_frame", engine.swap_frame},
           {"waiting", status.waiting},
           {"voices", engine.voices},
           {"load", engine.load},
           {"worst", engine.worst_load},
           {"overruns", engine.overruns},
           {"xruns", host.xruns},
           {"peak", {engine.peak[0], engine.peak[1]}},
           {"events", status.events.events},
           {"late", engine.late_events + status.events.skipped},
           {"dropped", engine.dropped_events},
           {"stolen", engine.stolen_voices},
           {"nonfinite", engine.nonfinite},
           {"defined", status.names}},
          std::nullopt};
}

Service::Outcome Service::version(Client, const Json&) {
  auto names = Json::array();
  for (const auto& row : methods()) names.push_back(row.name);
  return {{{"name", "hocket"}, {"version", version_text()}, {"methods", names}}, std::nullopt};
}

Service::Outcome Service::describe(Client, const Json& params) {
  const auto name = text_param(params, "name");
  if (!name) return {nullptr, missing("name")};
  const Reference reference(session_.vocabulary(), &session_.program());
  const auto text = reference.describe(*name);
  if (text.empty()) {
    const auto hint = did_you_mean(nearest(*name, reference.names()));
    return {nullptr, Fault{Fault::refused, "nothing is called `" + name->substr(0, 80) + "`" + (hint.empty() ? "" : ": " + hint), nullptr}};
  }
  return {{{"name", *name}, {"text", text}}, std::nullopt};
}

Service::Outcome Service::complete(Client, const Json& params) {
  const auto prefix = text_param(params, "prefix");
  if (!prefix) return {nullptr, missing("prefix")};
  auto words = Json::array();
  for (const auto& name : Reference(session_.vocabulary(), &session_.program()).names())
    if (name.starts_with(*prefix)) words.push_back(name);
  return {{{"words", words}}, std::nullopt};
}

Service::Outcome Service::subscribe(Client client, const Json& params) {
  return set_topics(client, params, true);
}

Service::Outcome Service::unsubscribe(Client client, const Json& params) {
  return set_topics(client, params, false);
}

Service::Outcome Service::set_topics(Client client, const Json& params, bool on) {
  const Json* list = &params;
  if (params.is_object()) {
    const auto found = params.find("topics");
    if (found == params.end() || !found->is_array())
      return {nullptr, Fault{Fault::invalid_params, "this method takes \"topics\", a list of strings", nullptr}};
    list = &*found;
  }
  auto chosen = topics_[client];
  for (const auto& topic : *list) {
    if (!topic.is_string() || !kTopics.contains(topic.get<std::string>()))
      return {nullptr, Fault{Fault::invalid_params, "topics are \"log\", \"error\", \"eval\" and \"load\"", nullptr}};
    if (on)
      chosen.insert(topic.get<std::string>());
    else
      chosen.erase(topic.get<std::string>());
  }
  topics_[client] = chosen;
  load_.open(!subscribers("load").empty());
  return {{{"topics", chosen}}, std::nullopt};
}

}  // namespace hocket
