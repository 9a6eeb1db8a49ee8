// The engine and the planner: voices, chains, events, idle instruments, planning. `speed` is seconds of sound a second.
#include <benchmark/benchmark.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "lang/graph_def.h"
#include "server/bridge/queue.h"
#include "server/control/planner.h"
#include "server/engine/engine.h"
#include "server/engine/schedule.h"

using namespace hocket;

namespace {

Ref add(GraphDef& g, const std::string& unit, std::vector<Ref> inputs, const std::string& key, int channels = 1) {
  NodeDef node;
  node.key = key;
  node.unit = unit;
  node.inputs = std::move(inputs);
  node.channels = channels;
  g.nodes.push_back(std::move(node));
  return Ref::node(static_cast<std::uint32_t>(g.nodes.size() - 1));
}

Ref add_voices(GraphDef& g, const std::string& key, const GraphDef& body, int polyphony, int channels) {
  VoiceDef voice;
  voice.name = key;
  for (const char* name : kVoiceParams) voice.params.push_back({name, 0});
  voice.params.push_back({"rate", 0});
  voice.polyphony = polyphony;
  voice.graph = std::make_shared<GraphDef>(body);
  g.voices.push_back(voice);
  SourceDef source;
  source.key = key;
  source.kind = SourceKind::sound;
  source.print = 1;
  source.voices = {static_cast<std::uint32_t>(g.voices.size() - 1)};
  g.sources.push_back(source);
  const Ref node = add(g, "voices", {}, key, channels);
  g.nodes.back().source = static_cast<int>(g.sources.size() - 1);
  g.nodes.back().voice = static_cast<int>(g.voices.size() - 1);
  return node;
}

/// An engine that plays a graph.
class Playing {
 public:
  Playing(const GraphDef& graph, EngineSettings settings, std::vector<TimedEvent> events = {})
      : engine(settings), planner_(unit_table(), settings) {
    auto planned = planner_.plan(graph);
    ids = planned.source_ids;
    for (auto& event : events) event.source = ids[event.source];
    planned.swap->first = std::make_unique<TimedEvent[]>(events.size());
    for (std::size_t i = 0; i < events.size(); ++i) planned.swap->first[i] = events[i];
    planned.swap->first_count = static_cast<std::uint32_t>(events.size());
    engine.give(planned.swap);
  }
  void render(int frames) {
    float* out[2] = {left_, right_};
    engine.render(out, nullptr, frames);
  }
  Engine engine;
  std::vector<std::uint32_t> ids;

