// The queue of waiting events, beside a plain sorted list.
#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <tuple>
#include <vector>

#include "server/engine/schedule.h"

using namespace hocket;

namespace {

struct Waiting {
  std::int64_t frame;
  std::uint32_t source;
  int number;
};

TimedEvent event_of(const Waiting& w) {
  TimedEvent event;
  event.source = w.source;
  event.at = {w.frame, 1};
  event.seed = static_cast<std::uint32_t>(w.number);
  return event;
}

bool before(const Waiting& a, const Waiting& b) {
  return std::tie(a.frame, a.source, a.number) < std::tie(b.frame, b.source, b.number);
}

/// What a schedule should do, done simply.
struct Beside {
  Schedule schedule{64};
  std::vector<Waiting> list;  // in order
  int given = 0;

  void push(std::int64_t frame, std::uint32_t source) {
    const Waiting w{frame, source, given++};
    REQUIRE(schedule.push(event_of(w), frame, false) == (list.size() < 64));
    if (list.size() < 64) list.insert(std::upper_bound(list.begin(), list.end(), w, before), w);
  }
  Schedule::Entry pop() {
    REQUIRE(schedule.top() != nullptr);
    CHECK(schedule.top()->frame == list.front().frame);
    const auto entry = schedule.pop();
    CHECK(schedule.event(entry).seed == static_cast<std::uint32_t>(list.front().number));
    list.erase(list.begin());
    return entry;
  }
  void sort() { std::sort(list.begin(), list.end(), before); }
};

}  // namespace

TEST_CASE("events leave the queue by frame, source and order, however they came") {
  std::mt19937 random(1);
  const auto draw = [&](int below) { return static_cast<std::int64_t>(random() % static_cast<unsigned>(below)); };
  Beside both;
  std::int64_t now = 0;
  for (int i = 0; i < 20000; ++i) {
    switch (draw(8)) {
      case 0:
      case 1:
      case 2:
        both.push(now + draw(4) * draw(30), static_cast<std::uint32_t>(draw(3)));
        break;
      case 3:
        for (int k = 0; k < 5; ++k) both.push(now + 60 + k, 1);
        break;
      case 4: {  // some are looked at and put back
        std::vector<Schedule::Entry> out;
        const auto kept = both.list;
        for (std::int64_t k = draw(5); k > 0 && !both.list.empty(); --k) out.push_back(both.pop());
        both.list = kept;
        for (auto entry = out.rbegin(); entry != out.rend(); ++entry) both.schedule.put_back(*entry);
        break;
      }
      case 5:
        if (draw(20) == 0) {
          both.schedule.drop([](const TimedEvent& e) RT { return e.source == 2; });
          std::erase_if(both.list, [](const Waiting& w) { return w.source == 2; });
        }
        break;
      default:
        if (both.list.empty()) break;
        now = std::max(now, both.list.front().frame);
        both.schedule.release(both.pop());
    }
    CHECK((both.schedule.top() == nullptr) == both.list.empty());
    CHECK(both.schedule.room() == 64 - both.list.size());
  }
  // A tempo twice as fast: frames become equal, then the source counts.
  const auto moved = [now](std::int64_t frame) { return now + (frame - now) / 2; };
  both.schedule.retime([&](const TimedEvent& e) RT { return moved(e.at.num); });
  for (auto& w : both.list) w.frame = moved(w.frame);
  both.sort();
  while (!both.list.empty()) both.pop();
  CHECK(both.schedule.top() == nullptr);
}
