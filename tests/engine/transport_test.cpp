// Cycles and frames: exact both ways, rounded once, continuous through tempo changes.
#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "server/engine/transport.h"

using namespace hocket;

namespace {

template <class F>
void holds(F law) {
  CHECK(rc::check(law));
}

long double value(Position p) {
  return static_cast<long double>(p.num) / static_cast<long double>(p.den);
}

}  // namespace

TEST_CASE("frames are rounded once, halves up") {
  const TransportAnchor a{0, {0, 1}, {3, 1}};
  CHECK(frame_at(a, {1, 6}) == 1);   // 0.5
  CHECK(frame_at(a, {-1, 6}) == 0);  // -0.5
  CHECK(frame_at(a, {1, 7}) == 0);
  CHECK(frame_at(a, {1, 2}) == 2);    // 1.5
  CHECK(frame_at(a, {-1, 2}) == -1);  // -1.5
}

TEST_CASE("frames are exact where 128 bits hold the product") {
  holds([] {
    const auto num = *rc::gen::inRange<std::int64_t>(-1000000000, 1000000000);
    const auto den = *rc::gen::inRange<std::int64_t>(1, 100000);
    const auto per_num = *rc::gen::inRange<std::int64_t>(1, 1000000000);
    const auto per_den = *rc::gen::inRange<std::int64_t>(1, 10000);
    const auto at = *rc::gen::inRange<std::int64_t>(-1000000, 1000000);
    const auto from = *rc::gen::inRange<std::int64_t>(0, 1000000000);
    const TransportAnchor a{from, {at, 1}, {per_num, per_den}};
    const auto f = frame_at(a, {num, den}) - from;
    // 2 f - 1 <= 2 x < 2 f + 1
    const Wide x2 = (Wide{num} - Wide{at} * den) * per_num * 2, d = Wide{den} * per_den;
    RC_ASSERT(x2 >= (2 * Wide{f} - 1) * d);
    RC_ASSERT(x2 < (2 * Wide{f} + 1) * d);
  });
}

TEST_CASE("a frame's position leads back to the frame") {
  holds([] {
    const TransportAnchor a{*rc::gen::inRange<std::int64_t>(0, 1 << 30),
                            {*rc::gen::inRange<std::int64_t>(0, 1 << 20), *rc::gen::inRange<std::int64_t>(1, 1 << 20)},
                            {*rc::gen::inRange<std::int64_t>(1000, 1 << 28), *rc::gen::inRange<std::int64_t>(1, 5000)}};
    const auto frame = a.frame + *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 33);
    const double per_cycle = static_cast<double>(a.frames_per_cycle.num) / static_cast<double>(a.frames_per_cycle.den);
    RC_PRE(per_cycle > 100 && per_cycle < 1e8);
    RC_ASSERT(frame_at(a, position_at(a, frame)) == frame);
  });
}

TEST_CASE("a tempo change leaves the position where it is, however many there are") {
  TransportAnchor a{0, {0, 1}, {96000, 1}};
  long double exact = 0;
  std::int64_t frame = 0;
  std::uint32_t random = 1;
  for (int n = 0; n < 20000; ++n) {
    random = random * 1664525 + 1013904223;
    const std::int64_t step = 1 + random % 5000;
    const Position tempo{480000000, 3000 + random % 9000};
    exact += static_cast<long double>(step) * static_cast<long double>(a.frames_per_cycle.den) /
             static_cast<long double>(a.frames_per_cycle.num);
    frame += step;
    const auto before = position_at(a, frame);
    a = retimed(a, frame, tempo);
    REQUIRE(value(position_at(a, frame)) == value(before));
    REQUIRE(a.at.den <= (std::int64_t{1} << 32));
  }
  CHECK(std::fabs(static_cast<double>(value(a.at) - exact)) < 1e-7);  // 20000 roundings: below a hundredth of a frame
}

TEST_CASE("absurd positions are far away, not undefined") {
  const TransportAnchor a{1000, {1, 3}, {480000000, 5713}};
  CHECK(frame_at(a, {INT64_MAX, 1}) > 1000000000);
  CHECK(frame_at(a, {INT64_MIN + 1, 1}) < -1000000000);
  CHECK(frame_at(a, {INT64_MAX, INT64_MAX}) == frame_at(a, {1, 1}));
  CHECK(frame_at(a, {1, 0}) == kNever);
}
