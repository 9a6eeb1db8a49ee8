// Functions at their edges: zero, negative and patterned arguments, and what the documentation promises beyond its examples.
#include "tests/pattern/query.h"

using namespace hocket;
using test::given;

TEST_CASE("a speed of 0 is silence, a negative one runs backwards") {
  CHECK(given(R"("a b" $ fast 0)") == "");
  CHECK(given(R"("a b" $ slow 0)") == "");
  CHECK(given(R"("a b" $ fast -1)") == "0..1/2 b | 1/2..1 a");
  CHECK(given(R"("a b" $ hurry 0)") == "");
  CHECK(given(R"("a b" $ linger 0)") == "");
}

TEST_CASE("a patterned argument holds while its event lasts") {
  CHECK(given(R"("a b" $ fast "1 2")") == "0..1/2 a | 1/2..3/4 a | 3/4..1 b");
  CHECK(given(R"("a b c d" $ fast "<1 2>")", 0, 2) ==
        "0..1/4 a | 1/4..1/2 b | 1/2..3/4 c | 3/4..1 d | 1..9/8 a | 9/8..5/4 b | 5/4..11/8 c | 11/8..3/2 d | 3/2..13/8 a | 13/8..7/4 b | "
        "7/4..15/8 c | 15/8..2 d");
  CHECK(given(R"("a" $ early "<0 e>")", 1, 2) == "7/8..15/8 a in 1..15/8 | 15/8..23/8 a in 15/8..2");
}

TEST_CASE("counts of 0 and below") {
  CHECK(given(R"("a b" $ every 0 rev)") == given(R"("a b")"));
  CHECK(given(R"("a b" $ every -2 rev)") == given(R"("a b")"));
  CHECK(given(R"("a b" $ ply 0)") == "");
  CHECK(given(R"("a" $ euclid 0 8)") == "");
  CHECK(given(R"("a" $ euclid 3 0)") == "");
  CHECK(given(R"("a" $ euclid 9 4)") == given(R"("a*4")"));
  CHECK(given(R"("a b" $ iter 0)") == given(R"("a b")"));
  CHECK(given(R"("a b" $ iter -4)", 0, 4) == given(R"("a b" $ iterBack 4)", 0, 4));
  CHECK(given("run 0") == "");
  CHECK(given(R"("a b" $ chunk 0 rev)") == given(R"("a b")"));
  CHECK(given(R"(s "a" $ chop 0)") == "");
  CHECK(given(R"("a" $ shuffle 0)") == "");
  CHECK(given(R"("a" $ echoWith 0 0.1 rev)") == "0..1 a");
}

TEST_CASE("every works before cycle 0 too") {
  CHECK(given(R"("a b" $ every 2 rev)", -2, 0) == "-2..-3/2 b | -3/2..-1 a | -1..-1/2 a | -1/2..0 b");
}

TEST_CASE("cat skips no cycle of any pattern") {
  CHECK(given(R"(cat ["<a b>", "<c d>"])", 0, 4) == "0..1 a | 1..2 c | 2..3 b | 3..4 d");
}

TEST_CASE("a section of an arrangement goes on where it stopped") {
  CHECK(given(R"(arrange [[2, "<a b c>"], [1, "x"]])", 0, 6) == "0..1 a | 1..2 b | 2..3 x | 3..4 c | 4..5 a | 5..6 x");
}

TEST_CASE("arithmetic on note names counts from c4, also through sections") {
  CHECK(given(R"("c4 e4" |+ 12)") == "0..1/2 12 | 1/2..1 16");
  CHECK(given(R"("c4" $ off 1/2 (|+ 7))", 0, 1) == "-1/2..1/2 7 in 0..1/2 | 0..1 c4 | 1/2..3/2 7 in 1/2..1");
}

TEST_CASE("division and remainder by 0 give 0, never a number that is none") {
  CHECK(given(R"("4" |/ 0)") == "0..1 0");
  CHECK(given(R"("4" |% 0)") == "0..1 0");
  CHECK(given(R"("-7 7" |% "3 -3")") == "0..1/2 2 | 1/2..1 -2");
}

TEST_CASE("operators on controls work where both sides have the control, and keep the rest") {
  CHECK(given(R"(s "bd" # gain 0.5 |* gain 0.5)") == "0..1 {gain: 0.25, s: bd}");
  CHECK(given(R"(s "bd" |+ gain 0.5)") == "0..1 {gain: 0.5, s: bd}");
  CHECK(given(R"(s "a" |+ s "b")") == "0..1 {s: ab}");
}

