// Text → tokens: kinds, places, numbers.
#include "lang/lexer.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "lang/number.h"

using namespace hocket;

namespace {

/// `kind text` of every token, joined by ` | `; the diagnostics must be none.
std::string kinds(const std::string& text) {
  const Source source{"test", text};
  Diagnostics diagnostics;
  const std::string lines = to_text(lex(source, diagnostics));
  CHECK(render(source, diagnostics) == "");
  std::string joined;
  for (std::size_t i = 0; i < lines.size();) {
    const std::size_t end = lines.find('\n', i);
    const std::string line = lines.substr(i, end - i);
    joined += (joined.empty() ? "" : " | ") + line.substr(line.find(' ') + 1);
    i = end + 1;
  }
  return joined;
}

}  // namespace

TEST_CASE("every kind of token is told apart") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"~drums: saw 55 # lpf", "bus ~drums | colon : | name saw | number 55 | pipe # | name lpf"},
      {"every' add.out a_b", "name every' | name add.out | name a_b"},
      {"~wet.left", "bus ~wet.left"},
      {"[0..7]", "open [ | number 0 | range .. | number 7 | close ]"},
      {"[a..b]", "open [ | name a | range .. | name b | close ]"},
      {"[.5...5]", "open [ | number .5 | range .. | number .5 | close ]"},
      {"{a: \"x y\"}", "open { | name a | colon : | string \"x y\" | close }"},
      {"a |+| b +| c |% d", "name a | op |+| | name b | op +| | name c | op |% | name d"},
      {"a |> b <| c |<| d >| e |< f", "name a | op |> | name b | op <| | name c | op |<| | name d | op >| | name e | op |< | name f"},
      {"a<~b", "name a | op < | bus ~b"},
      {"a <= b != c", "name a | op <= | name b | op != | name c"},
      {"res=0.3", "name res | equals = | number 0.3"},
      {"res=.3 [.1,.2]", "name res | equals = | number .3 | open [ | number .1 | comma , | number .2 | close ]"},
      {"a-5", "name a | op - | number 5"},
      {"x -- y", "name x | comment -- y"},
      {"x --5", "name x | comment --5"},
      {"x // y", "name x | comment // y"},
      {"\"a -- b // c\"", "string \"a -- b // c\""},
      {"\"\"\" a \"b\" \"\"\"", "block \"\"\" a \"b\" \"\"\""},
      {"\"\"", "string \"\""},
      {"1/8 3/16c 4 / 3 2k4", "number 1/8 | number 3/16c | number 4 | op / | number 3 | number 2k4"},
      {"1/8/2", "number 1/8 | op / | number 2"},
      {"1e3 1e-3 2e 1.5e+2Hz", "number 1e3 | number 1e-3 | number 2e | number 1.5e+2Hz"},
      {"\"a\".fast(2)", "string \"a\" | dot . | name fast | open ( | number 2 | close )"},
      {"x.5", "name x | dot . | number 5"},
      {"0.25 ~> p <~ q; x => y", "number 0.25 | foreign ~> | name p | foreign <~ | name q | foreign ; | name x | foreign => | name y"},
      {"a\xC2\xA0"
       "b",
       "name a | name b"},
      {"\xEF\xBB\xBF"
       "a",
       "name a"},
  }));
  CHECK(kinds(text) == expected);
}

TEST_CASE("tokens know their line and column in code points") {
  const Source source{"test", "~a: \"é\" # b\r\n  -- c\n\n\td"};
  Diagnostics diagnostics;
  CHECK(to_text(lex(source, diagnostics)) ==
        "1:1 bus ~a\n1:3 colon :\n1:5 string \"é\"\n1:9 pipe #\n1:11 name b\n2:3 comment -- c\n4:2 name d\n");
  CHECK(diagnostics.empty());
}

TEST_CASE("a tab indents to the next eighth column") {
  const Source source{"test", "a\n \tb\n         c"};
  Diagnostics diagnostics;
  const auto tokens = lex(source, diagnostics);
  REQUIRE(tokens.size() == 3);
  CHECK(tokens[1].indent == 8);
  CHECK(tokens[2].indent == 9);
}

TEST_CASE("numbers are exact") {
  const auto [text, num, den] = GENERATE(table<std::string, std::int64_t, std::int64_t>({
      {"0.1", 1, 10},
      {"-0.25", -1, 4},
      {"55", 55, 1},
      {"82.5", 165, 2},
      {"1e3", 1000, 1},
      {"1e-3", 1, 1000},
      {"2.50e1", 25, 1},
      {"007", 7, 1},
      {".5", 1, 2},
      {"0", 0, 1},
      {"0.000", 0, 1},
      {"1/8", 1, 8},
      {"4/3", 4, 3},
      {"6/4", 3, 2},
      {"-2/3", -2, 3},
      {"1.5/4", 3, 8},
      {"2k", 2000, 1},
      {"1.5kHz", 1500, 1},
      {"440Hz", 440, 1},
      {"250ms", 1, 4},
      {"1.5s", 3, 2},
      {"3/16c", 3, 16},
      {"0.1000000000000000000000", 1, 10},
      {"123456789012345678e-17", 61728394506172839, 50000000000000000},
      {"1e15", 1000000000000000, 1},
      {"1e-999", 0, 1},
  }));
  const NumberRead read = read_number(text);
  CAPTURE(text);
  CHECK(read.problem == "");
  CHECK(read.number.exact == Rational(num, den));
  CHECK(read.number.value == Approx(static_cast<double>(num) / static_cast<double>(den)).epsilon(1e-15));
  CHECK(read.number.text == text);
}

TEST_CASE("a number's unit is kept where it does more than scale") {
  CHECK(read_number("440Hz").number.unit == NumberUnit::hz);
  CHECK(read_number("2kHz").number.unit == NumberUnit::hz);
  CHECK(read_number("2k").number.unit == NumberUnit::none);
  CHECK(read_number("250ms").number.unit == NumberUnit::seconds);
  CHECK(read_number("3/16c").number.unit == NumberUnit::cycles);
  CHECK(read_number("-6dB").number.unit == NumberUnit::decibel);
}

TEST_CASE("decibels are a linear gain, sign included") {
  CHECK(read_number("0dB").number.value == 1.0);
  CHECK(read_number("20dB").number.value == Approx(10.0));
  CHECK(read_number("-20dB").number.value == Approx(0.1));
  CHECK(read_number("-20dB").number.exact == Rational(1, 10));
  CHECK(read_number("-6dB").number.value == Approx(std::pow(10.0, -0.3)));
}

TEST_CASE("both sides of a fraction are kept, for beats") {
  const NumberRead read = read_number("150/3");
  REQUIRE(read.number.ratio);
  CHECK(read.number.ratio->first == Rational(150));
  CHECK(read.number.ratio->second == Rational(3));
  CHECK(!read_number("150").number.ratio);
}

TEST_CASE("numbers that mean nothing are refused with a reason") {
  CHECK(read_number("440Hx").problem == "`Hx` is not a unit of numbers");
  CHECK(read_number("2k4").problem == "`k4` is not a unit of numbers");
  CHECK(read_number("1/0").problem == "`1/0` divides by zero");
  CHECK(read_number("1/0.0").problem == "`1/0.0` divides by zero");
  CHECK(read_number("1e16").problem == "`1e16` is too large");
  CHECK(read_number("1e99999999999999999999").problem == "`1e99999999999999999999` is too large");
  CHECK(read_number("1/1e-30").problem != "");
  CHECK(read_number("1000dB").problem == "`1000dB` is too large");
}
