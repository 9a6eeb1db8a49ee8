// Programs and the graphs that they mean.
#include <catch2/catch.hpp>

#include "tests/lang/small_vocabulary.h"

using namespace hocket;
using namespace hocket::test;

namespace {

std::string graph_of(const std::string& text) {
  const Lowered lowered = lower_text(text);
  std::string result;
  for (const Diagnostic& d : lowered.diagnostics) {
    if (d.severity == Severity::error) result += "error " + std::to_string(d.span.begin) + ": " + d.message + "\n";
  }
  return result.empty() ? to_text(lowered.graph) : result;
}

/// Message and hint of the first error, and the text that it points at.
struct Complaint {
  std::string at, message, hint;
};
Complaint complaint(const std::string& text) {
  for (const Diagnostic& d : lower_text(text).diagnostics) {
    if (d.severity == Severity::error) return {text.substr(d.span.begin, d.span.end - d.span.begin), d.message, d.hint};
  }
  return {};
}

const NodeDef* find_key(const GraphDef& graph, const std::string& key) {
  for (const NodeDef& node : graph.nodes) {
    if (node.key == key) return &node;
  }
  return nullptr;
}

GraphDef lowered_graph(const std::string& text) {
  Lowered lowered = lower_text(text);
  for (const Diagnostic& d : lowered.diagnostics) UNSCOPED_INFO(d.message);
  REQUIRE_FALSE(has_error(lowered.diagnostics));
  return std::move(lowered.graph);
}

Events first_cycle(const SourceDef& source) {
  QueryContext context;
  return source.pattern.query({Rational(0), Rational(1)}, context);
}

}  // namespace

TEST_CASE("a chain becomes nodes named after bus, unit and place") {
  CHECK(graph_of("~bass: saw 55 # lpf 800 0.3\nout: ~bass * 0.5") ==
        "~bass/saw#0 = saw 55 0\n"
        "~bass/lpf#0 = lpf ~bass/saw#0 800 0.3\n"
        "out/mul#0 = mul ~bass/lpf#0 0.5\n"
        "out : out/mul#0\n");
}

TEST_CASE("operators after the arguments of # work on the result") {
  const std::string text = graph_of("out: saw 110 # lpf 800 * 0.5 # pan 0.2");
  CHECK(text.find("out/mul#0 = mul out/lpf#0 0.5") != std::string::npos);
  CHECK(text.find("out/pan#0 (stereo) = pan out/mul#0 0.2") != std::string::npos);
}

TEST_CASE("division by a number and squares of signals are products") {
  CHECK(graph_of("out: saw 110 / 8").find("out/mul#0 = mul out/saw#0 0.125") != std::string::npos);
  CHECK(graph_of("out: saw 110 ^ 2").find("out/mul#0 = mul out/saw#0 out/saw#0") != std::string::npos);
  CHECK(graph_of("out: saw 110 / 0").find("= div out/saw#0 0") != std::string::npos);
  CHECK(graph_of("out: saw 110 / saw 3").find("= div out/saw#0 out/saw#1") != std::string::npos);
  CHECK(graph_of("out: 2 / saw 3").find("= div 2 out/saw#0") != std::string::npos);
  CHECK(graph_of("out: saw 110 ^ 2.5").find("= pow out/saw#0 2.5") != std::string::npos);
}

TEST_CASE("constants fold") {
  CHECK(graph_of("out: saw (2 * 3 + 1/2 - 0.5)").find("saw 6 0") != std::string::npos);
}

TEST_CASE("a sum of many buses is one node, whose key stays as it grows") {
  const std::string two = graph_of("~a: saw 1\n~b: saw 2\n~c: saw 3\nout: ~a + ~b");
  const std::string three = graph_of("~a: saw 1\n~b: saw 2\n~c: saw 3\nout: ~a + ~b + ~c");
  CHECK(two.find("out/mix#0 = mix ~a/saw#0 ~b/saw#0\n") != std::string::npos);
  CHECK(three.find("out/mix#0 = mix ~a/saw#0 ~b/saw#0 ~c/saw#0\n") != std::string::npos);
}

TEST_CASE("equal parts of one definition are shared, of two definitions not") {
  CHECK(lowered_graph("out: (sine 2) * (sine 2)").nodes.size() == 2);
  CHECK(lowered_graph("~a: sine 2\n~b: sine 2\nout: ~a * ~b").nodes.size() == 3);
}

TEST_CASE("random units are never shared") {
  CHECK(lowered_graph("out: noise - noise").nodes.size() == 3);
}

