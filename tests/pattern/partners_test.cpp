// Patterned controls: many events may ask for theirs at once, and each finds what it would find by itself.
#include <catch2/catch.hpp>

#include <memory>

#include "lang/lower.h"
#include "lang/pattern/pattern.h"

using namespace hocket;

namespace {

Pattern pattern(const std::string& code) {
  const QueryValue value = lower_pattern(Program{}, std::make_shared<const Source>(Source{"test", code}), Vocabulary{});
  INFO(code);
  REQUIRE(!has_error(value.diagnostics));
  return value.pattern;
}

Events asked(const Pattern& p, const TimeSpan& span) {
  QueryContext context;
  context.seed = 7;
  return p.query(span, context);
}

}  // namespace

TEST_CASE("controls are the same whether events ask for them together or one by one") {
  for (const char* code : {
           R"(s "bd*8" # gain "1 0.6 0.3" # pan "0 [0.5 1]*2")",
           R"(note (run 36 * 7 % 36) # s "a" # pan (run 17 / 16 $ slow (17 / 36)) # gain 0.05)",
           R"(s "[bd*3, hh*5, sn(3,8)]" # gain "<1 0.5>*4 [0.2 0.3 0.1]" # n "0 .. 6" # speed 2 # pan 0.3)",
           R"(s "bd sn*3 hh" # pan rand # gain "0.5 [0.6, 0.7] ~ 0.8" # cut 1 # gain 0.9)",
           R"(s "<bd sn>/3 hh*4" # note "c4'maj e4 [g4 b4]" # gain (sine $ slow 3) # legato "1 0.5 0.25")",
           R"(s "bd*4" # gain "1*5" + n "1 2 3" # shape "0.1*7")",
       }) {
    INFO(code);
    const Pattern p = pattern(code);
    for (int cycle = 0; cycle < 4; ++cycle) {
      Events pieces;
      constexpr int kPieces = 64;
      for (int i = 0; i < kPieces; ++i)
        for (Event& e : asked(p, {Rational(cycle * kPieces + i, kPieces), Rational(cycle * kPieces + i + 1, kPieces)}))
          pieces.push_back(std::move(e));
      CHECK(to_text(asked(p, {cycle, cycle + 1})) == to_text(pieces));
    }
  }
}

TEST_CASE("controls set one after the other are all there, the last of a name counts") {
  const auto events = asked(pattern(R"(n "0" # gain 0.5 # pan 0.2 # gain 0.7 # s "bd" # pan "0.4 0.6" # speed 2)"), {0, 1});
  CHECK(to_text(events) ==
        "0..1 {gain: 0.7, n: 0, pan: 0.4, s: bd, speed: 2} in 0..1/2 | 0..1 {gain: 0.7, n: 0, pan: 0.6, s: bd, speed: 2} in 1/2..1");
}
