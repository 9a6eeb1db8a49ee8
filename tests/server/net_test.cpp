// The network side over real sockets, with a receiver that echoes.
#include "server/io/net_asio.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <thread>
#include <vector>

#include "tests/server/test_client.h"

using namespace hocket;
using hocket::test::Client;

namespace {

// Answers every frame with its kind and text from another thread, as the control side does.
class Echo {
 public:
  explicit Echo(NetSettings settings = {}) {
    settings.port = 0;
    server_ = std::make_unique<NetServer>(
        settings,
        [this](ClientId id, Frame frame) {
          static constexpr const char* kKinds[] = {"call", "code", "http", "binary", "too_long"};
          ++received;
          server_->answer(id, std::string(kKinds[static_cast<int>(frame.kind)]) + ' ' + frame.text + "\n\n");
        },
        [this](ClientId) { ++gone; });
  }
  std::uint16_t port() const { return server_->port(); }
  NetServer& server() { return *server_; }
  std::atomic<int> received{0};
  std::atomic<int> gone{0};

 private:
  std::unique_ptr<NetServer> server_;
};

template <class Condition>
bool soon(Condition condition) {
  for (int i = 0; i < 500; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace

TEST_CASE("a client is answered in the order of its messages") {
  Echo echo;
  Client client(echo.port());
  REQUIRE(client.send("one\n\ntwo\n\n{3}\n"));
  CHECK(client.read_to("\n\n\n") == "code one\n\n\n");
  CHECK(client.read_to("\n\n\n") == "code two\n\n\n");
  CHECK(client.read_to("\n\n") == "call {3}\n\n");
}

TEST_CASE("a message may come in any pieces, with other clients between") {
  Echo echo;
  Client slow(echo.port());
  Client quick(echo.port());
  REQUIRE(slow.send("{\"ha"));
  REQUIRE(quick.send("{quick}\n"));
  CHECK(quick.read_to("\n\n") == "call {quick}\n\n");
  REQUIRE(slow.send("lf\"}\n"));
  CHECK(slow.read_to("\n\n") == "call {\"half\"}\n\n");
}

TEST_CASE("a client that closes its side is answered before it is let go") {
  Echo echo;
  Client client(echo.port());
  REQUIRE(client.send("hush"));
  client.end_sending();
  CHECK(client.read_all() == "code hush\n\n\n");
  CHECK(soon([&] { return echo.gone == 1; }));
}

TEST_CASE("ten megabytes in one line are refused, and the refusal arrives") {
  Echo echo;
  Client client(echo.port());
  client.send(std::string(10 << 20, 'x'));
  CHECK(client.read_all() == "too_long \n\n");
  CHECK(echo.received == 1);
}

TEST_CASE("no more than the most clients are served, one more is told so") {
  NetSettings settings;
  settings.most_clients = 64;
  Echo echo(settings);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 200; ++i) clients.push_back(std::make_unique<Client>(echo.port()));
  int served = 0;
  int refused = 0;
  for (auto& client : clients) {
    client->send("{}\n");
    const auto line = client->read_line();
    if (line == "call {}\n") ++served;
    if (line.find("try again later") != std::string::npos) ++refused;
  }
  CHECK(served == 64);
  CHECK(refused == 136);
  clients.clear();
  CHECK(soon([&] { return echo.server().clients() == 0; }));
  Client later(echo.port());
  REQUIRE(later.send("{}\n"));
  CHECK(later.read_line() == "call {}\n");
}

TEST_CASE("a client that never reads is dropped, and only that one") {
  NetSettings settings;
  settings.most_pending = 1 << 16;
  settings.calls_a_second = 1e6;
  Echo echo(settings);
  Client deaf(echo.port());
  Client other(echo.port());
  REQUIRE(soon([&] { return echo.server().clients() == 2; }));
  const std::string message = "{" + std::string(8000, 'x') + "}\n";
  SECTION("by what it asked for itself") {
    settings.stalled_s = 1;
    for (int i = 0; i < 3000; ++i)
      if (!deaf.send(message)) break;
  }
  SECTION("by what it is told besides") {
    for (int i = 0; i < 3000; ++i) echo.server().notify(1, message);
  }
  CHECK(soon([&] { return echo.gone == 1; }));
  REQUIRE(other.send("{}\n"));
  CHECK(other.read_line() == "call {}\n");
}

TEST_CASE("a client that takes nothing for long is dropped") {
  NetSettings settings;
  settings.stalled_s = 0.3;
  Echo echo(settings);
  Client deaf(echo.port());
  REQUIRE(soon([&] { return echo.server().clients() == 1; }));
  echo.server().notify(1, std::string(4 << 20, 'x').substr(1));
  CHECK(soon([&] { return echo.gone == 1; }));
}

TEST_CASE("a client past its rate waits, and others do not") {
  NetSettings settings;
  settings.calls_a_second = 20;
  Echo echo(settings);
  Client busy(echo.port());
  std::string many;
  for (int i = 0; i < 200; ++i) many += "{}\n";
  REQUIRE(busy.send(many));
  Client other(echo.port());
  REQUIRE(other.send("{other}\n"));
  CHECK(other.read_line() == "call {other}\n");
  CHECK(echo.received < 100);
}

TEST_CASE("a client that dies with a message under way costs nobody anything") {
  Echo echo;
  for (int i = 0; i < 20; ++i) {
    Client victim(echo.port());
    victim.send("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ev");
    victim.die();
  }
  Client other(echo.port());
  REQUIRE(other.send("{}\n"));
  CHECK(other.read_line() == "call {}\n");
  CHECK(soon([&] { return echo.gone == 20; }));
}

TEST_CASE("a port that is taken is an error that says what to do") {
  Echo echo;
  NetSettings same;
  same.port = echo.port();
  CHECK_THROWS_WITH(NetServer(
                        same, [](ClientId, const Frame&) {}, [](ClientId) {}),
                    Catch::Contains("--port"));
}