TEST_CASE("what no output reaches is dropped, but its errors are found") {
  CHECK(lowered_graph("~idle: saw 55 # lpf 300\nout: sine 1").nodes.size() == 1);
  CHECK(complaint("~idle: saw 55 # lfp 300\nout: sine 1").message == "nothing is named `lfp`");
}

TEST_CASE("a bus that hears itself is fed back one block late") {
  const GraphDef graph = lowered_graph("~hit: saw 2\n~echo: (~hit + ~echo * 0.7) # delay 0.3 0 1\nout: ~echo");
  const NodeDef* product = find_key(graph, "~echo/mul#0");
  REQUIRE(product != nullptr);
  CHECK(product->inputs[0].kind == Ref::Kind::feedback);
  CHECK(graph.nodes[product->inputs[0].index].key == "~echo/delay#0");
}

TEST_CASE("a stereo bus that hears itself is stereo all round") {
  CHECK(find_key(lowered_graph("~x: (saw 1 # pan 0.3) + ~x * 0.5\nout: ~x"), "~x/mul#0")->channels == 2);
}

TEST_CASE("a loop of names alone is silent, not an error") {
  CHECK(lowered_graph("~a: ~b\n~b: ~a\nout: ~a").nodes.empty());
}

TEST_CASE("a pattern becomes a held signal, one for all its readers") {
  const GraphDef graph = lowered_graph("~p: \"110 220\"\nout: saw ~p + saw ~p * 0.5");
  REQUIRE(graph.sources.size() == 1);
  CHECK(graph.sources[0].kind == SourceKind::hold);
}

TEST_CASE("note names on a port in Hz are converted, numbers are not") {
  const Events events = first_cycle(lowered_graph("out: saw \"a4 55\"").sources.at(0));
  REQUIRE(events.size() == 2);
  CHECK(events[0].value.number() == Approx(440));
  CHECK(events[1].value.number() == Approx(55));
}

TEST_CASE("a continuous pattern becomes a curve") {
  CHECK(lowered_graph("out: saw (sine $ range 100 200)").sources.at(0).kind == SourceKind::curve);
}

TEST_CASE("a time in cycles follows the tempo") {
  const std::string text = graph_of("out: saw 1 # delay 3/16c");
  CHECK(text.find("= cycle_s") != std::string::npos);
  CHECK(text.find("= mul out/cycle_s#0 0.1875") != std::string::npos);
}

TEST_CASE("a sound plays one node of voices an instrument, all from one source") {
  const GraphDef graph = lowered_graph("synth a: saw freq\nsynth b x=2: sine (freq * x)\nout: s \"a b a\"");
  REQUIRE(graph.voices.size() == 2);
  CHECK(graph.sources.size() == 1);
  CHECK(graph.sources[0].voices.size() == 2);
  REQUIRE(graph.voices[1].params.size() == 5);
  CHECK(graph.voices[1].params[4].init == 2);
}

TEST_CASE("what a bus of sounds becomes belongs to the bus, whoever plays it") {
  const std::string synth = "synth a: saw freq\n";
  CHECK(find_key(lowered_graph(synth + "~x: s \"a\"\n~y: s \"a\"\nout: ~x + ~y"), "~y/a#0") != nullptr);
  CHECK(find_key(lowered_graph(synth + "~y: s \"a\"\nout: ~y * 0.5"), "~y/a#0") != nullptr);
}

TEST_CASE("notes piped into an instrument play it, with its parameters as controls") {
  const GraphDef graph = lowered_graph("synth pluck decay=0.3: saw freq * perc 0.001 decay\nout: \"c4 [e4,g4]\" # pluck decay=\"0.1 0.2\"");
  const Events events = first_cycle(graph.sources.at(0));
  REQUIRE(events.size() == 3);
  CHECK(events[0].value.map().at("s").text() == "pluck");
  CHECK(events[0].value.map().at("note").number() == 0);
  CHECK(events[0].value.map().at("decay").number() == Approx(0.1));
}

TEST_CASE("any bus can be an instrument") {
  const GraphDef graph = lowered_graph("~pluck: saw freq * perc 0.001 0.2\nout: s \"~pluck(3,8)\" # note \"c4'min7\"");
  CHECK(graph.voices.at(0).name == "~pluck");
  CHECK(first_cycle(graph.sources.at(0)).size() == 12);
}

TEST_CASE("a voice hears buses of the main graph") {
  const GraphDef graph = lowered_graph("~lfo: sine 2\nsynth a: saw freq # lpf (~lfo * 100 + 500)\nout: s \"a\"");
  bool outer = false;
  for (const NodeDef& node : graph.voices.at(0).graph->nodes) {
    for (const Ref& ref : node.inputs) {
      if (ref.kind != Ref::Kind::outer) continue;
      outer = true;
      CHECK(graph.nodes.at(ref.index).key == "~lfo/sine#0");
    }
  }
  CHECK(outer);
}

