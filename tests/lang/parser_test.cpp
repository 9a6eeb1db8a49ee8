// Programs → trees, as S-expressions.
#include "lang/parser.h"

#include <catch2/catch.hpp>

#include "lang/lexer.h"

using namespace hocket;

namespace {

std::string expression(const std::string& text) {
  const Source source{"test", text};
  Diagnostics diagnostics;
  const ExprPtr expr = parse_expression(source, diagnostics);
  CHECK(render(source, diagnostics) == "");
  return expr ? to_text(*expr) : "";
}

std::string program(const std::string& text) {
  const Source source{"test", text};
  const Parsed parsed = parse(source);
  CHECK(render(source, parsed.diagnostics) == "");
  return to_text(parsed.ast);
}

}  // namespace

TEST_CASE("# and $ take everything on their left, and operators after them the result") {
  const auto [text, tree] = GENERATE(table<std::string, std::string>({
      {"~a + ~b # reverb 0.3", "(# (+ ~a ~b) (reverb 0.3))"},
      {"s \"bd*4\" # gain 0.8 * 0.5", "(* (# (s \"bd*4\") (gain 0.8)) 0.5)"},
      {"saw freq # lpf 800 * adsr 0.01 0.1 0.5 0.2 # pan 0.2", "(# (* (# (saw freq) (lpf 800)) (adsr 0.01 0.1 0.5 0.2)) (pan 0.2))"},
      {"~riff + 12 $ rev # bell", "(# ($ (+ ~riff 12) rev) bell)"},
      {"a # f * 2 + 3", "(+ (* (# a f) 2) 3)"},
      {"a # f + 2 * 3", "(+ (# a f) (* 2 3))"},
      {"a # f ^ 2 * 3 # g", "(# (* (^ (# a f) 2) 3) g)"},
      {"a # ~space * 0.5", "(* (# a ~space) 0.5)"},
      {"every 4 rev $ s \"bd sn\"", "($ (every 4 rev) (s \"bd sn\"))"},
      {"\"0\" $ euclidLegato 5 16 |+ \"<0 12>\"", "(|+ ($ \"0\" (euclidLegato 5 16)) \"<0 12>\")"},
      {"x $ (fast 2 $ rev)", "($ x (() ($ (fast 2) rev)))"},
      {"x > 1 # f", "(# (> x 1) f)"},
  }));
  CHECK(expression(text) == tree);
}

TEST_CASE("operators bind as arithmetic does, and group to the left") {
  const auto [text, tree] = GENERATE(table<std::string, std::string>({
      {"1 + 2 * 3 ^ 4", "(+ 1 (* 2 (^ 3 4)))"},
      {"1 ^ 2 * 3 + 4", "(+ (* (^ 1 2) 3) 4)"},
      {"2 ^ 3 ^ 4", "(^ 2 (^ 3 4))"},
      {"8 - 4 - 2", "(- (- 8 4) 2)"},
      {"8 / 4 % 3 * 2", "(* (% (/ 8 4) 3) 2)"},
      {"a |+ b |* c", "(|+ a (|* b c))"},
      {"a *| b +| c", "(+| (*| a b) c)"},
      {"a |> b + c <| d", "(<| (+ (|> a b) c) d)"},
      {"a |<| b >| c |< d |>| e", "(|>| (|< (>| (|<| a b) c) d) e)"},
      {"a |^| b * c", "(* (|^| a b) c)"},
      {"a + 1 > b * 2", "(> (+ a 1) (* b 2))"},
      {"a <= b == c", "(== (<= a b) c)"},
      {"f 1 2 + g 3 * h", "(+ (f 1 2) (* (g 3) h))"},
      {"n \"0 1\" |+ n \"10 20\"", "(|+ (n \"0 1\") (n \"10 20\"))"},
      {"(a + b) * c", "(* (() (+ a b)) c)"},
  }));
  CHECK(expression(text) == tree);
}

