// One program, the same samples: whatever the threads, the player, the blocks, the host's buffer, the instruction set.
#include <catch2/catch.hpp>
#include <cstring>

#include "tests/engine/rig.h"

using namespace hocket;
using namespace hocket::test;

namespace {

// Stages, sends, patterns, voices of two instruments, an outer signal, stereo, noise, a tail.
GraphDef busy_graph(bool feedback) {
  GraphMaker g;
  const Ref lfo = g.unit("sine", {Ref::of(0.7), Ref::of(0)}, "~lfo/sine#0");

  GraphMaker bell;
  const Ref mod = bell.unit("sine", {Ref::param(0), Ref::of(0)});
  const Ref outer = bell.unit("mul", {Ref::outer(lfo.index), mod});
  const Ref tone = bell.unit("sine", {Ref::param(0), outer});
  const Ref grain = bell.unit("noise", {});
  const Ref sum = bell.mix({tone, grain});
  const Ref shape = bell.unit("perc", {Ref::param(3), Ref::of(0.002), Ref::param(4)});
  bell.unit("mul", {sum, shape});

  const Ref lead = g.voices("~lead", voice(std::move(bell), 12, {{"decay", 0.2}}), 2);
  const Ref bass = g.more_voices("~bass", 0, tone_voice(5, 0.1), 2);
  const Ref step = g.hold("~step", 300);
  const Ref trig = g.gate("~trig");
  const Ref line = g.curve("~line");
  const Ref saw = g.unit("saw", {step, Ref::of(0)}, "~saw/saw#0");
  const Ref swell = g.unit("adsr", {trig, Ref::of(0.01), Ref::of(0.1), Ref::of(0.5), Ref::of(0.2)}, "~saw/adsr#0");
  const Ref wah = g.unit("mul", {swell, Ref::of(3000)}, "~saw/mul#0");
  const Ref cut = g.unit("add", {wah, line}, "~saw/add#0");
  const Ref filtered = g.unit("lpf", {saw, cut, Ref::of(0.4)}, "~saw/lpf#0");
  const Ref drums = g.mix({lead, bass}, "~drums/mix#0", 2);
  const Ref echo = g.unit("delay", {drums, Ref::of(0.11), Ref::of(0.4), Ref::of(0.5)}, "~echo/delay#0", 2);
  const Ref room = g.unit("reverb", {filtered, Ref::of(0.4), Ref::of(0.5), Ref::of(0.3)}, "~room/reverb#0", 2);
  Ref all = g.mix({drums, echo, room, filtered}, "out/mix#0", 2);
  if (feedback) {
    const Ref back = g.unit("mul", {Ref::of(0), Ref::of(0.3)}, "~back/mul#0", 2);
    g.connect(back, 0, g.feedback(all));
    all = g.mix({all, back}, "out/mix#1", 2);
  }
  g.out(all, 2);
  g.out(filtered, 1, "o1");
  return g.graph;
}

std::vector<Play> busy_events() {
  std::vector<Play> plays;
  for (std::int64_t n = 0; n < 60; ++n) {
    const auto freq = static_cast<float>(110 * (1 + n % 7));
    const bool bass = n % 3 == 1;
    Play play{0, {n, 31}, {n * 2 + 3, 62}, {freq, 60, 0.8F, 1, 0.05F + 0.01F * static_cast<float>(n % 5)}, bass ? 1 : 0};
    play.pan = static_cast<float>(n % 11) / 10;
    play.gain = 0.2F;
    play.seed = static_cast<std::uint32_t>(n * 77 + 1);
    play.cut = n % 5 == 0 ? 3 : 0;
    plays.push_back(play);
    plays.push_back({1, {n, 17}, {0, 0}, {static_cast<float>(100 + 50 * (n % 4))}});
    plays.push_back({2, {n, 9}, {n + 1, 9}, {1}});
    plays.push_back({3, {n, 40}, {n + 1, 40}, {static_cast<float>(200 + n), static_cast<float>(900 - n)}});
  }
  return plays;
}

// So many voices that bundles run in pairs: filters that swing slowly and fast, an envelope that hears its gate's end, one that does not.
GraphDef crowd() {
  GraphMaker g, pad, pluck;
  const Ref wave = pad.unit("saw", {Ref::param(0), Ref::of(0)});
  const Ref rate = pad.unit("mul", {Ref::param(4), Ref::of(2)});
  const Ref lfo = pad.unit("sine", {rate, Ref::of(0)});
  const Ref deep = pad.unit("mul", {lfo, Ref::of(600)});
  const Ref cutoff = pad.unit("add", {deep, Ref::of(900)});
  const Ref low = pad.unit("lpf", {wave, cutoff, Ref::of(0.5)});
  const Ref held = pad.unit("adsr", {Ref::param(3), Ref::of(0.01), Ref::of(0.05), Ref::of(0.6), Ref::of(0.03)});
  pad.unit("mul", {low, held});
  const Ref tone = pluck.unit("sine", {Ref::param(0), Ref::of(0)});
  const Ref high = pluck.unit("hpf", {tone, Ref::of(150), Ref::of(0)});
  const Ref fall = pluck.unit("perc", {Ref::param(3), Ref::of(0.001), Ref::of(0.2)});
  pluck.unit("mul", {high, fall});
  const Ref one = g.voices("~pad", voice(std::move(pad), 96, {{"rate", 1}}), 2);
  const Ref other = g.voices("~pluck", voice(std::move(pluck), 96), 2);
  g.out(g.mix({one, other}, "out/mix#0", 2), 2);
  return g.graph;
}

std::vector<Play> crowd_events() {
  std::vector<Play> plays;
  for (std::int64_t n = 0; n < 240; ++n) {
    const float rate = n % 9 == 8 ? 40.F : 0.2F * static_cast<float>(1 + n % 7);
    Play play{static_cast<int>(n % 2), {n, 300}, {n + 60 + n % 13, 300}, {55.F * static_cast<float>(1 + n % 12), 60, 0.8F, 1, rate}};
    play.pan = static_cast<float>(n % 11) / 10;
    play.gain = 0.05F;
    plays.push_back(play);
  }
  return plays;
}

struct Way {
  PlayerKind player = PlayerKind::serial;
  int threads = 1, block = 64, host = 512;
  const char* isa = nullptr;
};

Sound render(const Way& way, const GraphDef& graph, const std::vector<Play>& plays, std::int64_t frames) {
  EngineSettings settings;
  settings.player = way.player;
  settings.threads = way.threads;
  settings.block = way.block;
  Rig rig(settings, test_table(unit_table(way.isa)));
  rig.swap(graph, plays);
  return rig.render(frames, way.host);
}
Sound render(const Way& way, bool feedback, std::int64_t frames) {
  return render(way, busy_graph(feedback), busy_events(), frames);
}

void check_same(const Sound& a, const Sound& b) {
  for (std::size_t c = 0; c < a.channels.size(); ++c) {
    INFO("channel " << c);
    REQUIRE(first_difference(a.channels[c], b.channels[c]) == -1);
  }
}

constexpr std::int64_t kFrames = 40000;

const Sound& reference(bool feedback) {
  static const Sound plain = render({}, false, kFrames), fed_back = render({}, true, kFrames);
  return feedback ? fed_back : plain;
}

}  // namespace

