// Like nodes run side by side give what each gives by itself, through edits and faults.
#include <catch2/catch.hpp>

#include "tests/engine/rig.h"

using namespace hocket;
using namespace hocket::test;

namespace {

/// What the buses of a test are made of.
struct Buses {
  std::vector<int> which = {};  ///< their numbers
  bool poisoned = false;        ///< bus 3 gives no number where the pattern says
  double echo_s = 0.05;
};

std::vector<int> up_to(int count) {
  std::vector<int> all;
  for (int i = 0; i < count; ++i) all.push_back(i);
  return all;
}

// Chains of unequal length, some stereo, with constants, patterns and signals as parameters, and sums of all.
GraphDef graph_of(const Buses& buses) {
  GraphMaker g;
  const Ref when = g.hold("~when");
  const Ref swing = g.unit("sine", {Ref::of(3), Ref::of(0)}, "~swing/sine#0");
  const Ref wide = g.unit("mul", {swing, Ref::of(700)}, "~swing/mul#0");
  std::vector<Ref> all, dry;
  for (const int b : buses.which) {
    const std::string key = "~b" + std::to_string(b) + "/";
    const Ref step = g.hold(key + "hold#0", 300 + 10 * b);
    const Ref cutoff = b % 3 == 0 ? Ref::of(800 + 50 * b) : b % 3 == 1 ? step : g.unit("add", {wide, Ref::of(1200 + b)}, key + "add#0");
    Ref x = g.unit(b % 4 == 3 ? "noise" : "saw", b % 4 == 3 ? std::vector<Ref>{} : std::vector<Ref>{Ref::of(60 + 7 * b), Ref::of(0)},
                   key + "osc#0");
    if (buses.poisoned && b == 3) x = g.unit("poison", {x, when}, key + "poison#0");
    if (buses.poisoned && b != 3) x = g.unit("poison", {x, Ref::of(0)}, key + "poison#0");
    x = g.unit("lpf", {x, cutoff, Ref::of(0.3)}, key + "lpf#0");
    if (b % 5 != 2) x = g.unit("dist", {x, Ref::of(2)}, key + "dist#0");
    dry.push_back(x);
    int channels = 1;
    if (b % 2 == 1) {
      x = g.unit("chorus", {x, Ref::of(0.5 + 0.1 * b), Ref::of(0.4), Ref::of(0.5)}, key + "chorus#0", 2);
      channels = 2;
    }
    const double time = buses.echo_s * (b % 4 == 0 ? 1 : 1.3);
    x = g.unit("delay", {x, Ref::of(time), Ref::of(0.5), Ref::of(0.4)}, key + "delay#0", channels);
    if (b % 5 == 1) x = g.unit("delay", {x, Ref::of(0.031), Ref::of(0.3), Ref::of(0.4)}, key + "delay#1", channels);
    x = g.unit("compressor", {x, Ref::of(-20), Ref::of(4), Ref::of(0.005), Ref::of(0.1), Ref::of(1), Ref::of(6)}, key + "compressor#0",
               channels);
    x = g.unit("reverb", {x, Ref::of(0.3), Ref::of(0.5), Ref::of(0.4)}, key + "reverb#0", 2);
    x = g.unit("mul", {x, Ref::of(0.05)}, key + "mul#0", 2);
    all.push_back(g.unit("pan", {x, Ref::of(b / 40.)}, key + "pan#0", 2));
  }
  g.out(g.mix(all, "out/mix#0", 2), 2);
  g.out(g.mix(dry, "o1/mix#0"), 1, "o1");
  return g.graph;
}

std::vector<Play> patterns(const Buses& buses) {
  std::vector<Play> plays = {{0, {0, 1}, {}, {0}}, {0, {1, 16}, {}, {1}}, {0, {1001, 16000}, {}, {0}}};
  for (std::size_t b = 0; b < buses.which.size(); ++b)
    for (std::int64_t n = 0; n < 12; ++n)
      plays.push_back({static_cast<int>(b) + 1, {n, 13}, {}, {static_cast<float>(200 + 90 * ((static_cast<std::int64_t>(b) + n) % 7))}});
  return plays;
}

struct Way {
  bool batching = true;
  int threads = 1, block = 64;
  const char* isa = nullptr;
  PlayerKind player = PlayerKind::staged;
};

/// Renders a piece after each of the edits.
Sound perform(const Way& way, const std::vector<Buses>& edits, std::int64_t frames) {
  EngineSettings settings;
  settings.batching = way.batching;
  settings.threads = way.threads;
  settings.block = way.block;
  settings.player = way.player;
  Rig rig(settings, test_table(unit_table(way.isa)));
  Sound all;
  for (const auto& buses : edits) {
    rig.swap(graph_of(buses), patterns(buses));
    const Sound piece = rig.render(frames);
    all.channels.resize(piece.channels.size());
    for (std::size_t c = 0; c < piece.channels.size(); ++c) append(all.channels[c], piece.channels[c]);
  }
  return all;
}

void check_same(const Sound& a, const Sound& b) {
  REQUIRE(a.channels.size() == b.channels.size());
  for (std::size_t c = 0; c < a.channels.size(); ++c) {
    INFO("channel " << c);
    REQUIRE(first_difference(a.channels[c], b.channels[c]) == -1);
  }
}

}  // namespace

