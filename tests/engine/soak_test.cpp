// Random edits under load, with every player: the same samples from all, and nothing lost.
//   HOCKET_SOAK_S=600 build/tests/test_engine "random edits*"     ten minutes of sound instead of two seconds
//   HOCKET_SOAK_SEED=26 build/tests/test_engine "random edits*"   the round that a failure named
#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>

#include "tests/engine/rig.h"

using namespace hocket;
using namespace hocket::test;

namespace {

struct Dice {
  std::mt19937 engine;
  int below(int n) { return static_cast<int>(engine() % static_cast<unsigned>(n)); }
  double within(double low, double high) { return low + (high - low) * (static_cast<double>(engine()) / 4294967295.0); }
};

Ref effect(GraphMaker& g, Dice& dice, Ref x, const std::string& key, int channels, Ref swing) {
  switch (dice.below(7)) {
    case 0:
      return g.unit("lpf", {x, dice.below(2) ? swing : Ref::of(dice.within(200, 4000)), Ref::of(0.3)}, key + "lpf", channels);
    case 1:
      return g.unit("hpf", {x, Ref::of(dice.within(50, 500)), Ref::of(0.1)}, key + "hpf", channels);
    case 2:
      return g.unit("dist", {x, Ref::of(dice.within(1, 4))}, key + "dist", channels);
    case 3:
      return g.unit("delay", {x, Ref::of(dice.within(0.01, 0.2)), Ref::of(0.5), Ref::of(0.4)}, key + "delay", channels);
    case 4:
      return g.unit("freeverb", {x, Ref::of(0.3), Ref::of(0.5), Ref::of(0.5)}, key + "freeverb", channels);
    case 5:
      return g.unit("compressor", {x, Ref::of(-20), Ref::of(4), Ref::of(0.005), Ref::of(0.1), Ref::of(1), Ref::of(6)}, key + "compressor",
                    channels);
    default:
      return g.unit("mul", {x, Ref::of(0.9)}, key + "mul", channels);
  }
}

struct Piece {
  GraphDef graph;
  std::vector<Play> plays;
  bool ring = true;
  std::int64_t frames = 0;
};

// Buses with chains of any kind, some stereo, a row of filters, a bus that hears itself, voices that play.
Piece random_piece(Dice& dice) {
  Piece piece;
  GraphMaker g;
  const Ref lead = g.voices("~lead", tone_voice(8, 0.1), 2);
  const Ref step = g.hold("~step", 500, dice.engine());
  const Ref lfo = g.unit("sine", {Ref::of(dice.within(0.5, 5)), Ref::of(0)}, "~lfo/sine");
  const Ref swing = g.unit("add", {g.unit("mul", {lfo, Ref::of(300)}, "~lfo/mul"), step}, "~lfo/add");
  std::vector<Ref> buses{lead};
  const int count = dice.below(24);
  for (int b = 0; b < count; ++b) {
    const std::string key = "~b" + std::to_string(dice.below(4) == 0 ? 100 + b : b) + "/";
    Ref x = g.unit("saw", {Ref::of(50 + 9 * b), Ref::of(0)}, key + "saw");
    const int channels = dice.below(3) == 0 ? 2 : 1;
    if (channels == 2) x = g.unit("pan", {x, Ref::of(0.4)}, key + "pan", 2);
    const int length = dice.below(6);
    for (int e = 0; e < length; ++e) x = effect(g, dice, x, key + std::to_string(e) + "/", channels, swing);
    buses.push_back(g.unit("mul", {x, Ref::of(0.02)}, key + "gain", channels));
  }
  Ref row = g.unit("noise", {}, "~row/noise");
  const int filters = dice.below(40);
  for (int n = 0; n < filters; ++n) row = g.unit("lpf", {row, Ref::of(9000 + 100 * n), Ref::of(0)}, "~row/lpf" + std::to_string(n));
  buses.push_back(g.unit("mul", {row, Ref::of(0.02)}, "~row/gain"));
  const Ref back = g.unit("mul", {Ref::of(0), Ref::of(0.3)}, "~back/mul", 2);
  buses.push_back(back);
  const Ref all = g.mix(buses, "out/mix", 2);
  g.connect(back, 0, g.feedback(all));
  g.out(all, 2);
  for (std::int64_t n = 0; n < 40; ++n) {
    Play note{0, {n, 37}, {2 * n + 1, 74}, {static_cast<float>(dice.within(100, 900)), 60, 1, 1}};
    note.gain = 0.1F;
    piece.plays.push_back(note);
    piece.plays.push_back({1, {n, 23}, {}, {static_cast<float>(dice.within(300, 3000))}});
  }
  piece.graph = std::move(g.graph);
  piece.ring = dice.below(4) != 0;
  piece.frames = 64 + dice.below(3000);  // some are shorter than the fade of the edit before
  return piece;
}

Sound played(PlayerKind player, int threads, bool batching, unsigned seed, std::int64_t frames) {
  EngineSettings settings;
  settings.player = player;
  settings.threads = threads;
  settings.batching = batching;
  Rig rig(settings);
  Dice dice{std::mt19937(seed)};
  Sound all;
  all.channels.resize(2);
  while (static_cast<std::int64_t>(all.channels[0].size()) < frames) {
    const Piece piece = random_piece(dice);
    Going going;
    going.ring = piece.ring;
    rig.swap(piece.graph, piece.plays, going);
    for (std::int64_t left = piece.frames; left > 0 || rig.engine.status().swap_serial < rig.serial(); left -= 256) {
      const Sound sound = rig.render(256);
      for (std::size_t c = 0; c < 2; ++c) append(all.channels[c], sound.channels[c]);
    }
  }
  CHECK(rig.engine.status().dropped_events == 0);
  CHECK(rig.engine.status().nonfinite == 0);
  return all;
}

}  // namespace

TEST_CASE("random edits under load give the same samples with every player") {
  const char* const asked = std::getenv("HOCKET_SOAK_S");
  const auto frames = static_cast<std::int64_t>(48000 * (asked ? std::atof(asked) : 2));
  constexpr std::int64_t kRound = 96000;
  const char* const first = std::getenv("HOCKET_SOAK_SEED");
  unsigned seed = first ? static_cast<unsigned>(std::atoi(first)) : 1;
  for (std::int64_t done = 0; done < frames; done += kRound, ++seed) {
    CAPTURE(seed);
    const Sound alone = played(PlayerKind::serial, 1, false, seed, kRound);
    CHECK(non_finite(alone.channels[0]) == 0);
    struct {
      PlayerKind player;
      int threads;
      bool batching;
    } const ways[] = {
        {PlayerKind::serial, 1, true}, {PlayerKind::staged, 2, true}, {PlayerKind::dataflow, 2, true}, {PlayerKind::dataflow, 4, false}};
    for (const auto& way : ways) {
      const Sound other = played(way.player, way.threads, way.batching, seed, kRound);
      CAPTURE(static_cast<int>(way.player), way.threads, way.batching);
      for (std::size_t c = 0; c < 2; ++c) REQUIRE(first_difference(alone.channels[c], other.channels[c]) == -1);
    }
  }
}