TEST_CASE("the reference sounds") {
  CHECK(rms(reference(false).channels[0]) > 0.02);
  CHECK(non_finite(reference(false).channels[0]) == 0);
  CHECK(first_difference(reference(false).channels[0], reference(false).channels[1]) >= 0);
}

TEST_CASE("players and threads change no sample") {
  const int threads = GENERATE(1, 2, 4);
  const bool feedback = GENERATE(false, true);
  const auto player = GENERATE(PlayerKind::staged, PlayerKind::dataflow);
  CAPTURE(threads, feedback, player == PlayerKind::staged);
  check_same(reference(feedback), render({player, threads}, feedback, kFrames));
}

TEST_CASE("the length of a block changes no sample where nothing is fed back") {
  const int block = GENERATE(16, 17, 32, 100, 256, 1024);
  CAPTURE(block);
  check_same(reference(false), render({PlayerKind::staged, 2, block}, false, kFrames));
}

TEST_CASE("the host's buffer changes no sample, even through feedback") {
  const int host = GENERATE(1, 37, 64, 441, 4096);
  CAPTURE(host);
  const std::int64_t frames = host == 1 ? 5000 : kFrames;
  const auto got = render({PlayerKind::serial, 1, 64, host}, true, frames);
  for (std::size_t c = 0; c < 2; ++c) REQUIRE(first_difference(reference(true).channels[c], got.channels[c]) == -1);
}

TEST_CASE("the instruction set, and with it the width of the lanes, changes no sample, where products are rounded alike") {
  for (const UnitTable* table : all_unit_tables()) {
    if (table->fused != unit_table().fused) continue;
    CAPTURE(table->isa, table->lanes);
    check_same(reference(true), render({PlayerKind::serial, 1, 64, 512, table->isa}, true, kFrames));
  }
}

TEST_CASE("a crowd of voices sounds the same in blocks, on threads and in lanes of any number") {
  const Sound whole = render({}, crowd(), crowd_events(), kFrames);
  CHECK(rms(whole.channels[0]) > 0.02);
  CHECK(non_finite(whole.channels[0]) == 0);
  for (const int block : {16, 17, 100, 256}) {
    CAPTURE(block);
    check_same(whole, render({PlayerKind::staged, 2, block}, crowd(), crowd_events(), kFrames));
  }
  for (const UnitTable* table : all_unit_tables()) {
    if (table->fused != unit_table().fused) continue;
    CAPTURE(table->isa);
    check_same(whole, render({PlayerKind::serial, 1, 64, 512, table->isa}, crowd(), crowd_events(), kFrames));
  }
}
