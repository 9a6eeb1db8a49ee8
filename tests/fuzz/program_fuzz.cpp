// Whole programs: any bytes are evaluated, lowered and asked for their first cycles, and nothing but a diagnostic may come of it.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "tests/lang/small_vocabulary.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace hocket;
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  const Lowered lowered = test::lower_text(text);
  for (const SourceDef& source : lowered.graph.sources) {
    QueryContext context;
    context.budget = 1 << 12;
    for (const Event& e : source.pattern.query({Rational(0), Rational(2)}, context)) {
      if (e.whole && (e.part.begin < e.whole->begin || e.part.end > e.whole->end)) __builtin_trap();
    }
  }
  return 0;
}
