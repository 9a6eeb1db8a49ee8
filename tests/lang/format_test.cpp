// Programs before and after formatting.
#include "lang/format.h"

#include <catch2/catch.hpp>

#include "lang/parser.h"

using namespace hocket;

namespace {

std::string formatted(const std::string& text) {
  const Source source{"test", text};
  Diagnostics diagnostics;
  const std::string once = format(source, diagnostics);
  CHECK_FALSE(has_error(diagnostics));
  Diagnostics again;
  CHECK(format(Source{"test", once}, again) == once);
  CHECK(to_text(parse(Source{"test", once}).ast) == to_text(parse(source).ast));
  return once;
}

}  // namespace

TEST_CASE("spaces become even") {
  const auto [before, after] = GENERATE(table<std::string, std::string>({
      {"~a:saw 55#lpf 800*0.3", "~a: saw 55 # lpf 800 * 0.3\n"},
      {"~a :  saw   55", "~a: saw 55\n"},
      {"~a: pan -0.5 - 3 -x", "~a: pan -0.5 - 3 - x\n"},
      {"~a: x * - 5 + -y", "~a: x * -5 + -y\n"},
      {"~a: - -x", "~a: - -x\n"},
      {"~a: ( - 5 ) + (-5) + (-x)+( - x )", "~a: (- 5) + (-5) + (-x) + (- x)\n"},
      {"~a: ( |+ n \"12\" )", "~a: (|+ n \"12\")\n"},
      {"~a: ( 12 - )", "~a: (12 -)\n"},
      {"~a: mix[ a,b , c ]", "~a: mix [a, b, c]\n"},
      {"~a: {a:x ,b : y}", "~a: {a: x, b: y}\n"},
      {"~a: [ 0..7 ]", "~a: [0..7]\n"},
      {"~a: [0 .. n-1]", "~a: [0 .. n - 1]\n"},
      {"~a: [x for k in -3..3]", "~a: [x for k in -3..3]\n"},
      {"fn  f a  b = 0.5 c= -1 :a", "fn f a b=0.5 c=-1: a\n"},
      {"~a: f(x)", "~a: f (x)\n"},
      {"~a: a<~b", "~a: a < ~b\n"},
      {"~a: 1 / 8 + 1/8", "~a: 1 / 8 + 1/8\n"},
      {"route o3 :3   4", "route o3: 3 4\n"},
      {"~a: \"bd   sn\"", "~a: \"bd   sn\"\n"},
      {"hush  ", "hush\n"},
      {"", ""},
      {"\n\n", ""},
  }));
  CHECK(formatted(before) == after);
}

TEST_CASE("lines stay where they were broken, indented by what is open") {
  CHECK(formatted("  out:\n      ~a\n      # lpf 300\n  o1: ~b") == "out:\n  ~a\n  # lpf 300\no1: ~b\n");
  CHECK(formatted("out: ~a\n# lpf 300") == "out: ~a\n  # lpf 300\n");
  CHECK(formatted("out: mix [\n~a,\n~b # f (\n1\n+ 2\n)\n] * 2") == "out: mix [\n  ~a,\n  ~b # f (\n    1\n    + 2\n  )\n] * 2\n");
  CHECK(formatted("synth a:\n   saw freq\n       + tri freq\n   # lpf 300") == "synth a:\n  saw freq\n    + tri freq\n  # lpf 300\n");
}

TEST_CASE("strings over several lines are left alone") {
  CHECK(formatted("~a:   tracker lines=2 \"\"\"\n   c4 |\n e4  \n\"\"\" $   rev") ==
        "~a: tracker lines=2 \"\"\"\n   c4 |\n e4  \n\"\"\" $ rev\n");
}

TEST_CASE("comments stay, and at most one blank line in a row") {
  CHECK(formatted("\n-- one  \n\n\n\n~a: saw 55 -- two\n  -- three\n  # lpf 300\n\n\n-- four\n") ==
        "-- one\n\n~a: saw 55  -- two\n  -- three\n  # lpf 300\n\n-- four\n");
  CHECK(formatted("out: ~a\n  # lpf 300\n   -- # reverb 0.5\n~b: 1\n  -- own\n\n  -- alone") ==
        "out: ~a\n  # lpf 300\n  -- # reverb 0.5\n~b: 1\n  -- own\n\n-- alone\n");
}

TEST_CASE("what neighbours align stays aligned, what stands alone does not") {
  CHECK(formatted("~a:   saw 55\n~bcd: tri 55\n\n~ef:    sine 55\n") == "~a:   saw 55\n~bcd: tri 55\n\n~ef: sine 55\n");
  CHECK(formatted("~a:   saw 55\n-- between\n~bcd: tri 55\n") == "~a:   saw 55\n-- between\n~bcd: tri 55\n");
  CHECK(formatted("~aaa:x\n~b:  y\n") == "~aaa: x\n~b: y\n");
  CHECK(formatted("~a: 1       -- one\n~b: 1234    -- two\n~c: 1  -- three\n") == "~a: 1     -- one\n~b: 1234  -- two\n~c: 1  -- three\n");
}

TEST_CASE("Windows line ends become plain ones, except in strings") {
  CHECK(formatted("~a: saw 55\r\n\r\n~b: \"x\r\ny\"\r\n") == "~a: saw 55\n\n~b: \"x\r\ny\"\n");
}

TEST_CASE("a text with an error comes back as it was") {
  const std::string text = "~a:   saw   55 +\n~b:  3";
  Diagnostics diagnostics;
  CHECK(format(Source{"test", text}, diagnostics) == text);
  CHECK(has_error(diagnostics));
}
