#include "server/io/midi_rtmidi.h"

#include <rtmidi/RtMidi.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "server/io/quiet_stderr.h"

namespace hocket {

namespace {

constexpr const char* kInClient = "hocket-in";
constexpr const char* kOutClient = "hocket-out";
constexpr const char* kListClient = "hocket-list";
constexpr const char* kPort = "midi";
constexpr unsigned kQueue = 1024;  // of RtMidi, which the callback leaves unused

// Once it plays, RtMidi says nothing: it would print to stderr, from the driver's thread.
void ignore(RtMidiError::Type, const std::string&, void*) {}

bool same(const std::string& a, const std::string& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
  });
}

// RtMidi's clients of ours: "hocket-in", and "hocket-in-01" where that name is taken (or "hocket-in 128:0" as ALSA shows it).
bool is_ours(const std::string& port) {
  return port.starts_with(kInClient) || port.starts_with(kOutClient) || port.starts_with(kListClient);
}

template <class Direction>
std::vector<std::string> names(Direction& midi) {
  std::vector<std::string> found;
  for (unsigned i = 0; i < midi.getPortCount(); ++i)
    if (auto name = midi.getPortName(i); !name.empty() && !is_ours(name)) found.push_back(std::move(name));
  return found;
}

template <class Direction>
std::optional<unsigned> number_of(Direction& midi, const std::string& name) {
  for (unsigned i = 0; i < midi.getPortCount(); ++i)
    if (midi.getPortName(i) == name) return i;
  return std::nullopt;
}

class Input final : public MidiInput {
 public:
  Input(RtMidi::Api api, MidiReceive receive) : midi_(api, kInClient, kQueue), receive_(std::move(receive)) {
    midi_.ignoreTypes(true, false, false);
    midi_.setCallback(&Input::take, this);
  }
  RtMidiIn& midi() { return midi_; }
  void opened() { midi_.setErrorCallback(&ignore); }

 private:
  static void take(double, std::vector<unsigned char>* bytes, void* self) {
    if (bytes && !bytes->empty()) static_cast<Input*>(self)->receive_({bytes->data(), bytes->size()});
  }
  RtMidiIn midi_;
  MidiReceive receive_;
};

class Output final : public MidiOutput {
 public:
  explicit Output(RtMidi::Api api) : midi_(api, kOutClient) {}
  RtMidiOut& midi() { return midi_; }
  void opened() { midi_.setErrorCallback(&ignore); }

  bool send(std::span<const std::uint8_t> bytes) override {
    if (bytes.empty()) return true;
    try {
      midi_.sendMessage(bytes.data(), bytes.size());
      return true;
    } catch (const RtMidiError&) {
      return false;
    }
  }

 private:
  RtMidiOut midi_;
};

class System final : public MidiSystem {
 public:
  explicit System(RtMidi::Api api) : api_(api), in_(api, kListClient, kQueue), out_(api, kListClient) {}

  std::string api() const override { return RtMidi::getApiDisplayName(api_); }
  std::vector<std::string> inputs() override { return listed(in_); }
  std::vector<std::string> outputs() override { return listed(out_); }

  Result<std::shared_ptr<MidiInput>> open_input(const std::string& name, MidiReceive receive) override {
    return opened<MidiInput>(name, [&] { return std::make_shared<Input>(api_, std::move(receive)); });
  }
  Result<std::shared_ptr<MidiOutput>> open_output(const std::string& name) override {
    return opened<MidiOutput>(name, [&] { return std::make_shared<Output>(api_); });
  }
  Result<std::shared_ptr<MidiInput>> open_virtual_input(MidiReceive receive) override {
    return opened<MidiInput>("", [&] { return std::make_shared<Input>(api_, std::move(receive)); });
  }
  Result<std::shared_ptr<MidiOutput>> open_virtual_output() override {
    return opened<MidiOutput>("", [&] { return std::make_shared<Output>(api_); });
  }

 private:
  template <class Direction>
  static std::vector<std::string> listed(Direction& midi) {
    const QuietStderr quiet;
    try {
      return names(midi);
    } catch (const RtMidiError&) {
      return {};
    }
  }

  /// An empty name: a port of our own.
  template <class Kind, class Make>
  Result<std::shared_ptr<Kind>> opened(const std::string& name, Make make) {
    const QuietStderr quiet;
    using Opened = Result<std::shared_ptr<Kind>>;
    try {
      auto port = make();
      if (name.empty()) {
        port->midi().openVirtualPort(kPort);
      } else {
        const auto number = number_of(port->midi(), name);
        if (!number) return Opened::fail("no MIDI port is named `" + name + "`");
        port->midi().openPort(*number, kPort);
      }
      port->opened();
      return std::shared_ptr<Kind>(std::move(port));
    } catch (const RtMidiError& error) {
      return Opened::fail("MIDI: " + error.getMessage());
    }
  }

  RtMidi::Api api_;
  RtMidiIn in_;
  RtMidiOut out_;
};

// JACK's clients are made without a server too, and then can do nothing: a port of their own is the proof.
bool answers(RtMidi::Api api) {
  if (api != RtMidi::UNIX_JACK) return true;
  RtMidiOut probe(api, kListClient);
  probe.openVirtualPort("probe");
  return true;
}

}  // namespace

MidiPorts list_midi_ports() {
  MidiPorts found;
  std::vector<RtMidi::Api> apis;
  RtMidi::getCompiledApi(apis);
  const QuietStderr quiet;
  for (const auto api : apis) {
    const auto name = RtMidi::getApiDisplayName(api);
    try {
      answers(api);  // or throws
      RtMidiIn in(api, kListClient);
      RtMidiOut out(api, kListClient);
      for (auto& port : names(in)) found.ports.push_back({name, std::move(port), true});
      for (auto& port : names(out)) found.ports.push_back({name, std::move(port), false});
      found.apis.push_back(name);
    } catch (const RtMidiError& error) {
      found.failures.push_back(name + ": " + error.getMessage());
    }
  }
  return found;
}

std::unique_ptr<MidiSystem> MidiSystem::open(const std::string& api) {
  std::vector<RtMidi::Api> apis;
  RtMidi::getCompiledApi(apis);
  const QuietStderr quiet;
  for (const auto candidate : apis) {
    if (!api.empty() && !same(api, RtMidi::getApiDisplayName(candidate)) && !same(api, RtMidi::getApiName(candidate))) continue;
    try {
      if (answers(candidate)) return std::make_unique<System>(candidate);
    } catch (const RtMidiError&) {
    }
  }
  return nullptr;
}

}  // namespace hocket