TEST_CASE("a minus is a sign where an argument may stand, else it subtracts") {
  const auto [text, tree] = GENERATE(table<std::string, std::string>({
      {"pan -0.5", "(pan -0.5)"},
      {"pan - 0.5", "(- pan 0.5)"},
      {"pan-0.5", "(- pan 0.5)"},
      {"range 5 -5", "(range 5 -5)"},
      {"range 5 - 5", "(- (range 5) 5)"},
      {"f res=-0.5", "(f res=-0.5)"},
      {"5 -3", "(- 5 3)"},
      {"\"1 2\" -3", "(- \"1 2\" 3)"},
      {"~lfo -1", "(- ~lfo 1)"},
      {"-5 + x", "(+ -5 x)"},
      {"x * -5", "(* x -5)"},
      {"x * - 5", "(* x -5)"},
      {"-x ^ 2", "(- (^ x 2))"},
      {"-x * 2", "(* (- x) 2)"},
      {"- -x", "(- (- x))"},
      {"a - -x", "(- a (- x))"},
      {"f -x", "(- f x)"},
      {"[-3..3]", "[-3 .. 3]"},
      {"gain -6dB", "(gain -6dB)"},
      {"euclid \"<3 -3>\" -1/3", "(euclid \"<3 -3>\" -1/3)"},
  }));
  CHECK(expression(text) == tree);
}

TEST_CASE("an operator without a side is a section, a leading # or $ a chain that wants its input") {
  const auto [text, tree] = GENERATE(table<std::string, std::string>({
      {"(+ 12)", "(() (+ _ 12))"},
      {"(- 5)", "(() (- _ 5))"},
      {"(-5)", "(() -5)"},
      {"(- x)", "(() (- _ x))"},
      {"(-x)", "(() (- x))"},
      {"(|+ n \"12\")", "(() (|+ _ (n \"12\")))"},
      {"(|+ \"12\" $ ply 2)", "(() ($ (|+ _ \"12\") (ply 2)))"},
      {"((|+ \"12\") $ ply 2)", "(() ($ (() (|+ _ \"12\")) (ply 2)))"},
      {"(+ 12 * 2)", "(() (+ _ (* 12 2)))"},
      {"(* 2 + 1)", "(() (+ (* _ 2) 1))"},
      {"(^ 2)", "(() (^ _ 2))"},
      {"(12 -)", "(() (- 12 _))"},
      {"(a * b +)", "(() (+ (* a b) _))"},
      {"(\"<0 12>\" |+|)", "(() (|+| \"<0 12>\" _))"},
      {"(# speed 2)", "(() (# _ (speed 2)))"},
      {"(# lpf 300 # hpf 20)", "(() (# (# _ (lpf 300)) (hpf 20)))"},
      {"(# lpf 300 * 2)", "(() (* (# _ (lpf 300)) 2))"},
      {"# delay 3/16c 0.5 # reverb 0.4", "(# (# _ (delay 3/16c 0.5)) (reverb 0.4))"},
      {"$ fast 2", "($ _ (fast 2))"},
      {"off 0.25 ((|+ n \"12\") $ late 0.125)", "(off 0.25 (() ($ (() (|+ _ (n \"12\"))) (late 0.125))))"},
      {"layer [rev, (|+ \"12\"), + 7]", "(layer [rev (() (|+ _ \"12\")) (+ _ 7)])"},
      {"(> 0)", "(() (> _ 0))"},
  }));
  CHECK(expression(text) == tree);
}

TEST_CASE("arguments are atoms, bracketed expressions or name=value") {
  const auto [text, tree] = GENERATE(table<std::string, std::string>({
      {"lpf 800 res=0.3", "(lpf 800 res=0.3)"},
      {"lpf (~lfo * 900) (cc 74 200 8k)", "(lpf (() (* ~lfo 900)) (() (cc 74 200 8k)))"},
      {"pluck decay=(1 + 2) bright=\"0 1\"", "(pluck decay=(() (+ 1 2)) bright=\"0 1\")"},
      {"pluck decay = 0.2", "(pluck decay=0.2)"},
      {"late 1/3", "(late 1/3)"},
      {"f 1 / 8", "(/ (f 1) 8)"},
      {"in 1 2", "(in 1 2)"},
      {"midi \"port\" 3", "(midi \"port\" 3)"},
      {"fix (# speed 2) {n: 1, s: \"bd\"}", "(fix (() (# _ (speed 2))) {n: 1 s: \"bd\"})"},
      {"inhabit {a: \"x y\", b: \"z\"}", "(inhabit {a: \"x y\" b: \"z\"})"},
      {"(every 4) rev", "((() (every 4)) rev)"},
      {"~f 3", "(~f 3)"},
      {"lpf(800 + x)", "(lpf (() (+ 800 x)))"},
      {"add.out \"10\"", "(add.out \"10\")"},
      {"every' 3 \"<0 1>\" (fast 2)", "(every' 3 \"<0 1>\" (() (fast 2)))"},
  }));
  CHECK(expression(text) == tree);
}

