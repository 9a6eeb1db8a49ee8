// What lines mean as JSON-RPC 2.0.
#include "server/protocol/message.h"

#include <catch2/catch.hpp>

using namespace hocket;

namespace {

Call call(std::string_view line) {
  auto parsed = parse_call(line);
  REQUIRE(std::holds_alternative<Call>(parsed));
  return std::get<Call>(parsed);
}

BadCall bad(std::string_view line) {
  auto parsed = parse_call(line);
  REQUIRE(std::holds_alternative<BadCall>(parsed));
  return std::get<BadCall>(parsed);
}

}  // namespace

TEST_CASE("a call has a method, parameters and an id of its own kind") {
  const auto a = call(R"({"jsonrpc":"2.0","id":"x","method":"eval","params":{"code":"hush"}})");
  CHECK(a.method == "eval");
  CHECK(a.params["code"] == "hush");
  CHECK(a.id == "x");
  CHECK(a.wants_answer);
  CHECK(call(R"({"jsonrpc":"2.0","id":7,"method":"status"})").id == 7);
}

TEST_CASE("a call without an id wants no answer") {
  CHECK_FALSE(call(R"({"jsonrpc":"2.0","method":"panic"})").wants_answer);
}

TEST_CASE("what is not a call is answered with the code that JSON-RPC gives it") {
  CHECK(bad("{").fault.code == Fault::parse_error);
  CHECK(bad("{\"a\":\"\xFF\"}").fault.code == Fault::parse_error);
  CHECK(bad(R"({"id":3,"method":"eval"})").fault.code == Fault::invalid_call);
  CHECK(bad(R"({"id":3,"method":"eval"})").id == 3);
  CHECK(bad(R"({"jsonrpc":"2.0","id":3})").fault.code == Fault::invalid_call);
  CHECK(bad(R"({"jsonrpc":"2.0","id":3,"method":5})").fault.code == Fault::invalid_call);
  CHECK(bad(R"({"jsonrpc":"2.0","id":[3],"method":"eval"})").fault.code == Fault::invalid_call);
  CHECK(bad(R"({"jsonrpc":"2.0","id":3,"method":"eval","params":4})").fault.code == Fault::invalid_call);
}

TEST_CASE("brackets a million deep are refused, not followed") {
  CHECK(bad("{\"a\":" + std::string(1000000, '[')).fault.code == Fault::parse_error);
  CHECK(call(R"({"jsonrpc":"2.0","id":1,"method":"eval","params":{"code":"[[[[\"[[[["}})").method == "eval");
  const std::string in_string = R"({"jsonrpc":"2.0","id":1,"method":"eval","params":{"code":")" + std::string(1000, '[') + "\"}}";
  CHECK(call(in_string).method == "eval");
}

TEST_CASE("an answer, a fault and a notice read back as what they were") {
  const auto answer = parse_reply(answer_line(4, {{"ok", true}}));
  REQUIRE(answer);
  CHECK(answer->id == 4);
  CHECK(answer->result["ok"] == true);
  const auto fault = parse_reply(fault_line("a", {Fault::program_error, "no such unit", {{"line", 3}}}));
  REQUIRE(fault);
  CHECK(fault->is_fault);
  CHECK(fault->fault.message == "no such unit");
  CHECK(fault->fault.data["line"] == 3);
  const auto notice = parse_reply(notice_line("log", {{"text", "hello"}}));
  REQUIRE(notice);
  CHECK(notice->method == "log");
  CHECK_FALSE(parse_reply("42"));
  CHECK_FALSE(parse_reply("{}"));
}

TEST_CASE("a line said holds one newline, at its end, whatever it carries") {
  const auto line = answer_line(1, "a\nb \xFF");
  CHECK(std::count(line.begin(), line.end(), '\n') == 1);
  CHECK(line.back() == '\n');
  CHECK(parse_reply(line));
}
