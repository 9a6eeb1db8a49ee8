// Voices of several nodes that play one instrument share bundles; nobody hears it.
#include <catch2/catch.hpp>

#include "tests/engine/rig.h"

using namespace hocket;
using namespace hocket::test;

namespace {

constexpr int kTracks = 7;

// A tone, noise of its own, a ring of feedback, an envelope.
VoiceDef instrument() {
  GraphMaker g;
  const Ref tone = g.unit("saw", {Ref::param(0), Ref::of(0)});
  const Ref hiss = g.unit("mul", {g.unit("noise", {}), Ref::of(0.1)});
  const Ref sum = g.unit("add", {tone, hiss});
  const Ref low = g.unit("lpf", {sum, Ref::of(900), Ref::of(0.3)});
  const Ref back = g.unit("add", {low, Ref::of(0)});
  g.connect(back, 1, g.feedback(low));
  const Ref shape = g.unit("adsr", {Ref::param(3), Ref::of(0.002), Ref::of(0.05), Ref::of(0.4), Ref::of(0.03)});
  const Ref shaped = g.unit("max", {g.unit("mul", {back, shape}), Ref::of(-10)});
  g.unit("mul", {shaped, g.unit("div", {Ref::of(150), Ref::param(0)})});  // by what its values alone make
  return voice(std::move(g), 12);
}

GraphDef graph_of(int tracks) {
  GraphMaker g;
  for (int t = 0; t < tracks; ++t) {
    const std::string key = "~t" + std::to_string(t) + "/";
    const int channels = t % 3 == 0 ? 1 : 2;
    const Ref track = g.voices(key + "voices#0", instrument(), channels);
    g.out(g.unit("lpf", {track, Ref::of(2000), Ref::of(0.1 * t)}, key + "lpf#0", channels), channels, "o" + std::to_string(t + 1));
  }
  return g.graph;
}

// Now and then one voice, now and then more than are few; some are cut, some panned, some no number.
std::vector<Play> notes(int tracks) {
  std::vector<Play> plays;
  for (int t = 0; t < tracks; ++t)
    for (std::int64_t n = 0; n < 40; ++n) {
      const int chord = n % 9 == 4 ? 11 : static_cast<int>((n + t) % 3);
      for (int k = 0; k < chord; ++k) {
        Play play{t, {n * 7 + t + k % 2, 300}, {n * 7 + t + 3 + k, 300}, {static_cast<float>(110 + 31 * t + 17 * k)}};
        play.gain = 0.1F + 0.02F * static_cast<float>(k);
        if (n % 2 == 0) play.pan = static_cast<float>(k) / 11;
        play.cut = k == 1 ? 1 : 0;
        play.seed = static_cast<std::uint32_t>(1 + n * 100 + k);
        plays.push_back(play);
      }
    }
  return plays;
}

struct Way {
  bool batching = true;
  int threads = 1, block = 64, host = 512;
  const char* isa = nullptr;
};

Sound perform(const Way& way, int tracks = kTracks) {
  EngineSettings settings;
  settings.batching = way.batching;
  settings.threads = way.threads;
  settings.block = way.block;
  Rig rig(settings, test_table(unit_table(way.isa)));
  rig.swap(graph_of(tracks), notes(tracks));
  CHECK((rig.text.find(" more, ") != std::string::npos) == (way.batching && tracks > 1));
  Sound all = rig.render(30000, way.host);
  rig.swap(graph_of(tracks - 1));  // one goes: its voices ring out
  const Sound rest = rig.render(30000, way.host);
  for (std::size_t c = 0; c < all.channels.size(); ++c) append(all.channels[c], rest.channels[c]);
  return all;
}

}  // namespace

TEST_CASE("voices that share bundles with other nodes' sound as they do alone") {
  for (const auto* table : all_unit_tables()) {
    CAPTURE(table->isa);
    const auto alone = perform({false, 1, 64, 512, table->isa}).channels;
    const bool wide = table == &unit_table();
    for (const Way& way : {Way{true, 1, 64, 512, table->isa}, Way{true, 3, 256, 1000, table->isa}, Way{true, 1, 17, 100, table->isa}}) {
      if (!wide && way.block != 64) continue;
      CAPTURE(way.block, way.threads);
      const bool same = perform(way).channels == alone;
      CHECK(same);
    }
  }
}
