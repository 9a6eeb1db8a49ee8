// From text to plan: one bus of a large program is edited while all of it plays. Times are milliseconds of an evaluation, part by
// part, as `eval` replies them.
#include <benchmark/benchmark.h>

#include <string>

#include "server/control/offline.h"

using namespace hocket;

namespace {

std::string bus(int number, const std::string& more) {
  const auto n = std::to_string(number);
  return "~b" + n + ": (saw " + std::to_string(50 + number) + " # lpf (sine 0." + n + " * 300 + 800) 0.3 # hpf 60" + more +
         " # pan 0.4) * 0.01\n";
}

/// About ten nodes a bus.
std::string program(int nodes) {
  std::string text, sum;
  for (int b = 0; b < nodes / 10; ++b) {
    text += bus(b, "");
    sum += (b ? ", ~b" : "~b") + std::to_string(b);
  }
  return text + "out: mix [" + sum + "]\n";
}

void edit(benchmark::State& state, const std::string& effect) {
  SampleLibrary samples({}, {});
  EngineSettings settings;
  settings.threads = 1;
  Offline offline(unit_table(), settings, samples, {});
  auto& session = offline.session();
  if (!session.evaluate(program(static_cast<int>(state.range(0))), "bench", true).ok) return state.SkipWithError("no program");
  offline.render(64);
  bool there = false;
  EvalTimings sum;
  for (auto _ : state) {
    state.PauseTiming();
    offline.render(2048);  // the last transition is over
    session.tick();
    there = !there;
    const auto text = bus(3, there ? effect : "");
    state.ResumeTiming();
    const auto t = session.evaluate(text, "bench", false).timings;
    sum.parse_ms += t.parse_ms, sum.lower_ms += t.lower_ms, sum.plan_ms += t.plan_ms, sum.publish_ms += t.publish_ms;
  }
  const auto mean = [&](double ms) { return benchmark::Counter(ms, benchmark::Counter::kAvgIterations); };
  state.counters["parse_ms"] = mean(sum.parse_ms);
  state.counters["lower_ms"] = mean(sum.lower_ms);
  state.counters["plan_ms"] = mean(sum.plan_ms);
  state.counters["publish_ms"] = mean(sum.publish_ms);
}

void edit_filter(benchmark::State& state) {
  edit(state, " # hpf 80");
}
void edit_echo(benchmark::State& state) {
  edit(state, " # delay 0.2");
}

}  // namespace

BENCHMARK(edit_filter)->Arg(200)->Arg(2000)->Unit(benchmark::kMillisecond);
BENCHMARK(edit_echo)->Arg(200)->Arg(2000)->Unit(benchmark::kMillisecond);
