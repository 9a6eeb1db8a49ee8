// What crosses the threads: queues, handoffs, bulletins.
#include <catch2/catch.hpp>
#include <thread>

#include "server/bridge/bulletin.h"
#include "server/bridge/handoff.h"
#include "server/bridge/queue.h"

using namespace hocket;

TEST_CASE("a queue gives back what it took, in order, and says when it is full") {
  Queue<int> queue(8);
  int x = 0;
  CHECK_FALSE(queue.take(x));
  for (int i = 0; i < 8; ++i) CHECK(queue.give(i));
  CHECK_FALSE(queue.give(99));
  CHECK(queue.room() == 0);
  for (int i = 0; i < 8; ++i) {
    REQUIRE(queue.take(x));
    CHECK(x == i);
  }
  CHECK(queue.room() == 8);
}

TEST_CASE("nothing is lost or doubled between two threads") {
  Queue<std::uint64_t> queue(64);
  constexpr std::uint64_t kCount = 200000;
  std::thread giver([&] {
    for (std::uint64_t i = 0; i < kCount; ++i)
      while (!queue.give(i)) std::this_thread::yield();
  });
  bool in_order = true;
  for (std::uint64_t i = 0; i < kCount; ++i) {
    std::uint64_t x = 0;
    while (!queue.take(x)) std::this_thread::yield();
    in_order &= x == i;
  }
  giver.join();
  CHECK(in_order);
}

TEST_CASE("a handoff is taken once, or withdrawn, never both") {
  Handoff<int> handoff;
  int value = 1, other = 2;
  CHECK(handoff.look() == nullptr);
  CHECK(handoff.withdraw() == nullptr);
  CHECK(handoff.give(&value));
  CHECK_FALSE(handoff.give(&other));
  CHECK(handoff.look() == &value);
  handoff.leave();
  CHECK(handoff.withdraw() == &value);
  CHECK(handoff.give(&other));
  CHECK(handoff.look() == &other);
  CHECK(handoff.take() == &other);
  CHECK(handoff.withdraw() == nullptr);
}

TEST_CASE("what is handed over while it is looked at goes to exactly one side") {
  Handoff<int> handoff;
  std::atomic<bool> stop{false};
  int taken = 0;
  std::thread audio([&] {
    int turn = 0;
    while (!stop.load()) {
      if (!handoff.look()) continue;
      if (++turn % 3 == 0) {
        (void)handoff.take();
        ++taken;
      } else {
        handoff.leave();
      }
    }
  });
  int value = 0, given = 0, withdrawn = 0;
  for (int i = 0; i < 20000; ++i) {
    if (handoff.give(&value)) ++given;
    if (handoff.withdraw()) ++withdrawn;
  }
  stop = true;
  audio.join();
  if (handoff.withdraw()) ++withdrawn;
  CHECK(given == taken + withdrawn);
}

TEST_CASE("a bulletin is read whole") {
  struct News {
    std::uint64_t a = 0, b = 0, c = 0;
  };
  Bulletin<News> board;
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (std::uint64_t i = 1; !stop.load(); ++i) board.post({i, i * 3, i * 7});
  });
  bool whole = true;
  std::uint64_t last = 0;
  for (int i = 0; i < 50000; ++i) {
    const auto news = board.read();
    whole &= news.b == news.a * 3 && news.c == news.a * 7 && news.a >= last;
    last = news.a;
  }
  stop = true;
  writer.join();
  CHECK(whole);
}
