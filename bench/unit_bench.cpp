// What every unit costs: nanoseconds a frame and voice, alone and as lanes, with constant and with moving parameters.
//   unit_bench --benchmark_filter=lpf        one unit
//   unit_bench --isa=x86-64                  another instruction set than the best
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "server/dsp/kernel.h"

using namespace hocket;

namespace {

constexpr int kBlock = 64;

/// What moves beside the signals.
enum class Motion { none, slow, all };

/// A moving value that stays in the port's range and changes every frame; where only pitches move, slowly, as an LFO would have it.
float moving(const Port& p, int frame, int lane, Motion motion) {
  const float pace = motion == Motion::slow && p.unit == PortUnit::hz ? 0.0001F : 0.01F;
  const float swing = 0.5F + 0.4F * std::sin(pace * static_cast<float>(frame + 37 * lane));
  switch (p.unit) {
    case PortUnit::hz:
      return 200 + 2000 * swing;
    case PortUnit::gate:
      return 1;
    case PortUnit::seconds:
      return 0.01F + 0.1F * swing;
    case PortUnit::signal:
      return 2 * swing - 1;
    default:
      return std::string_view(p.name) == "sample" ? 0.F : p.low < p.high ? p.low + std::min(p.high - p.low, 1.F) * swing : p.init * swing;
  }
}

void run(benchmark::State& state, const UnitEntry& e, const Kernel& kernel, int lanes, bool stereo, Motion motion, bool two = false) {
  std::vector<float> sound(4800);
  for (std::size_t i = 0; i < sound.size(); ++i) sound[i] = std::sin(0.1F * static_cast<float>(i));
  const SampleView sample{{sound.data(), sound.data()}, 1U << 11, 48000};
  Clock clock;
  clock.samples = &sample;
  clock.sample_count = 1;

  std::vector<std::vector<float>> data;
  std::vector<Wire> wires;
  const std::size_t extra = stereo ? 1 : 0;
  for (std::size_t w = 0; w < e.info.ports.size() + extra; ++w) {
    const Port& p = e.info.ports[w < extra ? 0 : w - extra];
    const bool stream = p.unit == PortUnit::signal || motion == Motion::all || (motion == Motion::slow && p.unit == PortUnit::hz);
    std::vector<float> x;
    for (int i = 0; i < (stream ? kBlock : 1); ++i) {
      for (int k = 0; k < lanes; ++k) x.push_back(stream ? moving(p, i, k, motion) : p.unit == PortUnit::gate ? 1 : p.init);
    }
    data.push_back(std::move(x));
    wires.push_back({nullptr, stream ? lanes : 0});
  }
  for (std::size_t w = 0; w < wires.size(); ++w) wires[w].at = data[w].data();

  std::vector<float> constants(e.info.ports.size());
  for (std::size_t i = 0; i < constants.size(); ++i) constants[i] = motion == Motion::all ? std::nanf("") : e.info.ports[i].init;
  const std::uint32_t frames = e.memory ? e.memory(constants.data(), clock.rate) : 0;
  std::vector<float> memory(std::size_t{frames} * static_cast<std::size_t>(lanes));
  std::vector<std::uint32_t> cells(kernel.state_bytes / 4 + 1), more_cells = cells;
  std::vector<float> left(static_cast<std::size_t>(kBlock * lanes)), right = left;
  float* out[] = {left.data(), right.data()};
  void* const states[] = {cells.data(), more_cells.data()};
  const Wire* const ins[] = {wires.data(), wires.data()};
  float* const* const outs[] = {out, out + 1};
  const Clock* const clocks[] = {&clock, &clock};
  for (auto _ : state) {
    if (e.info.name == "sampler" && clock.frame % 2048 == 0) std::memset(cells.data(), 0, cells.size() * 4);
    if (two)
      kernel.run_two(states, ins, outs, kBlock, clocks);
    else
      kernel.run(cells.data(), {memory.data(), frames}, wires.data(), out, kBlock, clock);
    clock.frame += kBlock;
    benchmark::DoNotOptimize(left.data());
    benchmark::ClobberMemory();
  }
  state.counters["ns"] = benchmark::Counter(static_cast<double>(state.iterations()) * kBlock * lanes * (two ? 2 : 1) * 1e-9,
                                            benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

}  // namespace

int main(int argc, char** argv) {
  const char* isa = nullptr;
  for (int i = 1; i < argc; ++i) {
    if (std::strncmp(argv[i], "--isa=", 6) == 0) {
      isa = argv[i] + 6;
      for (int k = i; k + 1 < argc; ++k) argv[k] = argv[k + 1];
      --argc;
      break;
    }
  }
  const UnitTable& table = unit_table(isa);
  for (const UnitEntry& e : table.units) {
    const std::string name(e.info.name);
    for (const Motion motion : {Motion::none, Motion::slow, Motion::all}) {
      const std::string how = motion == Motion::all ? "/moving" : motion == Motion::slow ? "/slow" : "/constant";
      const auto add = [&](const std::string& form, const Kernel& kernel, int lanes, bool stereo) {
        if (kernel.run)
          benchmark::RegisterBenchmark((name + form + how).c_str(), [&e, &kernel, lanes, stereo, motion](benchmark::State& s) {
            run(s, e, kernel, lanes, stereo, motion);
          });
      };
      add("/alone", e.mono, 1, false);
      add("/alone stereo", e.stereo, 1, true);
      add("/voices", e.voice_mono, table.lanes, false);
      if (e.voice_mono.run_two)
        benchmark::RegisterBenchmark((name + "/two bundles" + how).c_str(), [&e, &table, motion](benchmark::State& s) {
          run(s, e, e.voice_mono, table.lanes, false, motion, true);
        });
    }
  }
  benchmark::Initialize(&argc, argv);
  benchmark::AddCustomContext("instruction set", table.isa);
  benchmark::RunSpecifiedBenchmarks();
}
