// Who types the forms of TidalCycles, Strudel or SuperCollider is shown how they are written here.
#include <catch2/catch.hpp>

#include "lang/parser.h"

using namespace hocket;

namespace {

/// The form that the first diagnostic shows.
std::string shown(const std::string& text) {
  const Parsed parsed = parse(Source{"test", text});
  if (parsed.diagnostics.empty()) return "no diagnostic";
  const std::string& hint = parsed.diagnostics[0].hint;
  const std::string lead = "here it is written `";
  return hint.starts_with(lead) ? hint.substr(lead.size(), hint.size() - lead.size() - 1) : hint;
}

}  // namespace

TEST_CASE("forms of other systems are shown as they are written here") {
  const auto [theirs, ours] = GENERATE(table<std::string, std::string>({
      // TidalCycles
      {"d1 $ sound \"bd\"", "o1: s \"bd\""},
      {"d12 $ every 4 (fast 2) $ sound \"bd sn\" # gain 0.8", "o12: every 4 (fast 2) $ s \"bd sn\" # gain 0.8"},
      {"d1 silence", "o1: silence"},
      {"setcps 0.5", "cps: 0.5"},
      {"setcps (130/60/4)", "cps: 130/60 / 4"},
      {"~a: every 4 (0.25 ~>) $ s \"bd\"", "`\"bd sn\" $ late 0.25`, or `(late 0.25)` as a function"},
      {"~a: s \"bd\" # (fast 2 . rev)", "functions are chained with `$`: `fast 2 $ rev`"},
      // Strudel
      {"\"bd sn\".fast(2)", "\"bd sn\" $ fast 2"},
      {"~a: \"bd sn\".fast(2).rev()", "\"bd sn\" $ fast 2 $ rev"},
      {"sound(\"bd\")", "s \"bd\""},
      {"~a: note(\"c e g\").sound(\"piano\").gain(0.8)", "note \"c e g\" # s \"piano\" # gain 0.8"},
      {"~a: s(\"bd hh\").every(4, x => x.fast(2).rev())", "s \"bd hh\" $ every 4 (fast 2 $ rev)"},
      {"~a: s(\"bd\").off(1/8, x=>x.speed(2))", "s \"bd\" $ off 1/8 (speed 2)"},
      {"~a: stack(s(\"bd*4\"), s(\"hh*8\"))", "stack [s \"bd*4\", s \"hh*8\"]"},
      {"$: sound(\"bd*2\").fast(2)", "o1: s \"bd*2\" $ fast 2"},
      {"~a: rev()", "rev"},
      {"~a: slice(8, \"0 2\")", "slice 8 \"0 2\""},
      {"~a: drums.fast(2)", "drums $ fast 2"},
      {"~a: ~drums.lpf(800)", "~drums # lpf 800"},
      {"~a: (s \"bd\" # speed 2).fast(2)", "(s \"bd\" # speed 2) $ fast 2"},
      {"setcps(0.5)", "cps: 0.5"},
      {"setcpm(30)", "cps: (30) / 60"},
      {"let x = s(\"bd\")", "~x: s \"bd\""},
      {"const tune = note(\"c e\")", "~tune: note \"c e\""},
      {"hush()", "hush"},
      // SuperCollider
      {"~x = saw 55", "~x: saw 55"},
      {"~x = SinOsc.ar(440);", "~x: sine 440"},
      {"{ SinOsc.ar(440, 0, 0.1) }.play", "sine 440"},
      {"~a: LPF.ar(Saw.ar(55), 800)", "saw 55 # lpf 800"},
      // others
      {"bpm 120", "bpm: 120"},
      {"cps = 0.6", "cps: 0.6"},
      {"kick = s \"bd\"", "~kick: s \"bd\""},
  }));
  CAPTURE(theirs);
  CHECK(shown(theirs) == ours);
  CHECK(to_text(parse(Source{"test", theirs}).ast) == "");
}

TEST_CASE("what is shown is a program of this language") {
  const std::string theirs = GENERATE(as<std::string>{}, "d1 $ sound \"bd*2\" # n \"1 -2\"", "\"bd sn\".fast(2).every(4, x => x.rev())",
                                      "$: stack(s(\"bd\"), note(\"c e\").gain(0.5 + 0.2))", "~x = SinOsc.ar(440 * 2);");
  Diagnostics diagnostics;
  const Parsed parsed = parse(Source{"ours", shown(theirs)});
  CHECK(parsed.diagnostics.empty());
  CHECK(parsed.ast.statements.size() == 1);
}

TEST_CASE("brackets around a single argument only draw a warning") {
  const Parsed parsed = parse(Source{"test", "~a: s(\"bd\") # lpf(800 + 20)"});
  CHECK(to_text(parsed.ast) == "(define ~a (# (s (() \"bd\")) (lpf (() (+ 800 20)))))\n");
  REQUIRE(parsed.diagnostics.size() == 1);
  CHECK(parsed.diagnostics[0].severity == Severity::warning);
  CHECK(parsed.diagnostics[0].hint == "here it is written `s \"bd\"`");
}

TEST_CASE("words of other systems may still name things here") {
  CHECK(parse(Source{"test", "~d1: saw 55\n~let: tri 3\nfn d2 x: x\n~a: d2 55\n~b: add.out 3"}).diagnostics.empty());
}
