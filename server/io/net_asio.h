// The server's ear: clients over TCP on the loopback interface. Knows bytes and messages, not what they mean.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "server/protocol/framing.h"
#include "server/protocol/message.h"

namespace hocket {

struct NetSettings {
  std::uint16_t port = kDefaultPort;    ///< 0: any free one
  int most_clients = 64;                ///< one more is told so and let go
  std::size_t most_pending = 4U << 20;  ///< bytes not yet sent; a client past that is dropped
  double stalled_s = 10;                ///< a client that takes none of what is sent for so long is dropped
  double calls_a_second = 250;          ///< of one client, in the mean; past that its messages wait
};

using ClientId = std::uint64_t;

/// Serves from construction to destruction on a thread of its own. One message of a client at a time is with the receiver;
/// the next is read when that is answered, so a busy client slows down only itself.
class NetServer {
 public:
  using Receive = std::function<void(ClientId, Frame)>;  ///< every frame wants one `answer`. Thread: network
  using Gone = std::function<void(ClientId)>;            ///< Thread: network

  /// Throws std::runtime_error, with what to do, where the port cannot be had.
  NetServer(const NetSettings&, Receive, Gone);
  ~NetServer();
  NetServer(const NetServer&) = delete;
  NetServer& operator=(const NetServer&) = delete;

  /// Answers the frame in hand, and lets the client's next one through. Empty bytes answer nothing. Thread: any
  void answer(ClientId, std::string bytes);
  /// Sends besides. Thread: any
  void notify(ClientId, std::string bytes);

  std::uint16_t port() const;
  int clients() const;

 private:
  struct Hub;
  std::unique_ptr<Hub> hub_;
};

}  // namespace hocket
