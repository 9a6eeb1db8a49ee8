#include "client/connection.h"

#include <asio.hpp>
#include <stdexcept>

namespace hocket {

struct Connection::Socket {
  asio::io_context io;
  asio::ip::tcp::socket stream{io};
  std::string buffer;
};

Connection::Connection(std::uint16_t port) : socket_(std::make_unique<Socket>()) {
  asio::error_code error;
  socket_->stream.connect({asio::ip::address_v4::loopback(), port}, error);
  if (error)
    throw std::runtime_error("no server listens on port " + std::to_string(port) +
                             ": start one with `hocket serve`, or `hocket play FILE`");
}

Connection::~Connection() = default;

Reply Connection::next() {
  asio::error_code error;
  const auto length = asio::read_until(socket_->stream, asio::dynamic_buffer(socket_->buffer), '\n', error);
  if (error) throw std::runtime_error("the server has gone away");
  const auto line = socket_->buffer.substr(0, length);
  socket_->buffer.erase(0, length);
  const auto reply = parse_reply(line);
  if (!reply) throw std::runtime_error("the server says: " + line);
  return *reply;
}

Reply Connection::call(const std::string& method, const Json& params) {
  const int id = ++last_id_;
  asio::error_code error;
  asio::write(socket_->stream, asio::buffer(call_line(id, method, params)), error);
  if (error) throw std::runtime_error("the server has gone away");
  for (;;) {
    auto reply = next();
    if (reply.method.empty() && (reply.id == id || reply.id.is_null())) return reply;
  }
}

Json Connection::notice(const std::string& method) {
  for (;;) {
    auto reply = next();
    if (reply.method == method) return reply.result;
  }
}

}  // namespace hocket
