// Sources, parameters, outputs and buses are edited while the sound goes on.
#include <catch2/catch.hpp>
#include <random>

#include "tests/edits/performance.h"

using namespace hocket;
using namespace hocket::test;

namespace {

constexpr std::int64_t kFrames = 2 * 48000 + 24000;
constexpr const char* kOther = "o2: (saw 110 # lpf 900) * 0.08\n";

struct StructureEdit {
  const char* name;
  const char* before;
  const char* edit;
  bool level = true;  ///< steady enough to judge the level
  bool other = true;  ///< o2 is none of its business
};

const StructureEdit kSources[] = {
    {"sine becomes saw", "o1: sine 200 * 0.1", "o1: saw 200 * 0.1"},
    {"saw becomes square", "o1: (saw 200 # lpf 900) * 0.1", "o1: (square 200 # lpf 900) * 0.1"},
    {"square becomes tri", "o1: square 200 * 0.05", "o1: tri 200 * 0.1"},
    {"tri becomes pulse", "o1: tri 200 * 0.1", "o1: pulse 200 0.3 * 0.05"},
    {"pulse becomes noise", "o1: (pulse 200 0.3 # lpf 2k) * 0.1", "o1: (noise # lpf 2k) * 0.1", false},
    {"pink becomes sine", "o1: pink * 0.1", "o1: sine 500 * 0.1", false},
    {"a sine's pitch changes", "o1: sine 200 * 0.1", "o1: sine 277 * 0.1"},
    {"a saw's pitch changes", "o1: (saw 200 # lpf 700) * 0.1", "o1: (saw 330 # lpf 700) * 0.1"},
    {"a phase changes", "o1: sine 200 * 0.1", "o1: sine 200 0.25 * 0.1"},
    {"a pulse's width changes", "o1: (pulse 200 0.3 # lpf 900) * 0.1", "o1: (pulse 200 0.6 # lpf 900) * 0.1"},
    {"a factor changes", "o1: sine 200 * 0.1", "o1: sine 200 * 0.03"},
    {"a factor comes", "o1: sine 200 # gain 0.1", "o1: sine 200 # gain 0.1 * 0.5"},
    {"a constant is added", "o1: sine 200 * 0.1", "o1: sine 200 * 0.1 + 0.05"},
    {"a second sine joins", "o1: sine 200 * 0.05", "o1: sine 200 * 0.05 + sine 331 * 0.05", false},
    {"a second sine leaves", "o1: sine 200 * 0.05 + sine 331 * 0.05", "o1: sine 200 * 0.05", false},
    {"one of a mix changes", "o1: mix [sine 200, sine 331, sine 447] * 0.05", "o1: mix [sine 200, sine 351, sine 447] * 0.05", false},
    {"a mix grows", "o1: mix [sine (110 * k) for k in 1..3] * 0.05", "o1: mix [sine (110 * k) for k in 1..5] * 0.05", false},
    {"phase modulation comes", "o1: sine 200 * 0.1", "o1: sine 200 (sine 330 * 0.2) * 0.1"},
};

const StructureEdit kParameters[] = {
    {"a constant becomes an oscillator", "o1: (saw 110 # lpf 900) * 0.1", "o1: (saw 110 # lpf (sine 3 * 400 + 900)) * 0.1", false},
    {"an oscillator becomes a constant", "o1: (saw 110 # lpf (sine 3 * 400 + 900)) * 0.1", "o1: (saw 110 # lpf 900) * 0.1", false},
    {"an oscillator's rate changes", "o1: (saw 110 # lpf (sine 3 * 400 + 900)) * 0.1", "o1: (saw 110 # lpf (sine 5 * 400 + 900)) * 0.1",
     false},
    {"a constant becomes a smooth pattern", "o1: (sine 200 # gain 0.1)", "o1: (sine 200 # gain (sine $ range 0.05 0.1))", false},
    {"a smooth pattern's range changes", "o1: (sine 200 # gain (sine $ range 0.05 0.1))", "o1: (sine 200 # gain (sine $ range 0.02 0.1))",
     false},
    {"a step pattern changes", "o1: (sine 200 # gain \"0.1 0.05\")", "o1: (sine 200 # gain \"0.02 0.07\")", false},
    {"a step pattern becomes a constant", "o1: (sine 200 # gain \"0.1 0.05\")", "o1: (sine 200 # gain 0.02)", false},
    {"a constant becomes a step pattern", "o1: (sine 200 # gain 0.02)", "o1: (sine 200 # gain \"0.1 0.05\")", false},
    {"a lagged step pattern changes", "o1: (saw 110 # lpf (\"400 800 1200\" # lag 0.05)) * 0.1",
     "o1: (saw 110 # lpf (\"500 700\" # lag 0.05)) * 0.1", false},
    {"a bus that modulates changes", "~lfo: sine 2\no1: (saw 110 # lpf (~lfo * 300 + 900)) * 0.1", "~lfo: tri 3", false},
    {"a pan becomes an oscillator", "o1: sine 200 * 0.1 # pan 0.5", "o1: sine 200 * 0.1 # pan (sine 0.5 * 0.5 + 0.5)", false},
    {"a delay's time in cycles changes", "o1: (saw 110 # lpf 900 # delay 1/16c) * 0.1", "o1: (saw 110 # lpf 900 # delay 3/16c) * 0.1"},
    {"a delay's time becomes one in cycles", "o1: (saw 110 # lpf 900 # delay 0.11) * 0.1", "o1: (saw 110 # lpf 900 # delay 3/16c) * 0.1"},
    {"a delay's time in a bus changes", "~t: 1/16c\no1: (saw 110 # lpf 900 # delay (~t * 2)) * 0.1", "~t: 3/16c"},
    {"a pattern of a delay's times changes", "o1: (saw 110 # lpf 900 # delay \"0.11 0.17\") * 0.1",
     "o1: (saw 110 # lpf 900 # delay (\"0.23 0.07\" * 0.8)) * 0.1", false},
    {"a smooth pattern of a delay's times changes", "o1: (saw 110 # lpf 900 # delay (sine $ range 0.1 0.11)) * 0.1",
     "o1: (saw 110 # lpf 900 # delay (sine $ range 0.2 0.21)) * 0.1", false},
    {"a function changes", "fn dark x k=1: x # lpf (600 * k)\no1: (saw 110 # dark) * 0.1", "fn dark x k=2: x # lpf (600 * k)"},
};

const StructureEdit kOutputs[] = {
    {"an output comes", "o1: sine 200 * 0.05", "o3: sine 331 * 0.05", false},
    {"an output goes", "o1: sine 200 * 0.05\no3: sine 330 * 0.05", "clear o3", false},
    {"an output is muted", "o1: sine 200 * 0.05\no3: sine 330 * 0.05", "mute o3", false},
    {"an output is unmuted", "o1: sine 200 * 0.05\no3: sine 330 * 0.05\nmute o3", "unmute o3", false},
    {"an output is soloed", "o1: sine 200 * 0.05\no3: sine 330 * 0.05", "solo o3", false, false},
    {"an output is routed", "o1: sine 200 * 0.05\no3: sine 330 * 0.05", "route o3: 2", false},
    {"a route changes", "o1: sine 200 * 0.05\no3: sine 330 * 0.05\nroute o3: 1", "route o3: 2", false},
    {"a mono output becomes stereo", "o1: sine 200 * 0.1", "o1: sine 200 * 0.1 # pan 0.3"},
    {"a stereo output becomes mono", "o1: sine 200 * 0.1 # pan 0.3", "o1: sine 200 * 0.1"},
    {"all is hushed", "o1: sine 200 * 0.05\no3: sine 330 * 0.05", "hush", false, false},
    {"the main output gets an effect", "out: sine 200 * 0.05", "out: sine 200 * 0.05 # lpf 300", false},
    {"a bus gets another name", "~a: mix [sine 200, sine 331] * 0.05\no1: ~a # lpf 900",
     "~b: mix [sine 200, sine 331] * 0.05\no1: ~b # lpf 900"},
    {"a bus in a feedback loop changes", "~fb: (sine 200 * 0.05 + ~fb * 0.4) # lpf 2k\no1: ~fb",
     "~fb: (sine 200 * 0.05 + ~fb * 0.3) # lpf 1k", false},
    {"a send comes", "~a: sine 200 * 0.05\no1: ~a", "~wet: ~a # reverb 0.5\no1: ~a + ~wet * 0.5", false},
    {"a seed changes", "o1: (noise # lpf 500) * 0.1", "seed: 5", false},
};

void check_all(std::span<const StructureEdit> edits, unsigned seed) {
  std::mt19937 draw(seed);
  for (const auto& edit : edits)
    for (int n = 0; n < 2; ++n) {
      const auto at = std::uniform_int_distribution<std::int64_t>(30000, 60000)(draw);
      INFO(edit.name << ", at frame " << at << "\n" << edit.before << "\n->\n" << edit.edit);
      const auto e = play_edit(std::string(kOther) + edit.before, edit.edit, at, kFrames);
      CHECK(judge(e).text() == "");
      const bool stems = e.edited.stems.contains("o2") && e.edited.stems.at("o2").frames() == kFrames;
      if (edit.other && stems) CHECK(judge_untouched(e, "o2").text() == "");
      if (edit.level) CHECK(judge_level(e, "o1").text() == "");
    }
}

}  // namespace