TEST_CASE("square brackets hold lists, ranges and comprehensions") {
  const auto [text, tree] = GENERATE(table<std::string, std::string>({
      {"[]", "[]"},
      {"[a, b + 1, \"c d\"]", "[a (+ b 1) \"c d\"]"},
      {"[a, b,]", "[a b]"},
      {"[[1, \"a\"], [2.5, \"b\"]]", "[[1 \"a\"] [2.5 \"b\"]]"},
      {"[0..7]", "[0 .. 7]"},
      {"[0 .. n - 1]", "[0 .. (- n 1)]"},
      {"mix [saw (freq * (1 + i * 0.003)) for i in -3..3]", "(mix [(saw (() (* freq (() (+ 1 (* i 0.003)))))) for i in [-3 .. 3]])"},
      {"chain [(# lpf (800 + 100 * k)) for k in 0..7]", "(chain [(() (# _ (lpf (() (+ 800 (* 100 k)))))) for k in [0 .. 7]])"},
      {"[k * 2 for k in [1, 2, 5]]", "[(* k 2) for k in [1 2 5]]"},
      {"[in k for k in 1..2]", "[(in k) for k in [1 .. 2]]"},
      {"[x for x in ~notes]", "[x for x in ~notes]"},
  }));
  CHECK(expression(text) == tree);
}

TEST_CASE("strings and tracker blocks keep their text and its place") {
  const Source source{"test", "s \"bd\n ~ [sn\tsn]\""};
  Diagnostics diagnostics;
  const ExprPtr expr = parse_expression(source, diagnostics);
  REQUIRE(expr);
  const auto* call = std::get_if<CallExpr>(&expr->node);
  REQUIRE(call != nullptr);
  const auto* string = std::get_if<StringExpr>(&call->args.at(0).value->node);
  REQUIRE(string != nullptr);
  CHECK(string->text == "bd\n ~ [sn\tsn]");
  CHECK(string->offset == 3);

  CHECK(expression("tracker lines=16 \"\"\"\n  c4 | \"x\"\n\"\"\"") == "(tracker lines=16 \"\"\"\n  c4 | \"x\"\n\"\"\")");
}

TEST_CASE("every statement has its form") {
  const auto [text, tree] = GENERATE(table<std::string, std::string>({
      {"~kick: s \"bd*4\"", "(define ~kick (s \"bd*4\"))\n"},
      {"~kick : s \"bd*4\"", "(define ~kick (s \"bd*4\"))\n"},
      {"out: ~a", "(define out ~a)\n"},
      {"o12: ~a", "(define o12 ~a)\n"},
      {"cps: 0.5", "(define cps 0.5)\n"},
      {"bpm: 120/4", "(define bpm 120/4)\n"},
      {"~space: # delay 3/16c 0.5", "(define ~space (# _ (delay 3/16c 0.5)))\n"},
      {"fn double x: x * 2", "(fn double (x) (* x 2))\n"},
      {"fn f a b=0.5 c=-1 d=(1 + 2): a", "(fn f (a b=0.5 c=-1 d=(() (+ 1 2))) a)\n"},
      {"synth pluck decay=0.3:\n  saw freq", "(synth pluck (decay=0.3) (saw freq))\n"},
      {"synth bass: saw freq", "(synth bass () (saw freq))\n"},
      {"hush", "(command hush)\n"},
      {"solo ~drums", "(command solo ~drums)\n"},
      {"unsolo", "(command unsolo)\n"},
      {"mute o3", "(command mute o3)\n"},
      {"route o3: 3 4", "(command route o3 3 4)\n"},
      {"route o3 3 4", "(command route o3 3 4)\n"},
      {"samples \"dir\"", "(command samples \"dir\")\n"},
      {"record \"name.wav\" ~drums", "(command record \"name.wav\" ~drums)\n"},
      {"record stop", "(command record stop)\n"},
      {"nudge -0.1", "(command nudge -0.1)\n"},
      {"once s \"bd\" # speed 2", "(command once (# (s \"bd\") (speed 2)))\n"},
      {"once $ s \"bd\" # speed 2", "(command once (# (s \"bd\") (speed 2)))\n"},
      {"\"bd sn\" $ fast 2", "($ \"bd sn\" (fast 2))\n"},
      {"", ""},
      {"-- nothing\n// at all", ""},
  }));
  CHECK(program(text) == tree);
}

