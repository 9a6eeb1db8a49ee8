// How a client's bytes become messages.
#include "server/protocol/framing.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <ctime>

using hocket::Frame;
using hocket::FrameReader;

namespace {

std::vector<Frame> frames_of(const std::vector<std::string>& pieces, bool ended = false, std::size_t most = hocket::kMaxMessageBytes) {
  FrameReader reader(most);
  std::vector<Frame> frames;
  for (const auto& piece : pieces) {
    reader.give(piece);
    while (auto frame = reader.next()) frames.push_back(*frame);
  }
  if (ended)
    if (auto frame = reader.finish()) frames.push_back(*frame);
  return frames;
}

bool same(const std::vector<Frame>& a, const std::vector<Frame>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Frame& x, const Frame& y) { return x.kind == y.kind && x.text == y.text; });
}

}  // namespace

TEST_CASE("a line that starts with a brace is a call, whole at its end") {
  const auto frames = frames_of({"{\"a\":1}\n"});
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].kind == Frame::Kind::call);
  CHECK(frames[0].text == "{\"a\":1}");
}

TEST_CASE("half a line is nothing yet") {
  CHECK(frames_of({"{\"a\":", "1"}).empty());
  CHECK(frames_of({"{\"a\":", "1}\n"}).size() == 1);
}

TEST_CASE("plain code ends at an empty line, and keeps its own lines") {
  const auto frames = frames_of({"~a: saw 55\r\n  # lpf 300\r\n\r\nhush\n\n"});
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].text == "~a: saw 55\n  # lpf 300\n");
  CHECK(frames[1].text == "hush\n");
}

TEST_CASE("a brace inside plain code is code") {
  const auto frames = frames_of({"~a: inhabit {a: \"x\"}\n{b: 1}\n\n"});
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].kind == Frame::Kind::code);
}

TEST_CASE("what was begun counts as whole when the client has said all") {
  CHECK(frames_of({"hush"}, true).size() == 1);
  CHECK(frames_of({"hush\n"}, true).front().text == "hush\n");
  CHECK(frames_of({"{\"a\":1}"}, true).front().kind == Frame::Kind::call);
  CHECK(frames_of({"", "\n\n"}, true).empty());
}

TEST_CASE("a request of HTTP is refused, and nothing after it is read") {
  for (const char* first : {"GET / HTTP/1.1", "POST /eval HTTP/1.0", "OPTIONS * HTTP/1.1", "PRI * HTTP/2.0"}) {
    const auto frames = frames_of({std::string(first) + "\r\nHost: localhost\r\n\r\n{\"jsonrpc\":\"2.0\"}\n\nhush\n\n"}, true);
    REQUIRE(frames.size() == 1);
    CHECK(frames[0].kind == Frame::Kind::http);
  }
}

TEST_CASE("code that only mentions HTTP is code") {
  CHECK(frames_of({"-- GET it HTTP/1.1\n\n"}).front().kind == Frame::Kind::code);
}

TEST_CASE("bytes that are no text are refused at the end of their line, and nothing after them is read") {
  const std::string handshake{"\x16\x03\x01\x02\x00\x01", 6};
  for (const auto& bytes :
       {handshake, std::string("a\xFF"), std::string("\xC0\x80"), std::string("\xED\xA0\x80"), std::string("\x1B[2J")}) {
    const auto frames = frames_of({bytes + "\n{\"jsonrpc\":\"2.0\"}\nhush\n\n"}, true);
    REQUIRE(frames.size() == 1);
    CHECK(frames[0].kind == Frame::Kind::binary);
  }
}

TEST_CASE("text in any script passes") {
  CHECK(frames_of({"-- žluťoučký 音楽 🎶\n\n"}).front().kind == Frame::Kind::code);
}

TEST_CASE("a message past the bound is refused without being kept") {
  const std::string half(600, 'a');
  SECTION("one long line, with or without its end") {
    CHECK(frames_of({half, half}, false, 1000).front().kind == Frame::Kind::too_long);
    CHECK(frames_of({half + half + "\n"}, false, 1000).front().kind == Frame::Kind::too_long);
  }
  SECTION("many short lines") {
    std::vector<std::string> lines(300, "abcd\n");
    CHECK(frames_of(lines, false, 1000).front().kind == Frame::Kind::too_long);
  }
  SECTION("a line of ten megabytes") {
    const std::string chunk(1 << 16, 'x');
    FrameReader reader;
    int refusals = 0;
    for (int i = 0; i < 160; ++i) {
      reader.give(chunk);
      while (reader.next()) ++refusals;
    }
    CHECK(refusals == 1);
    CHECK(reader.closed());
  }
}

TEST_CASE("messages do not hang on how their bytes are cut") {
  CHECK(rc::check([] {
    const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("{}a:~ \r\n\n\n\x01\xC3\xA9")));
    const auto whole = frames_of({text}, true, 40);
    std::vector<std::string> bytes;
    for (const char c : text) bytes.emplace_back(1, c);
    RC_ASSERT(same(whole, frames_of(bytes, true, 40)));
  }));
}

TEST_CASE("a megabyte in single bytes takes linear time") {
  FrameReader reader;
  const auto start = std::clock();  // of the processor: a busy machine takes longer
  for (int i = 0; i < 1000000; ++i) {
    reader.give("x");
    REQUIRE_FALSE(reader.next().has_value());
  }
  CHECK(std::clock() - start < 20 * CLOCKS_PER_SEC);
}
