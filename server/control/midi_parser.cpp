#include "server/control/midi_parser.h"

namespace hocket {

namespace {

// What note-on with velocity 0 releases with, as the specification has it.
constexpr std::uint8_t kPlainRelease = 64;

MidiMessage finished(std::uint8_t status, const std::uint8_t* data, int count) {
  MidiMessage message{status, count > 0 ? data[0] : std::uint8_t{0}, count > 1 ? data[1] : std::uint8_t{0}};
  if (message.kind() == MidiKind::note_on && message.b == 0) {
    message.status = static_cast<std::uint8_t>(message.status - 0x10);
    message.b = kPlainRelease;
  }
  return message;
}

}  // namespace

std::optional<MidiMessage> MidiParser::take(std::uint8_t byte) {
  if (byte >= 0xF8) {  // real time: leaves what it interrupts as it was
    if (midi_data_bytes(byte) < 0) return std::nullopt;
    return MidiMessage{byte, 0, 0};
  }
  if (byte >= 0x80) {
    const int wanted = midi_data_bytes(byte);
    status_ = wanted > 0 ? byte : std::uint8_t{0};  // of system exclusive too: its data then belong to nothing
    count_ = 0;
    if (wanted == 0) return MidiMessage{byte, 0, 0};
    return std::nullopt;
  }
  if (!status_) return std::nullopt;
  data_[count_++] = byte;
  if (count_ < midi_data_bytes(status_)) return std::nullopt;
  const auto message = finished(status_, data_, count_);
  count_ = 0;
  if (status_ >= 0xF0) status_ = 0;  // only a channel's status runs on
  return message;
}

}  // namespace hocket
