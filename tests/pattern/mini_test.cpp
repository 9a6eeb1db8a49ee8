// Mini-notation: what texts mean, and what is said about wrong ones.
#include "tests/pattern/query.h"

using namespace hocket;
using test::events;
using test::mini;

TEST_CASE("steps share the cycle by their weights") {
  CHECK(events(mini("a b")) == "0..1/2 a | 1/2..1 b");
  CHECK(events(mini("a@3 b")) == "0..3/4 a | 3/4..1 b");
  CHECK(events(mini("a _ b _")) == "0..1/2 a | 1/2..1 b");
  CHECK(events(mini("a! b !")) == "0..1/4 a | 1/4..1/2 a | 1/2..3/4 b | 3/4..1 b");
  CHECK(events(mini("a !3")) == "0..1/3 a | 1/3..2/3 a | 2/3..1 a");
  CHECK(events(mini("a!0 b")) == "0..1 b");
  CHECK(events(mini("a . b c")) == "0..1/2 a | 1/2..3/4 b | 3/4..1 c");
  CHECK(events(mini("a ~ - b")) == "0..1/4 a | 3/4..1 b");
}

TEST_CASE("a step is changed by signs behind it, with or without a space") {
  CHECK(events(mini("a*2 b")) == "0..1/4 a | 1/4..1/2 a | 1/2..1 b");
  CHECK(events(mini("a *2 b")) == events(mini("a*2 b")));
  CHECK(events(mini("bd (3,8)")) == "0..1/8 bd | 3/8..1/2 bd | 3/4..7/8 bd");
  CHECK(events(mini("[a b]*2")) == "0..1/4 a | 1/4..1/2 b | 1/2..3/4 a | 3/4..1 b");
  CHECK(events(mini("[a b]*-1")) == "0..1/2 b | 1/2..1 a");
  CHECK(events(mini("a*0")) == "");
}

TEST_CASE("an event longer than its step keeps its whole and goes on in the same step") {
  CHECK(events(mini("bd sd/2"), 0, 2) == "0..1/2 bd | 1/2..3/2 sd in 1/2..1 | 1..3/2 bd | 1..2 sd in 3/2..2");
}

TEST_CASE("numbers are numbers, whatever else begins with a digit is a word") {
  const auto value = [](std::string_view text) {
    QueryContext context;
    return to_json(mini(text).query({0, 1}, context).front().value);
  };
  CHECK(value("808") == "808");
  CHECK(value("808bd:1") == "\"808bd:1\"");
  CHECK(value("-0.5") == "-0.5");
  CHECK(value(".5") == "0.5");
  CHECK(value("1%8") == "0.125");
  CHECK(value("inf") == "\"inf\"");
  CHECK(value("c#4") == "\"c#4\"");
  CHECK(value("bd.1") == "\"bd.1\"");
  CHECK(value("~pluck") == "\"~pluck\"");
  CHECK(value("grüße") == "\"grüße\"");
  CHECK(value("0..2") == "0");
}

TEST_CASE("a tilde with a letter behind it is a bus, alone it is a rest") {
  CHECK(events(mini("~a ~ ~b(1,2)")) == "0..1/3 ~a | 2/3..5/6 ~b");
}

TEST_CASE("events know their place in the program") {
  Diagnostics none;
  QueryContext context;
  const Events got = parse_mini("bd <sn hh>*2", 100, none).query({0, 1}, context);
  REQUIRE(got.size() == 3);
  CHECK(got[0].where == Span{100, 102});
  CHECK(got[1].where == Span{104, 106});
  CHECK(got[2].where == Span{107, 109});
}

TEST_CASE("the off steps of a Euclidean rhythm are false in a boolean text") {
  Diagnostics none;
  QueryContext context;
  const Events got = parse_mini_truth("1(3,8)", 0, none).query({0, 1}, context);
  REQUIRE(got.size() == 8);
  CHECK(std::count_if(got.begin(), got.end(), [](const Event& e) { return e.value.truth(); }) == 3);
}

TEST_CASE("every word of a text is known with its place, also those that do not sound in cycle 0") {
  std::vector<std::pair<std::string, std::uint32_t>> words;
  mini("bd <sn [hh cp?]>*2 3").each_word([&](const std::string& word, Span where) { words.emplace_back(word, where.begin); });
  CHECK(words == std::vector<std::pair<std::string, std::uint32_t>>{{"bd", 0}, {"sn", 4}, {"hh", 8}, {"cp", 11}});
}

namespace {

struct Wrong {
  std::string_view text;
  std::uint32_t begin, end;
  std::string_view says;  ///< a part of the message or the hint
};

}  // namespace

TEST_CASE("mistakes are named at their exact place") {
  const auto wrong =
      GENERATE(Wrong{"bd [sn hh", 3, 4, "never closed"}, Wrong{"bd sn]", 5, 6, "closes nothing"}, Wrong{"[bd sn>", 6, 7, "does not match"},
               Wrong{"bd(3)", 2, 5, "pulses"}, Wrong{"bd(3,8,1,2)", 2, 11, "rotation"}, Wrong{"bd* sn", 3, 4, "`*` wants a number"},
               Wrong{"bd*x", 3, 4, "found `x`"}, Wrong{"*2 bd", 0, 1, "no step before"}, Wrong{"a | b, c", 5, 6, "side by side"},
               Wrong{"<a|b>", 0, 1, "square brackets"}, Wrong{"bd$sn", 2, 3, "outside the quotes"}, Wrong{"bd %4", 3, 4, "polymeter"},
               Wrong{":3", 0, 1, "no sound before"}, Wrong{"bd@0 sn", 3, 4, "above 0"}, Wrong{"bd!1.5", 3, 6, "whole number"},
               Wrong{"_ bd", 0, 1, "no step before"}, Wrong{"bd _x", 3, 4, "stands alone"}, Wrong{"{a b}%x", 6, 7, "found `x`"},
               Wrong{"bd: sn", 2, 3, "wants a number"}, Wrong{"0 .. x", 5, 6, "found `x`"}, Wrong{"bd “sn”", 3, 6, "not part"},
               Wrong{"bd*", 3, 4, "the end of the pattern"});
  Diagnostics found;
  QueryContext context;
  const Pattern p = parse_mini(wrong.text, 1000, found);
  INFO(wrong.text);
  REQUIRE(found.size() == 1);
  INFO(found[0].message << " / " << found[0].hint);
  CHECK(found[0].severity == Severity::error);
  CHECK(found[0].span == Span{1000 + wrong.begin, 1000 + wrong.end});
  CHECK((found[0].message + found[0].hint).find(wrong.says) != std::string::npos);
  CHECK(p.query({0, 4}, context).empty());
}

TEST_CASE("hostile texts are refused or parsed, but never run away") {
  Diagnostics found;
  parse_mini(std::string(100000, '['), 0, found);
  CHECK(found.size() == 1);
  found.clear();
  parse_mini("a!1000000000", 0, found);
  REQUIRE(found.size() == 1);
  CHECK(found[0].message.find("at most") != std::string::npos);
  found.clear();
  std::string chain = "a";
  for (int i = 0; i < 20000; ++i) chain += "*2";
  const Pattern p = parse_mini(chain, 0, found);
  QueryContext context;
  p.query({0, 1}, context);
  CHECK(context.exhausted);
}
