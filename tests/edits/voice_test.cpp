// Notes, instruments and patterns are edited while notes sound.
#include <catch2/catch.hpp>
#include <random>
#include <span>

#include "tests/edits/performance.h"

using namespace hocket::test;

namespace {

constexpr std::int64_t kFrames = 3 * 48000;

// Attacks of 30 ms: a note's beginning is no click itself.
constexpr const char* kSynths =
    "synth soft bright=900: (sine freq + sine (freq * 2) * 0.4) # lpf bright 0.2 * adsr 0.03 0.2 0.7 0.4 * 0.08\n"
    "synth other: (tri freq # lpf 1200) * adsr 0.04 0.2 0.8 0.3 * 0.08\n"
    "o2: \"a2 e3\" # other\n";

struct VoiceEdit {
  const char* name;
  const char* before;
  const char* edit;
};

const VoiceEdit kEdits[] = {
    {"an instrument gets another graph", "o1: \"c4 e4 g4 b4\" # soft", "synth soft: (saw freq # lpf 800) * adsr 0.03 0.2 0.7 0.4 * 0.06"},
    {"an instrument gets another envelope", "o1: \"c4 e4 g4 b4\" # soft",
     "synth soft bright=900: (sine freq + sine (freq * 2) * 0.4) # lpf bright 0.2 * adsr 0.05 0.1 0.3 0.1 * 0.08"},
    {"an instrument gets another default", "o1: \"c4 e4 g4 b4\" # soft",
     "synth soft bright=400: (sine freq + sine (freq * 2) * 0.4) # lpf bright 0.2 * adsr 0.03 0.2 0.7 0.4 * 0.08"},
    {"an instrument gets more voices", "o1: \"[c4,e4,g4] [d4,f4,a4]\" # soft",
     "synth soft bright=900 voices=64: (sine freq + sine (freq * 2) * 0.4) # lpf bright 0.2 * adsr 0.03 0.2 0.7 0.4 * 0.08"},
    {"notes change", "o1: \"c4 e4 g4 b4\" # soft", "o1: \"d4 f4 a4\" # soft"},
    {"notes go on with a rest", "o1: \"c4 e4 g4 b4\" # soft", "o1: \"c4 ~ ~ b4\" # soft"},
    {"a long note's pattern changes under it", "o1: \"<c3 e3>\" # soft $ slow 2", "o1: \"<g3 b3>\" # soft $ slow 2"},
    {"the same notes go to another instrument", "o1: \"c4 e4 g4 b4\" # soft", "o1: \"c4 e4 g4 b4\" # other"},
    {"a second instrument joins", "o1: \"c4 e4 g4 b4\" # soft", "o1: stack [\"c4 e4 g4 b4\" # soft, \"c3\" # other]"},
    {"an instrument's parameter is set", "o1: \"c4 e4 g4 b4\" # soft", "o1: \"c4 e4 g4 b4\" # soft bright=2000"},
    {"gain and pan of events change", "o1: \"c4 e4 g4 b4\" # soft # pan 0.2 # gain 0.8", "o1: \"c4 e4 g4 b4\" # soft # pan 0.8 # gain 0.4"},
    {"events get a pan", "o1: \"c4 e4 g4 b4\" # soft", "o1: \"c4 e4 g4 b4\" # soft # pan \"0 1\""},
    {"an effect comes after the voices", "o1: \"c4 e4 g4 b4\" # soft", "o1: (\"c4 e4 g4 b4\" # soft) # lpf 700 0.3"},
    {"an echo comes after the voices", "o1: \"c4 e4 g4 b4\" # soft", "o1: (\"c4 e4 g4 b4\" # soft) # delay 3/16c 0.5 0.5"},
    {"an echo goes", "o1: (\"c4 e4 g4 b4\" # soft) # delay 3/16c 0.5 0.5", "o1: \"c4 e4 g4 b4\" # soft"},
    {"a reverb goes", "o1: (\"c4 e4 g4 b4\" # soft) # reverb 0.5", "o1: \"c4 e4 g4 b4\" # soft"},
    {"a transform is added", "o1: \"c4 e4 g4 b4\" # soft", "o1: \"c4 e4 g4 b4\" # soft $ every 2 rev"},
    {"a bus that is an instrument changes", "~v: sine freq * adsr 0.03 0.1 0.7 0.3 * 0.1\no1: s \"~v*2\" # note \"c4 g4\"",
     "~v: tri freq * adsr 0.03 0.1 0.7 0.3 * 0.1"},
    {"a pattern that two instruments read changes", "~riff: \"0 3 7 5\"\no1: ~riff # soft", "~riff: \"0 2 4 7\""},
    {"the tempo rises", "o1: \"c4 e4 g4 b4\" # soft", "cps: 0.8"},
    {"the tempo falls", "o1: \"c4 e4 g4 b4\" # soft", "cps: 0.31"},
    {"the tempo changes under an echo in cycles", "o1: (\"c4 e4 g4 b4\" # soft) # delay 1/8c 0.5 0.5", "cps: 0.56"},
    {"tempo and notes change together", "o1: \"c4 e4 g4 b4\" # soft", "cps: 0.7\no1: \"[c4,g4] e4\" # soft"},
};

void check_all(std::span<const VoiceEdit> edits) {
  std::mt19937 draw(7);
  for (const auto& edit : edits)
    for (int n = 0; n < 2; ++n) {
      const auto at = std::uniform_int_distribution<std::int64_t>(30000, 90000)(draw);
      INFO(edit.name << ", at frame " << at << "\n" << edit.before << "\n->\n" << edit.edit);
      const auto e = play_edit(std::string(kSynths) + edit.before, edit.edit, at, kFrames);
      CHECK(judge(e).text() == "");
      if (std::string(edit.edit).find("cps") == std::string::npos) CHECK(judge_untouched(e, "o2").text() == "");
    }
}

}  // namespace

TEST_CASE("notes, patterns, instruments and tempo change without a click", "[edits]") {
  check_all(kEdits);
}

TEST_CASE("notes that sound when their pattern is replaced end as they would have", "[edits]") {
  // One note, held for two seconds; its pattern is replaced by silence after half a second.
  const std::string program = std::string(kSynths) + "o1: \"c4\" # soft";
  const auto e = play_edit(program, "o1: \"~\" # soft", 24000, 3 * 48000);
  CHECK(judge(e).text() == "");
  const auto& edited = e.edited.stems.at("o1").channels[0];
  const auto& before = e.before.stems.at("o1").channels[0];
  // The next cycle's note comes at frame 96000: until then the two are the same.
  CHECK(first_difference(std::span(edited).first(96000), std::span(before).first(96000)) == -1);
  CHECK(peak(std::span(edited).subspan(96000 + 19200 + 4800)) < 1e-4);
}

TEST_CASE("old voices of a redefined instrument end on the old graph", "[edits]") {
  const std::string program = std::string(kSynths) + "o1: \"c4\" # soft";
  const auto e = play_edit(program, "synth soft: noise * adsr 0.03 0.2 0.7 0.4 * 0.08", 24000, 2 * 48000);
  CHECK(judge(e).text() == "");
  const auto& edited = e.edited.stems.at("o1").channels[0];
  const auto& before = e.before.stems.at("o1").channels[0];
  CHECK(first_difference(edited, before) == -1);
}
