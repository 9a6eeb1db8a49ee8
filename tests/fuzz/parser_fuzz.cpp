// Any bytes as a program: it is parsed or refused with places inside it, and formatting never changes what it means.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "lang/format.h"
#include "lang/lexer.h"
#include "lang/parser.h"

using namespace hocket;

namespace {

void demand(bool holds, const char* law) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", law);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Source source{"fuzz", std::string(reinterpret_cast<const char*>(data), size)};
  const Parsed parsed = parse(source);
  for (const Diagnostic& d : parsed.diagnostics) {
    demand(d.span.begin <= d.span.end && d.span.end <= size, "a diagnostic's place lies in the text");
  }
  render(source, parsed.diagnostics);

  Diagnostics of_query;
  const ExprPtr query = parse_expression(source, of_query);
  demand((query == nullptr) == has_error(of_query), "a query gives an expression or an error");

  Diagnostics diagnostics;
  const std::string once = format(source, diagnostics);
  if (has_error(parsed.diagnostics)) {
    demand(once == source.text, "a text with an error is not formatted");
    return 0;
  }
  const Source second{"fuzz", once};
  demand(to_text(parse(second).ast) == to_text(parsed.ast), "formatting keeps the meaning");
  demand(format(second, diagnostics) == once, "formatting twice changes nothing more");
  return 0;
}
