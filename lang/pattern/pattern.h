// Patterns: pure functions from a span of cycle time to events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lang/pattern/time.h"
#include "lang/pattern/value.h"
#include "lang/source.h"

namespace hocket {

/// One happening. `whole` is the span it occupies (none: a sample of a continuous signal); `part` the piece of it inside
/// the query; where both start together the event has its onset here. `where` is the atom in the program's text.
struct Event {
  std::optional<TimeSpan> whole;
  TimeSpan part;
  Value value;
  Span where;

  bool has_onset() const { return whole && whole->begin == part.begin; }
};
using Events = std::vector<Event>;

/// What a query may spend, and what chance draws from. One per top-level query; not shared between threads.
struct QueryContext {
  std::uint64_t seed = 0;        ///< of every random function; 0 gives the conformance corpus' numbers
  std::size_t budget = 1 << 20;  ///< events that may still be made; a query that runs out returns early
  int depth = 0;                 ///< nesting of queries, bounded
  bool exhausted = false;        ///< the budget or the depth ran out: the result is incomplete
};

/// A value type, cheap to copy, immutable, safe to query from any thread (each with its own context).
class Pattern {
 public:
  using Body = std::function<Events(const TimeSpan&, QueryContext&)>;

  Pattern();  ///< silence
  /// `parts` are the patterns that the body reads: only for walks (words), never for queries.
  explicit Pattern(Body body, std::vector<Pattern> parts = {});

  Events query(const TimeSpan&, QueryContext&) const;

  /// Every word atom that a query could give before functions change it, with its place in the text.
  void each_word(const std::function<void(const std::string&, Span)>&) const;

  /// Steps a cycle, where the pattern has a natural count (mini-notation sequences, fastcat …).
  std::optional<Rational> steps() const;
  Pattern with_steps(std::optional<Rational>) const;

  /// The same value throughout, one event a cycle.
  static Pattern pure(Value, Span where = {});
  /// An atom of mini-notation: `pure`, but known to `each_word`.
  static Pattern atom(Value, Span where);

 private:
  struct Node;
  std::shared_ptr<const Node> node_;
};

}  // namespace hocket
