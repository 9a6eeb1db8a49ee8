// What client and server say: JSON-RPC 2.0, one object a line.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>

namespace hocket {

using Json = nlohmann::json;

inline constexpr std::uint16_t kDefaultPort = 7770;

/// Why a call was not carried out. Codes below -32000 are JSON-RPC's own.
struct Fault {
  enum Code {
    parse_error = -32700,
    invalid_call = -32600,
    unknown_method = -32601,
    invalid_params = -32602,
    program_error = 1,  ///< the code has an error: `data` holds `diagnostics` and `text`
    refused = 2,        ///< understood, but not possible now
  };
  int code = refused;
  std::string message;
  Json data = nullptr;
};

/// A request (`id` set) or a notification from a client (no answer wanted).
struct Call {
  std::string method;
  Json params = Json::object();
  Json id = nullptr;
  bool wants_answer = false;
};

/// What was wrong with a line, and the id to answer under (null where it could not be read).
struct BadCall {
  Json id = nullptr;
  Fault fault;
};

/// Reads one line. Never throws; nesting deeper than 64 is refused.
std::variant<Call, BadCall> parse_call(std::string_view line);

/// Lines with their newline, ready to send.
std::string call_line(const Json& id, std::string_view method, const Json& params);
std::string answer_line(const Json& id, const Json& result);
std::string fault_line(const Json& id, const Fault&);
std::string notice_line(std::string_view method, const Json& params);

/// What came back: an answer, a fault or a notice. For clients.
struct Reply {
  Json id = nullptr;
  std::string method;  ///< of a notice; empty otherwise
  Json result;         ///< of an answer; params of a notice
  Fault fault;
  bool is_fault = false;
};
/// Null where the line is none of these.
std::optional<Reply> parse_reply(std::string_view line);

}  // namespace hocket
