// Plans: stages follow what is read, buffers are shared, chains stay together, objects are kept.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cctype>
#include <string>

#include "server/engine/plan.h"
#include "tests/engine/rig.h"

using namespace hocket;
using namespace hocket::test;

namespace {

struct PlannedWithText : Planned {
  std::string text;
};

PlannedWithText planned(const GraphDef& graph, EngineSettings settings = {}) {
  Planner planner(test_table(), settings);
  PlannedWithText made{planner.plan(graph), {}};
  made.text = planner.text();
  return made;
}

int number_before(const std::string& text, const std::string& word) {
  auto at = text.find(" " + word);
  if (at == std::string::npos) return -1;
  while (at > 0 && std::isdigit(static_cast<unsigned char>(text[at - 1]))) --at;
  return std::stoi(text.substr(at));
}

/// Every node by itself.
EngineSettings one_by_one() {
  EngineSettings settings;
  settings.batching = false;
  return settings;
}

Ref filtered(GraphMaker& g, Ref x, int n) {
  return g.unit("lpf", {x, Ref::of(100. + n), Ref::of(0.1)}, "~chain/lpf#" + std::to_string(n));
}

}  // namespace

TEST_CASE("a straight chain is one task on two buffers, however long") {
  GraphMaker g;
  Ref x = g.unit("noise", {}, "~chain/noise#0");
  for (int n = 0; n < 64; ++n) x = filtered(g, x, n);
  g.out(x);
  const auto p = planned(g.graph, one_by_one());
  CHECK(number_before(p.text, "stages") == 1);
  CHECK(number_before(p.text, "tasks") == 1);
  CHECK(number_before(p.text, "steps") == 65);
  CHECK(number_before(p.text, "buffers") == 2);
  CHECK(p.text.find("working set 512 bytes") != std::string::npos);
}

TEST_CASE("like units one behind the other on one stream run as waves") {
  GraphMaker g;
  Ref x = g.unit("noise", {}, "~chain/noise#0");
  for (int n = 0; n < 9; ++n) x = filtered(g, x, n);
  x = g.unit("hpf", {x, Ref::of(50), Ref::of(0)}, "~chain/hpf#0");
  g.out(x);
  const auto p = planned(g.graph);
  CHECK(p.text.find("lpf ~chain/lpf#0…, ") != std::string::npos);
  CHECK(p.text.find(" in series") != std::string::npos);
}

TEST_CASE("filters whose cutoffs move run as a wave too, after what moves them") {
  GraphMaker g;
  Ref x = g.unit("noise", {}, "~chain/noise#0");
  for (int n = 0; n < 9; ++n) {
    const Ref cutoff = g.unit("sine", {Ref::of(1. + n), Ref::of(0)}, "~lfo/sine#" + std::to_string(n));
    x = g.unit("lpf", {x, cutoff, Ref::of(0.1)}, "~chain/lpf#" + std::to_string(n));
  }
  g.out(x);
  const auto p = planned(g.graph);
  const auto wave = p.text.find("lpf ~chain/lpf#0…, 9 in series");
  REQUIRE(wave != std::string::npos);
  CHECK(p.text.find("sine ~lfo/sine#") < wave);
}

TEST_CASE("buses that do not read each other are tasks of one stage, their sum is in the next") {
  GraphMaker g;
  std::vector<Ref> buses;
  for (int n = 0; n < 8; ++n)
    buses.push_back(filtered(g, g.unit("saw", {Ref::of(100), Ref::of(0)}, "~b" + std::to_string(n) + "/saw#0"), n));
  g.out(g.mix(buses));
  const auto p = planned(g.graph, one_by_one());
  REQUIRE(p.swap->next->stages.size() == 2);
  CHECK(p.swap->next->stages[0].tasks == 8);
  CHECK(p.swap->next->stages[1].tasks == 1);
}

TEST_CASE("like buses run as lanes of one kernel a unit, kept in lanes from unit to unit") {
  const int width = test_table().lanes;
  GraphMaker g;
  std::vector<Ref> buses;
  for (int n = 0; n < width; ++n)
    buses.push_back(filtered(g, g.unit("saw", {Ref::of(100), Ref::of(0)}, "~b" + std::to_string(n) + "/saw#0"), n));
  g.out(g.mix(buses));
  const auto p = planned(g.graph);
  CHECK(number_before(p.text, "steps") == 3);  // saw, lpf, and their lanes added up
  CHECK(p.text.find(std::to_string(width) + " of " + std::to_string(width) + " lanes") != std::string::npos);
}

TEST_CASE("like echoes share lanes where there are enough of them and all read as far back") {
  const int width = test_table().lanes;
  const auto plan_of = [](int tracks, double apart) {
    GraphMaker g;
    std::vector<Ref> buses;
    for (int n = 0; n < tracks; ++n) {
      const std::string key = "~b" + std::to_string(n);
      const Ref x = g.unit("noise", {}, key + "/noise#0");
      buses.push_back(g.unit("delay", {x, Ref::of(0.1 + apart * n), Ref::of(0.5), Ref::of(0.5)}, key + "/delay#0"));
    }
    g.out(g.mix(buses));
    return planned(g.graph).text;
  };
  const auto lanes = [](const std::string& text) {
    const auto at = text.find("delay ~b0/delay#0…, ");
    return at == std::string::npos ? 0 : std::stoi(text.substr(text.find(", ", at) + 2));
  };
  CHECK(lanes(plan_of(2, 0)) == 0);
  CHECK(lanes(plan_of(width, 0)) == width);
  CHECK(lanes(plan_of(width, 0.001)) == 0);
  // one more than fit is by itself
  const auto text = plan_of(width + 1, 0);
  CHECK(lanes(text) == width);
  CHECK(text.find("delay ~b" + std::to_string(width) + "/delay#0…") == std::string::npos);
  CHECK(text.find("delay ~b" + std::to_string(width) + "/delay#0") != std::string::npos);
}