TEST_CASE("user functions expand in place") {
  CHECK(lowered_graph("fn wet x amount=0.3: x # delay 0.2 amount\nout: saw 55 # wet 0.7").nodes.size() == 2);
  CHECK(lowered_graph("fn f n: fast n\nsynth a: saw freq\nout: s \"a\" $ f 2").sources.size() == 1);
}

TEST_CASE("# fills a function's first open parameter, $ its last") {
  const std::string synth = "synth a: saw freq\n";
  CHECK(lowered_graph("fn wet x amount=0.3: x # delay 0.2 amount\nout: saw 55 # wet 0.7").nodes.size() == 2);
  const GraphDef graph = lowered_graph(synth + "fn echoed f p: stack [p, p $ f]\nout: s \"a\" $ echoed (# speed 2)");
  CHECK(first_cycle(graph.sources.at(0)).size() == 2);
}

TEST_CASE("a synth of the program stands before a word of the language") {
  CHECK(lowered_graph("synth sub: saw freq\nout: \"0 3\" # sub").voices.at(0).name == "sub");
}

TEST_CASE("a sound of rests is silence") {
  CHECK(lowered_graph("out: s \"~\"").nodes.empty());
}

TEST_CASE("comprehensions and mix build banks") {
  CHECK(lowered_graph("out: mix [saw (110 * (1 + i * 0.01)) for i in -3..3]").nodes.size() == 8);
}

TEST_CASE("a chain without input is a bus that others use, each with its own state") {
  CHECK(lowered_graph("~space: # delay 0.2 # lpf 400\n~a: saw 1\n~b: saw 2\nout: (~a # ~space) + (~b # ~space)").nodes.size() == 7);
}

TEST_CASE("functions left of a pattern apply in the order of TidalCycles, in brackets left to right") {
  const GraphDef habit = lowered_graph("synth a: saw freq\nsynth b: saw freq\nout: rev $ every 2 (fast 2) $ s \"a b\"");
  const GraphDef piped = lowered_graph("synth a: saw freq\nsynth b: saw freq\nout: s \"a b\" $ every 2 (fast 2) $ rev");
  const Events a = first_cycle(habit.sources.at(0));
  const Events b = first_cycle(piped.sources.at(0));
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    CHECK(a[i].value == b[i].value);
    CHECK(a[i].part == b[i].part);
  }
}

TEST_CASE("errors point at their cause and name what would fit") {
  CHECK(complaint("out: ~drms\n~drums: saw 1").hint == "did you mean `~drums`?");
  CHECK(complaint("out: saw 55 # lpf 800 rez=0.3").hint == "did you mean `res`?");
  CHECK(complaint("out: saw 55 # lpf 800 rez=0.3").at == "rez");
  CHECK(complaint("synth pluck: saw freq\nout: s \"pluck plukc\"").at == "plukc");
  CHECK(complaint("synth pluck: saw freq\nout: s \"pluck plukc\"").hint == "did you mean `pluck`?");
  CHECK(complaint("fn f x: f x\nout: f 2").message.starts_with("`f` calls itself: f → f"));
  CHECK(complaint("out: \"bd sn\"").at == "\"bd sn\"");
  CHECK(complaint("out: saw \"bd\"").at == "bd");
  CHECK(complaint("~p: saw freq\nout: ~p").at == "~p");
  CHECK(complaint("out: perc 0.1 0.2").hint.starts_with("a pattern starts it"));
  CHECK(complaint("out: saw 1 # perc 0.1").at == "perc");
  CHECK(complaint("synth a: saw freq\nout: s \"a\" $ every 2 (# lpf 300)").at == "(# lpf 300)");
  CHECK(complaint("out: saw 1 $ fast 2").at == "fast");
}

TEST_CASE("an unchanged definition keeps its sources' prints, an edited neighbour does not touch them") {
  const std::string synth = "synth a: saw freq\n";
  const auto print = [&](const std::string& rest) {
    for (const SourceDef& s : lowered_graph(synth + rest).sources) {
      if (s.key.starts_with("~x")) return s.print;
    }
    return std::uint64_t{0};
  };
  const std::uint64_t before = print("~x: s \"a a\"\n~y: s \"a\"\nout: ~x + ~y");
  REQUIRE(before != 0);
  CHECK(print("~x:   s \"a a\" -- the same\n~y: s \"a*3\"\nout: (~x + ~y) * 0.5") == before);
  CHECK(print("~x: s \"a a a\"\n~y: s \"a\"\nout: ~x + ~y") != before);
}
