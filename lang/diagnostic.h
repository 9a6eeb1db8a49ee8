// What is wrong with a text: where, what, and what would help.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lang/source.h"

namespace hocket {

enum class Severity { error, warning };

struct Diagnostic {
  Severity severity = Severity::error;
  Span span;
  std::string message;                             ///< a plain sentence, without a full stop
  std::string hint;                                ///< what to try; may be empty
  std::shared_ptr<const Source> source = nullptr;  ///< where `span` counts; null: the text at hand
};

using Diagnostics = std::vector<Diagnostic>;

bool has_error(const Diagnostics&);

inline constexpr std::size_t kMostDiagnostics = 50;  // of one text; more help nobody

/// Adds a diagnostic while there are fewer than kMostDiagnostics. Past that it is dropped, unless it is the first error.
void report(Diagnostics&, Diagnostic);

/// `file:3:14: error: unknown unit `lfp``, the line, a caret under the span, and the hint.
std::string render(const Source&, const Diagnostic&);
std::string render(const Source&, const Diagnostics&);

/// The candidates nearest to `word` by edit distance (at most `most`), best first; empty if none is near.
std::vector<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates, std::size_t most = 3);

/// "did you mean `lpf`?", "did you mean `lpf`, `hpf` or `bpf`?", or "" for none.
std::string did_you_mean(const std::vector<std::string>& names);

}  // namespace hocket
