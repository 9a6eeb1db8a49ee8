// Echoes that outlast edits: what they remember, and what they are set to.
#include <catch2/catch.hpp>

#include "tests/edits/performance.h"

using namespace hocket::test;

namespace {

constexpr const char* kTones = "~src: mix [sine 220, sine 277.18] * 0.1 * (\"1\" $ slow 64 # adsr 0.4 0 1 1)\n";

}  // namespace

TEST_CASE("an echo that becomes stereo goes on from as far back as it did", "[edits]") {
  const std::string program = std::string(kTones) + "o1: ~src # delay \"2.5\" 0.5 0.5";
  const auto e = play_edit(program, "o1: ~src # pan 0.3 # delay 0.2 0.5 0.5", 150000, 200000);
  CHECK(judge(e).text() == "");
  CHECK(judge_level(e, "o1").text() == "");
}

TEST_CASE("what rings out is not set by what comes in its place", "[edits]") {
  const std::string program = std::string(kTones) + "o1: ~src # delay 3/16c 0.7 0.5";
  const Moment goes{30000, "o1: sine 1 # gain 0"};
  // Its product is called what that of the cycle's seconds was called.
  const Moment comes{45000, "o1: ((sine 3 * 149 + 734) # gain 0)"};
  const auto with = play(program, {goes, comes}, 96000), without = play(program, {goes}, 96000);
  REQUIRE(with.complaint == "");
  REQUIRE(peak(without.stems.at("o1").channels[0]) > 0.01);
  CHECK(first_difference(with.stems.at("o1").channels[0], without.stems.at("o1").channels[0]) == -1);
}
