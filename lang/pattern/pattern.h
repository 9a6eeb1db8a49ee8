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
  const TimeSpan& span() const { return whole ? *whole : part; }
};
using Events = std::vector<Event>;

class LiveInput;

/// What a query may spend, and what chance draws from. One per top-level query; not shared between threads.
struct QueryContext {
  std::uint64_t seed = 0;           ///< of every random function; 0 gives the conformance corpus' numbers
  std::size_t budget = 1 << 20;     ///< events that may still be made; a query that runs out returns early
  std::size_t work = 1 << 22;       ///< patterns that may still be asked and events passed on by them
  int depth = 0;                    ///< nesting of queries, bounded
  bool exhausted = false;           ///< the budget or the depth ran out: the result is incomplete
  const LiveInput* live = nullptr;  ///< what live patterns read (see live.h); null: they are silent

  /// Pays for one event; false once the budget is spent.
  bool spend() {
    if (budget == 0) exhausted = true;
    if (exhausted) return false;
    --budget;
    return true;
  }
  /// Pays for steps that may give nothing: patterns asked, events passed on.
  bool toil(std::size_t steps = 1) {
    if (work < steps) exhausted = true;
    if (exhausted) return false;
    work -= steps;
    return true;
  }
};

/// Patterns nested deeper than this give nothing and exhaust the query.
inline constexpr int kMaxPatternDepth = 600;

/// A value type, cheap to copy, immutable, safe to query from any thread (each with its own context).
class Pattern {
 public:
  using Body = std::function<Events(const TimeSpan&, QueryContext&)>;
  /// The quicker form: adds its events to those that are there already.
  using Append = std::function<void(const TimeSpan&, QueryContext&, Events&)>;

  Pattern();  ///< silence
  /// `parts` are the patterns that the body reads: only for walks (words), never for queries.
  explicit Pattern(Body body, std::vector<Pattern> parts = {});
  explicit Pattern(Append body, std::vector<Pattern> parts = {}, std::optional<Rational> steps = std::nullopt);

  Events query(const TimeSpan&, QueryContext&) const;
  void query(const TimeSpan&, QueryContext&, Events& out) const;

  /// The value of a `pure` or an `atom`: what it gives in every cycle. Null for any other pattern.
  const Value* constant() const;
  /// Where a constant stands in the text.
  Span constant_where() const;
  /// True for the default pattern (other patterns may happen to be silent too).
  bool is_silence() const { return node_ == nullptr; }

  /// Every word atom that a query could give before functions change it, with its place in the text. Words that name no
  /// sound (arguments, and controls other than `s`) are left out.
  void each_word(const std::function<void(const std::string&, Span)>&) const;

  /// What a query could read of the world outside: knobs, played notes.
  struct Live {
    bool knobs = false;
    bool notes = false;
    bool any() const { return knobs || notes; }
  };
  static Pattern live(Append body, Live reads);
  Live reads_live() const;

  /// Steps a cycle, where the pattern has a natural count (mini-notation sequences, fastcat …).
  std::optional<Rational> steps() const;
  Pattern with_steps(std::optional<Rational>) const;

  /// Asked for a piece of a span it gives what it gives for the whole of it, cut to the piece, in the same order: so it may be asked
  /// once for many pieces. Said of patterns that are made of nothing else; no signal is.
  Pattern steady(bool is = true) const;
  bool is_steady() const;

  /// The same value throughout, one event a cycle. `parts` are for walks alone.
  static Pattern pure(Value, Span where = {}, std::vector<Pattern> parts = {});
  /// An atom of mini-notation: `pure`, but known to `each_word`.
  static Pattern atom(Value, Span where);
  /// A pattern of maps of one control, made of the values of another: said so that a merge can do without the maps.
  struct ControlOf;
  static Pattern control(std::string name, const Pattern& maps, const Pattern& values);
  /// Null for any other pattern.
  const ControlOf* as_control() const;
  /// A pattern with constant controls set on top of another's: said so that more of them are set in the same pass.
  struct SetOf;
  static Pattern set(const Pattern& made, const Pattern& base, const Pattern& constants);
  const SetOf* as_set() const;
  /// Gives nothing and exhausts the query: what stands for a pattern too large to build.
  static Pattern exhausting();

 private:
  struct Node;
  std::shared_ptr<const Node> node_;
};

struct Pattern::ControlOf {
  std::string name;
  Pattern values;
};

struct Pattern::SetOf {
  Pattern base;
  Pattern constants;  ///< a `pure` of controls
};

/// Brings events into the order in which they are shown: by part, whole and value; fragments that touch and share whole
/// and value are joined.
Events tidied(Events);
/// `0..1/2 bd | 1/2..1 sn`; a fragment is `0..2 bd in 0..1`, a continuous event `~0..1 0.5`. Tidied first.
std::string to_text(const Events&);

}  // namespace hocket
