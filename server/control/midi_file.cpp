#include "server/control/midi_file.h"

#include <algorithm>
#include <optional>

#include "server/control/midi_parser.h"

namespace hocket {

namespace {

// Ticks and microseconds a beat multiply to less than 2^63 below these.
constexpr std::int64_t kMostTicks = std::int64_t{1} << 36;
constexpr std::uint32_t kDefaultBeatUs = 500000;

/// Bytes with an end: reading past it gives zeros and is remembered.
class Bytes {
 public:
  explicit Bytes(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  bool at_end() const { return at_ == bytes_.size(); }
  bool ran_out() const { return ran_out_; }
  std::uint8_t byte() {
    if (at_end()) {
      ran_out_ = true;
      return 0;
    }
    return bytes_[at_++];
  }
  std::uint32_t number(int bytes) {
    std::uint32_t x = 0;
    for (int i = 0; i < bytes; ++i) x = x << 8 | byte();
    return x;
  }
  /// Seven bits a byte, the last without its highest bit; at most four.
  std::optional<std::uint32_t> variable() {
    std::uint32_t x = 0;
    for (int i = 0; i < 4; ++i) {
      const auto b = byte();
      x = x << 7 | (b & 0x7FU);
      if (b < 0x80) return ran_out_ ? std::nullopt : std::optional(x);
    }
    return std::nullopt;
  }
  std::span<const std::uint8_t> piece(std::size_t length) {
    const auto there = std::min(length, bytes_.size() - at_);
    if (there < length) ran_out_ = true;
    const auto piece = bytes_.subspan(at_, there);
    at_ += there;
    return piece;
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
  bool ran_out_ = false;
};

struct TickEvent {
  std::int64_t tick = 0;
  MidiMessage message;        // status 0: a tempo, or the track's end
  std::uint32_t beat_us = 0;  // 0: no tempo
  std::uint16_t track = 0;
};

/// False: it stopped at something unreadable.
bool read_track(Bytes bytes, std::uint16_t track, std::vector<TickEvent>& events) {
  MidiParser parser;
  std::int64_t tick = 0;
  std::uint8_t running = 0;
  while (!bytes.at_end()) {
    const auto delta = bytes.variable();
    if (!delta || tick + *delta > kMostTicks) return false;
    tick += *delta;
    auto status = bytes.byte();
    if (status == 0xFF) {
      const auto type = bytes.byte();
      const auto length = bytes.variable();
      if (!length) return false;
      Bytes data(bytes.piece(*length));
      if (bytes.ran_out()) return false;
      if (type == 0x51 && *length == 3) events.push_back({tick, {}, std::max<std::uint32_t>(1, data.number(3)), track});
      if (type == 0x2F) {
        events.push_back({tick, {}, 0, track});
        return true;
      }
      continue;
    }
    if (status == 0xF0 || status == 0xF7) {
      const auto length = bytes.variable();
      if (!length) return false;
      bytes.piece(*length);
      if (bytes.ran_out()) return false;
      continue;
    }
    if (status >= 0xF0) return false;
    std::uint8_t first = status;
    if (status < 0x80) {
      if (!running) return false;
      status = running;
    } else {
      running = status;
      first = bytes.byte();
    }
    const auto second = midi_data_bytes(status) > 1 ? bytes.byte() : std::uint8_t{0};
    if (bytes.ran_out() || first >= 0x80 || second >= 0x80) return false;
    parser.take(status);
    auto message = parser.take(first);
    if (!message) message = parser.take(second);
    if (!message) return false;
    events.push_back({tick, *message, 0, track});
  }
  return false;  // without an end of track
}

/// Seconds of ticks, through the tempo changes.
class TickClock {
 public:
  explicit TickClock(std::uint16_t division) {
    if (division & 0x8000U) {
      const int frames = 256 - (division >> 8);
      const int ticks = division & 0xFF;
      const Rational a_second = frames == 29 ? Rational(30000, 1001) : Rational(frames);
      tick_s_ = Rational(1) / (a_second * Rational(std::max(1, ticks)));
    } else {
      ticks_per_beat_ = std::max<std::uint16_t>(1, division);
    }
  }

  void advance(std::int64_t tick) {
    units_ += (tick - tick_) * beat_us_;
    tick_ = tick;
  }
  void set_tempo(std::uint32_t beat_us) { beat_us_ = beat_us; }
  Rational seconds() const {
    if (tick_s_) return *tick_s_ * Rational(tick_);
    return {units_, ticks_per_beat_ * std::int64_t{1000000}};
  }
  Rational beats() const {
    if (tick_s_) return seconds();
    return {tick_, ticks_per_beat_};
  }

 private:
  std::int64_t ticks_per_beat_ = 1;
  std::optional<Rational> tick_s_;
  std::int64_t tick_ = 0;
  std::int64_t units_ = 0;  // microseconds times ticks per beat
  std::int64_t beat_us_ = kDefaultBeatUs;
};

void put(std::vector<std::uint8_t>& out, std::uint32_t x, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<std::uint8_t>(x >> (8 * i)));
}

void put_variable(std::vector<std::uint8_t>& out, std::uint32_t x) {
  for (int shift = 21; shift > 0; shift -= 7)
    if (x >> shift) out.push_back(static_cast<std::uint8_t>(0x80U | (x >> shift)));
  out.push_back(static_cast<std::uint8_t>(x & 0x7FU));
}

/// One track under construction.
class TrackWriter {
 public:
  void name(const std::string& text) {
    if (text.empty()) return;
    meta(0, 0x03);
    put_variable(bytes_, static_cast<std::uint32_t>(text.size()));
    bytes_.insert(bytes_.end(), text.begin(), text.end());
  }
  void tempo(const MidiScore::Tempo& tempo) {
    meta(tempo.tick, 0x51);
    bytes_.push_back(3);
    put(bytes_, std::clamp<std::uint32_t>(tempo.beat_us, 1, 0xFFFFFF), 3);
  }
  void message(const MidiTrack::Entry& entry) {
    const int length = midi_data_bytes(entry.message.status);
    if (!entry.message.on_channel()) return;
    time(entry.tick);
    if (entry.message.status != running_) bytes_.push_back(entry.message.status);
    running_ = entry.message.status;
    bytes_.push_back(entry.message.a);
    if (length > 1) bytes_.push_back(entry.message.b);
  }
  void finish(std::vector<std::uint8_t>& out) {
    meta(tick_, 0x2F);
    bytes_.push_back(0);
    for (const char c : {'M', 'T', 'r', 'k'}) out.push_back(static_cast<std::uint8_t>(c));
    put(out, static_cast<std::uint32_t>(bytes_.size()), 4);
    out.insert(out.end(), bytes_.begin(), bytes_.end());
  }

