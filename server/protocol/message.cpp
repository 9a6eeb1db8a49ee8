#include "server/protocol/message.h"

#include <algorithm>
#include <optional>

namespace hocket {

namespace {

constexpr int kMaxDepth = 64;

// Deepest nesting of brackets outside strings; counts malformed text too, so that it can be refused before it is parsed.
int depth_of(std::string_view text) {
  int depth = 0;
  int deepest = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return deepest;
}

std::optional<Json> parse_object(std::string_view line) {
  if (depth_of(line) > kMaxDepth) return std::nullopt;
  Json json = Json::parse(line, nullptr, false);
  if (json.is_discarded() || !json.is_object()) return std::nullopt;
  return json;
}

std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace

std::variant<Call, BadCall> parse_call(std::string_view line) {
  const auto parsed = parse_object(line);
  if (!parsed) return BadCall{nullptr, {Fault::parse_error, "this line is not a JSON object", nullptr}};
  const Json& json = *parsed;
  BadCall bad{nullptr, {Fault::invalid_call, "", nullptr}};
  Call call;
  if (const auto id = json.find("id"); id != json.end()) {
    if (!id->is_string() && !id->is_number() && !id->is_null()) {
      bad.fault.message = "\"id\" must be a string, a number or null";
      return bad;
    }
    call.id = bad.id = *id;
    call.wants_answer = true;
  }
  const auto version = json.find("jsonrpc");
  if (version == json.end() || *version != "2.0") {
    bad.fault.message = "a call needs \"jsonrpc\": \"2.0\"";
    return bad;
  }
  const auto method = json.find("method");
  if (method == json.end() || !method->is_string()) {
    bad.fault.message = "a call needs a \"method\", a string";
    return bad;
  }
  call.method = method->get<std::string>();
  if (const auto params = json.find("params"); params != json.end()) {
    if (!params->is_object() && !params->is_array()) {
      bad.fault.message = "\"params\" must be an object or an array";
      return bad;
    }
    call.params = *params;
  }
  return call;
}

std::string call_line(const Json& id, std::string_view method, const Json& params) {
  return line_of({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}});
}

std::string answer_line(const Json& id, const Json& result) {
  return line_of({{"jsonrpc", "2.0"}, {"id", id}, {"result", result}});
}

std::string fault_line(const Json& id, const Fault& fault) {
  Json error{{"code", fault.code}, {"message", fault.message}};
  if (!fault.data.is_null()) error["data"] = fault.data;
  return line_of({{"jsonrpc", "2.0"}, {"id", id}, {"error", error}});
}

std::string notice_line(std::string_view method, const Json& params) {
  return line_of({{"jsonrpc", "2.0"}, {"method", method}, {"params", params}});
}

std::optional<Reply> parse_reply(std::string_view line) {
  const auto json = parse_object(line);
  if (!json) return std::nullopt;
  Reply reply;
  reply.id = json->value("id", Json(nullptr));
  if (const auto method = json->find("method"); method != json->end() && method->is_string()) {
    reply.method = method->get<std::string>();
    reply.result = json->value("params", Json::object());
    return reply;
  }
  if (const auto error = json->find("error"); error != json->end() && error->is_object()) {
    reply.is_fault = true;
    const auto code = error->find("code");
    const auto message = error->find("message");
    if (code != error->end() && code->is_number_integer()) reply.fault.code = code->get<int>();
    if (message != error->end() && message->is_string()) reply.fault.message = message->get<std::string>();
    reply.fault.data = error->value("data", Json(nullptr));
    return reply;
  }
  if (!json->contains("result")) return std::nullopt;
  reply.result = (*json)["result"];
  return reply;
}

}  // namespace hocket