TEST_CASE("a sound's number is split from its name") {
  CHECK(given(R"(s "bd:3 808 bd:x")") == "0..1/3 {n: 3, s: bd} | 1/3..2/3 {s: 808} | 2/3..1 {s: bd:x}");
}

TEST_CASE("chop and striate keep to the range that is played already") {
  CHECK(given(R"(s "a" # begin 0.5 # end 1 $ chop 2)") == "0..1/2 {begin: 0.5, end: 0.75, s: a} | 1/2..1 {begin: 0.75, end: 1, s: a}");
  CHECK(given(R"(s "a" # begin 0.5 $ striate 2)") == "0..1/2 {begin: 0.5, end: 0.75, s: a} | 1/2..1 {begin: 0.75, end: 1, s: a}");
}

TEST_CASE("jux moves what is panned already") {
  CHECK(given(R"(s "a" # pan 0.25 $ jux id)") == "0..1 {pan: 0.25, s: a} | 0..1 {pan: 1.25, s: a}");
}

TEST_CASE("spread applies a named function, several arguments as lists, functions by the name $") {
  CHECK(given(R"("a b" $ spread zoom [[0, 0.5], [0.5, 1]] $ fast 2)") == "0..1/2 a | 1/2..1 b");
  CHECK_THROWS_WITH(test::expression(R"("a" $ spread fasst [1, 2])"),
                    Catch::Matchers::Contains("fasst") && Catch::Matchers::Contains("`fast`"));
}

TEST_CASE("continuous patterns are sampled at the start of what they meet") {
  CHECK(given(R"("0 0" |+ saw)") == "0..1/2 0 | 1/2..1 0.5");
  CHECK(given(R"("0/2" |+ saw)", 1, 2) == "0..2 0 in 1..2");
  CHECK(given("saw", Rational(1, 4), Rational(1, 2)) == "~1/4..1/2 0.25");
  CHECK(given(R"(saw $ rev $ segment 4)") == "0..1/4 0.75 | 1/4..1/2 0.5 | 1/2..3/4 0.25 | 3/4..1 0");
}

TEST_CASE("an instant gives what is active there") {
  CHECK(given(R"("a b" $ rev)", 0, 0) == "0..1/2 b in 0..0");
  CHECK(given(R"("a b" $ rev)", Rational(1, 2), Rational(1, 2)) == "1/2..1 a in 1/2..1/2");
  CHECK(given(R"("a b" $ fast 2)", Rational(1, 4), Rational(1, 4)) == "1/4..1/2 b in 1/4..1/4");
}

TEST_CASE("steps are counted where patterns are joined step by step") {
  CHECK(given(R"(timecat ["a b c", "d"])") == "0..1/4 a | 1/4..1/2 b | 1/2..3/4 c | 3/4..1 d");
  CHECK(given(R"("a b c" $ take 2)") == "0..1/2 a | 1/2..1 b");
  CHECK(given(R"("a b c" $ take -2)") == "0..1/2 b | 1/2..1 c");
  CHECK(given(R"("a b c" $ drop 3)") == "");
  CHECK(given(R"("a b" $ shrink -1)") == "0..1/3 a | 1/3..2/3 b | 2/3..1 a");
  CHECK(given(R"("a b" $ grow -1)") == "0..1/3 b | 1/3..2/3 a | 2/3..1 b");
}

TEST_CASE("words that are no sounds are not taken for such") {
  const auto words = [](const std::string& code) {
    std::string all;
    test::expression(code).each_word([&](const std::string& word, Span) { all += word + " "; });
    return all;
  };
  CHECK(words(R"(s "bd <sn hh>" # vowel "a" $ every 2 (# s "cp") $ mask "t f")") == "bd sn hh cp ");
  CHECK(words(R"("x y" $ inhabit {x: "bd", y: "sn"})") == "bd sn ");
  CHECK(words(R"("[c,e]" $ arp "up")") == "c e ");
}

TEST_CASE("a patterned chance holds for the function's result, not only for what goes into it") {
  CHECK(
      given(R"("0*4" $ sometimesBy "<0 1>" (late 1/8))", 0, 2) ==
      "0..1/4 0 | 1/4..1/2 0 | 1/2..3/4 0 | 3/4..1 0 | 7/8..9/8 0 in 1..9/8 | 9/8..11/8 0 | 11/8..13/8 0 | 13/8..15/8 0 | 15/8..17/8 0 in "
      "15/8..2");
}

TEST_CASE("arpeggios that leave out the turning points leave out a note alone") {
  CHECK(given(R"("0" $ arp "up")") == "0..1 0");
  CHECK(given(R"("0" $ arp "updown")") == "");
  CHECK(given(R"("[0,4]" $ arp "updown")") == "0..1/2 0 | 1/2..1 4");
}