TEST_CASE("a few effects that run a signal's frames side by side run by themselves, more as lanes") {
  const auto text_of = [](std::uint32_t tracks) {
    GraphMaker g;
    std::vector<Ref> buses;
    for (std::uint32_t n = 0; n < tracks; ++n) {
      const std::string key = "~b" + std::to_string(n);
      buses.push_back(g.unit("dist", {g.unit("noise", {}, key + "/noise#0"), Ref::of(4)}, key + "/dist#0"));
    }
    g.out(g.mix(buses));
    return planned(g.graph).text;
  };
  const auto units = test_table().units;
  const auto few = std::find_if(units.begin(), units.end(), [](const UnitEntry& e) { return e.info.name == "dist"; })->few;
  CHECK(few > 1);
  CHECK(text_of(few).find("/dist#0…") == std::string::npos);
  CHECK(text_of(2 * few).find("/dist#0…") != std::string::npos);
}

TEST_CASE("a source read by two sends is computed once") {
  GraphMaker g;
  const Ref x = g.unit("saw", {Ref::of(100), Ref::of(0)}, "~x/saw#0");
  const Ref a = g.unit("reverb", {x, Ref::of(0.5), Ref::of(0.5), Ref::of(0.5)}, "~a/reverb#0", 2);
  const Ref b = g.unit("delay", {x, Ref::of(0.25), Ref::of(0.5), Ref::of(0.5)}, "~b/delay#0");
  g.out(g.mix({x, a, b}, "out/mix#0", 2), 2);
  const auto p = planned(g.graph);
  CHECK(p.swap->next->steps.size() == 4);
  CHECK(p.swap->next->stages.size() == 3);
}

TEST_CASE("a loop is cut where the graph says feedback, and the plan has an order") {
  GraphMaker g;
  const Ref hit = g.unit("saw", {Ref::of(3), Ref::of(0)}, "~hit/saw#0");
  const Ref sum = g.mix({hit, Ref::of(0)}, "~echo/mix#0");
  const Ref echo = g.unit("mul", {sum, Ref::of(0.5)}, "~echo/mul#0");
  g.connect(sum, 1, g.feedback(echo));
  g.out(echo);
  const auto p = planned(g.graph);
  CHECK(p.text.find("late ~echo/mul#0/late") < p.text.find("mix ~echo/mix#0"));
  CHECK(p.text.find("write ~echo/mul#0/late") > p.text.find("mul ~echo/mul#0"));
}

TEST_CASE("two effects that change places close no cycle") {
  const auto graph = [](bool swapped) {
    GraphMaker g;
    Ref x = g.unit("noise", {}, "~a/noise#0");
    const char* names[] = {"lpf", "hpf"};
    for (const int n : {0, 1}) {
      const std::string name = names[n ^ (swapped ? 1 : 0)];
      x = g.unit(name, {x, Ref::of(500), Ref::of(0.2)}, "~a/" + name + "#0");
    }
    g.out(x);
    return g.graph;
  };
  Planner planner(test_table(), {});
  planner.plan(graph(false));
  const auto p = planner.plan(graph(true));
  REQUIRE(p.swap->transition != nullptr);
  CHECK(p.swap->transition->steps.size() > p.swap->next->steps.size());
  CHECK(p.swap->next->steps.size() == 3);
}

TEST_CASE("sources keep their ids as long as their patterns stay, and all are named anew on demand") {
  const auto graph = [](std::uint64_t print) {
    GraphMaker g;
    g.out(g.mix({g.hold("~a", 0, 1), g.hold("~b", 0, print)}));
    return g.graph;
  };
  Planner planner(test_table(), {});
  const auto first = planner.plan(graph(1)), same = planner.plan(graph(1)), other = planner.plan(graph(2));
  CHECK(first.fresh == std::vector<bool>{true, true});
  CHECK(same.fresh == std::vector<bool>{false, false});
  CHECK(same.source_ids == first.source_ids);
  CHECK(other.fresh == std::vector<bool>{false, true});
  CHECK(other.source_ids[0] == first.source_ids[0]);
  CHECK(other.source_ids[1] != first.source_ids[1]);
  planner.renew_sources();
  const auto renewed = planner.plan(graph(2));
  CHECK(renewed.fresh == std::vector<bool>{true, true});
  CHECK(renewed.source_ids[0] != first.source_ids[0]);
}

TEST_CASE("the plan's text names stages, tasks, steps, buffers and kept objects") {
  GraphMaker g;
  g.out(g.unit("delay", {g.voices("~v", tone_voice()), Ref::of(0.25), Ref::of(0.5), Ref::of(0.5)}, "~v/delay#0"));
  const auto text = planned(g.graph).text;
  for (const char* part : {"stage 0", "task 0", "voices ~v", "delay ~v/delay#0  (b", "outputs\n  out: b", "objects: ", "~v/delay#0  "}) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
  }
}
