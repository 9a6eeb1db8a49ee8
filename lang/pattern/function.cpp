// The table of all pattern functions, gathered once from the files of functions/.
#include "lang/pattern/function.h"

#include <algorithm>
#include <cctype>
#include <deque>

#include "lang/diagnostic.h"
#include "lang/pattern/functions/rows.h"

namespace hocket {
namespace {

// Other names by which players know a function.
struct Alias {
  const char* name;
  const char* of;
};
constexpr Alias kAliases[] = {
    {"slowcat", "cat"},
    {"slowCat", "cat"},
    {"fastCat", "fastcat"},
    {"sequence", "fastcat"},
    {"seq", "fastcat"},
    {"slowAppend", "append"},
    {"slowappend", "append"},
    {"fastAppend", "fastappend"},
    {"timeCat", "timecat"},
    {"stepcat", "timecat"},
    {"randCat", "randcat"},
    {"chooseCycles", "randcat"},
    {"wchooseCycles", "wrandcat"},
    {"pm", "polymeter"},
    {"hush", "silence"},
    {"density", "fast"},
    {"sparsity", "slow"},
    {"fastgap", "fastGap"},
    {"zoomArc", "zoom"},
    {"seg", "segment"},
    {"iter'", "iterBack"},
    {"iterback", "iterBack"},
    {"rib", "ribbon"},
    {"firstOf", "every"},
    {"while", "when"},
    {"somecycles", "someCycles"},
    {"somecyclesBy", "someCyclesBy"},
    {"unDegradeBy", "undegradeBy"},
    {"chunk'", "chunkBack"},
    {"chunkback", "chunkBack"},
    {"fastchunk", "fastChunk"},
    {"stutWith", "echoWith"},
    {"stutterWith", "echoWith"},
    {"echowith", "echoWith"},
    {"plywith", "plyWith"},
    {"euclidOff", "euclidRot"},
    {"euclidrot", "euclidRot"},
    {"eoff", "euclidRot"},
    {"euclidoff", "euclidRot"},
    {"euclidinv", "euclidInv"},
    {"euclidfull", "euclidFull"},
    {"eoffful", "euclidOffFull"},
    {"pickSqueeze", "squeeze"},
    {"slowspread", "spread"},
    {"fastSpread", "fastspread"},
    {"quantize", "quantise"},
    {"invert", "inv"},
    {"rolledby", "rolledBy"},
    {"arpg", "arpeggiate"},
    {"discretise", "segment"},
    {"loopat", "loopAt"},
    {"juxby", "juxBy"},
    {"striate'", "striateBy"},
    {"steps", "pace"},
};

// An example with one word for another.
std::string renamed(std::string text, std::string_view from, std::string_view to) {
  const auto in_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '\'' || c == '.'; };
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    const bool begins = at == 0 || !in_name(text[at - 1]);
    const bool ends = at + from.size() == text.size() || !in_name(text[at + from.size()]);
    if (begins && ends) text.replace(at, from.size(), to);
  }
  return text;
}

struct Table {
  std::deque<std::string> texts;  // of aliases
  std::vector<FunctionRow> rows;

  Table() {
    for (const Rows part : {time_rows(), loop_rows(), feel_rows(), condition_rows(), layer_rows(), sequence_rows(), rhythm_rows(),
                            pick_rows(), harmony_rows(), number_rows(), operator_rows(), chance_rows(), control_rows(), step_rows()})
      rows.insert(rows.end(), part.begin(), part.end());
    const auto named = [this](std::string_view name) {
      return std::find_if(rows.begin(), rows.end(), [&](const FunctionRow& row) { return row.name == name; });
    };
    for (const Alias& alias : kAliases) {
      const auto row = named(alias.of);
      if (row == rows.end() || named(alias.name) != rows.end()) continue;
      FunctionRow copy = *row;
      copy.name = alias.name;
      copy.doc = texts.emplace_back("The same as `" + std::string(alias.of) + "`. " + copy.doc).c_str();
      copy.example = texts.emplace_back(renamed(copy.example, alias.of, alias.name)).c_str();
      rows.push_back(std::move(copy));
    }
    std::sort(rows.begin(), rows.end(),
              [](const FunctionRow& a, const FunctionRow& b) { return std::string_view(a.name) < std::string_view(b.name); });
  }
};

