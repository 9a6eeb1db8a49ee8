// Evaluations: what they replace, and what an error leaves alone.
#include <catch2/catch.hpp>

#include "tests/lang/small_vocabulary.h"

using namespace hocket;
using namespace hocket::test;

TEST_CASE("an evaluation replaces what it names and nothing else") {
  const Program first = evaluate_text("~a: saw 1\n~b: saw 2\nout: ~a").program;
  const Evaluation second = evaluate_text("~b: saw 3", first);
  CHECK(second.program.definitions.size() == 3);
  CHECK(second.program.definitions.at("~a").print == first.definitions.at("~a").print);
  CHECK(second.program.definitions.at("~b").print != first.definitions.at("~b").print);
  CHECK(second.changed == std::vector<std::string>{"~b"});
}

TEST_CASE("replace drops what the text does not name") {
  const Program first = evaluate_text("~a: saw 1\n~b: saw 2\nout: ~a").program;
  CHECK(evaluate_text("out: saw 4", first, true).program.definitions.size() == 1);
}

TEST_CASE("an error anywhere leaves everything as it was") {
  const Program first = evaluate_text("~a: saw 1\ncps: 0.7").program;
  const Evaluation second = evaluate_text("~a: saw 2\ncps: 0.9\nout: saw (1", first);
  CHECK(has_error(second.diagnostics));
  CHECK(second.program.definitions.at("~a").print == first.definitions.at("~a").print);
  CHECK(second.program.settings == first.settings);
}

TEST_CASE("spaces and comments do not change a definition's print") {
  const auto print = [](const std::string& text) { return evaluate_text(text).program.definitions.at("out").print; };
  CHECK(print("out: saw 55 # lpf 800") == print("out:   saw  55\n  -- dark\n  # lpf 800"));
  CHECK(print("out: s \"a b\"") != print("out: s \"a b c\""));
}

TEST_CASE("tempo is set in cycles a second or beats a minute") {
  CHECK(evaluate_text("cps: 0.5713").program.settings.cps == Rational(5713, 10000));
  CHECK(evaluate_text("bpm: 120").program.settings.cps == Rational(1, 2));
  CHECK(evaluate_text("bpm: 90/3").program.settings.cps == Rational(1, 2));
  CHECK(has_error(evaluate_text("cps: 0").diagnostics));
  CHECK(has_error(evaluate_text("cps: \"1 2\"").diagnostics));
}

TEST_CASE("performance commands change the settings or reach the session") {
  const Program first = evaluate_text("~a: saw 1\no1: ~a\no2: ~a").program;
  const Evaluation e = evaluate_text("solo o1\nmute ~a\nroute o2: 3 4\nhush", first);
  REQUIRE_FALSE(has_error(e.diagnostics));
  CHECK(e.program.settings.soloed == std::set<std::string>{"o1"});
  CHECK(e.program.settings.muted == std::set<std::string>{"~a"});
  CHECK(e.program.settings.routes.at("o2") == std::vector<int>{3, 4});
  REQUIRE(e.commands.size() == 1);
  CHECK(e.commands[0].name == "hush");
  CHECK(evaluate_text("solo o9", first).diagnostics.at(0).hint.find("o1") != std::string::npos);
}

TEST_CASE("a bare expression says how to hear it") {
  const Evaluation e = evaluate_text("saw 55");
  REQUIRE(has_error(e.diagnostics));
  CHECK(e.diagnostics[0].hint == "to hear it write `out: …`, to name it `~name: …`");
}