TEST_CASE("sources change without a click", "[edits]") {
  check_all(kSources, 11);
}

TEST_CASE("parameters change their kind without a click", "[edits]") {
  check_all(kParameters, 12);
}

TEST_CASE("outputs and buses come, go and move without a click", "[edits]") {
  check_all(kOutputs, 13);
}

TEST_CASE("a bus with another name and the same expression goes on bit for bit", "[edits]") {
  const auto e = play_edit(std::string(kOther) + "~a: mix [sine 200, saw 331 # lpf 900] * 0.05\no1: ~a # delay 0.1 0.5 0.4",
                           "~b: mix [sine 200, saw 331 # lpf 900] * 0.05\no1: ~b # delay 0.1 0.5 0.4", 41234, kFrames);
  CHECK(judge(e).text() == "");
  CHECK(judge_untouched(e, "o1").text() == "");
}

TEST_CASE("an edit is heard within a block of its frame", "[edits]") {
  const EngineSettings settings;
  const std::string program = "synth soft: saw freq * adsr 0.001 0.1 0.8 0.2\no1: (saw 110 # lpf 900) * 0.1 + (\"c4*16\" # soft) * 0.1\n";
  for (const char* edit :
       {"o1: (saw 110 # lpf 1200) * 0.1 + (\"c4*16\" # soft) * 0.1", "o1: (square 110 # lpf 900) * 0.1", "o1: saw 110 * 0.1",
        "o1: (saw 110 # lpf 900) * 0.1 # reverb", "o1: \"c4*1000\" # soft", "o3: saw 330", "mute o1", "cps: 4", "hush"}) {
    INFO(edit);
    constexpr std::int64_t kAt = 30011;
    const auto edited = play(program, {{kAt, edit}}, 48000, settings), before = play(program, {}, 48000, settings);
    REQUIRE(edited.complaint == "");
    CHECK(edited.taken[0] >= kAt);
    CHECK(edited.taken[0] < kAt + settings.block);
    const auto first = first_difference(edited.main.channels[0], before.main.channels[0]);
    CHECK(first >= edited.taken[0]);
    if (std::string_view(edit) != "cps: 4") CHECK(first < edited.taken[0] + settings.block);  // the next onset is a while away
  }
}

