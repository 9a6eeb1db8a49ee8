#include "server/control/midi_out.h"

#include <algorithm>

#include "server/control/tempo.h"

namespace hocket {

namespace {

constexpr std::size_t kMostWaiting = 1 << 16;
constexpr MidiMessage kStop{static_cast<std::uint8_t>(MidiKind::stop), 0, 0};

MidiMessage all_notes_off(int channel) {
  return midi_message(MidiKind::control, channel, 123, 0);
}

}  // namespace

void MidiOut::exchange(const SourceSet& set) {
  const std::lock_guard lock(mutex_);
  for (auto& [id, life] : sources_) {
    const bool stays = std::any_of(set.sources.begin(), set.sources.end(), [&, id = id](const PlayedSource& s) { return s.id == id; });
    if (!stays && !life.retired_by) life.retired_by = set.serial;
  }
  for (const auto& source : set.sources) {
    if (source.def.kind != SourceKind::outside) continue;
    sources_.try_emplace(source.id, Life{set.serial, 0});
  }
  if (set.reset) epoch_ = set.serial;
}

void MidiOut::give(const OutsideEvent& event) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() < kMostWaiting) waiting_.push_back({event, epoch_});
}

void MidiOut::release(std::uint64_t tag, std::int64_t frame) {
  const std::lock_guard lock(mutex_);
  OutsideEvent release;
  release.tag = tag;
  release.frame = frame;
  waiting_.push_back({release, epoch_});
}

void MidiOut::silence(bool done) {
  const std::lock_guard lock(mutex_);
  waiting_.clear();
  std::set<std::pair<std::string, int>> channels;
  for (const auto& [key, sounding] : sounding_) {
    at_once_.push_back({0, key.port, midi_message(MidiKind::note_off, key.channel, key.key, 64)});
    channels.emplace(key.port, key.channel);
  }
  sounding_.clear();
  for (const auto& [port, channel] : channels) at_once_.push_back({0, port, all_notes_off(channel)});
  if (done && clock_runs_ && clock_port_) at_once_.push_back({0, *clock_port_, kStop});
  if (done) clock_runs_ = false;
}

void MidiOut::clock_to(std::optional<std::string> port) {
  const std::lock_guard lock(mutex_);
  if (port == clock_port_) return;
  if (clock_runs_ && clock_port_) at_once_.push_back({0, *clock_port_, kStop});
  clock_port_ = std::move(port);
  clock_runs_ = clock_jumps_ = false;
}

std::int64_t MidiOut::frame_of(const EngineStatus& status, const OutsideEvent& event) {
  return event.frame != kByPosition ? event.frame : frame_at(status.transport, event.at);
}

void MidiOut::send(const OutsideEvent& event, std::int64_t frame, std::vector<MidiSend>& out) {
  const auto at = event.frame == kByPosition ? event.at : Position{0, 0};
  if (event.message.status == 0) {  // the release of a played note
    for (auto& [key, sounding] : sounding_)
      if (sounding.tag == event.tag) sounding.off = frame;
    return;
  }
  if (event.message.kind() != MidiKind::note_on) {
    const auto kind = event.message.kind();
    const auto name =
        event.port + '\n' + std::to_string(event.message.status) + '\n' + std::to_string(kind == MidiKind::control ? event.message.a : 0);
    const auto known = last_.find(name);
    if (known != last_.end() && known->second == event.message && kind != MidiKind::program) return;
    last_[name] = event.message;
    out.push_back({frame, event.port, event.message, at});
    return;
  }
  const Key key{event.port, event.message.channel(), event.message.a};
  const auto sounding = sounding_.find(key);
  if (sounding != sounding_.end()) out.push_back({frame, key.port, midi_message(MidiKind::note_off, key.channel, key.key, 64), at});
  out.push_back({frame, event.port, event.message, at});
  Sounding note;
  if (event.until.den > 0) note.until = event.until;
  note.tag = event.tag;
  sounding_[key] = note;
}

void MidiOut::end_before(const EngineStatus& status, std::int64_t frame, std::vector<MidiSend>& out) {
  for (auto at = sounding_.begin(); at != sounding_.end();) {
    const auto off = at->second.until ? frame_at(status.transport, *at->second.until) : at->second.off;
    if (off >= frame) {
      ++at;
      continue;
    }
    out.push_back({off, at->first.port, midi_message(MidiKind::note_off, at->first.channel, at->first.key, 64),
                   at->second.until.value_or(Position{0, 0})});
    at = sounding_.erase(at);
  }
}

