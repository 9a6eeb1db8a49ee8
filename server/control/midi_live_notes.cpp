// What a key sets off when it is struck, how that bends, and how it ends.
#include <algorithm>
#include <cmath>

#include "server/control/midi_live.h"
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

int param_index(const VoiceDef& voice, std::string_view name) {
  for (std::size_t i = 0; i < voice.params.size() && i < kMaxVoiceValues; ++i)
    if (voice.params[i].name == name) return static_cast<int>(i);
  return -1;
}

}  // namespace

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

}  // namespace hocket
