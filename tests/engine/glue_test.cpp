// What lies between the units of a voice: what only values make is worked out where they change, products are made where they are summed.
// Neither changes a bit.
#include <catch2/catch.hpp>

#include "tests/engine/rig.h"

using namespace hocket;
using namespace hocket::test;

namespace {

/// Something in the way that changes nothing, so that the planner can no longer tell.
using Veil = Ref (*)(GraphMaker&, Ref, int channels);
Ref none(GraphMaker&, Ref x, int) {
  return x;
}
Ref gated(GraphMaker& g, Ref x, int) {  // plus 0 times the gate
  return g.unit("add", {x, g.unit("mul", {Ref::param(3), Ref::of(0)})});
}
Ref held_up(GraphMaker& g, Ref x, int channels) {
  return g.unit("max", {x, Ref::of(-1e9)}, "", channels);
}

/// Pitch, pulse width, cutoff and envelope from the values by arithmetic.
VoiceDef by_values(Veil veil) {
  GraphMaker g;
  const Ref freq = veil(g, g.unit("add", {g.unit("mul", {Ref::param(0), Ref::of(1.5)}), Ref::param(4)}), 1);
  const Ref octave = veil(g, g.unit("mul", {freq, Ref::of(2)}), 1);
  const Ref mixed = veil(g, g.mix({freq, octave, Ref::of(3)}), 1);
  const Ref cutoff = veil(g, g.unit("mul", {g.unit("pow", {freq, Ref::of(1.1)}), Ref::of(2)}), 1);
  const Ref decay = veil(g, g.unit("div", {Ref::of(40), freq}), 1);
  const Ref tones = g.mix({g.unit("saw", {freq, Ref::of(0)}), g.unit("sine", {octave, Ref::of(0)}), g.unit("square", {mixed, Ref::of(0)})});
  const Ref low = g.unit("lpf", {tones, cutoff, Ref::of(0.4)});
  g.unit("mul", {low, g.unit("adsr", {Ref::param(3), Ref::of(0.01), decay, Ref::of(0.6), Ref::of(0.05)})});
  return voice(std::move(g), 40, {{"more", 5}});
}

/// Sums of products of signals: of two and three, on either side, in one channel and two, more than a step holds, and a product alone.
VoiceDef by_products(Veil veil, int channels) {
  GraphMaker g;
  const auto mul = [&](Ref x, Ref y) { return veil(g, g.unit("mul", {x, y}, "", channels), channels); };
  const Ref a = g.unit("sine", {Ref::param(0), Ref::of(0)}), b = g.unit("saw", {g.unit("mul", {Ref::param(0), Ref::of(3)}), Ref::of(0)});
  const Ref c = g.unit("perc", {Ref::param(3), Ref::of(0.01), Ref::of(0.2)}), d = g.unit("noise", {});
  const Ref wide = channels == 2 ? g.unit("pan", {b, Ref::param(4)}, "", 2) : b;
  const Ref two = g.mix({mul(wide, c), d}, "", channels);
  const Ref three = g.unit("add", {mul(mul(a, c), Ref::param(4)), mul(Ref::of(0.3), mul(d, c))}, "", channels);
  const Ref many = g.mix({mul(a, wide), mul(a, c), mul(wide, d), mul(c, d), a, mul(mul(a, a), wide)}, "", channels);
  const Ref alone = g.unit("lpf", {mul(mul(wide, c), Ref::of(0.7)), Ref::of(1500), Ref::of(0.2)}, "", channels);
  const Ref nested = mul(mul(a, c), mul(d, c));
  const Ref all = g.mix({two, three, many, alone, nested}, "", channels);
  g.unit("mul", {all, g.unit("adsr", {Ref::param(3), Ref::of(0.01), Ref::of(0.1), Ref::of(0.6), Ref::of(0.05)})}, "", channels);
  return voice(std::move(g), 40, {{"more", 0.5}});
}

/// Chords, so that bundles run in pairs and alone; notes that begin and end anywhere; values that glide.
std::vector<Play> notes(float more) {
  std::vector<Play> plays;
  for (int n = 0; n < 60; ++n) {
    const int at = n < 36 ? 100 : 100 + 311 * (n - 35);
    Play play{0, {at, 96000}, {at + 3000 + 157 * n, 96000}, {80.F + 13.F * static_cast<float>(n), 60, 1, 1, more}};
    play.gain = 0.05F;
    play.seed = 1 + static_cast<std::uint32_t>(n);
    play.tag = 1 + static_cast<std::uint64_t>(n);
    plays.push_back(play);
  }
  for (int n = 0; n < 60; n += 7) {
    Play bent = plays[static_cast<std::size_t>(n)];
    bent.act = Act::change;
    bent.at.num += 1000 + n;
    bent.values = {200.F + static_cast<float>(n), 60, 1, 1, more * 1.5F};
    plays.push_back(bent);
  }
  return plays;
}

Samples played(VoiceDef voice, int channels, float more, EngineSettings settings = {}) {
  GraphMaker g;
  g.out(g.voices("~lead", std::move(voice), channels), channels);
  Rig rig(settings);
  rig.swap(g.graph, notes(more));
  return rig.stem(24000, 0, channels - 1);
}

}  // namespace

TEST_CASE("What a voice's values alone make follows them as if it were worked out every frame") {
  const auto plain = played(by_values(none), 1, 5), every_frame = played(by_values(gated), 1, 5);
  REQUIRE(peak(plain) > 0.1);
  CHECK((plain == every_frame));
  for (const int block : {16, 256}) {
    EngineSettings settings;
    settings.block = block;
    INFO(block);
    CHECK((plain == played(by_values(none), 1, 5, settings)));
  }
}

TEST_CASE("Products that are made where they are summed are those that are made by themselves") {
  for (const int channels : {1, 2}) {
    INFO(channels);
    const auto folded = played(by_products(none, channels), channels, 0.5F);
    REQUIRE(peak(folded) > 0.1);
    CHECK((folded == played(by_products(held_up, channels), channels, 0.5F)));
  }
}

TEST_CASE("A sum of nothing, and what no voice can play, is silence") {
  GraphMaker g;
  const Ref tone = g.unit("sine", {Ref::param(0), Ref::of(0)});
  const Ref nothing = g.mix({}), outside = g.unit("hold", {});
  g.mix({tone, nothing, g.unit("mul", {tone, outside}), outside});
  GraphMaker plain;
  plain.unit("sine", {Ref::param(0), Ref::of(0)});
  const auto a = played(voice(std::move(g), 40), 1, 0);
  REQUIRE(peak(a) > 0.1);
  CHECK((a == played(voice(std::move(plain), 40), 1, 0)));
}

TEST_CASE("Neither takes steps of its own in every run") {
  const auto steps = [](VoiceDef voice) {
    GraphMaker g;
    g.out(g.voices("~lead", std::move(voice)));
    Rig rig;
    rig.swap(g.graph);
    const auto at = rig.text.find(" of ", rig.text.find("voices ~lead"));  // "voices ~lead, 40 of N steps"
    REQUIRE(at != std::string::npos);
    return std::stoi(rig.text.substr(at + 4));
  };
  CHECK(steps(by_values(none)) == 6);  // three tones, their sum, filter, envelope
  CHECK(steps(by_values(gated)) > 12);
  CHECK(steps(by_products(none, 1)) == 14);  // six units, four sums, two of them in two portions, two products
  CHECK(steps(by_products(held_up, 1)) > 40);
}
