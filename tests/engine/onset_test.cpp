// Notes sound at the very frames that their positions say, whatever the rate, the block and the tempo, after a day too.
#include <catch2/catch.hpp>

#include "server/engine/transport.h"
#include "tests/engine/rig.h"

using namespace hocket;
using namespace hocket::test;

namespace {

// click(3,8) over some cycles from `first` on.
std::vector<Play> euclid(std::int64_t first, int cycles) {
  std::vector<Play> plays;
  for (int c = 0; c < cycles; ++c)
    for (const int step : {0, 3, 6}) {
      const std::int64_t num = (first + c) * 8 + step;
      plays.push_back({0, {num, 8}, {num + 1, 8}});
    }
  return plays;
}

GraphDef clicks() {
  GraphMaker g;
  g.out(g.voices("~click", tick_voice()));
  return g.graph;
}

// floor(x + 1/2) of the exact product, worked out apart from the engine.
std::int64_t exact_frame(std::int64_t num, std::int64_t den, Position per_cycle, std::int64_t first_cycle) {
  const Wide n = (Wide{num} - Wide{first_cycle} * den) * per_cycle.num, d = Wide{den} * per_cycle.den;
  return static_cast<std::int64_t>((2 * n + d) / (2 * d));
}

}  // namespace

TEST_CASE("onsets are exact at every rate, block and tempo, and after a day") {
  const auto rate = GENERATE(44100., 48000., 96000.);
  const auto block = GENERATE(16, 64, 100, 1024);
  const bool odd_tempo = GENERATE(false, true);
  const bool a_day_on = GENERATE(false, true);
  const Position per_cycle = odd_tempo ? frames_per_cycle(rate, 5713, 10000) : frames_per_cycle(rate, 1, 2);
  const std::int64_t first = a_day_on ? 43200 : 0;

  EngineSettings settings;
  settings.rate = rate;
  settings.block = block;
  Rig rig(settings);
  Going going;
  going.frames_per_cycle = per_cycle;
  going.cycle = {first, 1};
  const auto plays = euclid(first, 2);
  rig.swap(clicks(), plays, going);

  std::vector<std::int64_t> expected;
  for (const auto& play : plays) expected.push_back(exact_frame(play.at.num, play.at.den, per_cycle, first));
  const auto heard = sounding_frames(rig.stem(expected.back() + 100, 0, 0, 333));
  CHECK(heard == expected);
}

TEST_CASE("the device hears an onset as late as the engine says") {
  Rig rig;
  rig.swap(clicks(), {{0, {1, 16}}});
  const auto sound = rig.render(8000);
  REQUIRE(sounding_frames(sound.channels[0]).front() == 6000 + rig.engine.latency_frames());
  CHECK(sound.channels[0][static_cast<std::size_t>(6000 + rig.engine.latency_frames())] == Approx(0.98855).margin(1e-4));
}
