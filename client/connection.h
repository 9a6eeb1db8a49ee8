// A client's end of the protocol: calls and their answers, one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "server/protocol/message.h"

namespace hocket {

class Connection {
 public:
  /// Throws std::runtime_error, with what to do, where no server listens.
  explicit Connection(std::uint16_t port);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Waits for the answer; throws std::runtime_error where the server goes away.
  Reply call(const std::string& method, const Json& params);
  /// Waits for the next notice `method` that was subscribed to, and gives its params; throws as `call` does.
  Json notice(const std::string& method);

 private:
  Reply next();

  struct Socket;
  std::unique_ptr<Socket> socket_;
  int last_id_ = 0;
};

}  // namespace hocket
