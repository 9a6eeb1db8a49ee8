// Frames and the machine's time, from callbacks that come late by anything.
#include "server/control/frame_clock.h"

#include <catch2/catch.hpp>
#include <random>

using namespace hocket;

namespace {

constexpr std::int64_t kPeriod_ns = 2'666'667;  // 128 frames at 48 kHz

/// A second's worth of callbacks, each up to 2 ms late, from frame `from` on; `shift_ns` is when frame 0 would have begun.
void run(FrameClock& clock, std::int64_t from, std::int64_t shift_ns) {
  std::mt19937 random(1);
  for (std::int64_t i = 0; i < 375; ++i) {
    const auto frame = from + i * 128;
    clock.mark(frame, 128, shift_ns + frame / 128 * kPeriod_ns + static_cast<std::int64_t>(random() % 2'000'000));
    clock.frame_at(shift_ns);
  }
}

}  // namespace

TEST_CASE("the earliest callbacks tell the time") {
  FrameClock clock(48000);
  run(clock, 0, 1'000'000'000);
  CHECK(std::abs(clock.frame_at(3'000'000'000) - 96000) < 10);
  CHECK(std::abs(clock.ns_at(96000) - 3'000'000'000) < 200'000);
  CHECK(clock.callback_frames() == 128);
}

TEST_CASE("a device that lost time is followed within half a second") {
  FrameClock clock(48000);
  run(clock, 0, 1'000'000'000);
  run(clock, 48000, 1'023'000'000);
  CHECK(std::abs(clock.frame_at(3'023'000'000) - 96000) < 10);
}

TEST_CASE("one callback that is held up shifts nothing") {
  FrameClock clock(48000);
  run(clock, 0, 1'000'000'000);
  const auto before = clock.frame_at(5'000'000'000);
  clock.mark(48000, 128, 2'000'000'000 + 50'000'000);
  CHECK(clock.frame_at(5'000'000'000) == before);
}

TEST_CASE("a device that begins anew after a pause is believed at once") {
  FrameClock clock(48000);
  run(clock, 0, 1'000'000'000);
  clock.mark(48000, 128, 9'000'000'000);
  CHECK(clock.frame_at(9'000'000'000) == 48000);
}

TEST_CASE("what comes by the device's turns has their frames, whatever time the device has lost") {
  FrameClock clock(48000);
  run(clock, 0, 1'000'000'000);
  clock.mark(48000, 128, 2'000'000'000 + 50'000'000);
  CHECK(clock.frame_by_turns(2'000'000'000 + 50'000'000) == 48000);
  CHECK(clock.frame_by_turns(2'000'000'000 + 50'000'000 + kPeriod_ns / 2) == 48064);
  CHECK(clock.frame_by_turns(2'000'000'000 + 50'000'000 + 9 * kPeriod_ns) == 48128);
}