 private:
  void time(std::int64_t tick) {
    constexpr std::int64_t kMostDelta = 0x0FFFFFFF;
    auto delta = std::max<std::int64_t>(0, tick - tick_);
    for (; delta > kMostDelta; delta -= kMostDelta) {  // an empty text stands in between
      put_variable(bytes_, kMostDelta);
      put(bytes_, 0xFF0100, 3);
      running_ = 0;
    }
    put_variable(bytes_, static_cast<std::uint32_t>(delta));
    tick_ = std::max(tick_, tick);
  }
  void meta(std::int64_t tick, std::uint8_t type) {
    time(tick);
    bytes_.push_back(0xFF);
    bytes_.push_back(type);
    running_ = 0;
  }

  std::vector<std::uint8_t> bytes_;
  std::int64_t tick_ = 0;
  std::uint8_t running_ = 0;
};

}  // namespace

Result<MidiFile> read_midi_file(std::span<const std::uint8_t> all) {
  const auto fail = [](const char* why) { return Result<MidiFile>::fail(std::string("this is no MIDI file that can be read: ") + why); };
  Bytes bytes(all);
  if (bytes.number(4) != 0x4D546864) return fail("it does not begin with MThd");
  Bytes header(bytes.piece(bytes.number(4)));
  const auto format = header.number(2);
  header.number(2);  // tracks: counted instead
  const auto division = static_cast<std::uint16_t>(header.number(2));
  if (header.ran_out()) return fail("its header is cut short");
  if (format > 1) return fail("it is of format 2, several songs in one; export it as format 0 or 1");
  if (division == 0) return fail("it gives no length to its ticks");

  MidiFile file;
  std::vector<TickEvent> ticks;
  while (!bytes.at_end() && file.tracks < 0xFFFF) {
    const auto type = bytes.number(4);
    const auto length = bytes.number(4);
    const bool cut = bytes.ran_out();
    const Bytes chunk(bytes.piece(length));
    if (cut) break;
    if (type != 0x4D54726B) continue;  // MTrk; others are for others
    if (!read_track(chunk, static_cast<std::uint16_t>(file.tracks++), ticks)) file.damaged = true;
  }
  file.damaged = file.damaged || bytes.ran_out();
  if (file.tracks == 0) return fail("it holds no track");

  std::stable_sort(ticks.begin(), ticks.end(), [](const TickEvent& a, const TickEvent& b) { return a.tick < b.tick; });
  TickClock clock(division);
  for (const auto& event : ticks) {
    clock.advance(event.tick);
    if (event.message.status) file.events.push_back({clock.seconds(), clock.beats(), event.message, event.track});
    if (event.beat_us) {
      clock.set_tempo(event.beat_us);
      file.tempi.push_back({clock.beats(), Rational(event.beat_us, 1000000)});
    }
  }
  file.length_s = clock.seconds();
  return file;
}

std::vector<std::uint8_t> write_midi_file(const MidiScore& score) {
  const bool single = score.tracks.size() <= 1;
  std::vector<std::uint8_t> out;
  for (const char c : {'M', 'T', 'h', 'd'}) out.push_back(static_cast<std::uint8_t>(c));
  put(out, 6, 4);
  put(out, single ? 0 : 1, 2);
  put(out, static_cast<std::uint32_t>(single ? 1 : score.tracks.size() + 1), 2);
  put(out, static_cast<std::uint32_t>(std::clamp(score.ticks_per_beat, 1, 32767)), 2);

  TrackWriter first;
  if (single && !score.tracks.empty()) first.name(score.tracks[0].name);
  auto tempo = score.tempi.begin();
  if (single && !score.tracks.empty()) {
    for (const auto& entry : score.tracks[0].entries) {
      while (tempo != score.tempi.end() && tempo->tick <= entry.tick) first.tempo(*tempo++);
      first.message(entry);
    }
  }
  while (tempo != score.tempi.end()) first.tempo(*tempo++);
  first.finish(out);
  if (single) return out;
  for (const auto& track : score.tracks) {
    TrackWriter writer;
    writer.name(track.name);
    for (const auto& entry : track.entries) writer.message(entry);
    writer.finish(out);
  }
  return out;
}

}  // namespace hocket
