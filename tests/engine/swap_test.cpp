// Edits while it plays: what stays is the same computation, what changes does so without a click, voices live on.
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/audio/clicks.h"
#include "tests/engine/rig.h"

using namespace hocket;
using namespace hocket::test;

namespace {

constexpr std::int64_t kBefore = 24000, kAfter = 24000;

// A pad of two effects; `edit` says what differs.
struct Pad {
  double freq = 110, cutoff = 900, gain = 0.3;
  bool filter = true, chorus = false, reverb = true, swapped = false, delay = false;
};
GraphDef pad(const Pad& p) {
  GraphMaker g;
  Ref x = g.unit("sine", {Ref::of(p.freq), Ref::of(0)}, "~pad/sine#0");
  const auto filter = [&] { x = g.unit("lpf", {x, Ref::of(p.cutoff), Ref::of(0.2)}, "~pad/lpf#0"); };
  const auto shape = [&] { x = g.unit("dist", {x}, "~pad/dist#0"); };
  if (p.swapped) shape();
  if (p.filter) filter();
  if (!p.swapped) shape();
  if (p.chorus) x = g.unit("chorus", {x}, "~pad/chorus#0");
  if (p.delay) x = g.unit("delay", {x, Ref::of(0.1), Ref::of(0.5), Ref::of(0.5)}, "~pad/delay#0");
  int channels = 1;
  if (p.reverb) {
    x = g.unit("reverb", {x, Ref::of(0.3), Ref::of(0.5), Ref::of(0.5)}, "~pad/reverb#0", 2);
    channels = 2;
  }
  x = g.unit("mul", {x, Ref::of(p.gain)}, "out/mul#0", channels);
  g.out(x, channels);
  return g.graph;
}

Sound edited(const GraphDef& before, const GraphDef& after, const Going& going = {}, std::int64_t at = kBefore) {
  Rig rig;
  rig.swap(before);
  Sound sound = rig.render(at, 480);
  rig.swap(after, {}, going);
  const Sound rest = rig.render(kAfter, 480);
  for (std::size_t c = 0; c < sound.channels.size(); ++c) append(sound.channels[c], rest.channels[c]);
  return sound;
}

void check_clean(const Sound& sound) {
  for (const auto& channel : sound.channels) {
    // the first frames are the program's own beginning
    const std::span<const float> heard(channel.data() + 12000, channel.size() - 12000);
    for (const auto& click : find_clicks(heard)) {
      INFO("a " << to_string(click.kind) << " of " << click.level_db << " dB at " << click.frame + 12000 << ", " << click.prominence_db
                << " dB above the rest");
      CHECK(false);
    }
    CHECK(find_gaps(heard).empty());
    CHECK(non_finite(channel) == 0);
  }
}

}  // namespace

TEST_CASE("no edit of an effect clicks") {
  const Pad plain;
  const auto with = [&](auto change) {
    Pad p;
    change(p);
    return p;
  };
  const Pad edits[] = {with([](Pad& p) { p.filter = false; }),
                       with([](Pad& p) { p.chorus = true; }),
                       with([](Pad& p) { p.reverb = false; }),
                       with([](Pad& p) { p.swapped = true; }),
                       with([](Pad& p) { p.cutoff = 300; }),
                       with([](Pad& p) { p.gain = 0.1; }),
                       with([](Pad& p) { p.freq = 220; }),
                       with([](Pad& p) { p.delay = true; }),
                       with([](Pad& p) { p.chorus = p.delay = true; }),
                       with([](Pad& p) { p.reverb = p.filter = false; })};
  for (const Pad& edit : edits) {
    SECTION("there and back: " + std::to_string(&edit - edits)) {
      const auto at = kBefore + (&edit - edits) * 37;
      check_clean(edited(pad(plain), pad(edit), {}, at));
      check_clean(edited(pad(edit), pad(plain), {}, at));
    }
  }
}

TEST_CASE("a bus beside the edited one plays on to the bit") {
  const auto graph = [](bool edited) {
    GraphMaker g;
    Ref saw = g.unit("saw", {Ref::of(110), Ref::of(0)}, "~a/saw#0");
    saw = g.unit("lpf", {saw, Ref::of(700), Ref::of(0.5)}, "~a/lpf#0");
    const Ref noise = g.unit("noise", {}, "~a/noise#0");
    const Ref a = g.mix({saw, noise}, "~a/mix#0");
    Ref b = g.unit("square", {Ref::of(edited ? 90 : 60), Ref::of(0)}, "~b/square#0");
    if (edited) b = g.unit("chorus", {b}, "~b/chorus#0");
    g.out(a, 1, "o1").out(b, 1, "o2");
    return g.graph;
  };
  Rig plain, edit;
  plain.swap(graph(false));
  edit.swap(graph(false));
  auto expected = plain.stem(20000), got = edit.stem(20000);
  edit.swap(graph(true));
  append(expected, plain.stem(20000));
  append(got, edit.stem(20000));
  CHECK(first_difference(expected, got) == -1);
  CHECK(rms(expected) > 0.1);
}

