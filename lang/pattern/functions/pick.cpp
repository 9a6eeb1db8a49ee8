// Patterns chosen by an index or a name.
#include <algorithm>
#include <cmath>

#include "lang/pattern/functions/rows.h"

namespace hocket {
namespace {

using enum ArgKind;

enum class Edge { clamp, wrap };

// The entry that an index event names; silence where there is none.
std::function<Pattern(const Value&)> chooser(std::vector<Pattern> choices, Edge edge) {
  return [choices = std::move(choices), edge](const Value& index) -> Pattern {
    if (choices.empty()) return {};
    const auto count = static_cast<std::int64_t>(choices.size());
    const std::int64_t i = count_of(index);
    const std::int64_t inside = edge == Edge::wrap ? modulo(i, count) : std::min(std::max<std::int64_t>(i, 0), count - 1);
    return choices[static_cast<std::size_t>(inside)];
  };
}

// The entry that a number from 0 to 1 points at.
std::function<Pattern(const Value&)> pointer(std::vector<Pattern> choices) {
  const auto count = static_cast<double>(choices.size());
  const auto choose = chooser(std::move(choices), Edge::clamp);
  return [choose, count](const Value& where) { return choose(Value(std::floor(number_of(where) * count))); };
}

std::vector<Pattern> applied(const ArgList& functions, const Pattern& p) {
  std::vector<Pattern> made;
  for (const Arg& f : functions) {
    const auto* function = std::get_if<PatternFunction>(&f.value);
    made.push_back(function ? (*function)(p) : p);
  }
  return made;
}

std::function<Pattern(const Value&)> chooser_by_name(std::map<std::string, Pattern> choices) {
  return [choices = std::move(choices)](const Value& name) -> Pattern {
    const auto found = choices.find(to_text(name));
    return found == choices.end() ? Pattern() : found->second;
  };
}

// The i-th of n parts of each cycle, stretched to the cycle; indices wrap.
Pattern nth_part(std::int64_t n, const Value& index, const Pattern& p) {
  if (n < 1) return {};
  const std::int64_t i = modulo(count_of(index), n);
  return zoom(Rational(i, n), Rational(i + 1, n), p);
}

Pattern bite(Args a) {
  const Pattern p = a[2].pattern();
  const Pattern order = a[1].pattern();
  return with_count(a[0].pattern(),
                    [=](std::int64_t n) { return squeeze_join(order, [=](const Value& i) { return nth_part(n, i, p); }, {p}); }, {p});
}

// Index events pick from the list; the offset grows by `step` every cycle.
Pattern fit_list(std::int64_t step, const std::vector<Pattern>& values, const Pattern& p) {
  if (values.empty()) return {};
  const auto count = static_cast<std::int64_t>(values.size());
  return map_events(p, [=](Event& e, QueryContext& context) {
    const std::int64_t cycle = e.span().begin.floor();
    const std::int64_t i = modulo(modulo(count_of(e.value), count) + modulo(cycle, count) * modulo(step, count), count);
    const Events entry = values[static_cast<std::size_t>(i)].query({e.span().begin, e.span().begin}, context);
    if (entry.empty()) return false;
    e.value = entry.front().value;
    return true;
  });
}

std::string check_spread(Args a) {
  const std::string& name = a[0].name();
  if (name == "$" || name == "id") return "";
  const FunctionRow* row = find_function(name);
  if (!row) {
    std::vector<std::string> known;
    for (const FunctionRow& f : pattern_functions()) known.emplace_back(f.name);
    return unless_known("function", name, known);
  }
  for (const Arg& entry : a[1].list())
    if (!apply_by_name(name, entry, {})) return "`" + name + "` does not take an entry of this list as its argument";
  return "";
}

std::vector<Pattern> spread(Args a) {
  std::vector<Pattern> turns;
  for (const Arg& entry : a[1].list()) turns.push_back(apply_by_name(a[0].name(), entry, a[2].pattern()).value_or(Pattern()));
  return turns;
}

// `ur`: sections by name over a number of cycles; `name:function` passes a section through a named function.
Pattern ur(Rational cycles, const Pattern& plan, const std::map<std::string, Pattern>& sections) {
  std::vector<Pattern> parts;
  for (const auto& [name, section] : sections) parts.push_back(section);
  const auto choose = [sections](const Value& name) -> Pattern {
    const std::string whole = to_text(name);
    const std::size_t colon = whole.find(':');
    const auto found = sections.find(whole.substr(0, colon));
    if (found == sections.end()) return {};
    const FunctionRow* row = colon == std::string::npos ? nullptr : find_function(whole.substr(colon + 1));
    if (!row || !row->subject || !row->params.empty()) return found->second;
    const Arg subject{found->second};
    return row->body({&subject, 1});
  };
  return reset_join(slow(cycles, plan), true, choose, parts);
}

const std::vector<FunctionRow>& rows() {
  static const std::vector<FunctionRow> made{
      {"pick",
       {{"patterns", list}},
       true,
       "The pattern that each index names, while the index lasts. Indices beyond the ends stop there.",
       R"("0 1" $ pick ["a b c", "d e f"])",
       "0..1/3 a | 1/3..2/3 b in 1/3..1/2 | 1/3..2/3 e in 1/2..2/3 | 2/3..1 f",
       [](Args a) { return inner_join(a[1].pattern(), chooser(patterns_of(a[0].list()), Edge::clamp), patterns_of(a[0].list())); }},
      {"pickmod",
       {{"patterns", list}},
       true,
       "As `pick`, indices wrap.",
       R"("0 3" $ pickmod ["a b c", "d e f"])",
       "0..1/3 a | 1/3..2/3 b in 1/3..1/2 | 1/3..2/3 e in 1/2..2/3 | 2/3..1 f",
       [](Args a) { return inner_join(a[1].pattern(), chooser(patterns_of(a[0].list()), Edge::wrap), patterns_of(a[0].list())); }},
      {"pickOut",
       {{"patterns", list}},
       true,
       "As `pick`, with the structure of the indices.",
       R"("0*2 1" $ pickOut ["a b", "c"])",
       "0..1/4 a | 1/4..1/2 a | 1/2..1 c",
       [](Args a) { return outer_join(a[1].pattern(), chooser(patterns_of(a[0].list()), Edge::clamp), patterns_of(a[0].list())); }},
      {"pickReset",
       {{"patterns", list}},
       true,
       "As `pick`, each index starting its pattern from the beginning of the cycle.",
       R"("0 1" $ pickReset ["a b c", "d e f"])",
       "0..1/3 a | 1/3..1/2 b | 1/2..5/6 d | 5/6..1 e",
       [](Args a) { return reset_join(a[1].pattern(), false, chooser(patterns_of(a[0].list()), Edge::clamp), patterns_of(a[0].list())); }},
      {"pickRestart",
       {{"patterns", list}},
       true,
       "As `pick`, each index starting its pattern from cycle 0.",
       R"("0 1" $ pickRestart ["<a b>*2", "d e f"])",
       "0..1/2 a | 1/2..5/6 d | 5/6..1 e",
       [](Args a) { return reset_join(a[1].pattern(), true, chooser(patterns_of(a[0].list()), Edge::clamp), patterns_of(a[0].list())); }},
      {"pickmodOut",
       {{"patterns", list}},
       true,
       "As `pickOut`, indices wrap.",
       R"("0*2 3" $ pickmodOut ["a b", "c"])",
       "0..1/4 a | 1/4..1/2 a | 1/2..1 c",
       [](Args a) { return outer_join(a[1].pattern(), chooser(patterns_of(a[0].list()), Edge::wrap), patterns_of(a[0].list())); }},
      {"pickmodReset",
       {{"patterns", list}},
       true,
       "As `pickReset`, indices wrap.",
       R"("0 3" $ pickmodReset ["a b c", "d e f"])",
       "0..1/3 a | 1/3..1/2 b | 1/2..5/6 d | 5/6..1 e",
       [](Args a) { return reset_join(a[1].pattern(), false, chooser(patterns_of(a[0].list()), Edge::wrap), patterns_of(a[0].list())); }},
      {"pickmodRestart",
       {{"patterns", list}},
       true,
       "As `pickRestart`, indices wrap.",
       R"("0 3" $ pickmodRestart ["<a b>*2", "d e f"])",
       "0..1/2 a | 1/2..5/6 d | 5/6..1 e",
       [](Args a) { return reset_join(a[1].pattern(), true, chooser(patterns_of(a[0].list()), Edge::wrap), patterns_of(a[0].list())); }},
      {"pickF",
       {{"index", number}, {"functions", list}},
       true,
       "Applies the function that each index names, while the index lasts. Indices beyond the ends stop there.",
       R"("a b" $ pickF "0 1" [rev, (fast 2)])",
       "0..1/2 b | 1/2..3/4 a | 3/4..1 b",
       [](Args a) {
         const std::vector<Pattern> choices = applied(a[1].list(), a[2].pattern());
         return inner_join(a[0].pattern(), chooser(choices, Edge::clamp), choices);
       }},
      {"pickmodF",
       {{"index", number}, {"functions", list}},
       true,
       "As `pickF`, indices wrap.",
       R"("a b" $ pickmodF "0 3" [rev, (fast 2)])",
       "0..1/2 b | 1/2..3/4 a | 3/4..1 b",
       [](Args a) {
         const std::vector<Pattern> choices = applied(a[1].list(), a[2].pattern());
         return inner_join(a[0].pattern(), chooser(choices, Edge::wrap), choices);
       }},
      {"select",
       {{"where", number}, {"patterns", list}},
       false,
       "The pattern that each number from 0 to 1 points at among the list, while the number lasts.",
       R"(select "0 0.5" ["a b c", "d e f"])",
       "0..1/3 a | 1/3..2/3 b in 1/3..1/2 | 1/3..2/3 e in 1/2..2/3 | 2/3..1 f",
       [](Args a) { return inner_join(a[0].pattern(), pointer(patterns_of(a[1].list())), patterns_of(a[1].list())); }},
      {"selectF",
       {{"where", number}, {"functions", list}},
       true,
       "Applies the function that each number from 0 to 1 points at among the list, while the number lasts.",
       R"("a b" $ selectF "0 0.5" [rev, (fast 2)])",
       "0..1/2 b | 1/2..3/4 a | 3/4..1 b",
       [](Args a) {
         const std::vector<Pattern> choices = applied(a[1].list(), a[2].pattern());
         return inner_join(a[0].pattern(), pointer(choices), choices);
       }},
      {"squeeze",
       {{"patterns", list}},
       true,
       "Fills each index event with one cycle of the pattern that it names. Indices wrap.",
       R"("0 1" $ squeeze ["a b", "c d e"])",
       "0..1/4 a | 1/4..1/2 b | 1/2..2/3 c | 2/3..5/6 d | 5/6..1 e",
       [](Args a) { return squeeze_join(a[1].pattern(), chooser(patterns_of(a[0].list()), Edge::wrap), patterns_of(a[0].list())); }},
      {"inhabit",
       {{"patterns", map}},
       true,
       "Fills each event with one cycle of the pattern of that name.",
       R"("a b [a b]" $ inhabit {a: "x y", b: "z"})",
       "0..1/6 x | 1/6..1/3 y | 1/3..2/3 z | 2/3..3/4 x | 3/4..5/6 y | 5/6..1 z",
       [](Args a) {
         std::vector<Pattern> parts;
         for (const auto& [name, p] : a[0].map()) parts.push_back(p);
         return squeeze_join(a[1].pattern(), chooser_by_name(a[0].map()), parts);
       }},
      {"ur",
       {{"cycles", time}, {"plan", word}, {"sections", map}},
       false,
       "Plays named sections in the order of `plan`, stretched over `cycles`; each starts from its beginning. `name:rev` plays one through "
       "`rev`.",
       R"(ur 1 "a b:rev" {a: "x", b: "y*2 z*2"})",
       "0..1/2 x | 1/2..3/4 z | 3/4..1 z",
       [](Args a) {
         return with_time(a[0].pattern(),
                          [plan = a[1].pattern(), sections = a[2].map()](Rational cycles) { return ur(cycles, plan, sections); });
       }},
      {"bite",
       {{"count", number}, {"order", number}},
       true,
       "Cuts the cycle into `count` parts and plays them in the order of the index pattern, each squeezed into its event. Indices wrap.",
       R"("0 1 2 3" $ bite 4 "0 2*2")",
       "0..1/2 0 | 1/2..3/4 2 | 3/4..1 2",
       bite},
      {"fitList",
       {{"step", number}, {"values", list}},
       true,
       "Index events pick from the list; every cycle the first index moves on by `step`.",
       R"("0 1" $ fitList 2 ["a", "b", "c"])",
       "0..1/2 a | 1/2..1 b",
       [](Args a) {
         const Pattern p = a[2].pattern();
         return with_count(a[0].pattern(), [p, values = patterns_of(a[1].list())](std::int64_t step) { return fit_list(step, values, p); },
                           {p});
       }},
      {"spread",
       {{"function", name}, {"values", list}},
       true,
       "Applies the named function with the next value of the list in every cycle.",
       R"("a b" $ spread fast [1, 2] $ fast 2)",
       "0..1/4 a | 1/4..1/2 b | 1/2..5/8 a | 5/8..3/4 b | 3/4..7/8 a | 7/8..1 b",
       [](Args a) { return cat(spread(a)); },
       check_spread},
      {"fastspread",
       {{"function", name}, {"values", list}},
       true,
       "As `spread`, all values within one cycle.",
       R"("a b" $ fastspread fast [1, 2])",
       "0..1/4 a | 1/4..1/2 b | 1/2..5/8 a | 5/8..3/4 b | 3/4..7/8 a | 7/8..1 b",
       [](Args a) { return fastcat(spread(a)); },
       check_spread},
  };
  return made;
}

}  // namespace

Rows pick_rows() {
  return rows();
}

}  // namespace hocket
