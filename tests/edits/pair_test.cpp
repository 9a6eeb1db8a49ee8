// Every program of a list becomes every other while it sounds: effects in all orders, sources, instruments, sends, loops.
//
// The test suite plays some of the pairs. All of them: test_edits '[pairs]' (four minutes of processor time), one row: … -c '<from>', one
// pair: … -c '<from>' -c '<to>'. PAIRS_SEED=1 and so on: at other frames.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>

#include "tests/edits/performance.h"

using namespace hocket::test;

namespace {

constexpr std::int64_t kFrames = 2 * 48000 + 24000;

// What all of them share. The tones come from silence: an echo set to another time says the program's own beginning again where
// neither program alone would. Attacks of 30 ms are no clicks themselves.
constexpr const char* kShared =
    "~src: mix [sine 220, sine 277.18, sine 329.63, sine 1318.5] * 0.08 * (\"1\" $ slow 64 # adsr 0.4 0 1 1)\n"
    "synth soft bright=900: (sine freq + sine (freq * 2) * 0.4) # lpf bright 0.2 * adsr 0.03 0.2 0.7 0.4 * 0.08\n"
    "synth hard: (tri freq # lpf 1200) * adsr 0.04 0.2 0.8 0.3 * 0.08\n"
    "~riff: \"c4 e4 g4 b4\"\n"
    "o2: (saw 110 # lpf 900) * 0.08\n"
    "o3: \"a2 e3\" # hard # delay 3/16c 0.4 0.3\n";

struct State {
  const char* o1;
  bool steady = true;  ///< so that its level can be judged
};

const State kStates[] = {
    {"~src"},
    {"~src # lpf 900"},
    {"~src # lpf 2k 0.5"},
    {"~src # hpf 60 # lpf 9k"},
    {"~src # lpf 9k # hpf 60"},
    {"~src # hpf 300 # notch 440 # lpf 3k"},
    {"~src # lpf 3k # hpf 300 # notch 440"},
    {"~src # bpf 330 0.3"},
    {"~src # lpf (sine 3 * 400 + 900)", false},
    {"~src # lag 0.005 # hpf 60"},
    {"~src # hpf 60 # lag 0.005"},
    {"~src # delay 0.11 0.3 0.4"},
    {"~src # delay 0.17 0.5 0.5"},
    {"~src # delay 1/16c 0.4 0.4 # lpf 2k"},
    {"~src # lpf 2k # delay 1/16c 0.4 0.4"},
    {"~src # delay 0.11 0.3 0.4 # delay 0.07 0.3 0.4"},
    {"~src # delay 0.07 0.3 0.4 # delay 0.11 0.3 0.4"},
    {"~src # reverb 0.5"},
    {"~src # reverb 0.3 # lpf 2k"},
    {"~src # lpf 2k # reverb 0.3"},
    {"~src # freeverb 0.6"},
    {"~src # freeverb 0.4 # delay 0.11 0.3 0.4 # hpf 90"},
    {"~src # hpf 90 # delay 0.11 0.3 0.4 # freeverb 0.4"},
    {"~src # chorus"},
    {"~src # chorus # hpf 60"},
    {"~src # hpf 60 # chorus"},
    {"~src # dist 4"},
    {"~src # lpf 600 # dist 4"},
    {"~src # dist 4 # lpf 600"},
    {"~src # compressor"},
    {"~src # limiter # lpf 3k"},
    {"~src # lpf 3k # limiter"},
    {"~src # gain 0.5"},
    {"~src * 0.6 # pan 0.3"},
    {"~src # pan (sine 0.5 * 0.3 + 0.5)", false},
    {"~src # pan 0.3 # width 0.5 # mono"},
    {"sine 200 * 0.1"},
    {"(saw 200 # lpf 700) * 0.1"},
    {"(square 150 # lpf 700 # hpf 100) * 0.1"},
    {"sine 200 (sine 330 * 0.2) * 0.1", false},
    {"mix [sine (110 * k) * 0.05 for k in 1..4]", false},
    {"~src * 0.5 + (~src # reverb 0.4) * 0.5"},
    {"(~src # lpf 900) + (~src # hpf 900)"},
    {"~riff # soft", false},
    {"~riff # soft bright=2000", false},
    {"~riff # soft # hpf 60 # lpf 2k", false},
    {"~riff # soft # lpf 2k # hpf 60", false},
    {"~riff # soft # delay 3/16c 0.5 0.5", false},
    {"~riff # soft # reverb 0.5 # lpf 3k", false},
    {"~riff # soft # lpf 3k # reverb 0.5", false},
    {"~riff # hard", false},
    {"stack [~riff # soft, \"c3\" # hard]", false},
};
constexpr auto kCount = std::size(kStates);

void check_pair(const State& from, const State& to, std::int64_t at) {
  INFO("o1: " << from.o1 << "   ->   o1: " << to.o1 << "   at frame " << at);
  const auto e = play_edit(std::string(kShared) + "o1: " + from.o1, std::string("o1: ") + to.o1, at, kFrames);
  CHECK(judge_untouched(e, "o2").text() == "");
  CHECK(judge_untouched(e, "o3").text() == "");
  const bool steady = from.steady && to.steady;
  if (judge(e).faults.empty() && (!steady || judge_level(e, "o1").faults.empty())) return;
  const auto asked = end_and_begin(kShared, from.o1, to.o1, at, kFrames);
  CHECK(judge(e, {}, {{"o1", asked}}).text() == "");
  if (steady) CHECK(judge_level(e, "o1", asked).text() == "");
}

}  // namespace

TEST_CASE("programs become others without a click", "[edits]") {
  std::mt19937 draw(17);
  std::uniform_int_distribution<std::size_t> state(0, kCount - 1);
  std::uniform_int_distribution<std::int64_t> frame(30000, 60000);
  for (int n = 0; n < 40; ++n) {
    const auto from = state(draw), to = state(draw);
    if (from != to) check_pair(kStates[from], kStates[to], frame(draw));
  }
}

TEST_CASE("a delay's time in cycles changes with all that it hears", "[edits]") {
  check_pair({"~src # lpf 2k # delay 1/16c 0.4 0.4"}, {"~riff # soft # delay 3/16c 0.5 0.5", false}, 44247);
}

TEST_CASE("a filter that becomes stereo goes on where nothing fades", "[edits]") {
  check_pair({"~riff # soft # lpf 2k # hpf 60", false}, {"~src # chorus # hpf 60"}, 42790);
}

TEST_CASE("every program becomes every other without a click", "[.][slow][pairs]") {
  const char* const seed = std::getenv("PAIRS_SEED");
  const auto first = static_cast<unsigned>(seed ? std::strtoul(seed, nullptr, 10) * kCount : 0);
  for (std::size_t from = 0; from < kCount; ++from) {
    SECTION(kStates[from].o1) {
      std::mt19937 draw(first + static_cast<unsigned>(from));
      std::uniform_int_distribution<std::int64_t> frame(30000, 60000);
      for (std::size_t to = 0; to < kCount; ++to) {
        if (from == to) continue;
        const auto at = frame(draw);
        SECTION(kStates[to].o1) {
          check_pair(kStates[from], kStates[to], at);
        }
      }
    }
  }
}