// The cycles have started over: what waits by the old ones has lost its place, what sounds ends when it would have.
void MidiOut::begin_epoch(const EngineStatus& status) {
  std::erase_if(waiting_, [&](const Waiting& w) { return w.epoch < epoch_ && w.event.frame == kByPosition; });
  for (auto& [key, sounding] : sounding_) {
    if (!sounding.until) continue;
    sounding.off = std::max(status.swap_frame, frame_at(transport_, *sounding.until));
    sounding.until.reset();
  }
  epoch_in_force_ = epoch_;
  clock_jumps_ = clock_jumps_ || clock_runs_;
  clock_runs_ = false;
}

void MidiOut::clock_before(const EngineStatus& status, std::int64_t frame, std::vector<MidiSend>& out) {
  if (!clock_port_ || status.swap_serial == 0) return;
  const auto frame_of_next = [&] { return frame_at(status.transport, to_position(clock_.next().at_cycle)); };
  // A tick or two sooner or later is a nudge; further off the position has jumped, and those who follow are told.
  const auto sixteenth = frame_at(status.transport, to_position(clock_.next().at_cycle + Rational(1, 16))) - frame_of_next();
  if (clock_runs_ && (frame_of_next() < clock_from_ - sixteenth || frame_of_next() > frame + sixteenth)) {
    clock_jumps_ = true;
    clock_runs_ = false;
  }
  if (!clock_runs_) {
    const auto from = std::max(clock_from_, status.swap_frame);
    if (clock_jumps_) out.push_back({from, *clock_port_, kStop});
    clock_.from(to_rational(position_at(status.transport, from)));
    clock_runs_ = true;
    clock_jumps_ = false;
  }
  while (true) {
    const auto due = clock_.next();
    const auto at = frame_of_next();
    if (at >= frame) return;
    out.push_back({at, *clock_port_, due.message, to_position(due.at_cycle)});
    clock_.done();
  }
}

std::vector<MidiSend> MidiOut::due(const EngineStatus& status, std::int64_t frame) {
  const std::lock_guard lock(mutex_);
  if (epoch_in_force_ != epoch_ && status.swap_serial >= epoch_) begin_epoch(status);
  std::vector<MidiSend> out = std::move(at_once_);
  at_once_.clear();
  for (auto& send : out) send.frame = std::min(frame, status.frame);

  std::vector<std::pair<std::int64_t, OutsideEvent>> ready;
  std::erase_if(waiting_, [&](const Waiting& w) {
    const auto& e = w.event;
    if (w.epoch != epoch_in_force_ && e.frame == kByPosition) return false;
    const auto at = frame_of(status, e);
    if (e.message.status) {
      const auto life = sources_.find(e.source);
      if (life == sources_.end()) return true;
      // Before its own swap has taken over nothing of it sounds, and nothing after the swap that retires it.
      if (status.swap_serial < life->second.from_serial) return false;
      if (life->second.retired_by && status.swap_serial >= life->second.retired_by && at >= status.swap_frame) return true;
    }
    if (at >= frame) return false;
    ready.emplace_back(at, e);
    return true;
  });
  std::stable_sort(ready.begin(), ready.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [at, event] : ready) {
    end_before(status, at + 1, out);  // at one frame ends come first
    send(event, at, out);
  }
  end_before(status, frame, out);
  clock_before(status, frame, out);
  if (status.swap_serial != 0) clock_from_ = frame;  // before, there is no time to send
  transport_ = status.transport;
  std::stable_sort(out.begin(), out.end(), [](const MidiSend& a, const MidiSend& b) { return a.frame < b.frame; });
  std::erase_if(sources_, [&](const auto& s) {
    const auto& [id, life] = s;
    const bool waits = std::any_of(waiting_.begin(), waiting_.end(), [&, id = id](const Waiting& w) { return w.event.source == id; });
    return life.retired_by && status.swap_serial >= life.retired_by && !waits;
  });
  return out;
}

std::optional<std::int64_t> MidiOut::next(const EngineStatus& status) const {
  const std::lock_guard lock(mutex_);
  if (!at_once_.empty()) return status.frame;
  std::optional<std::int64_t> first;
  const auto consider = [&](std::int64_t frame) {
    if (!first || frame < *first) first = frame;
  };
  for (const auto& w : waiting_) {
    if (w.epoch == epoch_in_force_ || w.event.frame != kByPosition) consider(frame_of(status, w.event));
  }
  for (const auto& [key, s] : sounding_) {
    if (s.until)
      consider(frame_at(status.transport, *s.until));
    else if (s.off != INT64_MAX)
      consider(s.off);
  }
  if (clock_port_) consider(clock_runs_ ? frame_at(status.transport, to_position(clock_.next().at_cycle)) : status.frame);
  return first;
}

}  // namespace hocket
