// Mini-notation and tracker blocks: any text parses or is refused with a place inside it, and what it gives keeps the laws.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lang/pattern/mini.h"
#include "lang/pattern/tracker.h"

namespace {

using namespace hocket;

void check(bool holds) {
  if (!holds) std::abort();
}

void check_errors(const Diagnostics& found, std::size_t size, const Pattern& p) {
  constexpr std::uint32_t kOffset = 1000;
  for (const Diagnostic& d : found) check(d.span.begin >= kOffset && d.span.begin < d.span.end && d.span.end <= kOffset + size + 1);
  if (has_error(found)) check(p.is_silence());
}

void check_query(const Pattern& p, const TimeSpan& span) {
  QueryContext context;
  context.budget = 1 << 14;
  context.work = 1 << 16;
  for (const Event& e : p.query(span, context)) {
    if (context.exhausted) return;
    check(e.part.begin >= span.begin && e.part.end <= span.end && e.part.begin <= e.part.end);
    check(!e.whole || (e.whole->begin <= e.part.begin && e.part.end <= e.whole->end));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto parse : {parse_mini, parse_mini_truth}) {
    Diagnostics found;
    const Pattern p = parse(text, 1000, found);
    check_errors(found, size, p);
    check_query(p, {0, 2});
    check_query(p, {Rational(-7, 3), Rational(1, 7)});
    check_query(p, {Rational(5, 2), Rational(5, 2)});
    p.each_word([](const std::string& word, Span) { check(!word.empty()); });
  }
  Diagnostics found;
  const Pattern block = parse_tracker(text, 1000, 16, found);
  check_errors(found, size, block);
  check_query(block, {Rational(-1, 2), 2});
  return 0;
}
