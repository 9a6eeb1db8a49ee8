// hocket eval: code to a running server.
#include <cstdio>
#include <iostream>
#include <sstream>

#include "client/commands/commands.h"
#include "client/connection.h"

namespace hocket {

int eval(const EvalOptions& options) {
  auto code = options.code;
  if (code == "-") {
    std::ostringstream text;
    text << std::cin.rdbuf();
    code = text.str();
  }
  Connection connection(options.client.port);
  const auto reply =
      connection.call(options.replace ? "replace" : "eval", {{"code", code}, {"name", options.code == "-" ? "stdin" : "code"}});
  if (!reply.is_fault) {
    std::fputs(reply.result.value("text", std::string()).c_str(), stdout);
    return 0;
  }
  auto text = reply.fault.data.is_object() ? reply.fault.data.value("text", std::string()) : std::string();
  if (text.empty()) text = reply.fault.message;
  if (text.back() != '\n') text += '\n';
  std::fputs(text.c_str(), stderr);
  return 1;
}

}  // namespace hocket
