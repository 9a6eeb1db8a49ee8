#include "server/control/midi_live.h"

#include <algorithm>
#include <cmath>

#include "server/control/midi_live_input.h"
#include "server/control/tempo.h"

namespace hocket {

namespace {

// How long a struck note is as its pattern sees it: shorter than any step, so that no operator cuts it in two.
const Rational kInstant{1, 1 << 20};
// How far ahead a pattern may put what a note sets off, in cycles.
constexpr int kReach = 4;
constexpr std::size_t kMostAnEvent = 64;     // voices that one key may begin
constexpr std::size_t kMostSounding = 4096;  // voices that keys hold
constexpr std::size_t kQueryBudget = 1 << 12;

int param_index(const VoiceDef& voice, std::string_view name) {
  for (std::size_t i = 0; i < voice.params.size() && i < kMaxVoiceValues; ++i)
    if (voice.params[i].name == name) return static_cast<int>(i);
  return -1;
}

double velocity_of(const MidiNote& note, const NoteFilter& filter) {
  const double vel = static_cast<double>(note.vel);
  return filter.curve == 1 ? vel : std::pow(vel, filter.curve);
}

// The event with the key's velocity, where the pattern says none itself.
Event with_velocity(const Event& e, double velocity) {
  if (e.value.kind() != Value::Kind::controls) return e;
  const auto& map = e.value.map();
  if (map.contains("vel") || map.contains("velocity")) return e;
  auto controls = map;
  controls.emplace("vel", Value(velocity));
  Event changed = e;
  changed.value = Value::controls(std::move(controls));
  return changed;
}

}  // namespace

// ---- knobs

std::optional<double> LiveKnobs::control(const ControlFilter& filter) const {
  const std::lock_guard lock(mutex_);
  return controls_.value(filter);
}

std::optional<KnobMove> LiveKnobs::take(const std::string& port, const MidiMessage& message) {
  const std::lock_guard lock(mutex_);
  return controls_.take(port, message);
}

void LiveKnobs::put(const ControlKey& key, double value) {
  const std::lock_guard lock(mutex_);
  controls_.put(key, value);
}

std::uint64_t LiveKnobs::moves() const {
  const std::lock_guard lock(mutex_);
  return controls_.moves();
}

std::string LiveKnobs::to_text() const {
  const std::lock_guard lock(mutex_);
  return controls_.to_text();
}

Result<int> LiveKnobs::read(const std::string& text) {
  const std::lock_guard lock(mutex_);
  return controls_.read(text);
}

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
  return {cps_, seed_, samples_, settings_.wait_for_samples};
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

void LivePlayer::strike(const NoteChange& change, std::int64_t frame) {
  expressions_[change.note.id].bend = change.bend;
  for (auto& source : sources_)
    if (source.mode == Mode::struck) strike(source, change, frame);
}

void LivePlayer::strike(Source& source, const NoteChange& change, std::int64_t frame) {
  const auto at = position(frame);
  const StruckNote input(knobs_, change.note, ports_[change.note.port], {at, at + kInstant});
  std::size_t count = 0;
  for (const Event& e : query(source, {at, at + Rational(kReach)}, input)) {
    if (!e.has_onset() || !is_live_mark(e.where) || sounding_.size() >= kMostSounding) continue;
    if (++count > kMostAnEvent) break;
    const auto onset = e.whole->begin;
    const auto start = onset == at ? frame : frame_at(status_.transport, to_position(onset));
    const auto& filter = input.filter_of(e.where);
    if (source.played.def.kind == SourceKind::sound)
      begin_voice(source, change, e, filter, start, frame);
    else if (source.played.def.kind == SourceKind::outside)
      begin_outside(source, change, e, filter, start, frame);
    else
      begin_value(source, change, e, start, frame);
  }
}

void LivePlayer::begin_voice(Source& source, const NoteChange& change, const Event& e, const NoteFilter& filter, std::int64_t frame,
                             std::int64_t struck_at) {
  const auto played = with_velocity(e, velocity_of(change.note, filter));
  auto made = make_note(source.played, played, static_cast<std::uint32_t>(change.note.id), context());
  if (!made.problem.empty()) complain(source.played.def.key, made.problem);
  if (!made.event) return;
  const auto& voice = source.played.voices[made.event->voice];
  const auto& controls = played.value.map();
  Sounding s;
  s.note = change.note.id;
  s.start = *made.event;
  s.start.tag = ++last_tag_;
  s.start.frame = frame;
  s.struck_at = struck_at;
  s.voice = true;
  s.bend_range = filter.bend;
  s.touch = param_index(voice, "touch");
  s.slide = param_index(voice, "slide");
  s.speed = param_index(voice, "speed");
  // A sample that is not told how long to last plays to its end, a length in seconds is one: else the key says.
  const bool one_shot = made.event->until.den <= 0;
  s.held = !one_shot && !controls.contains("sustain");
  if (s.held) s.start.until = {0, 0};
  auto event = expressed(s);
  event.act = Act::start;
  send(event);
  sounding_.push_back(std::move(s));
}

void LivePlayer::begin_value(Source& source, const NoteChange& change, const Event& e, std::int64_t frame, std::int64_t struck_at) {
  auto made = make_value(source.played, e);
  if (!made) return;
  made->frame = frame;
  made->tag = ++last_tag_;
  made->until = {0, 0};
  if (source.played.def.kind == SourceKind::gate) {
    made->values[0] = change.note.vel;
    Sounding s;
    s.note = change.note.id;
    s.start = *made;
    s.struck_at = struck_at;
    sounding_.push_back(std::move(s));
  } else {
    source.values.emplace_back(change.note.id, *made);
  }
  send(*made);
}

void LivePlayer::begin_outside(Source& source, const NoteChange& change, const Event& e, const NoteFilter& filter, std::int64_t frame,
                               std::int64_t struck_at) {
  if (!outside_) return;
  for (auto& out : make_outside(source.played, with_velocity(e, velocity_of(change.note, filter)), context())) {
    const bool numeric = e.value.kind() != Value::Kind::controls;
    if (numeric && out.message.kind() == MidiKind::note_on)
      out.message.b = static_cast<std::uint8_t>(std::clamp(std::lround(velocity_of(change.note, filter) * 127), 1L, 127L));
    out.frame = frame;
    out.tag = ++last_tag_;
    out.until = {0, 0};
    outside_->give(out);
    Sounding s;
    s.note = change.note.id;
    s.start.tag = out.tag;
    s.start.frame = frame;
    s.struck_at = struck_at;
    s.outside = true;
    sounding_.push_back(std::move(s));
  }
}

void LivePlayer::let_go(const NoteChange& change, std::int64_t frame) {
  std::erase_if(sounding_, [&](const Sounding& s) {
    if (s.note != change.note.id) return false;
    if (!s.held) return true;
    const auto off = std::max(s.start.frame, s.start.frame + (frame - s.struck_at));
    if (s.outside) {
      outside_->release(s.start.tag, off);
      return true;
    }
    TimedEvent release;
    release.act = Act::release;
    release.source = s.start.source;
    release.tag = s.start.tag;
    release.frame = off;
    send(release);
    return true;
  });
  for (auto& source : sources_) {
    if (source.values.empty()) continue;
    const auto newest = source.values.back().first;
    std::erase_if(source.values, [&](const auto& v) { return v.first == change.note.id; });
    if (newest != change.note.id || source.values.empty()) continue;
    auto back = source.values.back().second;  // to the note that is still down
    back.frame = frame;
    send(back);
  }
  expressions_.erase(change.note.id);
}

TimedEvent LivePlayer::expressed(const Sounding& s) const {
  auto event = s.start;
  const auto found = expressions_.find(s.note);
  if (found == expressions_.end()) return event;
  const auto& e = found->second;
  const auto semis = s.bend_range ? e.bend.own * static_cast<float>(*s.bend_range) + e.bend.zone_semis : e.bend.semis();
  const float factor = std::exp2(semis / 12);
  if (semis != 0) {
    event.values[0] *= factor;
    event.values[1] += semis;
    if (s.speed >= 0) event.values[s.speed] *= factor;
  }
  if (s.touch >= 0) event.values[s.touch] = e.touch;
  if (s.slide >= 0) event.values[s.slide] = e.slide;
  return event;
}

void LivePlayer::bend(const NoteChange& change, std::int64_t frame) {
  const auto found = expressions_.find(change.note.id);
  if (found == expressions_.end()) return;
  auto& e = found->second;
  e.bend = change.bend;
  if (change.kind == NoteChange::Kind::touch) e.touch = change.value;
  if (change.kind == NoteChange::Kind::slide) e.slide = change.value;
  for (const auto& s : sounding_) {
    if (s.note != change.note.id || !s.voice) continue;
    if (change.kind == NoteChange::Kind::touch && s.touch < 0) continue;
    if (change.kind == NoteChange::Kind::slide && s.slide < 0) continue;
    auto event = expressed(s);
    event.act = Act::change;
    event.frame = std::max(frame, s.start.frame);
    send(event);
  }
}

// ---- time

void LivePlayer::advance(const EngineStatus& status, std::int64_t frame) {
  const std::lock_guard lock(mutex_);
  const auto transport = status_.transport;
  status_ = status;
  if (status.swap_serial < reset_serial_) status_.transport = transport;  // as it will be
  std::erase_if(sources_, [&](const Source& s) { return s.retired_by && status.swap_serial >= s.retired_by; });
  obey(notes_.expire(static_cast<double>(frame) / settings_.rate), frame);
  const auto ahead = frame + latency_ + std::llround(settings_.ahead_s * settings_.rate);
  const auto to = position(ahead);
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
  if (source.starts_over && !in_force) return;
  // After a jump or a stall the past is not made up for.
  if (in_force && source.asked_to - to > Rational(1, 4)) source.asked_to = to;
  if (to - source.asked_to > Rational(1)) source.asked_to = to - Rational(1, 64);
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
