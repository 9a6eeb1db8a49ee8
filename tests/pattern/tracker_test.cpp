// Tracker blocks.
#include "lang/pattern/tracker.h"

#include "tests/pattern/query.h"

using namespace hocket;

namespace {

Pattern block(std::string_view text, int lines) {
  Diagnostics found;
  const Pattern p = parse_tracker(text, 0, lines, found);
  for (const Diagnostic& d : found) FAIL_CHECK(d.message);
  return p;
}

std::string first(std::string_view text, int lines) {
  return test::events(block(text, lines));
}

}  // namespace

TEST_CASE("a note lasts until the next note or end in its column") {
  CHECK(first("c4\n...\ne4\n===\n", 4) == "0..1/2 {note: 0} | 1/2..3/4 {note: 4}");
  CHECK(first("c4 | ...\n... | e4\n=== | ...\n... | ===\n", 4) == "0..1/2 {note: 0} | 1/4..3/4 {note: 4}");
}

TEST_CASE("a note that nothing ends lasts round the end of the block to the next one") {
  const Pattern p = block("...\nc4\n...\n...", 4);
  CHECK(test::events(p, 0, 2) == "-3/4..1/4 {note: 0} in 0..1/4 | 1/4..5/4 {note: 0} | 5/4..9/4 {note: 0} in 5/4..2");
  CHECK(test::events(block("===\n...\nc4\n...", 4), 0, 1) == "1/2..1 {note: 0}");
}

TEST_CASE("an offset counts in sixteenths of a line") {
  CHECK(first("bd +4\n=== +8", 2) == "1/8..3/4 {s: bd}");
  CHECK(first("c4 +15", 1) == "-1/16..15/16 {note: 0} in 0..15/16 | 15/16..31/16 {note: 0} in 15/16..1");
}

TEST_CASE("a cell holds a note, a sound, a volume and controls") {
  CHECK(first("c4 bass v32 cutoff=800 vowel=a\n===", 2) == "0..1/2 {cutoff: 800, gain: 0.5, note: 0, s: bass, vowel: a}");
  CHECK(first("eb2 01 v64\n===", 2) == "0..1/2 {gain: 1, n: 1, note: -21}");
  CHECK(first("bd:3 v00\n===", 2) == "0..1/2 {gain: 0, n: 3, s: bd}");
  CHECK(first("c#4\nC-4\n~pad\ncb", 4) == "0..1/4 {note: 1} | 1/4..1/2 {note: 0} | 1/2..3/4 {s: ~pad} | 3/4..1 {s: cb}");
  CHECK(first("c4'maj pluck\n===", 2) == "0..1/2 {note: 0, s: pluck} | 0..1/2 {note: 4, s: pluck} | 0..1/2 {note: 7, s: pluck}");
}

TEST_CASE("rows may be fewer than lines, of any number, with comments and space") {
  CHECK(first("\n  bd   | ...  -- the first\n\n  ...  | hh\n", 7) ==
        "-6/7..1/7 {s: hh} in 0..1/7 | 0..1 {s: bd} | 1/7..8/7 {s: hh} in 1/7..1");
  CHECK(first("", 16) == "");
  CHECK(first(". | ...\n", 4) == "");
}

TEST_CASE("a block is a pattern like any other") {
  CHECK(test::events(combine("+", Structure::left, block("c4\n===", 2), make_control("note", test::mini("12")))) == "0..1/2 {note: 12}");
  CHECK(block("c4\n===", 2).steps() == Rational(2));
}

TEST_CASE("a block's sounds are known with their places") {
  std::string words;
  block("bd v64 | c4 pluck", 2).each_word([&](const std::string& word, Span where) { words += word + std::to_string(where.begin) + " "; });
  CHECK(words == "bd0 pluck9 ");
}

namespace {

struct Wrong {
  std::string_view text;
  std::uint32_t begin, end;
  std::string_view says;
};

}  // namespace

TEST_CASE("mistakes in a block are named at their exact place") {
  const auto wrong =
      GENERATE(Wrong{"c4 v65", 3, 6, "v00 to v64"}, Wrong{"c4 +16", 3, 6, "+0 to +15"}, Wrong{"c4\n... v32", 3, 6, "no note"},
               Wrong{"c4 bd sn", 6, 8, "two sounds"}, Wrong{"c4 =5", 3, 5, "name=value"}, Wrong{"c4\n===\nc4", 7, 9, "more rows"},
               Wrong{"=== v20", 4, 7, "only an offset"}, Wrong{"c4 ?", 3, 4, "not part"});
  Diagnostics found;
  const Pattern p = parse_tracker(wrong.text, 50, 2, found);
  INFO(wrong.text);
  REQUIRE(found.size() == 1);
  INFO(found[0].message << " / " << found[0].hint);
  CHECK(found[0].span == Span{50 + wrong.begin, 50 + wrong.end});
  CHECK(found[0].message.find(wrong.says) != std::string::npos);
  CHECK(p.is_silence());
}

TEST_CASE("a number of lines below 1 is refused") {
  Diagnostics found;
  parse_tracker("c4", 0, 0, found);
  CHECK(found.size() == 1);
}

TEST_CASE("a block written from a pattern gives the pattern back") {
  for (const std::string text : {"c4 bass v32 | bd\n... | hh +4\n=== +3 | ...\ne4 v07 cutoff=800 | sn\n", "bd\nbd\nbd\n===\n",
                                 "c4 | e4\n=== | g4\n... | ===\n", "...\n...\nc#5 n=2\n"}) {
    INFO(text);
    const Pattern p = block(text, 4);
    const auto written = to_tracker(p, 4);
    REQUIRE(written);
    INFO(*written);
    CHECK(test::events(block(*written, 4)) == test::events(p));
  }
}

TEST_CASE("mini-notation that lies on the ticks can be written as a block") {
  CHECK(to_tracker(make_control("s", test::mini("bd sn")), 4).value_or("none") == "bd\n...\nsn\n...\n");
  const Pattern p = make_control("note", test::mini("[c4, e4 g4] ~"));
  const auto written = to_tracker(p, 4);
  REQUIRE(written);
  CHECK(test::events(block(*written, 4)) == test::events(p));
}

TEST_CASE("what a block cannot hold is not written") {
  CHECK_FALSE(to_tracker(make_control("s", test::mini("a b c")), 4));   // off the ticks
  CHECK_FALSE(to_tracker(test::mini("1 2"), 4));                        // no sounds
  CHECK_FALSE(to_tracker(make_control("note", test::mini("0.5")), 4));  // between two notes
  CHECK_FALSE(to_tracker(*find_signal("saw"), 4));                      // continuous
  CHECK_FALSE(to_tracker(make_control("s", test::mini("a/2")), 4));     // longer than the block
}