const Table& table() {
  static const Table made;
  return made;
}

// An entry of a list in the form that a parameter asks for.
std::optional<Arg> fitted(const Arg& entry, ArgKind kind) {
  switch (kind) {
    case ArgKind::pattern:
    case ArgKind::number:
    case ArgKind::time:
    case ArgKind::word:
    case ArgKind::truth:
      if (!std::holds_alternative<Rational>(entry.value) && !std::holds_alternative<Pattern>(entry.value)) return std::nullopt;
      return Arg{as_pattern(entry)};
    case ArgKind::constant:
      return Arg{constant_of(entry)};
    case ArgKind::function:
      if (!std::holds_alternative<PatternFunction>(entry.value)) return std::nullopt;
      return entry;
    case ArgKind::list:
      if (!std::holds_alternative<ArgList>(entry.value)) return std::nullopt;
      return entry;
    case ArgKind::map:
    case ArgKind::name:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::span<const FunctionRow> pattern_functions() {
  return table().rows;
}

const FunctionRow* find_function(std::string_view name) {
  const auto rows = pattern_functions();
  const auto row = std::lower_bound(rows.begin(), rows.end(), name, [](const FunctionRow& r, std::string_view n) { return r.name < n; });
  return row != rows.end() && row->name == name ? &*row : nullptr;
}

std::optional<Pattern> apply_by_name(std::string_view name, const Arg& entry, const Pattern& subject) {
  if (const auto* function = std::get_if<PatternFunction>(&entry.value); function && (name == "$" || name == "id"))
    return (*function)(subject);
  const FunctionRow* row = find_function(name);
  if (!row || !row->subject || row->params.empty()) return std::nullopt;
  const auto* several = std::get_if<ArgList>(&entry.value);
  const bool spread_out = several && row->params.front().kind != ArgKind::list;
  if (row->params.size() != (spread_out ? several->size() : 1)) return std::nullopt;
  std::vector<Arg> args;
  for (std::size_t i = 0; i < row->params.size(); ++i) {
    auto arg = fitted(spread_out ? (*several)[i] : entry, row->params[i].kind);
    if (!arg) return std::nullopt;
    args.push_back(std::move(*arg));
  }
  args.push_back(Arg{subject});
  if (row->check && !row->check(args).empty()) return std::nullopt;
  return row->body(args);
}

Pattern as_pattern(const Arg& arg) {
  if (const auto* p = std::get_if<Pattern>(&arg.value)) return *p;
  if (const auto* x = std::get_if<Rational>(&arg.value)) return Pattern::pure(Value(x->to_double()));
  return {};
}

Rational constant_of(const Arg& arg) {
  if (const auto* x = std::get_if<Rational>(&arg.value)) return *x;
  const auto* p = std::get_if<Pattern>(&arg.value);
  const Value* value = p ? p->constant() : nullptr;
  return value ? time_of(*value) : Rational(0);
}

std::vector<Pattern> patterns_of(const ArgList& list) {
  std::vector<Pattern> patterns;
  for (const Arg& entry : list) patterns.push_back(as_pattern(entry));
  return patterns;
}

std::vector<WeightedEntry> weighted_of(const ArgList& list, bool weight_first) {
  std::vector<WeightedEntry> entries;
  for (const Arg& entry : list) {
    const auto* pair = std::get_if<ArgList>(&entry.value);
    if (!pair || pair->size() != 2) {
      entries.push_back({as_pattern(entry), 1});
      continue;
    }
    entries.push_back({as_pattern((*pair)[weight_first ? 1 : 0]), constant_of((*pair)[weight_first ? 0 : 1])});
  }
  return entries;
}

std::string unless_known(const std::string& what, const std::string& word, const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), word) != known.end()) return "";
  const std::string meant = did_you_mean(nearest(word, known));
  return "there is no " + what + " `" + word + "`" + (meant.empty() ? "" : "; " + meant);
}

std::vector<std::string> words_of(const Pattern& p) {
  std::vector<std::string> words;
  p.each_word([&](const std::string& word, Span) { words.push_back(word); });
  return words;
}

}  // namespace hocket
