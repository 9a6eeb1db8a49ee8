#include "server/io/midi_rtmidi.h"

#include <rtmidi/RtMidi.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "server/io/midi_wires.h"
#include "server/io/quiet_stderr.h"

namespace hocket {

namespace {

constexpr const char* kListClient = "hocket-list";
constexpr const char* kPort = "midi";      // that others connect to
constexpr const char* kOpened = "opened";  // that we have connected ourselves
constexpr unsigned kQueue = 1024;          // of RtMidi, which the callback leaves unused

// Once it plays, RtMidi says nothing: it would print to stderr, from the driver's thread.
void ignore(RtMidiError::Type, const std::string&, void*) {}

bool same(const std::string& a, const std::string& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
  });
}

std::string name_of(RtMidi::Api api) {
  return api == RtMidi::UNIX_JACK ? "JACK" : RtMidi::getApiDisplayName(api);
}

/// Those whose names begin with none of `without`: a client is "hocket-in", "hocket-in-01" where that is taken, or "hocket-in
/// 128:0" as ALSA shows it.
template <class Direction>
std::vector<std::string> names(Direction& midi, const std::vector<std::string>& without) {
  std::vector<std::string> found;
  for (unsigned i = 0; i < midi.getPortCount(); ++i) {
    auto name = midi.getPortName(i);
    const bool hidden = std::any_of(without.begin(), without.end(), [&](const std::string& part) { return name.starts_with(part); });
    if (!name.empty() && !hidden) found.push_back(std::move(name));
  }
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
  Input(RtMidi::Api api, const std::string& client, MidiReceive receive) : midi_(api, client, kQueue), receive_(std::move(receive)) {
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
  Output(RtMidi::Api api, const std::string& client) : midi_(api, client) {}
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
  System(RtMidi::Api api, const std::string& client)
      : api_(api),
        client_(client),
        in_client_(client + "-in"),
        out_client_(client + "-out"),
        in_(api, kListClient, kQueue),
        out_(api, kListClient),
        wires_(MidiWires::open(name_of(api), kListClient)) {}

  std::string api() const override { return name_of(api_); }
  std::vector<std::string> inputs() override { return listed(in_, {client_ + "-", kListClient}); }
  std::vector<std::string> connected_by_hand() override {
    return own_input_.empty() ? std::vector<std::string>{} : wires_->senders(own_input_);
  }
  std::vector<std::string> outputs() override { return listed(out_, {in_client_, kListClient}); }

  Result<std::shared_ptr<MidiInput>> open_input(const std::string& name, MidiReceive receive) override {
    return opened<MidiInput>(name, [&] { return std::make_shared<Input>(api_, in_client_, std::move(receive)); });
  }
  Result<std::shared_ptr<MidiOutput>> open_output(const std::string& name) override {
    return opened<MidiOutput>(name, [&] { return std::make_shared<Output>(api_, out_client_); });
  }
  Result<std::shared_ptr<MidiInput>> open_virtual_input(MidiReceive receive) override {
    // The name that it got is not told: it is the one that was not there before.
    const auto before = wires_ ? wires_->inputs() : std::vector<std::string>{};
    auto input = opened<MidiInput>("", [&] { return std::make_shared<Input>(api_, in_client_, std::move(receive)); });
    if (!input || !wires_) return input;
    for (const auto& name : wires_->inputs())
      if (name.starts_with(in_client_) && !std::binary_search(before.begin(), before.end(), name)) own_input_ = name;
    return input;
  }
  Result<std::shared_ptr<MidiOutput>> open_virtual_output() override {
    return opened<MidiOutput>("", [&] { return std::make_shared<Output>(api_, out_client_); });
  }

 private:
  template <class Direction>
  static std::vector<std::string> listed(Direction& midi, const std::vector<std::string>& without) {
    const QuietStderr quiet;
    try {
      return names(midi, without);
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
        port->midi().openPort(*number, kOpened);
      }
      port->opened();
      return std::shared_ptr<Kind>(std::move(port));
    } catch (const RtMidiError& error) {
      return Opened::fail("MIDI: " + error.getMessage());
    }
  }

  RtMidi::Api api_;
  std::string client_, in_client_, out_client_;
  RtMidiIn in_;
  RtMidiOut out_;
  std::unique_ptr<MidiWires> wires_;  // null: not to be seen
  std::string own_input_;             // empty: likewise
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
    const auto name = name_of(api);
    try {
      answers(api);  // or throws
      RtMidiIn in(api, kListClient);
      RtMidiOut out(api, kListClient);
      for (auto& port : names(in, {kListClient})) found.ports.push_back({name, std::move(port), true});
      for (auto& port : names(out, {kListClient})) found.ports.push_back({name, std::move(port), false});
      found.apis.push_back(name);
    } catch (const RtMidiError& error) {
      found.failures.push_back(name + ": " + error.getMessage());
    }
  }
  return found;
}

std::unique_ptr<MidiSystem> MidiSystem::open(const std::string& api, const std::string& client) {
  std::vector<RtMidi::Api> apis;
  RtMidi::getCompiledApi(apis);
  const QuietStderr quiet;
  for (const auto candidate : apis) {
    if (!api.empty() && !same(api, RtMidi::getApiDisplayName(candidate)) && !same(api, RtMidi::getApiName(candidate))) continue;
    try {
      if (answers(candidate)) return std::make_unique<System>(candidate, client);
    } catch (const RtMidiError&) {
    }
  }
  return nullptr;
}

}  // namespace hocket
