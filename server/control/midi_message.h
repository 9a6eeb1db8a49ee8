// A MIDI message freed from its framing.
#pragma once

#include <cstdint>
#include <string>

namespace hocket {

/// The status byte; of a channel's message without the channel.
enum class MidiKind : std::uint8_t {
  note_off = 0x80,
  note_on = 0x90,
  poly_touch = 0xA0,
  control = 0xB0,
  program = 0xC0,
  touch = 0xD0,
  bend = 0xE0,
  quarter_frame = 0xF1,
  song_position = 0xF2,
  song_select = 0xF3,
  tune = 0xF6,
  clock = 0xF8,
  start = 0xFA,
  resume = 0xFB,
  stop = 0xFC,
  sensing = 0xFE,
  reset = 0xFF,
};

/// A plain value; the default is none.
struct MidiMessage {
  std::uint8_t status = 0;
  std::uint8_t a = 0;  ///< 0..127
  std::uint8_t b = 0;  ///< 0..127

  bool on_channel() const { return status >= 0x80 && status < 0xF0; }
  MidiKind kind() const { return static_cast<MidiKind>(on_channel() ? status & 0xF0 : status); }
  int channel() const { return (status & 0x0F) + 1; }  ///< 1..16
  int wide() const { return a | b << 7; }              ///< bend, song position: 14 bits

  friend bool operator==(const MidiMessage&, const MidiMessage&) = default;
};

/// How many bytes follow a status byte: 0..2; -1 where it is none, or one that has no fixed length (system exclusive).
int midi_data_bytes(std::uint8_t status);

/// `channel` 1..16; data is cut to 7 bits.
MidiMessage midi_message(MidiKind, int channel, int a, int b = 0);
/// -8192..8191
MidiMessage midi_bend(int channel, int value);

/// For people: "note on 60 c4 vel 100 ch 1".
std::string to_text(const MidiMessage&);
/// "c4", "eb3": MIDI 60 is c4.
std::string midi_note_name(int note);

}  // namespace hocket
