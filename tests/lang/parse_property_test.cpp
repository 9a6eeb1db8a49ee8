// Laws that hold for every program, and for every text that is none.
#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "generate.h"
#include "lang/format.h"
#include "lang/lexer.h"
#include "lang/parser.h"

using namespace hocket;

namespace {

Generated any_program() {
  const int size = *rc::gen::inRange(0, 80);
  return generate_program(*rc::gen::arbitrary<std::uint64_t>(), size);
}

std::string tree_of(const std::string& text) {
  return to_text(parse(Source{"test", text}).ast);
}

std::string formatted(const std::string& text) {
  Diagnostics diagnostics;
  return format(Source{"test", text}, diagnostics);
}

std::vector<std::filesystem::path> programs_under(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> found;
  if (!std::filesystem::exists(folder)) return found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".hk") found.push_back(entry.path());
  }
  return found;
}

std::string contents(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

/// Pieces of programs, in any order: close enough to real ones to reach the parser's far corners.
std::string scraps() {
  static const std::vector<std::string> pieces{
      "~a", "out", "saw",      "fn ", "synth ", ":",     "=",     "(",    ")",      "[",   "]",    "{",  "}",  ",",   "..",
      "#",  "$",   "+",        "-",   "|+|",    "<~",    "~>",    "\"",   "\"\"\"", "1/8", "-0.5", "2k", "5x", ".",   "\n",
      "  ", "\t",  "for k in", "--",  "//",     "d1 $ ", "let x", "hush", ";",      "=>",  "“",    "é",  "'",  "`",   "\\",
      "@",  "^",   "%",        "1e9", "dB",     "*",     "/",     "|",    "<",      ">",   "!=",   "~",  "in", "a.b", "route o1:",
  };
  std::string text;
  for (const auto i : *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, pieces.size()))) text += pieces[i];
  return text;
}

void check_any_text(const std::string& text) {
  const Source source{"test", text};
  const Parsed parsed = parse(source);
  RC_ASSERT(parsed.diagnostics.size() <= kMostDiagnostics);
  for (const Diagnostic& d : parsed.diagnostics) {
    RC_ASSERT(d.span.begin <= d.span.end);
    RC_ASSERT(d.span.end <= text.size());
    RC_ASSERT(!d.message.empty());
    RC_ASSERT(!render(source, d).empty());
  }
  for (std::size_t i = 0; i < parsed.ast.statements.size(); ++i) {
    const Span span = parsed.ast.statements[i].span;
    RC_ASSERT(span.begin < span.end);
    RC_ASSERT(span.end <= text.size());
    if (i > 0) RC_ASSERT(parsed.ast.statements[i - 1].span.end <= span.begin);
  }
  const std::string once = formatted(text);
  if (has_error(parsed.diagnostics)) {
    RC_ASSERT(once == text);
  } else {
    RC_ASSERT(tree_of(once) == to_text(parsed.ast));
    RC_ASSERT(formatted(once) == once);
  }
}

}  // namespace

TEST_CASE("a program written by the grammar gives the tree that the grammar says") {
  CHECK(rc::check([] {
    const Generated program = any_program();
    const Source source{"test", program.text};
    const Parsed parsed = parse(source);
    RC_LOG() << program.text << render(source, parsed.diagnostics);
    RC_ASSERT(!has_error(parsed.diagnostics));
    RC_ASSERT(to_text(parsed.ast) == program.tree);
  }));
}

TEST_CASE("formatting changes no program's meaning, and a second time nothing at all") {
  CHECK(rc::check([] {
    const Generated program = any_program();
    const std::string once = formatted(program.text);
    RC_LOG() << program.text << "\nbecomes\n" << once;
    RC_ASSERT(tree_of(once) == program.tree);
    RC_ASSERT(formatted(once) == once);
  }));
}

TEST_CASE("any bytes are parsed or refused, never more") {
  CHECK(rc::check([] { check_any_text(*rc::gen::container<std::string>(rc::gen::arbitrary<char>())); }));
}

TEST_CASE("any pieces of programs are parsed or refused, never more") {
  CHECK(rc::check([] { check_any_text(scraps()); }));
}

TEST_CASE("a program cut off anywhere is parsed or refused, never more") {
  CHECK(rc::check([] {
    const std::string text = any_program().text;
    check_any_text(text.substr(0, *rc::gen::inRange<std::size_t>(0, text.size() + 1)));
  }));
}

TEST_CASE("tokens and the space between them are the whole text") {
  CHECK(rc::check([] {
    const Generated program = any_program();
    const Source source{"test", program.text};
    Diagnostics diagnostics;
    std::size_t at = 0;
    for (const Token& token : lex(source, diagnostics)) {
      for (; at < token.span.begin; ++at) RC_ASSERT(std::string(" \t\r\n").find(program.text[at]) != std::string::npos);
      RC_ASSERT(token.text == program.text.substr(token.span.begin, token.span.end - token.span.begin));
      const Place place = source.place(token.span.begin);
      RC_ASSERT(place.line == token.line);
      RC_ASSERT(place.column == token.column);
      at = token.span.end;
    }
  }));
}

TEST_CASE("every case of the pattern corpus parses, and formatting keeps its meaning") {
  const std::filesystem::path corpus = std::filesystem::path(HOCKET_SOURCE_DIR) / ".." / "shared" / "conformance";
  if (!std::filesystem::exists(corpus / "source.py")) {
    WARN("skipped: the corpus does not stand beside the checkout");
    return;
  }
  const std::string script =
      "import glob, json, source\n"
      "for file in sorted(glob.glob('*/*.json')):\n"
      "    for case in json.load(open(file)):\n"
      "        if 'error' not in case: print(source.code(case), end='\\0')\n";
  FILE* pipe = popen(("cd '" + corpus.string() + "' && PYTHONDONTWRITEBYTECODE=1 python3 -c \"" + script + "\"").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string cases;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) cases += static_cast<char>(c);
  REQUIRE(pclose(pipe) == 0);

  int count = 0;
  for (std::size_t i = 0; i < cases.size(); ++count) {
    const std::size_t end = cases.find('\0', i);
    const Source source{"case", cases.substr(i, end - i)};
    i = end + 1;
    Diagnostics diagnostics;
    const ExprPtr expr = parse_expression(source, diagnostics);
    CHECK(render(source, diagnostics) == "");
    REQUIRE(expr);
    Diagnostics again;
    const ExprPtr second = parse_expression(Source{"case", formatted(source.text)}, again);
    REQUIRE(second);
    CHECK(to_text(*second) == to_text(*expr));
  }
  CHECK(count > 900);
}

TEST_CASE("every program of the project parses, and formatting keeps its meaning") {
  const std::filesystem::path root = HOCKET_SOURCE_DIR;
  std::vector<std::filesystem::path> programs;
  for (const char* folder : {"examples", "server", "bench", "tests/programs", "../shared/programs"}) {
    const auto found = programs_under(root / folder);
    programs.insert(programs.end(), found.begin(), found.end());
  }
  CHECK(programs.size() > 10);
  for (const auto& path : programs) {
    const Source source{path.string(), contents(path)};
    const Parsed parsed = parse(source);
    CHECK(render(source, parsed.diagnostics) == "");
    const std::string once = formatted(source.text);
    CAPTURE(path.string());
    CHECK(tree_of(once) == to_text(parsed.ast));
    CHECK(formatted(once) == once);
  }
}
