// Oscillators that are only heard multiplied or moved are so on their way out of their kernel: what is found, and that nothing else
// changes.
#include <catch2/catch.hpp>
#include <cmath>

#include "server/control/plan_voice_scale.h"
#include "tests/engine/rig.h"

using namespace hocket;
using namespace hocket::test;

namespace {

using Change = Ref (*)(GraphMaker&, Ref);

/// How often each node is read; the last one by the output.
std::vector<int> readers_of(const GraphDef& graph) {
  std::vector<int> readers(graph.nodes.size(), 0);
  for (const auto& node : graph.nodes)
    for (const auto& ref : node.inputs)
      if (ref.kind == Ref::Kind::node) ++readers[ref.index];
  readers.back() += 1000;
  return readers;
}

std::optional<Scaling> found(Change change) {
  GraphMaker g;
  change(g, g.unit("sine", {Ref::of(3), Ref::of(0)}));
  return scaling_of(g.graph, 0, readers_of(g.graph));
}

Ref twice_and_one(GraphMaker& g, Ref x) {
  return g.unit("add", {g.unit("mul", {x, Ref::of(2)}), Ref::of(1)});
}
Ref one_and_half(GraphMaker& g, Ref x) {  // the other way round, and in the other order
  return g.unit("mul", {Ref::of(0.5), g.unit("add", {Ref::of(1), x})});
}
Ref five_less(GraphMaker& g, Ref x) {
  return g.unit("sub", {Ref::of(5), x});
}
Ref less_five(GraphMaker& g, Ref x) {
  return g.unit("sub", {x, Ref::of(5)});
}
Ref by_a_param(GraphMaker& g, Ref x) {
  return g.unit("mul", {g.unit("mul", {x, Ref::param(4)}), Ref::of(3)});
}
Ref twice_heard(GraphMaker& g, Ref x) {
  return g.unit("add", {g.unit("mul", {x, Ref::of(2)}), x});
}
Ref by_a_signal(GraphMaker& g, Ref x) {
  return g.unit("mul", {x, g.unit("saw", {Ref::of(2), Ref::of(0)})});
}
Ref squared(GraphMaker& g, Ref x) {
  return g.unit("mul", {x, x});
}

/// A tone with an envelope whose cutoff an oscillator swings. `hidden`: something stands between that and its scaling.
Samples swung(const std::string& wave, Change change, bool hidden) {
  GraphMaker g;
  Ref swing = g.unit(wave, {Ref::of(7), Ref::of(0)});
  if (hidden) swing = g.unit("max", {swing, Ref::of(-1000)});
  const Ref cutoff = g.unit("mul", {change(g, swing), g.unit("max", {Ref::of(400), Ref::of(0)})});
  const Ref tone = g.unit("lpf", {g.unit("saw", {Ref::param(0), Ref::of(0)}), cutoff, Ref::of(0.3)});
  g.unit("mul", {tone, g.unit("perc", {Ref::param(3), Ref::of(0.01), Ref::of(0.3)})});
  GraphMaker all;
  all.out(all.voices("~lead", voice(std::move(g), 4, {{"depth", 0.7}})));
  Rig rig;
  Play low{0, {100, 96000}, {20000, 96000}, {110, 45, 1, 1}}, high{0, {3000, 96000}, {20000, 96000}, {660, 76, 1, 1}};
  high.values.push_back(0.4F);
  rig.swap(all.graph, {low, high});
  return rig.stem(30000);
}

}  // namespace

TEST_CASE("what multiplies and moves an oscillator is found") {
  const auto is = [](Change change, double factor, double offset, std::uint32_t last) {
    const auto s = found(change);
    REQUIRE(s);
    CHECK(s->factor == Ref::of(factor));
    CHECK(s->offset == Ref::of(offset));
    CHECK(s->last() == last);
  };
  is(twice_and_one, 2, 1, 2);
  is(one_and_half, 0.5, 0.5, 2);
  is(five_less, -1, 5, 1);
  is(less_five, 1, -5, 1);
  const auto s = found(by_a_param);  // the number after it cannot be known beforehand
  REQUIRE(s);
  CHECK(s->factor == Ref::param(4));
  CHECK(s->offset == Ref::of(0));
  CHECK(s->last() == 1);
}

TEST_CASE("what is heard as it is too, or is multiplied by what moves, is left alone") {
  CHECK(!found(twice_heard));
  CHECK(!found(by_a_signal));
  CHECK(!found(squared));
}

TEST_CASE("an oscillator scaled on its way sounds as one that is scaled afterwards") {
  for (const char* wave : {"sine", "saw", "square", "tri", "pulse", "noise"}) {
    for (const Change change : {twice_and_one, one_and_half, five_less, less_five, by_a_param, twice_heard}) {
      INFO(wave);
      const auto a = swung(wave, change, false), b = swung(wave, change, true);
      REQUIRE(peak(a) > 0.01);
      double worst = 0;
      for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::fabs(static_cast<double>(a[i] - b[i])));
      CHECK(worst < 3e-5 * static_cast<double>(peak(a)));
    }
  }
}
