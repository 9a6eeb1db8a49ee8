#include "server/io/net_asio.h"

#include <algorithm>
#include <array>
#include <asio.hpp>
#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <stdexcept>
#include <thread>

namespace hocket {

namespace {

using asio::ip::tcp;
using SteadyClock = std::chrono::steady_clock;

std::chrono::steady_clock::duration seconds(double s) {
  return std::chrono::duration_cast<SteadyClock::duration>(std::chrono::duration<double>(s));
}

// Ends a connection after what is said to it; reads nothing of it.
void turn_away(tcp::socket socket, std::string why) {
  auto held = std::make_shared<std::pair<tcp::socket, std::string>>(std::move(socket), std::move(why));
  asio::async_write(held->first, asio::buffer(held->second), [held](const asio::error_code&, std::size_t) {
    asio::error_code ignored;
    held->first.shutdown(tcp::socket::shutdown_both, ignored);
  });
}

// One client. Everything runs on the network thread.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  struct Events {
    std::function<void(ClientId, Frame)> receive;
    std::function<void(ClientId)> gone;
  };

  Connection(ClientId id, tcp::socket socket, const NetSettings& settings, const Events& events)
      : id_(id),
        socket_(std::move(socket)),
        timer_(socket_.get_executor()),
        stall_(socket_.get_executor()),
        settings_(settings),
        events_(events) {}

  void start() {
    asio::error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    proceed();
  }

  void answered(std::string bytes) {
    in_hand_ = false;
    send(std::move(bytes));
    if (!closed_) proceed();
  }

  void send(std::string bytes) {
    if (closed_ || closing_ || bytes.empty()) return;
    pending_ += bytes.size();
    if (pending_ > settings_.most_pending) return close();
    outgoing_.push_back(std::move(bytes));
    if (outgoing_.size() == 1) write();
  }

  void close() {
    if (closed_) return;
    closed_ = true;
    asio::error_code ignored;
    timer_.cancel();
    stall_.cancel();
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
    events_.gone(id_);
  }

 private:
  // Hands over the next message, or reads on.
  void proceed() {
    if (closed_ || closing_ || in_hand_ || waiting_) return;
    auto frame = ended_ ? reader_.finish() : reader_.next();
    if (!frame) {
      if (ended_ || reader_.closed()) return close_when_sent();
      return read();
    }
    const auto wait = pace();
    if (wait <= SteadyClock::duration::zero()) return hand_over(std::move(*frame));
    waiting_ = true;
    timer_.expires_after(wait);
    timer_.async_wait([self = shared_from_this(), frame = std::move(*frame)](const asio::error_code& error) mutable {
      self->waiting_ = false;
      if (!error && !self->closed_) self->hand_over(std::move(frame));
    });
  }

  void hand_over(Frame frame) {
    in_hand_ = true;
    events_.receive(id_, std::move(frame));
  }

  // How long the next message must wait so that the mean rate keeps its bound; a burst of one second's worth passes.
  SteadyClock::duration pace() {
    const auto now = SteadyClock::now();
    const auto step = seconds(1 / settings_.calls_a_second);
    earliest_ = std::max(earliest_ + step, now - std::chrono::seconds(1));
    return earliest_ - now;
  }

  void read() {
    if (reading_) return;
    reading_ = true;
    socket_.async_read_some(asio::buffer(chunk_), [self = shared_from_this()](const asio::error_code& error, std::size_t count) {
      self->reading_ = false;
      if (self->closed_) return;
      if (error == asio::error::eof)
        self->ended_ = true;
      else if (error)
        return self->close();
      self->reader_.give(std::string_view(self->chunk_.data(), count));
      self->proceed();
    });
  }

  void write() {
    stall_.expires_after(seconds(settings_.stalled_s));
    stall_.async_wait([self = shared_from_this()](const asio::error_code& error) {
      if (!error) self->close();
    });
    asio::async_write(socket_, asio::buffer(outgoing_.front()),
                      [self = shared_from_this()](const asio::error_code& error, std::size_t count) {
                        self->stall_.cancel();
                        if (self->closed_) return;
                        if (error) return self->close();
                        self->pending_ -= count;
                        self->outgoing_.pop_front();
                        if (!self->outgoing_.empty())
                          self->write();
                        else if (self->closing_)
                          self->part();
                      });
  }

  void close_when_sent() {
    closing_ = true;
    if (outgoing_.empty()) part();
  }

