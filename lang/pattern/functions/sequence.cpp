// Several patterns in turn, side by side or together.
#include "lang/pattern/functions/rows.h"

namespace hocket {
namespace {

using enum ArgKind;

// n cycles of each, again and again; each goes on where it stopped.
Pattern arrange(const std::vector<WeightedEntry>& entries) {
  struct Section {
    std::int64_t begin, length;
    Pattern pattern;
  };
  std::vector<Section> sections;
  std::vector<Pattern> parts;
  std::int64_t total = 0;
  for (const WeightedEntry& entry : entries) {
    const std::int64_t length = entry.weight.floor();
    if (length < 1) continue;
    sections.push_back({total, length, entry.pattern});
    parts.push_back(entry.pattern);
    total += length;
  }
  if (sections.empty()) return {};
  const auto choose = [sections, total](std::int64_t cycle, QueryContext&) -> CycleChoice {
    const std::int64_t place = modulo(cycle, total);
    auto section = sections.rbegin();
    while (section->begin > place) ++section;
    return {section->pattern, floor_div(cycle, total) * section->length + place - section->begin};
  };
  return by_cycle(choose, parts);
}

// Layers of equal step length; the cycle has as many steps as the least common multiple of theirs.
Pattern polymeter(const std::vector<Pattern>& patterns) {
  Rational common = 1;
  for (const Pattern& p : patterns) common = least_common_multiple(common, p.steps().value_or(1));
  std::vector<Pattern> layers;
  for (const Pattern& p : patterns) layers.push_back(fast(common / p.steps().value_or(1), p));
  return stack(std::move(layers)).with_steps(common);
}

Pattern side_by_side(const ArgList& list) {
  std::vector<Weighted> steps;
  const std::vector<WeightedEntry> entries = weighted_of(list, true);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const bool weighted = std::holds_alternative<ArgList>(list[i].value);
    steps.push_back({weighted ? entries[i].weight : entries[i].pattern.steps().value_or(1), entries[i].pattern});
  }
  return timecat(std::move(steps));
}

// Each pattern for a number of cycles, from a cycle on; after the last cycle it starts over.
Pattern sections_in_time(const ArgList& list, bool loop) {
  struct Section {
    Rational begin, end;
    Pattern pattern;
  };
  std::vector<Section> sections;
  std::vector<Pattern> parts;
  Rational last = 0;
  for (const Arg& entry : list) {
    const auto* triple = std::get_if<ArgList>(&entry.value);
    if (!triple || triple->size() != 3) continue;
    sections.push_back({constant_of((*triple)[0]), constant_of((*triple)[1]), as_pattern((*triple)[2])});
    parts.push_back(sections.back().pattern);
    last = max(last, sections.back().end);
  }
  const auto body = [sections](const TimeSpan& span, QueryContext& context, Events& out) {
    for (const Section& s : sections) {
      const auto shared = overlap(span, {s.begin, s.end});
      if (shared) query_through(s.pattern, {1, -s.begin}, *shared, context, out);
    }
  };
  const Pattern once(Pattern::Append(body), parts);
  if (!loop || last <= Rational(0)) return once;
  const auto round = [once, last](const TimeSpan& span, QueryContext& context, Events& out) {
    for (Rational begin = span.begin; context.toil();) {
      const Rational start = (begin / last).floor() * last;
      query_through(once, {1, -start}, {begin, min(span.end, start + last)}, context, out);
      begin = start + last;
      if (begin >= span.end) return;
    }
  };
  return Pattern(Pattern::Append(round), {once});
}

const std::vector<FunctionRow>& rows() {
  static const std::vector<FunctionRow> made{
      {"stack",
       {{"patterns", list}},
       false,
       "All patterns together.",
       R"(stack ["a b", "c"])",
       "0..1/2 a | 0..1 c | 1/2..1 b",
       [](Args a) { return stack(patterns_of(a[0].list())); }},
      {"overlay",
       {{"other", pattern}},
       true,
       "Adds a layer to the pattern.",
       R"("a b" $ overlay "c")",
       "0..1/2 a | 0..1 c | 1/2..1 b",
       [](Args a) {
         return stack({a[1].pattern(), a[0].pattern()});
       }},
      {"cat",
       {{"patterns", list}},
       false,
       "One cycle of each pattern in turn; each goes on where it stopped.",
       R"(cat ["a b", "c"] $ fast 2)",
       "0..1/4 a | 1/4..1/2 b | 1/2..1 c",
       [](Args a) { return cat(patterns_of(a[0].list())); }},
      {"append",
       {{"next", pattern}},
       true,
       "One cycle of the pattern, then one of `next`.",
       R"("a b" $ append "c" $ fast 2)",
       "0..1/4 a | 1/4..1/2 b | 1/2..1 c",
       [](Args a) {
         return cat({a[1].pattern(), a[0].pattern()});
       }},
      {"fastcat",
       {{"patterns", list}},
       false,
       "One cycle of each pattern, all within one cycle.",
       R"(fastcat ["a b", "c"])",
       "0..1/4 a | 1/4..1/2 b | 1/2..1 c",
       [](Args a) { return fastcat(patterns_of(a[0].list())); }},
      {"fastappend",
       {{"next", pattern}},
       true,
       "One cycle of the pattern and one of `next`, both within one cycle.",
       R"("a b" $ fastappend "c")",
       "0..1/4 a | 1/4..1/2 b | 1/2..1 c",
       [](Args a) {
         return fastcat({a[1].pattern(), a[0].pattern()});
       }},
      {"timecat",
       {{"steps", list}},
       false,
       "Patterns side by side within the cycle, each as wide as its weight: [weight, pattern], or a pattern alone, as wide as it has "
       "steps.",
       R"(timecat [[1, "a"], [2, "b"], "c d e"])",
       "0..1/6 a | 1/6..1/2 b | 1/2..2/3 c | 2/3..5/6 d | 5/6..1 e",
       [](Args a) { return side_by_side(a[0].list()); }},
      {"arrange",
       {{"sections", list}},
       false,
       "Sections of whole cycles, again and again: [cycles, pattern]. Each pattern goes on where it stopped.",
       R"(arrange [[2, "a b"], [1, "c"]] $ fast 3)",
       "0..1/6 a | 1/6..1/3 b | 1/3..1/2 a | 1/2..2/3 b | 2/3..1 c",
       [](Args a) { return arrange(weighted_of(a[0].list(), true)); }},
      {"polymeter",
       {{"patterns", list}},
       false,
       "Layers whose steps are equally long; a cycle has as many steps as the least common multiple of their counts.",
       R"(polymeter ["a b c", "d e"])",
       "0..1/6 a | 0..1/6 d | 1/6..1/3 b | 1/6..1/3 e | 1/3..1/2 c | 1/3..1/2 d | 1/2..2/3 a | 1/2..2/3 e | 2/3..5/6 b | "
       "2/3..5/6 d | 5/6..1 c | 5/6..1 e",
       [](Args a) { return polymeter(patterns_of(a[0].list())); }},
      {"silence", {}, false, "Nothing.", "silence", "", [](Args) { return Pattern(); }},
      {"seqP",
       {{"sections", list}},
       false,
       "Patterns from cycle to cycle, once: [begin, end, pattern].",
       R"(seqP [[0, 1, "a b"], [0, 2, "c"]])",
       "0..1/2 a | 0..1 c | 1/2..1 b",
       [](Args a) { return sections_in_time(a[0].list(), false); }},
      {"seqPLoop",
       {{"sections", list}},
       false,
       "As `seqP`, starting over after the last cycle.",
       R"(seqPLoop [[0, 1, "a b"], [1, 2, "c"]] $ fast 4)",
       "0..1/8 a | 1/8..1/4 b | 1/4..1/2 c | 1/2..5/8 a | 5/8..3/4 b | 3/4..1 c",
       [](Args a) { return sections_in_time(a[0].list(), true); }},
  };
  return made;
}

}  // namespace

Rows sequence_rows() {
  return rows();
}

}  // namespace hocket
