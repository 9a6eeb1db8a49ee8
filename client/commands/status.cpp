// hocket status: where the performance stands.
#include <cstdio>

#include "client/commands/commands.h"
#include "client/connection.h"

namespace hocket {

int status(const ClientOptions& options, bool json) {
  Connection connection(options.port);
  const auto reply = connection.call("status", Json::object());
  if (reply.is_fault) {
    std::fprintf(stderr, "%s\n", reply.fault.message.c_str());
    return 1;
  }
  if (json) {
    std::printf("%s\n", reply.result.dump(2).c_str());
    return 0;
  }
  for (const auto& [name, value] : reply.result.items())
    std::printf("%-10s  %s\n", name.c_str(), value.is_string() ? value.get<std::string>().c_str() : value.dump().c_str());
  return 0;
}

}  // namespace hocket
