// Diagnostics as a player reads them, and the names that were perhaps meant.
#include "lang/diagnostic.h"

#include <algorithm>
#include <cctype>
#include <tuple>

#include "lang/utf8.h"

namespace hocket {
namespace {

constexpr std::size_t kShownColumns = 120;  // of a long line, around the caret

/// The line as it can be shown: one visible character a code point, so that the caret stands right below its place.
std::string visible(std::string_view line) {
  std::string shown;
  for (std::size_t i = 0; i < line.size();) {
    const std::size_t length = utf8_length(line, i);
    const auto c = static_cast<unsigned char>(line[i]);
    if (length == 0) {
      shown += "\xEF\xBF\xBD";  // U+FFFD
    } else if (c == '\t') {
      shown += ' ';
    } else if (c < 0x20 || c == 0x7F) {
      shown += "\xC2\xB7";  // a middle dot
    } else {
      shown += line.substr(i, length);
    }
    i += std::max<std::size_t>(length, 1);
  }
  return shown;
}

/// Columns [from, from + count) of `line`.
std::string_view columns(std::string_view line, std::size_t from, std::size_t count) {
  const auto skip = [&](std::size_t i, std::size_t columns) {
    for (; columns > 0 && i < line.size(); --columns) i += std::max<std::size_t>(utf8_length(line, i), 1);
    return i;
  };
  const std::size_t begin = skip(0, from);
  return line.substr(begin, skip(begin, count) - begin);
}

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours cost 1.
/// Source: Damerau, "A technique for computer detection and correction of spelling errors", 1964.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

std::string lower_case(std::string_view word) {
  std::string lower(word);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

}  // namespace

bool has_error(const Diagnostics& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& d) { return d.severity == Severity::error; });
}

void report(Diagnostics& diagnostics, Diagnostic diagnostic) {
  if (diagnostics.size() < kMostDiagnostics) {
    diagnostics.push_back(std::move(diagnostic));
  } else if (diagnostic.severity == Severity::error && !has_error(diagnostics)) {
    diagnostics.back() = std::move(diagnostic);
  }
}

std::string render(const Source& at_hand, const Diagnostic& diagnostic) {
  const Source& source = diagnostic.source ? *diagnostic.source : at_hand;
  const auto size = static_cast<std::uint32_t>(source.text.size());
  const std::uint32_t begin = std::min(diagnostic.span.begin, size);
  const std::uint32_t end = std::clamp(diagnostic.span.end, begin, size);
  const Place place = source.place(begin);
  const std::string_view line = source.line_at(begin);
  const auto line_end = static_cast<std::uint32_t>(line.data() - source.text.data()) + static_cast<std::uint32_t>(line.size());
  const std::string_view marked = std::string_view(source.text).substr(begin, std::max(begin, std::min(end, line_end)) - begin);

  const auto caret = static_cast<std::size_t>(place.column - 1);
  const std::size_t from = caret < kShownColumns * 2 / 3 ? 0 : caret - kShownColumns / 3;
  const std::string shown = visible(columns(line, from, kShownColumns));
  const std::size_t room = std::max<std::size_t>(kShownColumns - (caret - from), 1);
  const std::size_t width = std::clamp<std::size_t>(utf8_count(marked), 1, room);

  const std::string number = std::to_string(place.line);
  const std::string margin(number.size(), ' ');
  std::string text = source.name + ":" + number + ":" + std::to_string(place.column) + ": ";
  text += diagnostic.severity == Severity::error ? "error: " : "warning: ";
  text += diagnostic.message + "\n";
  text += "  " + number + " | " + (from > 0 ? "…" : "") + shown + "\n";
  text += "  " + margin + " | " + std::string(caret - from + (from > 0 ? 1 : 0), ' ') + "^" + std::string(width - 1, '~') + "\n";
  if (!diagnostic.hint.empty()) text += "  " + margin + " = " + diagnostic.hint + "\n";
  return text;
}

std::string render(const Source& source, const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) text += render(source, diagnostic);
  return text;
}

std::vector<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates, std::size_t most) {
  const std::size_t reach = word.size() <= 3 ? 1 : word.size() <= 6 ? 2 : 3;
  const std::string lower = lower_case(word);
  std::vector<std::tuple<std::size_t, std::size_t, std::string>> near;  // distance, that with case, name
  for (const std::string& candidate : candidates) {
    const std::size_t longer = std::max(candidate.size(), word.size());
    if (longer - std::min(candidate.size(), word.size()) > reach) continue;
    const std::size_t distance = edit_distance(lower, lower_case(candidate));
    if (distance <= reach && distance < longer) near.emplace_back(distance, edit_distance(word, candidate), candidate);
  }
  std::sort(near.begin(), near.end());
  near.erase(std::unique(near.begin(), near.end()), near.end());
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(most, near.size()); ++i) names.push_back(std::get<2>(near[i]));
  return names;
}

std::string did_you_mean(const std::vector<std::string>& names) {
  if (names.empty()) return "";
  std::string text = "did you mean ";
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += "`" + names[i] + "`";
  }
  return text + "?";
}

}  // namespace hocket