TEST_CASE("a statement goes on while the text says so") {
  const auto [text, tree] = GENERATE(table<std::string, std::string>({
      {"out: ~a\n  # lpf 300\n\n  # hpf 20\no1: ~b", "(define out (# (# ~a (lpf 300)) (hpf 20)))\n(define o1 ~b)\n"},
      {"out: ~a\n# lpf 300\n+ ~b\n|+| ~c\no1: ~b", "(define out (|+| (+ (# ~a (lpf 300)) ~b) ~c))\n(define o1 ~b)\n"},
      {"out: mix [\n~a,\n~b\n]\no1: ~b", "(define out (mix [~a ~b]))\n(define o1 ~b)\n"},
      {"out: ~a $ fix rev {\ns: 1,\nn: 2\n}\no1: ~b", "(define out ($ ~a (fix rev {s: 1 n: 2})))\n(define o1 ~b)\n"},
      {"out: s \"bd\nsn\"\no1: ~b", "(define out (s \"bd\nsn\"))\n(define o1 ~b)\n"},
      {"out: ~a -- first\n  -- second\n-- third\n  # lpf 300", "(define out (# ~a (lpf 300)))\n"},
      {"  out: ~a\n    # lpf 300\n  o1: ~b", "(define out (# ~a (lpf 300)))\n(define o1 ~b)\n"},
      {"out: ~a\r\n  # lpf 300\r\no1: ~b\r\n", "(define out (# ~a (lpf 300)))\n(define o1 ~b)\n"},
      {"out:\n  ~a", "(define out ~a)\n"},
      {"synth x:\n\tsaw freq\n\t* 2\nout: ~a", "(synth x () (* (saw freq) 2))\n(define out ~a)\n"},
      {"hush\nout: ~a", "(command hush)\n(define out ~a)\n"},
  }));
  CHECK(program(text) == tree);
}

TEST_CASE("a query is one expression over any number of lines") {
  CHECK(expression("\"bd sn\"\n$ fast 2\nrev") == "($ \"bd sn\" (fast 2 rev))");
  CHECK(expression("-- first\n\"bd\" -- then") == "\"bd\"");
}

TEST_CASE("statements and expressions know their span") {
  const Source source{"test", "~a: saw 55\n\nout: ~a # lpf (1 + 2)  -- end"};
  const Parsed parsed = parse(source);
  REQUIRE(parsed.ast.statements.size() == 2);
  const Span second = parsed.ast.statements[1].span;
  CHECK(source.text.substr(second.begin, second.end - second.begin) == "out: ~a # lpf (1 + 2)");
  const auto& define = std::get<DefineStatement>(parsed.ast.statements[1].node);
  CHECK(source.text.substr(define.name_span.begin, define.name_span.end - define.name_span.begin) == "out");
  const auto& pipe = std::get<PipeExpr>(define.value->node);
  CHECK(source.text.substr(define.value->span.begin, define.value->span.end - define.value->span.begin) == "~a # lpf (1 + 2)");
  CHECK(source.text.substr(pipe.right->span.begin, pipe.right->span.end - pipe.right->span.begin) == "lpf (1 + 2)");
  CHECK(source.text.substr(pipe.op_span.begin, 1) == "#");
}
