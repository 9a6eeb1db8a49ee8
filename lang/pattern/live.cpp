#include "lang/pattern/live.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace hocket {

namespace {

// A chord of two at one odd time, for `follows_notes`.
class Probe final : public LiveInput {
 public:
  static constexpr int kNotes = 2;
  explicit Probe(TimeSpan whole) : whole_(whole) {}

  std::vector<LiveNote> notes(const NoteFilter& filter, const TimeSpan& span) const override {
    std::vector<LiveNote> notes;
    const int middle = (filter.low + filter.high) / 2;
    if (overlap(whole_, span))
      for (std::uint32_t i = 0; i < kNotes; ++i) notes.push_back({whole_, middle - 60. + 4 * i, {kLiveMark + i, kLiveMark + i}});
    return notes;
  }
  std::optional<double> control(const ControlFilter&) const override { return std::nullopt; }

 private:
  TimeSpan whole_;
};

/// At what times after the chord's onset each of its notes comes out with its own length.
std::set<Rational> shifts(const Pattern& pattern, TimeSpan whole, bool& any) {
  const Probe probe(whole);
  QueryContext context;
  context.budget = 1 << 12;
  context.work = 1 << 16;
  context.live = &probe;
  std::set<Rational> of_note[Probe::kNotes];
  for (const Event& e : pattern.query({Rational(0), whole.begin.floor() + 4}, context)) {
    if (!is_live_mark(e.where)) continue;
    any = true;  // also a piece without an onset: of a step that is longer than the note
    if (!e.has_onset()) continue;
    if (e.whole->length() == whole.length()) of_note[(e.where.begin - kLiveMark) % Probe::kNotes].insert(e.whole->begin - whole.begin);
  }
  std::set<Rational> both;
  for (const Rational shift : of_note[0])
    if (shift >= Rational(0) && of_note[1].contains(shift)) both.insert(shift);
  return both;
}

}  // namespace

Pattern live_notes(const NoteFilter& filter) {
  return Pattern::live(
      [filter](const TimeSpan& span, QueryContext& context, Events& out) {
        if (!context.live) return;
        for (const LiveNote& note : context.live->notes(filter, span)) {
          const auto part = overlap(note.whole, span);
          if (part && context.spend()) out.push_back({note.whole, *part, Value::note(note.note), note.mark});
        }
      },
      {.notes = true});
}

double ControlRange::at(double x) const {
  const double shaped = curve == 1 ? x : std::copysign(std::pow(std::fabs(x), curve), x);
  return geometric ? low * std::pow(high / low, shaped) : low + (high - low) * shaped;
}

Pattern live_control(const ControlFilter& filter, const ControlRange& range) {
  return Pattern::live(
      [filter, range](const TimeSpan& span, QueryContext& context, Events& out) {
        const auto x = context.live ? context.live->control(filter) : std::nullopt;
        // A wheel rests in the middle: its way is from -1 to 1.
        const bool wheel = filter.kind == ControlFilter::Kind::bend;
        const double turned = x ? (wheel ? (*x + 1) / 2 : *x) : wheel ? 0.5 : 0;
        if (context.spend()) out.push_back({std::nullopt, span, Value(x || !range.rest ? range.at(turned) : *range.rest), {}});
      },
      {.knobs = true});
}

bool follows_notes(const Pattern& pattern) {
  std::optional<std::set<Rational>> common;
  for (int i = 0; i < 12; ++i) {
    // Primes keep it off every grid; the chord lies well inside its cycle, for operators cut notes at the cycle's end.
    const Rational at = Rational(1 + i) + Rational(101 + 53 * i, 997);
    bool any = false;
    const auto found = shifts(pattern, {at, at + Rational(1, 991)}, any);
    if (!any) continue;  // by chance, or masked
    if (!common) {
      common = found;
    } else {
      std::erase_if(*common, [&](Rational shift) { return !found.contains(shift); });
    }
  }
  return !common || !common->empty();
}

}  // namespace hocket