 private:
  Planner planner_;
  float left_[4096], right_[4096];
};

constexpr int kRun = 512;

void report(benchmark::State& state, double rate = 48000) {
  state.counters["speed"] = benchmark::Counter(static_cast<double>(state.iterations()) * kRun / rate, benchmark::Counter::kIsRate);
}

TimedEvent note(std::uint32_t source, double freq, float pan = -1) {
  TimedEvent event;
  event.source = source;
  event.at = {0, 1};
  event.until = {0, 0};
  event.count = 5;
  event.values[0] = static_cast<float>(freq);
  event.values[4] = 0.5F;
  event.gain = 0.01F;
  event.pan = pan;
  return event;
}

// range(0): threads, range(1): frames a block
EngineSettings settings_of(const benchmark::State& state, PlayerKind player = PlayerKind::staged, bool batching = true) {
  EngineSettings settings;
  settings.threads = static_cast<int>(state.range(0));
  settings.block = static_cast<int>(state.range(1));
  settings.player = player;
  settings.batching = batching;
  return settings;
}

void modulated_voices(benchmark::State& state) {
  GraphDef body, g;
  const Ref saw = add(body, "saw", {Ref::param(0), Ref::of(0)}, "a");
  const Ref lfo = add(body, "sine", {Ref::param(4), Ref::of(0)}, "b");
  const Ref swing = add(body, "mul", {lfo, Ref::of(1000)}, "c");
  const Ref cutoff = add(body, "add", {swing, Ref::of(1500)}, "d");
  const Ref low = add(body, "lpf", {saw, cutoff, Ref::of(0.66)}, "e");
  const Ref shape = add(body, "adsr", {Ref::param(3), Ref::of(0.01), Ref::of(0.1), Ref::of(0.8), Ref::of(0.2)}, "f");
  body.outputs.push_back({"voice", add(body, "mul", {low, shape}, "g"), 1});
  g.outputs.push_back({"out", add_voices(g, "~v", body, 256, 2), 2});
  std::vector<TimedEvent> events;
  for (int i = 0; i < 256; ++i) events.push_back(note(0, 55 + i, static_cast<float>(i) / 255));
  Playing playing(g, settings_of(state), events);
  for (auto _ : state) playing.render(kRun);
  report(state);
}
BENCHMARK(modulated_voices)->Args({1, 64})->Args({2, 64})->Args({1, 16});

void effect_buses(benchmark::State& state, PlayerKind player, bool batching) {
  GraphDef g;
  std::vector<Ref> buses;
  for (int i = 0; i < 64; ++i) {
    const std::string key = "~b" + std::to_string(i) + "/";
    Ref x = add(g, "saw", {Ref::of(55 + i), Ref::of(0)}, key + "saw");
    const Ref lfo = add(g, "sine", {Ref::of(0.1 + i * 0.01), Ref::of(0)}, key + "sine");
    const Ref swing = add(g, "mul", {lfo, Ref::of(1500)}, key + "mul");
    const Ref cutoff = add(g, "add", {swing, Ref::of(2000)}, key + "add");
    x = add(g, "lpf", {x, cutoff, Ref::of(0)}, key + "lpf");
    x = add(g, "hpf", {x, Ref::of(80), Ref::of(0)}, key + "hpf");
    x = add(g, "delay", {x, Ref::of(0.25), Ref::of(0.5), Ref::of(0.5)}, key + "delay");
    x = add(g, "freeverb", {x, Ref::of(0.33), Ref::of(0.5), Ref::of(0.5)}, key + "freeverb");
    x = add(g, "mul", {x, Ref::of(0.02)}, key + "gain");
    buses.push_back(add(g, "pan", {x, Ref::of(i / 63.)}, key + "pan", 2));
  }
  g.outputs.push_back({"out", add(g, "mix", buses, "out/mix", 2), 2});
  Playing playing(g, settings_of(state, player, batching));
  for (auto _ : state) playing.render(kRun);
  report(state);
}
BENCHMARK_CAPTURE(effect_buses, lanes, PlayerKind::serial, true)->Args({1, 64})->Args({1, 16});
BENCHMARK_CAPTURE(effect_buses, one_by_one, PlayerKind::serial, false)->Args({1, 64})->Args({1, 16});
BENCHMARK_CAPTURE(effect_buses, staged, PlayerKind::staged, true)->Args({1, 64})->Args({2, 64})->UseRealTime();
BENCHMARK_CAPTURE(effect_buses, dataflow, PlayerKind::dataflow, true)->Args({2, 64})->UseRealTime();

void filters_in_series(benchmark::State& state, bool batching) {
  GraphDef g;
  Ref x = add(g, "noise", {}, "~n/noise");
  for (int i = 0; i < 64; ++i) x = add(g, "lpf", {x, Ref::of(12000 + 100 * i), Ref::of(0)}, "~n/lpf#" + std::to_string(i));
  g.outputs.push_back({"out", x, 1});
  Playing playing(g, settings_of(state, PlayerKind::staged, batching));
  for (auto _ : state) playing.render(kRun);
  report(state);
}
BENCHMARK_CAPTURE(filters_in_series, wave, true)->Args({1, 64})->Args({1, 16});
BENCHMARK_CAPTURE(filters_in_series, one_by_one, false)->Args({1, 64})->Args({1, 16});

GraphDef ping() {
  GraphDef body;
  const Ref tone = add(body, "sine", {Ref::param(0), Ref::of(0)}, "a");
  const Ref shape = add(body, "perc", {Ref::param(3), Ref::of(0.001), Ref::of(0.049)}, "b");
  body.outputs.push_back({"voice", add(body, "mul", {tone, shape}, "c"), 1});
  return body;
}

// range(2): notes a second, a block a callback; `worst`: the largest share of a block's time that one took
void notes(benchmark::State& state) {
  GraphDef g;
  g.outputs.push_back({"out", add_voices(g, "~v", ping(), 256, 2), 2});
  Playing playing(g, settings_of(state));
  const std::int64_t a_cycle = state.range(2) * 2;
  std::int64_t given = 0;
  TimedEvent event = note(playing.ids[0], 440);
  for (auto _ : state) {
    const auto status = playing.engine.status();
    const std::int64_t until = (status.frame + 2 * kRun) * a_cycle / 96000;
    for (; given < until; ++given) {
      event.at = {given, a_cycle};
      event.until = {given + 1, a_cycle};
      event.values[0] = 220 + static_cast<float>(given % 36) * 20;
      event.pan = static_cast<float>(given % 17) / 16;
      playing.engine.give(event);
    }
    for (int done = 0; done < kRun; done += static_cast<int>(state.range(1))) playing.render(static_cast<int>(state.range(1)));
  }
  report(state);
  const auto status = playing.engine.status();
  state.counters["worst"] = status.worst_load;
  state.counters["late"] = static_cast<double>(status.overruns);
  state.counters["dropped"] = static_cast<double>(status.dropped_events + status.refused_voices);
}
BENCHMARK(notes)->Args({1, 64, 2000})->Args({1, 64, 20000})->Args({1, 64, 50000});

void idle_instruments(benchmark::State& state) {
  GraphDef g;
  std::vector<Ref> all;
  for (int i = 0; i < 64; ++i) all.push_back(add_voices(g, "~v" + std::to_string(i), ping(), 32, 2));
  g.outputs.push_back({"out", add(g, "mix", all, "out/mix", 2), 2});
  Playing playing(g, settings_of(state));
  for (auto _ : state) playing.render(kRun);
  report(state);
}
BENCHMARK(idle_instruments)->Args({1, 64});

void silence(benchmark::State& state) {
  Playing playing({}, settings_of(state));
  for (auto _ : state) playing.render(kRun);
  report(state);
}
BENCHMARK(silence)->Args({1, 64});

// One constant of one of so many nodes changes.
void plan_an_edit(benchmark::State& state) {
  const auto graph = [&](double cutoff) {
    GraphDef g;
    std::vector<Ref> buses;
    for (int i = 0; i < state.range(0) / 5; ++i) {
      const std::string key = "~b" + std::to_string(i) + "/";
      Ref x = add(g, "saw", {Ref::of(55 + i), Ref::of(0)}, key + "saw");
      x = add(g, "lpf", {x, Ref::of(i == 0 ? cutoff : 800), Ref::of(0)}, key + "lpf");
      x = add(g, "hpf", {x, Ref::of(80), Ref::of(0)}, key + "hpf");
      x = add(g, "dist", {x}, key + "dist");
      buses.push_back(add(g, "mul", {x, Ref::of(0.02)}, key + "mul"));
    }
    g.outputs.push_back({"out", add(g, "mix", buses, "out/mix"), 1});
    return g;
  };
  const GraphDef graphs[] = {graph(500), graph(600)};
  Planner planner(unit_table(), {});
  int turn = 0;
  for (auto _ : state) benchmark::DoNotOptimize(planner.plan(graphs[turn ^= 1]));
}
BENCHMARK(plan_an_edit)->Arg(200)->Arg(2000)->Unit(benchmark::kMillisecond);

// An event through the queue between two threads, seen from both its ends.
void queue_events(benchmark::State& state) {
  Queue<TimedEvent> queue(1 << 14);
  TimedEvent event;
  for (auto _ : state) {
    queue.give(event);
    benchmark::DoNotOptimize(queue.peek());
    queue.drop();
  }
}
BENCHMARK(queue_events);

void schedule_events(benchmark::State& state) {
  Schedule schedule(1 << 14);
  TimedEvent event;
  std::int64_t frame = 0;
  for (int i = 0; i < 8000; ++i) schedule.push(event, i * 7 % 8000, false);
  for (auto _ : state) {
    const auto entry = schedule.pop();
    frame = entry.frame;
    schedule.release(entry);
    schedule.push(event, frame + 8000, false);
  }
}
BENCHMARK(schedule_events);

}  // namespace
