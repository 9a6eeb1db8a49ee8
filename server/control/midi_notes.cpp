#include "server/control/midi_notes.h"

#include <algorithm>

namespace hocket {

namespace {

constexpr float kPlainRange = 2;    // semitones, as RPN 0 has it before it is set
constexpr float kMpeRange = 48;     // of an MPE zone's members
constexpr double kSensingS = 0.33;  // after so long without a byte the sender is gone
constexpr int kRangeParameter = 0, kMpeParameter = 6;

float unit(int seven_bits) {
  return static_cast<float>(seven_bits) / 127.F;
}

// -8192..8191, the centre exactly 0 and both ends exactly 1.
float bend_of_wide(int wide) {
  const int x = wide - 8192;
  return x < 0 ? static_cast<float>(x) / 8192.F : static_cast<float>(x) / 8191.F;
}

}  // namespace

MidiNotes::Port& MidiNotes::port_at(int port) {
  auto& found = ports_[port];
  if (!found) found = std::make_unique<Port>();
  return *found;
}

// The channel whose messages count for all of this one's zone; 0: it is in none, or the master itself.
int MidiNotes::zone_master(const Port& port, int channel) {
  if (channel > 1 && channel <= 1 + port.lower) return 1;
  if (channel < 16 && channel >= 16 - port.upper) return 16;
  return 0;
}

MidiBend MidiNotes::bend_of(const Port& port, int channel) const {
  const auto& own = port.channels[channel - 1];
  const int master = zone_master(port, channel);
  MidiBend bend{own.bend, own.range >= 0 ? own.range : master ? kMpeRange : kPlainRange, 0};
  if (master) {
    const auto& zone = port.channels[master - 1];
    bend.zone_semis = zone.bend * (zone.range >= 0 ? zone.range : kPlainRange);
  }
  return bend;
}

MidiNote MidiNotes::note_of(int port, int channel, int key) const {
  const auto& k = ports_.at(port)->channels[channel - 1].keys[key];
  return {k.id, port, channel, key, k.vel};
}

void MidiNotes::tell(NoteChange::Kind kind, int port, int channel, int key, Changes& out) {
  const auto& p = *ports_.at(port);
  const auto& c = p.channels[channel - 1];
  const int master = zone_master(p, channel);
  NoteChange change{kind, note_of(port, channel, key), 0, bend_of(p, channel)};
  if (kind == NoteChange::Kind::touch) {
    change.value = std::max(c.touch, c.keys[key].touch);
    if (master) change.value = std::max(change.value, p.channels[master - 1].touch);
  }
  if (kind == NoteChange::Kind::slide) change.value = c.slide;
  out.push_back(change);
}

void MidiNotes::tell_all(NoteChange::Kind kind, int port, int channel, Changes& out) {
  const auto& p = *ports_.at(port);
  for (int c = 1; c <= 16; ++c) {
    if (c != channel && zone_master(p, c) != channel) continue;
    for (int key = 0; key < 128; ++key)
      if (p.channels[c - 1].keys[key].id) tell(kind, port, c, key, out);
  }
}

void MidiNotes::end(int port, int channel, int key, float release, Changes& out) {
  auto& k = ports_.at(port)->channels[channel - 1].keys[key];
  if (!k.id) return;
  out.push_back({NoteChange::Kind::off, note_of(port, channel, key), release, {}});
  k = {};
}

void MidiNotes::end_all(int port, int channel, Changes& out) {
  auto& c = ports_.at(port)->channels[channel - 1];
  for (int key = 0; key < 128; ++key) {
    end(port, channel, key, 0.5F, out);
    c.keys[key] = {};
  }
}

void MidiNotes::note_on(int port, int channel, int key, int velocity, Changes& out) {
  end(port, channel, key, 0.5F, out);
  const auto& p = *ports_.at(port);
  auto& c = ports_.at(port)->channels[channel - 1];
  c.keys[key] = {++last_id_, unit(velocity), 0, true, false};
  tell(NoteChange::Kind::on, port, channel, key, out);
  if (bend_of(p, channel).semis() != 0) tell(NoteChange::Kind::bend, port, channel, key, out);
  if (c.touch > 0) tell(NoteChange::Kind::touch, port, channel, key, out);
  if (c.slide > 0) tell(NoteChange::Kind::slide, port, channel, key, out);
}

void MidiNotes::note_off(int port, int channel, int key, float release, Changes& out) {
  auto& c = ports_.at(port)->channels[channel - 1];
  auto& k = c.keys[key];
  k.down = false;
  // In an MPE zone the pedal is the master's.
  const int master = zone_master(*ports_.at(port), channel);
  const bool held = c.sustain || (master && ports_.at(port)->channels[master - 1].sustain);
  if (!held && !k.latched) end(port, channel, key, release, out);
}

void MidiNotes::control(int port, int channel, int number, int value, Changes& out) {
  auto& p = *ports_.at(port);
  auto& c = p.channels[channel - 1];
  const bool on = value >= 64;
  const auto let_go = [&] {
    for (int at = 1; at <= 16; ++at) {
      const int master = zone_master(p, at);
      if (at != channel && master != channel) continue;
      const auto& there = p.channels[at - 1];
      const bool held = there.sustain || (master && p.channels[master - 1].sustain);
      for (int key = 0; key < 128; ++key) {
        const auto& k = there.keys[key];
        if (k.id && !k.down && !k.latched && !held) end(port, at, key, 0.5F, out);
      }
    }
  };
  switch (number) {
    case 64:
      c.sustain = on;
      if (!on) let_go();
      break;
    case 66:
      if (on && !c.sostenuto) {
        for (auto& k : c.keys) k.latched = k.id && k.down;
      } else if (!on) {
        for (auto& k : c.keys) k.latched = false;
      }
      c.sostenuto = on;
      if (!on) let_go();
      break;
    case 74:
      c.slide = unit(value);
      tell_all(NoteChange::Kind::slide, port, channel, out);
      break;
    case 121:  // reset all controllers
      c.sustain = c.sostenuto = false;
      c.bend = c.touch = c.slide = 0;
      for (auto& k : c.keys) k.latched = false, k.touch = 0;
      let_go();
      tell_all(NoteChange::Kind::bend, port, channel, out);
      tell_all(NoteChange::Kind::touch, port, channel, out);
      break;
    case 120:
    case 123:
    case 124:
    case 125:
    case 126:
    case 127:
      for (int at = 1; at <= 16; ++at)
        if (at == channel || zone_master(p, at) == channel) end_all(port, at, out);
      break;
    default:
      if (const auto set = c.parameter.take(number, value); set && set->registered) {
        if (set->number == kRangeParameter) {  // semitones and hundredths
          c.range = static_cast<float>(set->value >> 7) + static_cast<float>(set->value & 0x7F) / 100.F;
          tell_all(NoteChange::Kind::bend, port, channel, out);
        } else if (set->number == kMpeParameter && (channel == 1 || channel == 16)) {
          const int members = std::min(set->value >> 7, 15);
          (channel == 1 ? p.lower : p.upper) = members;
          int& other = channel == 1 ? p.upper : p.lower;
          other = std::min(other, std::max(0, 14 - members));
        }
      }
      break;
  }
}

std::vector<NoteChange> MidiNotes::take(int port, const MidiMessage& message, double at_s) {
  Changes out;
  auto& p = port_at(port);
  p.heard_s = at_s;
  if (message.kind() == MidiKind::sensing) p.senses = true;
  if (message.kind() == MidiKind::reset) return leave(port);
  if (!message.on_channel()) return out;
  const int channel = message.channel();
  auto& c = p.channels[channel - 1];
  switch (message.kind()) {
    case MidiKind::note_on:
      if (message.b > 0)
        note_on(port, channel, message.a, message.b, out);
      else
        note_off(port, channel, message.a, 0.5F, out);
      break;
    case MidiKind::note_off:
      note_off(port, channel, message.a, unit(message.b), out);
      break;
    case MidiKind::poly_touch:
      if (auto& key = c.keys[message.a]; key.id) {
        key.touch = unit(message.b);
        tell(NoteChange::Kind::touch, port, channel, message.a, out);
      }
      break;
    case MidiKind::touch:
      c.touch = unit(message.a);
      tell_all(NoteChange::Kind::touch, port, channel, out);
      break;
    case MidiKind::bend:
      c.bend = bend_of_wide(message.wide());
      tell_all(NoteChange::Kind::bend, port, channel, out);
      break;
    case MidiKind::control:
      control(port, channel, message.a, message.b, out);
      break;
    default:
      break;
  }
  return out;
}

std::vector<NoteChange> MidiNotes::leave(int port) {
  Changes out;
  if (!ports_.contains(port)) return out;
  for (int channel = 1; channel <= 16; ++channel) end_all(port, channel, out);
  ports_.erase(port);
  return out;
}

std::vector<NoteChange> MidiNotes::silence() {
  Changes out;
  for (const auto& [port, state] : ports_)
    for (int channel = 1; channel <= 16; ++channel) end_all(port, channel, out);
  return out;
}

std::vector<NoteChange> MidiNotes::expire(double now_s) {
  Changes out;
  for (auto& [port, state] : ports_) {
    if (!state->senses || now_s - state->heard_s < kSensingS) continue;
    state->senses = false;
    for (int channel = 1; channel <= 16; ++channel) end_all(port, channel, out);
  }
  return out;
}

std::vector<MidiNote> MidiNotes::sounding() const {
  std::vector<MidiNote> notes;
  for (const auto& [port, state] : ports_)
    for (int channel = 1; channel <= 16; ++channel)
      for (int key = 0; key < 128; ++key)
        if (state->channels[channel - 1].keys[key].id) notes.push_back(note_of(port, channel, key));
  std::sort(notes.begin(), notes.end(), [](const MidiNote& a, const MidiNote& b) { return a.id < b.id; });
  return notes;
}

}  // namespace hocket
