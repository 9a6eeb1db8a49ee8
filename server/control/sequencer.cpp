#include "server/control/sequencer.h"

#include <algorithm>
#include <cmath>

#include "lang/pattern/live.h"
#include "server/control/tempo.h"
#include "server/engine/transport.h"

namespace hocket {

namespace {

// Continuous patterns (`sine $ slow 4` on a port) are sampled this often, on a grid of absolute time. Straight lines between
// 256 points keep a sine of one period a cycle to within 8e-5 of the true one.
const Rational kCurveStep{1, 256};
// A line ends this little before the next point, so that a jump on the grid (`saw`, `square`) stays a jump.
const Rational kBeforeNext{1, 256 * 4096};
// How far back the last value of a `hold` is looked for, in cycles.
constexpr int kLookBack = 64;

bool before(const TimedEvent& a, const TimedEvent& b) {
  return Wide{a.at.num} * b.at.den < Wide{b.at.num} * a.at.den;
}

// Puts what comes from `first` on in order; one pattern's events come so.
void sort(std::vector<TimedEvent>& events, std::size_t first) {
  const auto begin = events.begin() + static_cast<std::ptrdiff_t>(first);
  if (!std::is_sorted(begin, events.end(), before)) std::stable_sort(begin, events.end(), before);
}

}  // namespace

Sequencer::Sequencer(const SequencerSettings& settings, Give give, SampleLibrary* samples, Reports reports)
    : settings_(settings), give_(std::move(give)), samples_(samples), reports_(std::move(reports)) {}

void Sequencer::connect(const LiveInput* live, GiveOutside give_outside) {
  live_ = live;
  give_outside_ = std::move(give_outside);
}

std::vector<TimedEvent> Sequencer::exchange(SourceSet set, Rational now) {
  const std::lock_guard lock(mutex_);
  if (cps_ != set.cps || seed_ != set.seed) complained_.clear();
  cps_ = set.cps;
  seed_ = set.seed;
  const auto step = query_step(cps_, settings_.query_s);
  const auto ahead = now + Rational::near(settings_.lookahead_s) * cps_;
  const auto horizon = multiple_from(max(set.reset ? set.from + (ahead - now) : ahead, set.from), step);

  std::vector<Active> kept;
  if (set.reset) {
    backlog_.clear();
    given_ = 0;
    held_until_ = set.serial;
  }
  std::vector<TimedEvent> first;
  for (std::size_t i = 0; i < set.sources.size(); ++i) {
    auto& source = set.sources[i];
    if (source.def.live) continue;  // the live player's
    const auto known =
        std::find_if(active_.begin(), active_.end(), [&](const Active& a) { return a.source.id == source.id && !a.retired_by; });
    const bool fresh = set.reset || set.fresh[i] || known == active_.end();
    if (!fresh) {
      kept.push_back({std::move(source), known->asked_to, 0});
      continue;
    }
    if (source.def.kind == SourceKind::hold)
      if (const auto value = value_at(source, set.from)) first.push_back(*value);
    // A curve's line that is under way at the takeover counts too.
    const auto begin = source.def.kind == SourceKind::curve ? kCurveStep * Rational((set.from / kCurveStep).floor()) : set.from;
    const auto before_it = first.size();
    ask(source, {begin, horizon}, first);
    if (source.def.kind == SourceKind::curve && first.size() > before_it) first[before_it].act = Act::change;
    kept.push_back({std::move(source), horizon, 0});
  }
  if (!set.reset) {
    for (auto& old : active_) {
      const bool stays = std::any_of(kept.begin(), kept.end(), [&](const Active& a) { return a.source.id == old.source.id; });
      if (stays) continue;
      if (!old.retired_by) old.retired_by = set.serial;
      kept.push_back(std::move(old));
    }
  }
  active_ = std::move(kept);
  sort(first, 0);
  return first;
}

void Sequencer::ask_for(double query_s) {
  const std::lock_guard lock(mutex_);
  settings_.query_s = query_s;
}

void Sequencer::set_tempo(Rational cps) {
  const std::lock_guard lock(mutex_);
  cps_ = cps;
}

void Sequencer::advance(const EngineStatus& status) {
  const std::lock_guard lock(mutex_);
  if (status.swap_serial < held_until_) return;
  std::erase_if(active_, [&](const Active& a) { return a.retired_by && status.swap_serial >= a.retired_by; });
  const auto now = to_rational(position_at(status.transport, status.frame));
  const auto frames = static_cast<std::int64_t>(std::ceil(settings_.lookahead_s * settings_.rate));
  const auto step = query_step(cps_, settings_.query_s);
  // A faster tempo may be on its way to the engine.
  const auto ahead =
      max(to_rational(position_at(status.transport, status.frame + frames)), now + Rational::near(settings_.lookahead_s) * cps_);
  const auto target = multiple_from(ahead, step);
  if (settings_.live) skip_late(now, status);
  if (!drain()) return;
  while (true) {
    auto from = target;
    for (const auto& a : active_) from = min(from, a.asked_to);
    if (from >= target) return;
    const auto to = min(next_multiple(from, step), target);
    const auto first = backlog_.size();
    for (auto& a : active_) {
      if (a.asked_to >= to) continue;
      ask(a.source, {a.asked_to, to}, backlog_);
      a.asked_to = to;
    }
    sort(backlog_, first);
    if (!drain()) return;
  }
}

Sequencer::Counts Sequencer::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

// After a stall (the machine slept) the past is not made up for.
void Sequencer::skip_late(Rational now, const EngineStatus& status) {
  const auto grace = Rational::near(settings_.most_late_s * settings_.rate) / to_rational(status.transport.frames_per_cycle);
  const auto earliest = now - grace;
  for (auto& a : active_)
    if (a.asked_to < earliest) a.asked_to = now;
  backlog_.erase(backlog_.begin(), backlog_.begin() + static_cast<std::ptrdiff_t>(given_));
  given_ = 0;
  const auto size = backlog_.size();
  std::erase_if(backlog_, [&](const TimedEvent& e) { return to_rational(e.at) < earliest; });
  counts_.skipped += size - backlog_.size();
}

bool Sequencer::drain() {
  for (; given_ < backlog_.size(); ++given_, ++counts_.events)
    if (!give_(backlog_[given_])) return false;
  backlog_.clear();
  given_ = 0;
  return true;
}

const Events& Sequencer::query(const PlayedSource& source, const TimeSpan& span) {
  QueryContext context;
  context.seed = seed_;
  context.budget = settings_.query_budget;
  context.live = live_;
  found_.clear();
  source.def.pattern.query(span, context, found_);
  if (context.exhausted) complain(source.def.key, "a pattern gives too many events to play them all");
  return found_;
}

void Sequencer::ask(const PlayedSource& source, const TimeSpan& span, std::vector<TimedEvent>& to) {
  if (span.begin >= span.end) return;
  if (source.def.kind == SourceKind::outside) return ask_outside(source, span);
  if (source.def.kind == SourceKind::curve) {
    for (auto at = multiple_from(span.begin, kCurveStep); at < span.end; at += kCurveStep)
      if (const auto line = line_from(source, at)) to.push_back(*line);
    return;
  }
  order_.clear();
  for (const auto& e : query(source, span))
    if (!e.whole || e.has_onset()) order_.push_back(&e);
  const auto earlier = [](const Event* a, const Event* b) { return a->part.begin < b->part.begin; };
  if (!std::is_sorted(order_.begin(), order_.end(), earlier)) std::stable_sort(order_.begin(), order_.end(), earlier);

  const NoteContext context{cps_, seed_, samples_, !settings_.live};
  std::uint32_t ordinal = 0;
  for (std::size_t i = 0; i < order_.size(); ++i) {
    ordinal = i > 0 && order_[i]->part.begin == order_[i - 1]->part.begin ? ordinal + 1 : 0;
    if (source.def.kind != SourceKind::sound) {
      if (const auto value = make_value(source, *order_[i])) to.push_back(*value);
      continue;
    }
    const auto note = make_note(source, *order_[i], ordinal, context);
    if (note.event) to.push_back(*note.event);
    if (!note.problem.empty()) complain(source.def.key, note.problem);
  }
}

// Controllers that go on without onsets are read on the curves' grid.
void Sequencer::ask_outside(const PlayedSource& source, const TimeSpan& span) {
  if (!give_outside_) return;
  const NoteContext context{cps_, seed_, samples_, !settings_.live};
  const auto give = [&](const Event& e) {
    for (const auto& event : make_outside(source, e, context)) give_outside_(event);
  };
  bool continuous = false;
  for (const Event& e : query(source, span)) {
    continuous = continuous || !e.whole;
    if (e.has_onset()) give(e);
  }
  if (!continuous) return;
  for (auto at = multiple_from(span.begin, kCurveStep); at < span.end; at += kCurveStep)
    for (const Event& e : query(source, {at, at}))
      if (!e.whole) give(e);
}

std::optional<TimedEvent> Sequencer::value_at(const PlayedSource& source, Rational at) {
  for (int back = 0; back < kLookBack; ++back) {
    const auto& events = back == 0 ? query(source, {at, at}) : query(source, {at - Rational(back), at - Rational(back - 1)});
    const Event* last = nullptr;
    for (const auto& e : events) {
      const auto onset = e.whole ? e.whole->begin : e.part.begin;
      if (onset <= at && (!last || onset >= (last->whole ? last->whole->begin : last->part.begin))) last = &e;
    }
    if (!last) continue;
    auto value = make_value(source, *last);
    if (value) {
      value->at = to_position(at);
      value->act = Act::change;
    }
    return value;
  }
  return std::nullopt;
}

std::optional<TimedEvent> Sequencer::line_from(const PlayedSource& source, Rational at) {
  const auto sample = [&](Rational when) {
    const auto& events = query(source, {when, when});
    return events.empty() ? std::nullopt : make_value(source, events.back());
  };
  auto line = sample(at);
  if (!line) return std::nullopt;
  const auto end = sample(at + kCurveStep - kBeforeNext);
  line->at = to_position(at);
  line->until = to_position(at + kCurveStep);
  line->count = 2;
  line->values[1] = end ? end->values[0] : line->values[0];
  return line;
}

void Sequencer::complain(const std::string& about, const std::string& text) {
  if (!complained_.insert(about + '\n' + text).second || !reports_) return;
  if (complained_.size() > 1000) complained_.clear();
  reports_({Report::Kind::warning, about + ": " + text});
}

}  // namespace hocket