TEST_CASE("like units of many buses share kernels") {
  Rig rig;
  rig.swap(graph_of({up_to(16)}));
  CHECK(rig.text.find("lanes  (") != std::string::npos);
  EngineSettings settings;
  settings.batching = false;
  Rig plain(settings);
  plain.swap(graph_of({up_to(16)}));
  CHECK(plain.text.find("lanes  (") == std::string::npos);
}

TEST_CASE("batching changes no sample") {
  const std::vector<Buses> edits = {{up_to(21)}};
  const auto alone = perform({false}, edits, 12000);
  CHECK(rms(alone.channels[0]) > 0.01);
  CHECK(non_finite(alone.channels[0]) == 0);
  const int block = GENERATE(64, 16, 37, 512);
  CAPTURE(block);
  check_same(alone, perform({true, 1, block}, edits, 12000));
}

TEST_CASE("batching changes no sample, whatever the width of the lanes and the threads") {
  const std::vector<Buses> edits = {{up_to(9)}};
  for (const UnitTable* table : all_unit_tables()) {
    CAPTURE(table->isa);
    check_same(perform({false, 1, 64, table->isa}, edits, 8000), perform({true, 2, 64, table->isa}, edits, 8000));
  }
}

TEST_CASE("batching changes no sample while buses come and go") {
  const std::vector<Buses> edits = {{up_to(3)},  {up_to(7)}, {{0, 2, 5, 6}}, {{0, 2, 5, 6, 9, 10, 11, 12, 20}},
                                    {up_to(19)}, {{}},       {{4, 5, 6, 7}}};
  const auto alone = perform({false}, edits, 6000);
  CHECK(non_finite(alone.channels[0]) == 0);
  check_same(alone, perform({true}, edits, 6000));
}

TEST_CASE("neither player changes a sample while buses come and go") {
  const std::vector<Buses> edits = {{up_to(21)}, {up_to(9)}, {{0, 2, 5, 6, 9, 20}}};
  const auto alone = perform({false}, edits, 3000);
  const auto player = GENERATE(PlayerKind::staged, PlayerKind::dataflow);
  const bool batching = GENERATE(false, true);
  CAPTURE(player == PlayerKind::staged, batching);
  check_same(alone, perform({batching, 3, 64, nullptr, player}, edits, 3000));
}

TEST_CASE("batching changes no sample while memories are replaced by longer ones") {
  std::vector<Buses> edits = {{up_to(8)}, {up_to(8)}, {up_to(8)}};
  edits[1].echo_s = 2.5;
  edits[2].echo_s = 0.04;
  check_same(perform({false}, edits, 6000), perform({true}, edits, 6000));
}

namespace {

/// Does a graph of so many units in series, of which one goes and comes back, give the same with and without waves?
template <class MakeGraph>
void check_waves(MakeGraph graph, int count, const std::vector<Play>& events = {}) {
  const auto played = [&](const Way& way) {
    EngineSettings settings;
    settings.batching = way.batching;
    settings.block = way.block;
    Rig rig(settings, test_table(unit_table(way.isa)));
    Samples all;
    for (const int missing : {-1, 3, -1}) {
      rig.swap(graph(count, missing), events);
      const Sound piece = rig.render(4000);
      for (const auto& channel : piece.channels) append(all, channel);
    }
    return all;
  };
  for (const UnitTable* table : all_unit_tables()) {
    const auto alone = played({false, 1, 64, table->isa});
    CHECK(rms(alone) > 0.001);
    for (const int block : {64, 16, 5}) {
      CAPTURE(count, table->isa, block);
      REQUIRE(first_difference(alone, played({true, 1, block, table->isa})) == -1);
    }
  }
}

}  // namespace

