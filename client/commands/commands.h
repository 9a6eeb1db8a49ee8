// The subcommands that speak to a running server.
#pragma once

#include <cstdint>
#include <string>

#include "server/protocol/message.h"

namespace hocket {

struct ClientOptions {
  std::uint16_t port = kDefaultPort;
};

struct EvalOptions {
  ClientOptions client;
  std::string code;      ///< `-`: stdin
  bool replace = false;  ///< the whole program
};

struct StatusOptions {
  ClientOptions client;
  bool json = false;
  bool load = false;   ///< where the time goes, over one second
  bool watch = false;  ///< … and again every second
};

/// Each runs one subcommand to its end and returns the exit status.
int eval(const EvalOptions&);
int repl(const ClientOptions&);
int status(const StatusOptions&);

}  // namespace hocket
