// Patterns as signals: holds step, gates rise and fall, curves run straight, each at its exact frame.
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/engine/rig.h"

using namespace hocket;
using namespace hocket::test;

namespace {

GraphDef only(Ref (*make)(GraphMaker&)) {
  GraphMaker g;
  g.out(make(g));
  return g.graph;
}

}  // namespace

TEST_CASE("a hold has each value from its exact onset on, and its first from before the start") {
  const int block = GENERATE(16, 64, 1000);
  EngineSettings settings;
  settings.block = block;
  Rig rig(settings);
  rig.swap(only([](GraphMaker& g) { return g.hold("~h", 7); }),
           {{0, {-1, 4}, {}, {2}}, {0, {1, 96}, {}, {3}}, {0, {1, 48}, {}, {-1}}, {0, {2001, 96000}, {}, {5}}});
  const auto x = rig.stem(4000);
  for (std::int64_t i = 0; i < 4000; ++i) REQUIRE(x[static_cast<std::size_t>(i)] == (i < 1000 ? 2 : i < 2000 ? 3 : i < 2001 ? -1 : 5));
}

TEST_CASE("a hold keeps its value through a new pattern until that pattern's first event") {
  const auto graph = [](std::uint64_t print) {
    GraphMaker g;
    g.out(g.hold("~h", 0, print));
    return g.graph;
  };
  Rig rig;
  rig.swap(graph(1), {{0, {0, 1}, {}, {4}}, {0, {1, 48}, {}, {9}}});
  rig.stem(1000);
  rig.swap(graph(2), {{0, {1, 64}, {}, {6}}});  // frame 1500
  const auto x = rig.stem(2000);
  CHECK(x[0] == 4);
  CHECK(x[499] == 4);
  CHECK(x[500] == 6);
  CHECK(x[1999] == 6);
}

TEST_CASE("a value that is no number is passed over") {
  Rig rig;
  rig.swap(only([](GraphMaker& g) { return g.hold("~h", 1); }), {{0, {0, 1}, {}, {NAN}}, {0, {1, 960}, {}, {INFINITY}}});
  for (const float x : rig.stem(500)) REQUIRE(x == 1);
}

TEST_CASE("a gate lasts as long as its event and is low for one frame before each onset") {
  const int block = GENERATE(16, 64, 100, 1024);
  EngineSettings settings;
  settings.block = block;
  Rig rig(settings);
  // adjacent at 1000 and at 1600 (a block's edge for 16, 64 and 100), overlapping at 2000, a rest before 3000
  rig.swap(only([](GraphMaker& g) { return g.gate("~g"); }), {{0, {1, 192}, {1000, 96000}, {1}},
                                                              {0, {1000, 96000}, {1600, 96000}, {0.5}},
                                                              {0, {1600, 96000}, {2500, 96000}, {1}},
                                                              {0, {2000, 96000}, {2200, 96000}, {0.25}},
                                                              {0, {3000, 96000}, {3001, 96000}, {1}}});
  const auto x = rig.stem(4000);
  for (std::int64_t i = 0; i < 4000; ++i) {
    float expected = 0;
    if (i >= 500 && i < 999) expected = 1;
    if (i >= 1000 && i < 1599) expected = 0.5;
    if (i >= 1600 && i < 1999) expected = 1;
    if (i >= 2000 && i < 2200) expected = 0.25;
    if (i >= 2200 && i < 2500) expected = 1;
    if (i == 3000) expected = 1;
    CAPTURE(i);
    REQUIRE(x[static_cast<std::size_t>(i)] == expected);
  }
}

TEST_CASE("a gate that a tempo change catches held falls at its moved end") {
  Rig rig;
  rig.swap(only([](GraphMaker& g) { return g.gate("~g"); }), {{0, {0, 1}, {1, 8}, {1}}});
  auto x = rig.stem(6000);  // half of the event
  Going going;
  going.frames_per_cycle = frames_per_cycle(48000, 1, 1);
  rig.move(going);
  append(x, rig.stem(10000));
  for (std::size_t i = 0; i < x.size(); ++i) REQUIRE(x[i] == (i < 9000 ? 1 : 0));
}

TEST_CASE("a curve runs straight between its points") {
  Rig rig;
  rig.swap(only([](GraphMaker& g) { return g.curve("~c"); }),
           {{0, {0, 1}, {1, 96}, {1, 3}}, {0, {1, 96}, {1, 48}, {3, -1}}, {0, {1, 32}, {1, 24}, {5, 6}}});
  const auto x = rig.stem(5000);
  CHECK(x[0] == 1);
  CHECK(x[500] == Approx(2));
  CHECK(x[999] == Approx(2.998));
  CHECK(x[1500] == Approx(1));
  CHECK(x[2000] == -1);
  CHECK(x[2999] == -1);
  CHECK(x[3000] == 5);
  CHECK(x[4999] == 6);
}

TEST_CASE("events of a source that the plan does not have are dropped, late ones sound at once and are counted") {
  GraphMaker g;
  g.out(g.voices("~v", tick_voice()));
  Rig rig;
  rig.swap(g.graph);
  rig.render(10000);
  TimedEvent stray;
  stray.source = 12345;
  stray.at = {1, 8};
  CHECK(rig.engine.give(stray));
  CHECK(rig.play({{0, {1, 96}}}));
  CHECK(sounding_frames(rig.stem(5000)) == std::vector<std::int64_t>{0});
  CHECK(rig.engine.status().late_events == 1);
}

TEST_CASE("a nudge moves an event by seconds") {
  GraphMaker g;
  g.out(g.voices("~v", tick_voice()));
  Rig rig;
  Play early{0, {1, 96}}, late{0, {1, 96}};
  early.nudge_s = -0.001F;
  late.nudge_s = 0.02F;
  rig.swap(g.graph, {early, late});
  CHECK(sounding_frames(rig.stem(5000)) == std::vector<std::int64_t>{952, 1960});
}

TEST_CASE("setting the cycle starts the count anew and forgets what was queued for the old") {
  GraphMaker g;
  g.out(g.voices("~v", tick_voice()));
  Rig rig;
  rig.swap(g.graph, {{0, {0, 1}}, {0, {1, 8}}, {0, {1, 4}}});
  auto x = rig.stem(6000);
  rig.planner.renew_sources();
  Going going;
  going.cycle = {7, 1};
  rig.swap(g.graph, {{0, {57, 8}}}, going);
  append(x, rig.stem(40000));
  CHECK(sounding_frames(x) == std::vector<std::int64_t>{0, 18000});
  CHECK(rig.engine.status().transport.at.num == 7);
}
