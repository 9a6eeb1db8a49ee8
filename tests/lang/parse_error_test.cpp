// Every error of the parser: its place and its words.
#include <catch2/catch.hpp>

#include "lang/parser.h"

using namespace hocket;

namespace {

/// `line:column marked text: message` of each diagnostic, one a line.
std::string errors(const std::string& text) {
  const Source source{"test", text};
  const Parsed parsed = parse(source);
  std::string joined;
  for (const Diagnostic& d : parsed.diagnostics) {
    const Place place = source.place(d.span.begin);
    joined += (joined.empty() ? "" : "\n") + std::to_string(place.line) + ":" + std::to_string(place.column) + " " +
              text.substr(d.span.begin, d.span.end - d.span.begin) + ": " + d.message;
  }
  return joined;
}

std::string hint(const std::string& text) {
  const Parsed parsed = parse(Source{"test", text});
  return parsed.diagnostics.empty() ? "none" : parsed.diagnostics[0].hint;
}

}  // namespace

TEST_CASE("each mistake is named at its place") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      // brackets
      {"~a: (saw 55", "1:5 (: this `(` is never closed"},
      {"~a: [1, 2", "1:5 [: this `[` is never closed"},
      {"~a: fix rev {n: 1", "1:13 {: this `{` is never closed"},
      {"~a: (saw 55 +", "1:5 (: this `(` is never closed"},
      {"~a: saw 55 )", "1:12 ): `)` closes nothing"},
      {"~a: f (saw 55]", "1:14 ]: `]` does not close the `(` of line 1, column 7"},
      {"~a: ()", "1:5 (): there is nothing in these brackets"},
      {"~a: within (0, 0.5) rev", "1:14 ,: a comma stands only in lists `[a, b]` and maps `{a: x, b: y}`"},
      {"~a: (b: c)", "1:7 :: `:` cannot stand in these brackets"},
      {"~a: {}", ""},
      {"~a: {1}", "1:6 1: an entry of a map is `name: value`, not the number `1`"},
      {"~a: {a: 1 b: 2}", "1:11 b: `b` cannot follow the number `1`"},
      {"~a: [0..7, 9]", "1:10 ,: a range stands alone in its brackets"},
      {"~a: 0..7", "1:6 ..: a range stands in square brackets"},
      {"~a: [x for k]", "1:8 for: after `for` stand a name, `in` and a range or list"},
      {"~a: [x for 3 in 1..2]", "1:8 for: after `for` stand a name, `in` and a range or list"},
      {"~a: 5 for k in 1..2", "1:7 for: `for` stands in square brackets"},
      // operators
      {"~a: saw 55 +", "1:12 +: nothing stands after `+`"},
      {"~a: saw 55 #", "1:12 #: nothing stands after `#`"},
      {"~a: + * 3", "1:7 *: `*` cannot stand here"},
      {"~a: x # # y", "1:9 #: after `#` stands a unit, a control or a bus, not `#`"},
      {"~a: x $ + 2", "1:9 +: after `$` stands a function, not `+`"},
      {"~a: (+)", "1:6 +: nothing stands after `+`"},
      {"~a: (x #)", "1:8 #: nothing stands after `#`"},
      {"~a: (a + b *)", "1:12 *: `*` binds tighter than `+` here"},
      {"~a: [1, + ]", "1:9 +: nothing stands after `+`"},
      {"~a: a | b", "1:7 |: `|` alone has a meaning only inside quotes"},
      {"~a: a ++ b", "1:7 ++: patterns are joined with `fastcat` or `cat`, words are not joined"},
      {"~a: a ** b", "1:7 **: powers are written `^`"},
      // values side by side
      {"~a: \"bd\" 3", "1:10 3: the number `3` cannot follow the string `\"bd\"`"},
      {"~a: 5 x", "1:7 x: `x` cannot follow the number `5`"},
      {"~a: [1] 2", "1:9 2: the number `2` cannot follow `]`"},
      {"~a: x y=", "1:8 =: nothing stands after `=`"},
      {"~a: 3 = 4", "1:7 =: `=` cannot stand here"},
      {"~a: s bd:3", "1:9 :: `:` cannot stand here"},
      {"~a: saw 55 ~b: 3", "1:12 ~b:: a definition starts on a line of its own"},
      {"~a: saw 55\n  ~b: 3", "2:3 ~b:: `~b` is indented, so it goes on with the statement above"},
      {"~a: saw 55\n  out: 3", "2:3 out:: `out` is indented, so it goes on with the statement above"},
      {"~a: (saw 55\n  ~b: 3", "1:5 (: this `(` is never closed"},
      {"~a: fn 3", "1:5 fn: `fn` is a word of the language and cannot be a value"},
      {"~a: , 3", "1:3 :: nothing stands after the colon"},
      // numbers
      {"~a: saw 440Hx", "1:9 440Hx: `Hx` is not a unit of numbers"},
      {"~a: gain -1/0", "1:10 -1/0: `-1/0` divides by zero"},
      {"~a: 1e99", "1:5 1e99: `1e99` is too large"},
      // statements
      {"~a:", "1:3 :: nothing stands after the colon"},
      {"synth x:\nout: ~a", "1:8 :: nothing stands after the colon"},
      {"~kick s \"bd\"", "1:1 ~kick: a colon is missing behind `~kick`"},
      {"out ~drums", "1:1 out: a colon is missing behind `out`"},
      {"o1 $ s \"bd\"", "1:1 o1: a colon is missing behind `o1`"},
      {"fn", "1:1 fn: after `fn` stands a plain name"},
      {"fn ~a: 3", "1:4 ~a: after `fn` stands a plain name"},
      {"fn f a a: 3", "1:8 a: two parameters are named `a`"},
      {"fn f a = : 3", "1:10 :: `:` cannot stand here"},
      {"fn f(a, b): a", "1:5 (: parameters stand behind the name, separated by spaces"},
      {"fn f a, b: a", "1:7 ,: parameters stand behind the name, separated by spaces"},
      {"fn f a \"x\": a", "1:8 \"x\": a `:` stands before the body, not the string `\"x\"`"},
      {"fn f a", "1:7 : a `:` stands before the body, not the end of the statement"},
      {"hush + 4", "1:6 +: `+` cannot stand here"},
      {"solo ~a, ~b", "1:8 ,: a comma stands only in lists `[a, b]` and maps `{a: x, b: y}`"},
      {"once", "1:1 once: nothing stands after `once`"},
      {"~a: tracker lines=4", "1:5 tracker: `tracker` needs a block of rows after its options"},
      {"~a: tracker 4 \"\"\"x\"\"\"", "1:13 4: an option of `tracker` is written `name=value`"},
      // strings and characters
      {"~a: \"bd sn", "1:5 \": this string is never closed"},
      {"~a: tracker \"\"\"bd sn\"", "1:13 \"\"\": this block is never closed"},
      {"~a: \"bd\"sd\"", "1:11 \": this string is never closed"},
      {"~a: ~ + 3", "1:5 ~: `~` alone means a rest, and that only inside quotes"},
      {"~a: “bd sn” # lpf", "1:5 “bd sn”: `“` does not open a string"},
      {"~a: 'bd sn' # lpf", "1:5 'bd sn': `'` does not open a string"},
      {"~a: 3 – 4", "1:7 –: `–` is not a minus sign"},
      {"~ä: 3", "1:1 ~: `~` alone means a rest, and that only inside quotes\n1:2 ä: `ä` cannot stand here"},
      {"~a: a @ b", "1:7 @: `@` has no meaning outside quotes"},
      {"~a: \\x", "1:5 \\: `\\` has no meaning outside quotes"},
  }));
  CAPTURE(text);
  CHECK(errors(text) == expected);
}

