// The whole live server, on the null device, with clients that behave and clients that do not.
#include "server/app/live.h"

#include <signal.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "tests/server/test_client.h"

using namespace hocket;
using hocket::test::Client;

namespace {

class Server {
 public:
  Server() {
    std::promise<LiveServer*> ready;
    auto started = ready.get_future();
    thread_ = std::thread([&ready] {
      ServeOptions options;
      options.null_device = true;
      options.port = 0;
      options.sound.threads = 1;
      LiveServer server(options, "", true);
      ready.set_value(&server);
      server.run();
    });
    server_ = started.get();
    port_ = server_->port();
  }
  ~Server() {
    server_->stop();
    thread_.join();
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  LiveServer* server_ = nullptr;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

// One call over a connection of its own kind: notices in between are skipped.
Json call(Client& client, const std::string& method, const Json& params = Json::object()) {
  REQUIRE(client.send(call_line(1, method, params)));
  while (true) {
    const auto line = client.read_line();
    REQUIRE_FALSE(line.empty());
    auto json = Json::parse(line);
    if (json.contains("id")) return json;
  }
}

const char* const kBeat = "out: s \"bd*8\" * 0.3 + saw 110 * 0.05";

// The sound goes on: frames are rendered and events played, none late.
void check_playing(std::uint16_t port) {
  Client client(port);
  const auto before = call(client, "status")["result"];
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  const auto after = call(client, "status")["result"];
  CHECK(after["frame"].get<std::int64_t>() > before["frame"].get<std::int64_t>() + 10000);
  CHECK(after["events"].get<std::int64_t>() > before["events"].get<std::int64_t>());
  CHECK(after["cycle"].get<double>() > before["cycle"].get<double>());
}

// Runs `body` in a process of its own and kills that with SIGKILL after a while.
template <class Body>
void kill_during(Body body) {
  const auto pid = ::fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    body();
    ::pause();
    ::_exit(0);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  ::kill(pid, SIGKILL);
  int status = 0;
  ::waitpid(pid, &status, 0);
}

}  // namespace

TEST_CASE("a program sent as plain text is played, and nothing is said twice") {
  Server server;
  Client client(server.port());
  REQUIRE(client.send(std::string(kBeat) + "\n\n"));
  CHECK(client.read_to("\n\n").substr(0, 7) == "ok: out");
  check_playing(server.port());
}

TEST_CASE("several clients share one session and hear of each other's evaluations") {
  Server server;
  Client one(server.port());
  Client two(server.port());
  call(two, "subscribe", Json::array({"eval"}));
  REQUIRE(call(one, "eval", {{"code", "~a: saw 110"}}).contains("result"));
  const auto notice = Json::parse(two.read_line());
  CHECK(notice["method"] == "eval");
  CHECK(notice["params"]["defined"] == Json::array({"~a"}));
  CHECK(call(two, "eval", {{"code", "out: ~a * 0.1"}}).contains("result"));
}

TEST_CASE("whatever clients send, the sound goes on and the others are served") {
  Server server;
  Client player(server.port());
  REQUIRE(call(player, "eval", {{"code", kBeat}}).contains("result"));

  SECTION("half a line, and silence") {
    Client half(server.port());
    REQUIRE(half.send("{\"jsonrpc\":\"2.0\",\"id\":1,\"meth"));
    check_playing(server.port());
  }
  SECTION("ten megabytes in a line") {
    Client big(server.port());
    big.send("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eval\",\"params\":[\"" + std::string(10 << 20, 'x') + "\"]}\n");
    CHECK(big.read_all().find("1 MB") != std::string::npos);
    check_playing(server.port());
  }
  SECTION("bytes that are no text") {
    Client odd(server.port());
    std::string bytes;
    for (int i = 0; i < 4096; ++i) bytes += static_cast<char>(i * 37);
    odd.send(bytes + "\n");
    CHECK(odd.read_all().find("UTF-8") != std::string::npos);
    check_playing(server.port());
  }
  SECTION("a web page") {
    Client page(server.port());
    page.send(
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: "
        "60\r\n\r\n{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eval\",\"params\":[\"panic\"]}\n");
    CHECK(page.read_all().find("403") != std::string::npos);
    check_playing(server.port());
    CHECK(call(player, "status")["result"]["defined"].size() == 1);
  }
  SECTION("two hundred connections") {
    std::vector<std::unique_ptr<Client>> crowd;
    for (int i = 0; i < 200; ++i) crowd.push_back(std::make_unique<Client>(server.port()));
    CHECK(call(player, "version").contains("result"));
    crowd.clear();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    check_playing(server.port());
  }
  SECTION("a client that asks and never reads") {
    Client deaf(server.port());
    for (int i = 0; i < 20000; ++i)
      if (!deaf.send(call_line(i, "status", Json::object()))) break;
    check_playing(server.port());
  }
  SECTION("a client killed while its program is evaluated") {
    std::string big = "out: s \"bd*8\" * 0.3";
    for (int i = 0; i < 300; ++i) big += " + saw " + std::to_string(50 + i) + " * 0.0001";
    const auto line = call_line(1, "eval", {{"code", big}});
    for (int i = 0; i < 5; ++i) kill_during([&] { Client(server.port()).send(line); });
    for (int i = 0; i < 5; ++i) {
      Client victim(server.port());
      victim.send(line);
      victim.die();
    }
    CHECK(call(player, "eval", {{"code", kBeat}}).contains("result"));
    check_playing(server.port());
  }
  SECTION("a client killed in the middle of a line") {
    kill_during([&] {
      static Client half(server.port());
      half.send("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eval\",\"params\":[\"out: sa");
    });
    check_playing(server.port());
  }
  SECTION("code with errors, again and again") {
    for (int i = 0; i < 50; ++i) CHECK(call(player, "eval", {{"code", "out: saw 110 # lfp ("}}).contains("error"));
    check_playing(server.port());
  }
}
