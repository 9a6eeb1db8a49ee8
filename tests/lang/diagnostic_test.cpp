// How a diagnostic reads, and which names are near.
#include "lang/diagnostic.h"

#include <catch2/catch.hpp>

using namespace hocket;

namespace {

std::string rendered(const std::string& text, Span span, const std::string& hint = "") {
  return render(Source{"song.hk", text}, Diagnostic{Severity::error, span, "wrong", hint});
}

}  // namespace

TEST_CASE("a place counts lines and code points from 1") {
  const Source source{"test", "ab\né=c\n"};
  CHECK((source.place(0).line == 1 && source.place(0).column == 1));
  CHECK((source.place(2).line == 1 && source.place(2).column == 3));
  CHECK((source.place(3).line == 2 && source.place(3).column == 1));
  CHECK((source.place(5).line == 2 && source.place(5).column == 2));
  CHECK((source.place(99).line == 3 && source.place(99).column == 1));
  CHECK(source.line_at(4) == "é=c");
  CHECK(source.line_at(2) == "ab");
  CHECK(Source{"test", "ab\r\nc"}.line_at(0) == "ab");
}

TEST_CASE("a diagnostic shows the line, a caret under the span, and the hint") {
  CHECK(rendered("out: saw 55\nout: saw 55 # lfp 800", {26, 29}, "did you mean `lpf`?") ==
        "song.hk:2:15: error: wrong\n"
        "  2 | out: saw 55 # lfp 800\n"
        "    |               ^~~\n"
        "    = did you mean `lpf`?\n");
}

TEST_CASE("the caret stands below its place behind tabs, accents and broken bytes") {
  CHECK(rendered("\té x", {4, 5}) == "song.hk:1:4: error: wrong\n  1 |  é x\n    |    ^\n");
  CHECK(rendered("\xFF\x01x", {2, 3}) == "song.hk:1:3: error: wrong\n  1 | \xEF\xBF\xBD\xC2\xB7x\n    |   ^\n");
}

TEST_CASE("a span over several lines is marked to the end of its first") {
  CHECK(rendered("a (b\nc)", {2, 7}) == "song.hk:1:3: error: wrong\n  1 | a (b\n    |   ^~\n");
}

TEST_CASE("a span past the end of the text still has a place") {
  CHECK(rendered("ab", {90, 99}) == "song.hk:1:3: error: wrong\n  1 | ab\n    |   ^\n");
}

TEST_CASE("of a long line the part around the caret is shown") {
  const std::string text = std::string(1000, 'a') + "X" + std::string(1000, 'b');
  const std::string shown = rendered(text, {1000, 1001});
  CHECK(shown.size() < 400);
  const std::size_t line = shown.find("| ");
  const std::size_t caret_line = shown.find("| ", line + 1);
  const std::size_t x = shown.find('X') - line;
  const std::size_t caret = shown.find('^') - caret_line;
  CHECK(x == caret + 2);  // the ellipsis in front is one column and three bytes
}

TEST_CASE("a warning is no error") {
  CHECK_FALSE(has_error({Diagnostic{Severity::warning, {}, "hm", ""}}));
  CHECK(has_error({Diagnostic{Severity::warning, {}, "hm", ""}, Diagnostic{Severity::error, {}, "no", ""}}));
}

TEST_CASE("a diagnostic of another text shows that text") {
  Diagnostic diagnostic{Severity::error, {0, 1}, "wrong", ""};
  diagnostic.source = std::make_shared<const Source>(Source{"kit.hk", "x"});
  CHECK(render(Source{"song.hk", "abc"}, diagnostic) == "kit.hk:1:1: error: wrong\n  1 | x\n    | ^\n");
}

TEST_CASE("the first error is kept however many warnings came before it") {
  Diagnostics diagnostics;
  for (int i = 0; i < 200; ++i) report(diagnostics, {Severity::warning, {}, "hm", ""});
  CHECK(diagnostics.size() == kMostDiagnostics);
  report(diagnostics, {Severity::error, {}, "no", ""});
  CHECK(diagnostics.size() == kMostDiagnostics);
  CHECK(has_error(diagnostics));
}

TEST_CASE("the nearest names come best first, and none that is far") {
  const std::vector<std::string> units{"adsr", "bpf", "delay", "hpf", "lpf", "notch", "reverb", "saw", "sine"};
  CHECK(nearest("lfp", units) == std::vector<std::string>{"lpf"});
  CHECK(nearest("revreb", units) == std::vector<std::string>{"reverb"});
  CHECK(nearest("Saw", units) == std::vector<std::string>{"saw"});
  CHECK(nearest("dealy", units) == std::vector<std::string>{"delay"});
  CHECK(nearest("xpf", units) == std::vector<std::string>{"bpf", "hpf", "lpf"});
  CHECK(nearest("xpf", units, 2) == std::vector<std::string>{"bpf", "hpf"});
  CHECK(nearest("accordion", units).empty());
  CHECK(nearest("", units).empty());
  CHECK(nearest("q", units).empty());
}

TEST_CASE("near names are asked about in one sentence") {
  CHECK(did_you_mean({}) == "");
  CHECK(did_you_mean({"lpf"}) == "did you mean `lpf`?");
  CHECK(did_you_mean({"lpf", "hpf"}) == "did you mean `lpf` or `hpf`?");
  CHECK(did_you_mean({"lpf", "hpf", "bpf"}) == "did you mean `lpf`, `hpf` or `bpf`?");
}
