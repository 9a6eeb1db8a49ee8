// What goes wrong in one node stays there, and is told.
#include <catch2/catch.hpp>
#include <cstring>

#include "tests/engine/rig.h"

using namespace hocket;
using namespace hocket::test;

TEST_CASE("a node that gives no number falls silent alone, is named, and plays again") {
  const auto graph = [] {
    GraphMaker g;
    const Ref good = g.unit("sine", {Ref::of(300), Ref::of(0)}, "~good/sine#0");
    const Ref saw = g.unit("saw", {Ref::of(200), Ref::of(0)}, "~bad/saw#0");
    const Ref when = g.hold("~when");
    const Ref bad = g.unit("poison", {saw, when}, "~bad/poison#0");
    g.out(good, 1, "o1").out(g.unit("delay", {bad, Ref::of(0.1), Ref::of(0.5), Ref::of(0.5)}, "~bad/delay#0"), 1, "o2");
    return g.graph;
  };
  Rig plain, rig;
  plain.swap(graph(), {{0, {0, 1}, {}, {0}}});
  rig.swap(graph(), {{0, {0, 1}, {}, {0}}, {0, {1000, 96000}, {}, {1}}, {0, {1100, 96000}, {}, {0}}});
  CHECK(first_difference(plain.stem(20000), rig.stem(20000)) == -1);
  CHECK(rig.engine.status().nonfinite >= 1);
  NodeFault fault;
  REQUIRE(rig.engine.take(fault));
  CHECK(std::strcmp(fault.key, "~bad/poison#0") == 0);
  CHECK(fault.frame <= 1000);
  CHECK(fault.frame > 1000 - 64);
  while (rig.engine.take(fault)) CHECK(std::strcmp(fault.key, "~bad/poison#0") == 0);
  const auto after = rig.stem(20000, 1);
  CHECK(non_finite(after) == 0);
  CHECK(rms(after) > 0.1);
}

TEST_CASE("a node that goes on under another name is named as it is called now") {
  const auto graph = [](const std::string& bus) {
    GraphMaker g;
    const Ref saw = g.unit("saw", {Ref::of(200), Ref::of(0)}, bus + "/saw#0");
    g.out(g.unit("poison", {saw, g.hold("~when")}, bus + "/poison#0"), 1, "o1");
    return g.graph;
  };
  Rig rig;
  rig.swap(graph("~old"), {{0, {0, 1}, {}, {0}}, {0, {20000, 96000}, {}, {1}}});
  rig.stem(10000);
  rig.swap(graph("~renamed"), {});
  rig.stem(20000);
  NodeFault fault;
  REQUIRE(rig.engine.take(fault));
  CHECK(std::strcmp(fault.key, "~renamed/poison#0") == 0);
}

TEST_CASE("a voice that gives no number ends, the others sound on") {
  GraphMaker g;
  const Ref tone = g.unit("sine", {Ref::param(0), Ref::of(0)});
  const Ref bad = g.unit("poison", {tone, Ref::param(4)});
  const Ref shape = g.unit("adsr", {Ref::param(3), Ref::of(0.01), Ref::of(0.1), Ref::of(1), Ref::of(0.1)});
  g.unit("mul", {bad, shape});
  const auto def = voice(std::move(g), 8, {{"when", 0}});
  const auto graph = [&] {
    GraphMaker maker;
    maker.out(maker.voices("~lead", def));
    return maker.graph;
  };
  const Play good{0, {0, 1}, {1, 2}, {300, 60, 1, 1, 0}}, poisoned{0, {1, 96}, {1, 2}, {500, 60, 1, 1, 1}};
  Rig plain, rig;
  plain.swap(graph(), {good});
  rig.swap(graph(), {good, poisoned});
  CHECK(first_difference(plain.stem(40000), rig.stem(40000)) == -1);
  CHECK(rig.engine.status().nonfinite == 1);
  CHECK(rig.engine.status().voices == 1);
  NodeFault fault;
  REQUIRE(rig.engine.take(fault));
  CHECK(std::strcmp(fault.key, "~lead") == 0);
}

TEST_CASE("graphs that make no sense are silent, not fatal") {
  GraphMaker g;
  const Ref nobody = g.unit("no_such_unit", {Ref::of(1)});
  Ref astray = g.unit("gain", {Ref::node(999), Ref::param(3)}, "~astray");
  NodeDef voices;
  voices.key = "~voices";
  voices.unit = "voices";
  voices.source = 7;
  voices.voice = 9;
  g.graph.nodes.push_back(voices);
  g.out(g.mix({nobody, astray, Ref::node(static_cast<std::uint32_t>(g.graph.nodes.size() - 1))}));
  g.out(Ref::node(1234), 1, "o1");
  VoiceDef hollow;
  hollow.params = {};
  g.out(g.voices("~hollow", hollow), 1, "o2");
  Rig rig;
  rig.swap(g.graph, {{0, {0, 1}, {1, 8}, {1, 2, 3}}});
  for (const float x : rig.stem(20000)) REQUIRE(x == 0);
}

TEST_CASE("an empty graph and a graph without outputs are silence") {
  Rig rig;
  rig.swap({});
  CHECK(peak(rig.left(1000)) == 0);
  GraphMaker g;
  g.unit("saw", {Ref::of(100)});
  rig.swap(g.graph);
  CHECK(peak(rig.left(1000)) == 0);
}