TEST_CASE("units in series give the same samples as a wave") {
  const auto graph = [](int count, int missing) {
    GraphMaker g;
    Ref mono = g.unit("noise", {}, "~m/noise#0");
    Ref wide = g.unit("pan", {mono, Ref::of(0.3)}, "~w/pan#0", 2);
    for (int n = 0; n < count; ++n) {
      if (n == missing) continue;
      const std::string number = std::to_string(n);
      mono = g.unit("lpf", {mono, Ref::of(9000 + 100 * n), Ref::of(0.02 * (n % 5))}, "~m/lpf#" + number);
      wide =
          g.unit(n < count / 2 ? "dist" : "notch",
                 n < count / 2 ? std::vector<Ref>{wide, Ref::of(1 + 0.1 * n)} : std::vector<Ref>{wide, Ref::of(300 + 20 * n), Ref::of(0.1)},
                 "~w/x#" + number, 2);
    }
    const char* const filters[] = {"lpf", "hpf", "notch", "bpf", "hpf", "lpf"};
    Ref mixed = g.unit("saw", {Ref::of(90)}, "~k/saw#0");
    for (int n = 0; n < count; ++n)
      if (n != missing)
        mixed = g.unit(filters[n % 6], {mixed, Ref::of(400 + 10 * n), Ref::of(0.02 * (n % 5))}, "~k/x#" + std::to_string(n));
    g.out(mixed, 1, "o2");
    mono = g.unit("compressor", {mono, Ref::of(-30), Ref::of(4), Ref::of(0.001), Ref::of(0.1), Ref::of(1), Ref::of(6)}, "~m/compressor#0");
    g.out(wide, 2).out(mono, 1, "o1");
    return g.graph;
  };
  check_waves(graph, GENERATE(4, 16, 31, 70));
}

TEST_CASE("units in series whose parameters move give the same samples as a wave") {
  // At rest, slow, faster than a tangent reaches, at audio rate, beyond the port's range, by steps of a pattern.
  const auto graph = [](int count, int missing) {
    GraphMaker g;
    const auto swung = [&](double hz, double middle, double swing) {
      const std::string key = "~lfo" + std::to_string(hz);
      const Ref sine = g.unit("sine", {Ref::of(hz), Ref::of(0.1)}, key + "/sine#0");
      return g.unit("add", {g.unit("mul", {sine, Ref::of(swing)}, key + "/mul#0"), Ref::of(middle)}, key + "/add#0");
    };
    const Ref moves[] = {Ref::of(5000),          swung(0.3, 6000, 1000), swung(11, 5000, 3000),
                         swung(440, 8000, 4000), swung(2, 3000, 4000),   g.hold("~step", 4000)};
    const char* const filters[] = {"lpf", "hpf", "notch", "bpf"};
    Ref alike = g.unit("noise", {}, "~a/noise#0"), mixed = g.unit("saw", {Ref::of(90)}, "~k/saw#0");
    Ref wide = g.unit("pan", {alike, Ref::of(0.3)}, "~w/pan#0", 2);
    for (int n = 0; n < count; ++n) {
      if (n == missing) continue;
      const std::string number = std::to_string(n);
      const Ref cutoff = moves[static_cast<std::size_t>(n + (missing < 0 ? 0 : 1)) % 6], res = Ref::of(missing < 0 ? 0.1 : 0.2);
      alike = g.unit("lpf", {alike, cutoff, res}, "~a/lpf#" + number);
      mixed = g.unit(filters[n % 4], {mixed, cutoff, res}, "~k/x#" + number);
      wide = g.unit("hpf", {wide, g.unit("mul", {cutoff, Ref::of(0.01)}, "~w/mul#" + number), res}, "~w/hpf#" + number, 2);
    }
    g.out(wide, 2).out(alike, 1, "o1").out(mixed, 1, "o2");
    return g.graph;
  };
  check_waves(graph, GENERATE(5, 16, 31, 70), {{0, {1, 50}, {}, {1500}}, {0, {1, 30}, {}, {9000}}});
}

TEST_CASE("a unit in series that gives no number falls silent as it would by itself") {
  const auto played = [](bool batching) {
    GraphMaker g;
    Ref x = g.unit("mul", {g.unit("noise", {}, "~m/noise#0"), g.hold("~loud", 1)}, "~m/mul#0");
    for (int n = 0; n < 8; ++n)
      x = g.unit("compressor", {x, Ref::of(0), Ref::of(1), Ref::of(0), Ref::of(0), Ref::of(1000), Ref::of(0)},
                 "~m/compressor#" + std::to_string(n));
    g.out(x);
    EngineSettings settings;
    settings.batching = batching;
    Rig rig(settings);
    rig.swap(g.graph, {{0, {0, 1}, {}, {1e-30F}}, {0, {1, 40}, {}, {1e30F}}, {0, {2, 40}, {}, {1e-24F}}});
    return rig.stem(20000);
  };
  const auto alone = played(false), together = played(true);
  REQUIRE(first_difference(alone, together) == -1);
}

TEST_CASE("a fault in one lane stays there") {
  Buses buses{up_to(12)};
  buses.poisoned = true;
  const auto alone = perform({false}, {buses}, 20000);
  CHECK(non_finite(alone.channels[0]) == 0);
  check_same(alone, perform({true}, {buses}, 20000));
}
