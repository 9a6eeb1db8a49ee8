// Bytes to messages, however they come.
#include "server/control/midi_parser.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <vector>

using namespace hocket;

namespace {

using Bytes = std::vector<std::uint8_t>;

std::vector<MidiMessage> parse(const Bytes& bytes) {
  MidiParser parser;
  std::vector<MidiMessage> messages;
  for (const auto byte : bytes)
    if (const auto message = parser.take(byte)) messages.push_back(*message);
  return messages;
}

bool real_time(std::uint8_t byte) {
  return byte >= 0xF8;
}

/// Bytes of which many are statuses, as random ones are not.
rc::Gen<Bytes> byte_streams() {
  const auto status = rc::gen::inRange<int>(0x80, 0x100);
  const auto data = rc::gen::inRange<int>(0, 0x80);
  return rc::gen::container<Bytes>(rc::gen::map(rc::gen::oneOf(status, data, data), [](int x) { return static_cast<std::uint8_t>(x); }));
}

rc::Gen<MidiMessage> channel_messages() {
  return rc::gen::apply(
      [](int kind, int channel, int a, int b) {
        const auto message = midi_message(static_cast<MidiKind>(kind), channel, a, b);
        return midi_data_bytes(message.status) == 1 ? midi_message(message.kind(), channel, a) : message;
      },
      rc::gen::element(0x80, 0x90, 0xA0, 0xB0, 0xC0, 0xD0, 0xE0), rc::gen::inRange(1, 17), rc::gen::inRange(0, 128),
      rc::gen::inRange(1, 128));
}

}  // namespace

TEST_CASE("messages come out as they went in") {
  CHECK(parse({0x90, 60, 100}) == std::vector{midi_message(MidiKind::note_on, 1, 60, 100)});
  CHECK(parse({0xC3, 12}) == std::vector{midi_message(MidiKind::program, 4, 12)});
  CHECK(parse({0xE0, 0, 64})[0].wide() == 8192);
  CHECK(parse({0xF6}).size() == 1);
}

TEST_CASE("a status byte runs on until another comes") {
  const auto messages = parse({0x91, 60, 100, 64, 90, 0x81, 60, 0, 64, 0});
  REQUIRE(messages.size() == 4);
  CHECK(messages[1] == midi_message(MidiKind::note_on, 2, 64, 90));
  CHECK(messages[3] == midi_message(MidiKind::note_off, 2, 64, 0));
}

TEST_CASE("a note-on with velocity 0 is a note-off") {
  const auto messages = parse({0x90, 60, 100, 60, 0});
  REQUIRE(messages.size() == 2);
  CHECK(messages[1].kind() == MidiKind::note_off);
}

TEST_CASE("system messages end a running status, real-time ones do not") {
  CHECK(parse({0x90, 60, 100, 0xF3, 5, 60, 0}).size() == 2);
  CHECK(parse({0x90, 60, 100, 0xF8, 60, 0}).size() == 3);
}

TEST_CASE("system exclusive is skipped, the clock inside it is not") {
  const auto messages = parse({0xF0, 0x7E, 1, 0xF8, 2, 3, 0xF7, 60, 100, 0x90, 60, 100});
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].kind() == MidiKind::clock);
  CHECK(messages[1].kind() == MidiKind::note_on);
}

TEST_CASE("system exclusive that never ends is ended by the next status") {
  CHECK(parse({0xF0, 1, 2, 3, 0x90, 60, 100}).size() == 1);
}

TEST_CASE("a message cut short is dropped, the one that cut it is not") {
  const auto messages = parse({0x90, 60, 0xB0, 7, 100});
  REQUIRE(messages.size() == 1);
  CHECK(messages[0] == midi_message(MidiKind::control, 1, 7, 100));
}

TEST_CASE("random bytes give only messages that are whole and well-formed") {
  CHECK(rc::check([] {
    for (const auto& message : parse(*byte_streams())) {
      RC_ASSERT(midi_data_bytes(message.status) >= 0);
      RC_ASSERT(message.a < 128);
      RC_ASSERT(message.b < 128);
      RC_ASSERT(!(message.kind() == MidiKind::note_on && message.b == 0));
    }
  }));
}

TEST_CASE("real-time bytes come out in their place and change nothing around them") {
  CHECK(rc::check([] {
    const auto bytes = *byte_streams();
    Bytes rest;
    for (const auto byte : bytes)
      if (!real_time(byte)) rest.push_back(byte);
    auto messages = parse(bytes);
    std::erase_if(messages, [](const MidiMessage& m) { return real_time(m.status); });
    RC_ASSERT(messages == parse(rest));
  }));
}

TEST_CASE("running status and real-time bytes written between lose no message") {
  CHECK(rc::check([] {
    const auto messages = *rc::gen::container<std::vector<MidiMessage>>(channel_messages());
    Bytes bytes;
    std::uint8_t running = 0;
    for (const auto& m : messages) {
      const auto interrupt = [&] {
        if (*rc::gen::inRange(0, 4) == 0) bytes.push_back(0xF8);
      };
      interrupt();
      if (m.status != running || *rc::gen::arbitrary<bool>()) bytes.push_back(m.status);
      running = m.status;
      interrupt();
      bytes.push_back(m.a);
      interrupt();
      if (midi_data_bytes(m.status) == 2) bytes.push_back(m.b);
    }
    auto got = parse(bytes);
    std::erase_if(got, [](const MidiMessage& m) { return real_time(m.status); });
    RC_ASSERT(got == messages);
  }));
}

TEST_CASE("messages read as text") {
  CHECK(to_text(midi_message(MidiKind::note_on, 1, 60, 100)) == "note on 60 c4 vel 100 ch 1");
  CHECK(to_text(midi_message(MidiKind::control, 16, 74, 5)) == "cc 74 5 ch 16");
  CHECK(to_text(midi_bend(2, -8192)) == "bend -8192 ch 2");
  CHECK(to_text(midi_message(MidiKind::clock, 1, 0)) == "clock");
}
