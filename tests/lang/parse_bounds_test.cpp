// Hostile texts: deep, long, large. Each ends in a tree or a clear error, soon, and without deep recursion.
#include <catch2/catch.hpp>
#include <ctime>

#include "lang/format.h"
#include "lang/lexer.h"
#include "lang/parser.h"

using namespace hocket;

namespace {

std::string repeated(const std::string& piece, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += piece;
  return text;
}

std::string first_error(const std::string& text) {
  const Parsed parsed = parse(Source{"test", text});
  for (const Diagnostic& d : parsed.diagnostics) {
    if (d.severity == Severity::error) return d.message;
  }
  return "";
}

}  // namespace

TEST_CASE("nesting is bounded at 200 levels") {
  const auto [open, close] = GENERATE(table<std::string, std::string>({{"(", ")"}, {"[", "]"}, {"{a: ", "}"}, {"f (", ")"}}));
  const auto nested = [open = open, close = close](int depth) { return "~a: " + repeated(open, depth) + "1" + repeated(close, depth); };
  CHECK(first_error(nested(199)) == "");
  CHECK(first_error(nested(201)) == "this is nested deeper than 200 levels");
  CHECK(first_error(nested(50'000)) == "this is nested deeper than 200 levels");
}

TEST_CASE("prefixes and powers nest too") {
  CHECK(first_error("~a: " + repeated("- ", 100'000) + "x") == "this is nested deeper than 200 levels");
  CHECK(first_error("~a: " + repeated("2 ^ ", 100'000) + "x") == "this is nested deeper than 200 levels");
  CHECK(first_error("~a: " + repeated("(", 100'000)) == "this is nested deeper than 200 levels");
}

TEST_CASE("a row of operators is bounded at 500") {
  const std::string step = GENERATE(as<std::string>{}, " + ~b", " # lpf 300", " $ rev", " * 2 # f");
  CHECK(first_error("~a: ~b" + repeated(step, 200)) == "");
  CHECK(first_error("~a: ~b" + repeated(step, 501)) == "this expression has more than 500 steps in a row");
  CHECK(first_error("~a: ~b" + repeated(step, 50'000)) == "this expression has more than 500 steps in a row");
}

TEST_CASE("a list may be long") {
  CHECK(first_error("~a: mix [" + repeated("saw 55 * 0.1, ", 5000) + "1]") == "");
}

TEST_CASE("a text is bounded at 1 MB") {
  const std::string line = "~a: saw 55  -- and so on\n";
  const std::string full = repeated(line, static_cast<int>(kLargestSource / line.size()));
  CHECK(first_error(full) == "");
  CHECK(first_error(full + line) == "the text is larger than 1 MB");
}

TEST_CASE("bytes that are no text are refused with their value") {
  CHECK(first_error(std::string("~a: saw\0 55", 11)) == "a control character, 0x00");
  CHECK(first_error("~a: \"\x1b[31m\"") == "a control character, 0x1B");
  CHECK(first_error("~a: \"\xff\"") == "the text is not UTF-8: byte 0xFF");
  CHECK(first_error("~a: \"\xc3") == "the text is not UTF-8: byte 0xC3");
  CHECK(first_error("-- \xed\xa0\x80") == "the text is not UTF-8: byte 0xED");
  CHECK(first_error("-- \xf0\x80\x80\x80") == "the text is not UTF-8: byte 0xF0");
  CHECK(first_error("~a: \"héé — 音 🎹\" -- ñ") == "");
}

TEST_CASE("errors without number are reported up to a bound") {
  const Parsed parsed = parse(Source{"test", repeated("~a: 5 5\n", 1000)});
  CHECK(parsed.diagnostics.size() == kMostDiagnostics);
}

TEST_CASE("a large text of anything is read in a time that grows with its size alone", "[slow]") {
  const std::string piece = GENERATE(as<std::string>{}, "\"", "\"\"\"", "f(", "~a: \"", "~a: \"\"\"\n", "\n#", "1+", "“", "~a=f(");
  const std::string text = repeated(piece, static_cast<int>(kLargestSource / 8 / piece.size()));
  const auto start = std::clock();  // of the processor: a busy machine takes longer
  const Source source{"test", text};
  Diagnostics diagnostics;
  CHECK(format(source, diagnostics) == text);
  CHECK(render(source, diagnostics).size() < 100'000);
  CAPTURE(piece);
  CHECK(std::clock() - start < 5 * CLOCKS_PER_SEC);
}