TEST_CASE("an edit that changes nothing changes no sample and needs no transition") {
  Rig plain, edit;
  plain.swap(pad({}));
  edit.swap(pad({}));
  auto expected = plain.left(10000), got = edit.left(10000);
  const auto planned = edit.planner.plan(pad({}));
  CHECK(planned.swap->transition == nullptr);
  edit.planner.undo();
  edit.swap(pad({}));
  append(expected, plain.left(10000));
  append(got, edit.left(10000));
  CHECK(first_difference(expected, got) == -1);
}

TEST_CASE("voices of a replaced instrument end by their envelopes, new notes use the new one") {
  const auto graph = [](const std::string& wave) {
    GraphMaker g;
    const Ref v = g.voices("~lead", tone_voice(8, 0.3, wave), 1, wave == "saw" ? 1 : 2);
    g.out(g.unit("mul", {v, Ref::of(0.5)}, "out/mul#0"));
    return g.graph;
  };
  // one note over the whole time; the reference keeps its instrument
  const std::vector<Play> held{{0, {0, 1}, {1, 4}, {220, 57, 1, 1}}};
  Rig plain, edit;
  plain.swap(graph("saw"), held);
  edit.swap(graph("saw"), held);
  auto expected = plain.left(12000), got = edit.left(12000);
  edit.swap(graph("square"));
  append(expected, plain.left(60000));
  append(got, edit.left(60000));
  CHECK(first_difference(expected, got) == -1);
  CHECK(edit.engine.status().voices == 0);
  CHECK(edit.planner.stale());
  edit.swap(graph("square"), {{0, {1, 1}, {5, 4}, {220, 57, 1, 1}}});
  CHECK_FALSE(edit.planner.stale());
  const auto more = edit.left(48000);
  CHECK(rms(more) > 0.05);
  CHECK(edit.text.find("ghost") == std::string::npos);
}

TEST_CASE("a removed effect's tail rings out") {
  const auto graph = [](bool echo) {
    GraphMaker g;
    Ref x = g.voices("~hit", tick_voice());
    if (echo) x = g.unit("delay", {x, Ref::of(0.25), Ref::of(0.6), Ref::of(0.5)}, "~hit/delay#0");
    g.out(g.unit("mul", {x, Ref::of(0.9)}, "out/mul#0"));
    return g.graph;
  };
  Rig rig;
  rig.swap(graph(true), {{0, {0, 1}}});
  rig.render(6000);
  rig.swap(graph(false));
  const auto after = rig.stem(48000);
  // echoes at 12000, 24000, 36000 frames from the hit, which was 6000 frames before
  CHECK(std::fabs(after[6000]) > 0.1F);
  CHECK(std::fabs(after[18000]) > 0.05F);
  CHECK(std::fabs(after[30000]) > 0.03F);
}

TEST_CASE("a tail that never ends is let go after its time") {
  const auto graph = [](bool echo) {
    GraphMaker g;
    Ref x = g.unit("saw", {Ref::of(100), Ref::of(0)}, "~a/saw#0");
    if (echo) x = g.unit("delay", {x, Ref::of(0.05), Ref::of(0.999), Ref::of(0.5)}, "~a/delay#0");
    g.out(g.unit("mul", {x, Ref::of(0.2)}, "out/mul#0"));
    return g.graph;
  };
  Rig rig;
  rig.swap(graph(true));
  rig.render(24000);
  rig.swap(graph(false));
  rig.render(48000 * 10);
  CHECK_FALSE(rig.planner.stale());
  rig.render(48000 * 11);
  REQUIRE(rig.planner.stale());
  rig.swap(graph(false));
  CHECK(rig.text.find("ghost") == std::string::npos);
}

TEST_CASE("hush fades all within milliseconds, voices and tails too") {
  GraphMaker g;
  const Ref v = g.voices("~lead", tone_voice(8, 5));
  const Ref room = g.unit("reverb", {v, Ref::of(0.5), Ref::of(0.9), Ref::of(0.1)}, "~lead/reverb#0", 2);
  g.out(room, 2);
  Rig rig;
  rig.swap(g.graph, {{0, {0, 1}, {10, 1}, {220, 57, 1, 1}}});
  rig.render(24000);
  Going going;
  going.ring = false;
  rig.swap({}, {}, going);
  const auto left = rig.stem(24000);
  CHECK(rms({left.data(), 100}) > 0.01);
  CHECK(peak({left.data() + 720, 20000}) == 0);
}

