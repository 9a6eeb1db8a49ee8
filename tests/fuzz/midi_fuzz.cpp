// Whatever bytes come from a port or a file: bounded, cut anywhere the same, and every note that begins ends.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <vector>

#include "server/control/midi_clock.h"
#include "server/control/midi_controls.h"
#include "server/control/midi_file.h"
#include "server/control/midi_notes.h"
#include "server/control/midi_parser.h"

namespace {

using namespace hocket;

void check(bool fine) {
  if (!fine) std::abort();
}

void play(const std::vector<MidiMessage>& messages) {
  MidiNotes notes;
  MidiControls controls;
  ClockFollower clock;
  std::set<std::uint64_t> sounding;
  double now_s = 0;
  const auto read = [&](const std::vector<NoteChange>& changes) {
    for (const auto& c : changes) {
      if (c.kind == NoteChange::Kind::on)
        check(sounding.insert(c.note.id).second);
      else
        check(sounding.contains(c.note.id));
      if (c.kind == NoteChange::Kind::off) sounding.erase(c.note.id);
    }
  };
  for (const auto& m : messages) {
    now_s += 0.001 * m.a;
    check(midi_data_bytes(m.status) >= 0 && m.a < 128 && m.b < 128);
    read(notes.take(m.b % 2, m, now_s));
    if (m.a == 100) read(notes.expire(now_s));
    controls.take("port", m);
    clock.take(m, now_s);
    check(clock.beats_at(now_s) == clock.beats_at(now_s));
    check(!to_text(m).empty());
  }
  check(notes.sounding().size() == sounding.size());
  read(notes.silence());
  check(sounding.empty());
  MidiControls again;
  check(static_cast<bool>(again.read(controls.to_text())));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  MidiParser parser;
  std::vector<MidiMessage> messages;
  for (std::size_t i = 0; i < size; ++i)
    if (const auto message = parser.take(data[i])) messages.push_back(*message);
  check(messages.size() <= size);
  play(messages);

  const auto file = read_midi_file({data, size});
  if (!file) {
    check(!file.error.empty());
    return 0;
  }
  check(file->events.size() <= size);
  for (std::size_t i = 1; i < file->events.size(); ++i) check(file->events[i - 1].at_s <= file->events[i].at_s);
  MidiScore score;
  score.tracks.emplace_back();
  for (const auto& e : file->events) score.tracks.back().entries.push_back({(e.at_beats * Rational(480)).floor(), e.message});
  const auto again = read_midi_file(write_midi_file(score));
  check(static_cast<bool>(again) && again->events.size() == file->events.size());
  return 0;
}