  // Closing with bytes unread would take back what was just sent, so the rest is read and dropped for a moment.
  void part() {
    if (ended_) return close();
    asio::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    timer_.expires_after(std::chrono::seconds(2));
    timer_.async_wait([self = shared_from_this()](const asio::error_code& error) {
      if (!error) self->close();
    });
    drain();
  }

  void drain() {
    socket_.async_read_some(asio::buffer(chunk_), [self = shared_from_this()](const asio::error_code& error, std::size_t) {
      if (error) return self->close();
      self->drain();
    });
  }

  ClientId id_;
  tcp::socket socket_;
  asio::steady_timer timer_;
  asio::steady_timer stall_;
  const NetSettings& settings_;
  const Events& events_;
  FrameReader reader_;
  std::array<char, 1 << 14> chunk_{};
  std::deque<std::string> outgoing_;
  std::size_t pending_ = 0;
  SteadyClock::time_point earliest_{};
  bool in_hand_ = false;  // a frame is with the receiver
  bool waiting_ = false;  // a frame waits for its time
  bool reading_ = false;
  bool ended_ = false;    // the client will send no more
  bool closing_ = false;  // after what is still to be sent
  bool closed_ = false;
};

}  // namespace

struct NetServer::Hub {
  NetSettings settings;
  asio::io_context io{1};
  tcp::acceptor acceptor{io};
  asio::steady_timer later{io};
  Connection::Events events;
  std::map<ClientId, std::shared_ptr<Connection>> connections;
  ClientId last_id = 0;
  std::atomic<int> count{0};
  std::uint16_t port = 0;
  std::thread thread;

  void open() {
    const tcp::endpoint where(asio::ip::address_v4::loopback(), settings.port);
    asio::error_code error;
    acceptor.open(where.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.bind(where, error);
    if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
    if (error)
      throw std::runtime_error("port " + std::to_string(settings.port) + " cannot be used (" + error.message() +
                               "): is another server running? --port takes another one");
    port = acceptor.local_endpoint().port();
  }

  void accept() {
    acceptor.async_accept([this](const asio::error_code& error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) {  // out of file descriptors: try again when some client may have gone
        later.expires_after(std::chrono::milliseconds(100));
        return later.async_wait([this](const asio::error_code& stopped) {
          if (!stopped) accept();
        });
      }
      admit(std::move(socket));
      accept();
    });
  }

  void admit(tcp::socket socket) {
    if (static_cast<int>(connections.size()) >= settings.most_clients)
      return turn_away(std::move(socket), "hocket serves " + std::to_string(settings.most_clients) + " clients at most: try again later\n");
    const auto id = ++last_id;
    auto connection = std::make_shared<Connection>(id, std::move(socket), settings, events);
    connections[id] = connection;
    count = static_cast<int>(connections.size());
    connection->start();
  }

  template <class Action>
  void with(ClientId id, Action action) {
    asio::post(io, [this, id, action = std::move(action)]() mutable {
      if (const auto found = connections.find(id); found != connections.end()) {
        const auto connection = found->second;
        action(*connection);
      }
    });
  }
};

NetServer::NetServer(const NetSettings& settings, Receive receive, Gone gone) : hub_(std::make_unique<Hub>()) {
  auto& hub = *hub_;
  hub.settings = settings;
  hub.events.receive = std::move(receive);
  hub.events.gone = [&hub, gone = std::move(gone)](ClientId id) {
    hub.connections.erase(id);
    hub.count = static_cast<int>(hub.connections.size());
    gone(id);
  };
  hub.open();
  hub.accept();
  hub.thread = std::thread([&hub] { hub.io.run(); });
}

NetServer::~NetServer() {
  auto& hub = *hub_;
  asio::post(hub.io, [&hub] {
    asio::error_code ignored;
    hub.acceptor.close(ignored);
    hub.later.cancel();
    const auto open = hub.connections;
    for (const auto& [id, connection] : open) connection->close();
    hub.io.stop();
  });
  hub.thread.join();
}

void NetServer::answer(ClientId id, std::string bytes) {
  hub_->with(id, [bytes = std::move(bytes)](Connection& connection) mutable { connection.answered(std::move(bytes)); });
}

void NetServer::notify(ClientId id, std::string bytes) {
  hub_->with(id, [bytes = std::move(bytes)](Connection& connection) mutable { connection.send(std::move(bytes)); });
}

std::uint16_t NetServer::port() const {
  return hub_->port;
}

int NetServer::clients() const {
  return hub_->count;
}

}  // namespace hocket