TEST_CASE("hints say what would fit") {
  CHECK(hint("~a: (saw 55") == "it ends with a `)`");
  CHECK(hint("~a: saw 55 +") == "a statement goes on in the next line if that is indented");
  CHECK(hint("~a: saw 440Hx") == "units are Hz, k (thousand), ms, s, dB and c (cycles)");
  CHECK(hint("~a: \"bd\" \"sn\"") == "an operator is missing: `#`, `$`, `+`, `*` …");
  CHECK(hint("~a: s bd:3") == "a sound with a number stands in quotes: `s \"bd:3\"`");
  CHECK(hint("~a: 3 – 4") == "write `-`");
  CHECK(hint("~a: “bd”") == "strings stand in straight double quotes: \"bd sn\"");
}

TEST_CASE("every statement with an error is reported, and the others are read") {
  const Source source{"test", "~a: saw 55 +\n~b: s \"bd\"\n~c: 5 5\n~d: [1\n~e: tri 3\n"};
  const Parsed parsed = parse(source);
  CHECK(to_text(parsed.ast) == "(define ~b (s \"bd\"))\n(define ~e (tri 3))\n");
  CHECK(errors(source.text) ==
        "1:12 +: nothing stands after `+`\n3:7 5: the number `5` cannot follow the number `5`\n4:5 [: this `[` is never closed");
}

TEST_CASE("a bracket that is never closed does not swallow the statements after it") {
  const auto [next, tree] = GENERATE(table<std::string, std::string>({
      {"~b: saw 55", "(define ~b (saw 55))\n"},
      {"out: ~a", "(define out ~a)\n"},
      {"cps: 1", "(define cps 1)\n"},
      {"fn f x: x", "(fn f (x) x)\n"},
      {"synth f: saw freq", "(synth f () (saw freq))\n"},
      {"hush", "(command hush)\n"},
      {"solo ~b", "(command solo ~b)\n"},
  }));
  const std::string text = "~a: mix [saw 55,\n  (tri 3\n" + next + "\n";
  CHECK(errors(text) == "2:3 (: this `(` is never closed");
  CHECK(to_text(parse(Source{"test", text}).ast) == tree);
}

TEST_CASE("a string that is never closed does not swallow the statements after it") {
  const std::string text = "~a: s \"bd*4\n~b: s \"sn\"\nsynth c: saw freq\nout: s \"hh\n-- end";
  CHECK(errors(text) == "1:7 \": this string is never closed\n4:8 \": this string is never closed");
  CHECK(to_text(parse(Source{"test", text}).ast) == "(define ~b (s \"sn\"))\n(synth c () (saw freq))\n");

  const std::string block = "~a: tracker \"\"\"\n  bd\n~b: tracker \"\"\"\n  sn\n\"\"\"\n";
  CHECK(errors(block) == "1:13 \"\"\": this block is never closed");
  CHECK(to_text(parse(Source{"test", block}).ast) == "(define ~b (tracker \"\"\"\n  sn\n\"\"\"))\n");
}

TEST_CASE("an expression that is none says so") {
  Diagnostics diagnostics;
  CHECK(parse_expression(Source{"query", " -- nothing"}, diagnostics) == nullptr);
  REQUIRE(diagnostics.size() == 1);
  CHECK(diagnostics[0].message == "there is no expression here");
  CHECK(parse_expression(Source{"query", "~a: 3"}, diagnostics) == nullptr);
  REQUIRE(diagnostics.size() == 2);
  CHECK(diagnostics[1].message == "a definition stands where an expression is wanted");
}