TEST_CASE("panic is silent at once and starts all anew") {
  GraphMaker g;
  g.out(g.unit("saw", {Ref::of(110), Ref::of(0)}, "~a/saw#0"));
  Rig fresh, rig;
  fresh.swap(g.graph);
  const auto expected = fresh.left(5000);
  rig.swap(g.graph);
  rig.render(12345);
  Going going;
  going.clean = true;
  rig.swap({}, {}, going);
  CHECK(peak(rig.left(3000)) == 0);
  rig.swap(g.graph);
  CHECK(first_difference(rig.left(5000), expected) == -1);
}

TEST_CASE("a swap waits for the transition before it, and none of the two clicks") {
  Rig rig;
  rig.swap(pad({}));
  Sound sound = rig.render(kBefore, 64);
  Pad second, third;
  second.chorus = true;
  third.cutoff = 250;
  rig.swap(pad(second));
  const auto add = [&](const Sound& more) {
    for (std::size_t c = 0; c < 2; ++c) append(sound.channels[c], more.channels[c]);
  };
  add(rig.render(128, 64));
  rig.swap(pad(third));
  add(rig.render(kAfter, 64));
  check_clean(sound);
}

TEST_CASE("a quantised swap takes over at its exact frame, and can be withdrawn before") {
  GraphMaker a, b;
  a.out(a.voices("~a", tick_voice()));
  b.out(b.unit("sine", {Ref::of(1000), Ref::of(0)}, "~b/sine#0"));
  Rig rig;
  rig.swap(a.graph);
  rig.render(1000);
  Going going;
  going.at = {1, 3};  // frame 32000
  rig.swap(b.graph, {}, going);
  rig.render(20000);
  CHECK(rig.engine.status().swap_serial == 1);
  rig.render(12000);
  CHECK(rig.engine.status().swap_serial == 2);
  CHECK(rig.engine.status().swap_frame == 32000);
  going.at = {2, 1};
  rig.swap(a.graph, {}, going);
  rig.render(2000);
  CHECK(rig.engine.withdraw() != nullptr);
  CHECK(rig.engine.withdraw() == nullptr);
  rig.planner.undo();
  rig.render(96000 * 2);
  CHECK(rig.engine.status().swap_serial == 2);
}

TEST_CASE("a changed pattern is heard from its exact frame on, and the old one no longer") {
  const auto graph = [](std::uint64_t print) {
    GraphMaker g;
    g.out(g.voices("~click", tick_voice(), 1, print));
    return g.graph;
  };
  Rig rig;
  std::vector<Play> fours, threes;
  for (std::int64_t n = 0; n < 16; ++n) fours.push_back({0, {n, 8}, {n + 1, 8}});
  for (std::int64_t n = 0; n < 12; ++n) threes.push_back({0, {n, 6}, {n + 1, 6}});
  rig.swap(graph(1), fours);
  auto heard = rig.stem(48000);
  Going going;
  going.at = {1, 1};
  rig.swap(graph(2), threes, going);
  append(heard, rig.stem(144000));
  std::vector<std::int64_t> expected;
  for (std::int64_t n = 0; n < 8; ++n) expected.push_back(n * 12000);
  for (std::int64_t n = 6; n < 12; ++n) expected.push_back(n * 16000);
  CHECK(sounding_frames(heard) == expected);
}

TEST_CASE("a tempo change keeps the position and moves what is queued") {
  GraphMaker g;
  g.out(g.voices("~click", tick_voice()));
  std::vector<Play> plays;
  for (std::int64_t n = 0; n < 12; ++n) plays.push_back({0, {n, 8}, {n + 1, 8}});
  Rig rig;
  rig.swap(g.graph, plays);
  auto heard = rig.stem(30000);  // position 0.3125
  Going going;
  going.frames_per_cycle = frames_per_cycle(48000, 2, 1);
  rig.move(going);
  append(heard, rig.stem(40000));
  std::vector<std::int64_t> expected{0, 12000, 24000};
  for (std::int64_t n = 3; n < 12; ++n) expected.push_back(30000 + n * 3000 - 7500);  // n / 8 - 0.3125 cycles of 24000 frames
  CHECK(sounding_frames(heard) == expected);
}

TEST_CASE("outputs come and go without a click, and their gains ramp") {
  const auto graph = [](bool second) {
    GraphMaker g;
    g.out(g.unit("sine", {Ref::of(200), Ref::of(0)}, "~a/sine#0"));
    if (second) g.out(g.unit("sine", {Ref::of(313), Ref::of(0.25)}, "~b/sine#0"), 1, "o1");
    for (auto& node : g.graph.nodes) node.channels = 1;
    return g.graph;
  };
  Going quiet;
  quiet.mix.gain["out"] = 0.2F;
  quiet.mix.gain["o1"] = 0.2F;
  check_clean(edited(graph(false), graph(true), quiet));
  check_clean(edited(graph(true), graph(false), quiet));
}
