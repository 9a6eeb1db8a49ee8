// How many events a second patterns give on one core: plain sequences, towers of transforms, patterned arguments.
#include <benchmark/benchmark.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "lang/lower.h"
#include "lang/pattern/mini.h"
#include "lang/pattern/tracker.h"

namespace {

using namespace hocket;

Pattern pattern(const std::string& code) {
  const QueryValue value = lower_pattern(Program{}, std::make_shared<const Source>(Source{"bench", code}), Vocabulary{});
  if (has_error(value.diagnostics)) throw std::runtime_error(code + ": " + value.diagnostics.front().message);
  return value.pattern;
}

// A cycle at a time, as the sequencer asks; items are events.
void query(benchmark::State& state, const std::string& code) {
  const Pattern p = pattern(code);
  std::int64_t cycle = 0;
  std::int64_t events = 0;
  Events out;
  for (auto _ : state) {
    QueryContext context;
    out.clear();
    p.query({cycle, cycle + 1}, context, out);
    events += std::ssize(out);
    benchmark::DoNotOptimize(out.data());
    cycle = (cycle + 1) % 100000;
  }
  state.SetItemsProcessed(events);
}

// The same pattern over more and more cycles in one query: time an event must not grow.
void query_long(benchmark::State& state) {
  const Pattern p = pattern(R"-("bd*4 <sn [sn sn]> hh(3,8)" $ every 3 rev $ off 1/8 (fast 2))-");
  std::int64_t events = 0;
  for (auto _ : state) {
    QueryContext context;
    context.budget = std::size_t{1} << 26;
    context.work = std::size_t{1} << 28;
    events += std::ssize(p.query({0, state.range(0)}, context));
  }
  state.SetItemsProcessed(events);
}

void parse(benchmark::State& state) {
  const std::string text = "bd*2 [sn sn]*2 <hh [hh hh]>(3,8,<0 2>) ~ . {a b c}%4 [0 .. 7]/2 cp?0.3 [x | y z]";
  for (auto _ : state) {
    Diagnostics found;
    benchmark::DoNotOptimize(parse_mini(text, 0, found));
  }
  state.SetBytesProcessed(state.iterations() * std::ssize(text));
}

void query_tracker(benchmark::State& state) {
  std::string text;
  for (int i = 0; i < 64; ++i) text += "c4 bass v48 | bd | hh +4\n";
  Diagnostics found;
  const Pattern p = parse_tracker(text, 0, 64, found);
  std::int64_t events = 0;
  for (auto _ : state) {
    QueryContext context;
    events += std::ssize(p.query({0, 1}, context));
  }
  state.SetItemsProcessed(events);
}

const std::string kTower =
    R"(s "bd*4 sn [hh hh] <cp rim>" $ fast 2 $ every 3 rev $ off 1/8 (# speed 2) $ jux rev $ sometimesBy 0.3 (# gain 0.7) $ chop 2 $ iter 4 $ ply 2 $ degradeBy 0.1 $ swingBy 1/3 4)";

}  // namespace

BENCHMARK_CAPTURE(query, sequence, std::string(R"("bd sn hh cp bd sn hh cp")"));
BENCHMARK_CAPTURE(query, nested, std::string(R"("bd [sn [hh hh]] <cp rim> [bd, lt mt ht]")"));
BENCHMARK_CAPTURE(query, fast_16, std::string(R"("bd*16")"));
BENCHMARK_CAPTURE(query, euclid, std::string(R"("bd(<3 5>,8,<0 2>) hh*8?")"));
BENCHMARK_CAPTURE(query, sound, std::string(R"(s "bd*4 sn hh*8" # gain "1 0.8" # pan sine)"));
BENCHMARK_CAPTURE(query, arithmetic, std::string(R"("0 [1 2]*4" |+ "<10 20>*3" |* 2)"));
BENCHMARK_CAPTURE(query, both_structures, std::string(R"("0*64" + "1*48")"));
BENCHMARK_CAPTURE(query, patterned_argument, std::string(R"("a b c d" $ fast "<1 2>*4" $ early "0 0.25")"));
BENCHMARK_CAPTURE(query, tower_of_ten, kTower);
BENCHMARK(query_long)->RangeMultiplier(8)->Range(1, 4096);
BENCHMARK(query_tracker);
BENCHMARK(parse);