TEST_CASE("evaluating the same text again changes nothing", "[edits]") {
  const std::string program =
      "~a: (saw \"110 220\" # lpf (sine 3 * 400 + 900)) * 0.05\no1: ~a # reverb 0.4\no2: \"c4 e4*3\" # pluck # pan rand\n";
  const auto a = play(program, {{30011, program}, {31000, program}}, kFrames), b = play(program, {}, kFrames);
  REQUIRE(a.complaint == "");
  for (std::size_t c = 0; c < 2; ++c) CHECK(first_difference(a.main.channels[c], b.main.channels[c]) == -1);
}

TEST_CASE("panic is silent at once", "[edits]") {
  const auto take = play("out: saw 110 * 0.1 # reverb 0.8", {{30011, "panic"}}, 48000);
  REQUIRE(take.complaint == "");
  REQUIRE(take.taken[0] >= 30011);
  // what the look-ahead still holds is dropped, too
  CHECK(peak(std::span(take.main.channels[0]).subspan(static_cast<std::size_t>(take.taken[0]))) == 0);
}

TEST_CASE("an edit with a mistake in it changes nothing", "[edits]") {
  const std::string program = "out: (saw 110 # lpf 900) * 0.1";
  const auto a = play(program, {{30000, "out: (saw 110 # nosuch 3) * 0.1"}}, 60000), b = play(program, {}, 60000);
  CHECK(a.complaint != "");
  CHECK(first_difference(a.main.channels[0], b.main.channels[0]) == -1);
}
