#include "server/control/midi_message.h"

#include <algorithm>
#include <array>

namespace hocket {

namespace {

struct KindRow {
  MidiKind kind;
  int data_bytes;
  const char* name;
  const char* a;
  const char* b;
};

constexpr std::array kKinds{
    KindRow{MidiKind::note_off, 2, "note off", "", "vel"},
    KindRow{MidiKind::note_on, 2, "note on", "", "vel"},
    KindRow{MidiKind::poly_touch, 2, "touch", "", ""},
    KindRow{MidiKind::control, 2, "cc", "", ""},
    KindRow{MidiKind::program, 1, "program", "", ""},
    KindRow{MidiKind::touch, 1, "touch", "", ""},
    KindRow{MidiKind::bend, 2, "bend", "", ""},
    KindRow{MidiKind::quarter_frame, 1, "time code", "", ""},
    KindRow{MidiKind::song_position, 2, "song position", "", ""},
    KindRow{MidiKind::song_select, 1, "song", "", ""},
    KindRow{MidiKind::tune, 0, "tune request", "", ""},
    KindRow{MidiKind::clock, 0, "clock", "", ""},
    KindRow{MidiKind::start, 0, "start", "", ""},
    KindRow{MidiKind::resume, 0, "continue", "", ""},
    KindRow{MidiKind::stop, 0, "stop", "", ""},
    KindRow{MidiKind::sensing, 0, "active sensing", "", ""},
    KindRow{MidiKind::reset, 0, "reset", "", ""},
};

const KindRow* row_of(std::uint8_t status) {
  const auto kind = static_cast<MidiKind>(status < 0xF0 ? status & 0xF0 : status);
  const auto* row = std::find_if(kKinds.begin(), kKinds.end(), [&](const KindRow& r) { return r.kind == kind; });
  return row == kKinds.end() ? nullptr : row;
}

bool names_a_note(MidiKind kind) {
  return kind == MidiKind::note_off || kind == MidiKind::note_on || kind == MidiKind::poly_touch;
}

std::string labelled(const char* label, int value) {
  return std::string(" ") + label + (*label ? " " : "") + std::to_string(value);
}

}  // namespace

int midi_data_bytes(std::uint8_t status) {
  const auto* row = row_of(status);
  return row ? row->data_bytes : -1;
}

MidiMessage midi_message(MidiKind kind, int channel, int a, int b) {
  auto status = static_cast<std::uint8_t>(kind);
  if (status < 0xF0) status = static_cast<std::uint8_t>(status | ((channel - 1) & 0x0F));
  return {status, static_cast<std::uint8_t>(a & 0x7F), static_cast<std::uint8_t>(b & 0x7F)};
}

MidiMessage midi_bend(int channel, int value) {
  const int wide = std::clamp(value + 8192, 0, 16383);
  return midi_message(MidiKind::bend, channel, wide & 0x7F, wide >> 7);
}

std::string midi_note_name(int note) {
  static constexpr const char* kNames[] = {"c", "db", "d", "eb", "e", "f", "gb", "g", "ab", "a", "bb", "b"};
  const int octave = note >= 0 ? note / 12 : (note - 11) / 12;
  return kNames[note - octave * 12] + std::to_string(octave - 1);
}

std::string to_text(const MidiMessage& message) {
  const auto* row = row_of(message.status);
  if (!row) return "nothing";
  std::string text = row->name;
  const auto kind = message.kind();
  if (kind == MidiKind::bend) {
    text += ' ' + std::to_string(message.wide() - 8192);
  } else if (kind == MidiKind::song_position) {
    text += ' ' + std::to_string(message.wide());
  } else {
    if (row->data_bytes > 0) text += labelled(row->a, message.a);
    if (names_a_note(kind)) text += ' ' + midi_note_name(message.a);
    if (row->data_bytes > 1) text += labelled(row->b, message.b);
  }
  if (message.on_channel()) text += " ch " + std::to_string(message.channel());
  return text;
}

}  // namespace hocket
