#include "server/control/midi_live.h"

#include <algorithm>
#include <cmath>

#include "server/control/midi_live_input.h"
#include "server/control/tempo.h"

namespace hocket {

namespace {

constexpr std::size_t kQueryBudget = 1 << 12;

}  // namespace

// ---- sources

LivePlayer::LivePlayer(const LiveSettings& settings, Give give, MidiOut* outside, SampleLibrary* samples, Reports reports)
    : settings_(settings),
      give_(std::move(give)),
      outside_(outside),
      samples_(samples),
      reports_(std::move(reports)),
      latency_(settings.latency_frames) {}

Rational LivePlayer::position(std::int64_t frame) const {
  return to_rational(position_at(status_.transport, frame));
}

NoteContext LivePlayer::context() const {
  return {cps_, seed_, samples_, settings_.offline};
}

std::vector<TimedEvent> LivePlayer::exchange(const SourceSet& set, Rational now) {
  const std::lock_guard lock(mutex_);
  cps_ = set.cps;
  seed_ = set.seed;
  if (set.reset && status_.swap_serial == 0) {
    // What is struck before the first swap takes over is already counted by its cycles.
    reset_serial_ = set.serial;
    status_.transport = {status_.frame, to_position(set.from), to_position(frames_per_cycle(set.cps, settings_.rate))};
  }
  if (set.reset) now = set.from;
  std::deque<Source> kept;
  std::vector<TimedEvent> first;
  for (std::size_t i = 0; i < set.sources.size(); ++i) {
    const auto& played = set.sources[i];
    if (!played.def.live) continue;
    const auto known =
        std::find_if(sources_.begin(), sources_.end(), [&](const Source& s) { return s.played.id == played.id && !s.retired_by; });
    if (known != sources_.end() && !set.reset && !set.fresh[i]) {
      kept.push_back(std::move(*known));
      kept.back().played = played;
      known->retired_by = UINT64_MAX;  // moved from
      continue;
    }
    Source source;
    source.played = played;
    source.mode = Mode::knob;
    source.asked_to = max(set.from, now);
    source.serial = set.serial;
    source.starts_over = set.reset;
    const auto& pattern = played.def.pattern;
    if (pattern.reads_live().notes) {
      source.mode = follows_notes(pattern) ? Mode::struck : Mode::held;
      if (set.reset) {  // what begins the cycles comes with the swap, or it would come late
        const auto before = backlog_.size();
        ask(source, set.from + Rational(ahead()) / frames_per_cycle(set.cps, settings_.rate));
        const auto begins = backlog_.begin() + static_cast<std::ptrdiff_t>(before);
        first.insert(first.end(), begins, backlog_.end());
        backlog_.erase(begins, backlog_.end());
      }
    } else if (const auto value = knob_value(source, set.from)) {
      source.sent = value->values[0];
      const auto later = knob_value(source, set.from + Rational(1, 7));
      source.varies = later && later->values[0] != value->values[0];
      if (played.def.kind != SourceKind::outside) first.push_back(*value);
    }
    kept.push_back(std::move(source));
  }
  for (auto& old : sources_) {
    const bool stays = std::any_of(kept.begin(), kept.end(), [&](const Source& s) { return s.played.id == old.played.id; });
    if (stays || old.retired_by == UINT64_MAX) continue;
    if (!old.retired_by) old.retired_by = set.serial;
    if (!set.reset) kept.push_back(std::move(old));
  }
  sources_ = std::move(kept);
  return first;
}

Events LivePlayer::query(const Source& source, const TimeSpan& span, const LiveInput& input) {
  QueryContext context;
  context.seed = seed_;
  context.budget = kQueryBudget;
  context.live = &input;
  auto events = source.played.def.pattern.query(span, context);
  if (context.exhausted) complain(source.played.def.key, "the pattern makes too much of one note to play it all");
  return events;
}

void LivePlayer::complain(const std::string& about, const std::string& text) {
  if (!complained_.insert(about + '\n' + text).second || !reports_) return;
  if (complained_.size() > 1000) complained_.clear();
  reports_({Report::Kind::warning, about + ": " + text});
}

// ---- messages

void LivePlayer::join(int port, const std::string& name) {
  const std::lock_guard lock(mutex_);
  ports_[port] = name;
}

void LivePlayer::set_latency(std::int64_t frames) {
  const std::lock_guard lock(mutex_);
  latency_ = frames;
}

void LivePlayer::put(const ControlKey& key, double value) {
  const std::lock_guard lock(mutex_);
  knobs_.put(key, value);
  if (!moved_until_) moved_until_ = polled_to_ + kPoll;
}

Result<int> LivePlayer::read_knobs(const std::string& text) {
  const std::lock_guard lock(mutex_);
  if (!moved_until_) moved_until_ = polled_to_ + kPoll;
  return knobs_.read(text);
}

void LivePlayer::leave(int port, std::int64_t frame) {
  const std::lock_guard lock(mutex_);
  obey(notes_.leave(port), frame);
  ports_.erase(port);
}

void LivePlayer::silence(std::int64_t frame) {
  const std::lock_guard lock(mutex_);
  obey(notes_.silence(), frame);
}

void LivePlayer::take(int port, const MidiMessage& message, std::int64_t frame) {
  const std::lock_guard lock(mutex_);
  if (const auto moved = knobs_.take(ports_[port], message)) {
    if (!moved_until_) moved_until_ = (frame / kPoll + 1) * kPoll;
    if (on_move) on_move(moved->key, moved->before, moved->value, frame);
  }
  obey(notes_.take(port, message, static_cast<double>(frame) / settings_.rate), frame);
}

void LivePlayer::obey(const std::vector<NoteChange>& changes, std::int64_t frame) {
  for (const auto& change : changes) {
    const auto sounds_at = frame + latency_;
    if (on_note) on_note(change, sounds_at);
    switch (change.kind) {
      case NoteChange::Kind::on:
        strike(change, sounds_at);
        break;
      case NoteChange::Kind::off:
        let_go(change, sounds_at);
        break;
      default:
        bend(change, sounds_at);
        break;
    }
  }
  drain();
}

// ---- time

void LivePlayer::advance(const EngineStatus& status, std::int64_t frame) {
  const std::lock_guard lock(mutex_);
  const auto transport = status_.transport;
  status_ = status;
  if (status.swap_serial < reset_serial_) status_.transport = transport;  // as it will be
  std::erase_if(sources_, [&](const Source& s) { return s.retired_by && status.swap_serial >= s.retired_by; });
  obey(notes_.expire(static_cast<double>(frame) / settings_.rate), frame);
  // All that falls on a frame before that one.
  const auto to = (position(frame + ahead() - 1) + position(frame + ahead())) / Rational(2);
  for (auto& source : sources_)
    if (source.mode != Mode::knob) ask_held(source, to);
  constexpr std::int64_t kMostPolls = 64;  // after a stall
  for (auto at = std::max(polled_to_ + kPoll, frame / kPoll * kPoll - kMostPolls * kPoll); at <= frame; at += kPoll) {
    const bool moved = moved_until_ && *moved_until_ <= at;
    if (moved) moved_until_.reset();
    for (auto& source : sources_)
      if (source.mode == Mode::knob && (source.varies || moved)) poll(source, at);
    polled_to_ = at;
  }
  drain();
}

bool LivePlayer::busy() const {
  const std::lock_guard lock(mutex_);
  return !sources_.empty() || !backlog_.empty() || !sounding_.empty();
}

void LivePlayer::ask_held(Source& source, Rational to) {
  const bool in_force = status_.swap_serial >= source.serial;
  if (source.starts_over && !in_force && !settings_.offline) return;
  // After a jump or a stall the past is not made up for.
  if (in_force && source.asked_to - to > Rational(1, 4)) source.asked_to = to;
  if (to - source.asked_to > Rational(1)) source.asked_to = to - Rational(1, 64);
  ask(source, to);
}

// From a message, or the present, to the frame up to which held chords are asked for.
std::int64_t LivePlayer::ahead() const {
  return latency_ + std::llround(settings_.ahead_s * settings_.rate);
}

void LivePlayer::ask(Source& source, Rational to) {
  if (source.asked_to >= to) return;
  const TimeSpan span{source.asked_to, to};
  source.asked_to = to;
  std::vector<HeldNotes::Held> held;
  if (source.mode == Mode::held)
    for (const auto& note : notes_.sounding()) held.push_back({note, ports_[note.port]});
  const HeldNotes input(knobs_, std::move(held));
  std::uint32_t ordinal = 0;
  for (const Event& e : query(source, span, input)) {
    if (!e.has_onset()) continue;
    const auto* note = is_live_mark(e.where) ? input.note_of(e.where) : nullptr;
    play_ahead(source, e, ordinal++, note, note ? input.filter_of(e.where) : NoteFilter{});
  }
}

void LivePlayer::play_ahead(Source& source, const Event& e, std::uint32_t ordinal, const MidiNote* note, const NoteFilter& filter) {
  const auto played = note ? with_velocity(e, velocity_of(*note, filter)) : e;
  if (source.played.def.kind == SourceKind::outside) {
    if (!outside_) return;
    for (auto& out : make_outside(source.played, played, context())) {
      if (note && e.value.kind() != Value::Kind::controls)
        out.message.b = static_cast<std::uint8_t>(std::clamp(std::lround(velocity_of(*note, filter) * 127), 1L, 127L));
      outside_->give(out);
    }
    return;
  }
  if (source.played.def.kind != SourceKind::sound) {
    if (const auto value = make_value(source.played, played)) send(*value);
    return;
  }
  const auto made = make_note(source.played, played, ordinal, context());
  if (made.event) send(*made.event);
  if (!made.problem.empty()) complain(source.played.def.key, made.problem);
}

std::optional<TimedEvent> LivePlayer::knob_value(const Source& source, Rational at) {
  const auto events = query(source, {at, at}, knobs_);
  if (events.empty()) return std::nullopt;
  auto value = make_value(source.played, events.back());
  if (value) value->at = to_position(at);
  return value;
}

void LivePlayer::poll(Source& source, std::int64_t frame) {
  const auto at = frame + latency_;
  auto value = knob_value(source, position(at));
  if (!value || (source.sent && *source.sent == value->values[0])) return;
  source.sent = value->values[0];
  if (source.played.def.kind == SourceKind::outside) {
    if (!outside_) return;
    const auto events = query(source, {position(at), position(at)}, knobs_);
    for (auto& out : make_outside(source.played, events.back(), context())) {
      out.frame = at;
      outside_->give(out);
    }
    return;
  }
  value->frame = at;
  send(*value);
}

void LivePlayer::send(const TimedEvent& event) {
  backlog_.push_back(event);
}

void LivePlayer::drain() {
  while (!backlog_.empty()) {
    if (!give_(backlog_.front())) return;
    backlog_.pop_front();
  }
}

}  // namespace hocket
