// MIDI ports by RtMidi.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "server/result.h"

namespace hocket {

struct MidiPort {
  std::string api;  ///< "ALSA", "JACK"
  std::string name;
  bool input = false;
};

struct MidiPorts {
  std::vector<MidiPort> ports;
  std::vector<std::string> apis;      ///< that answered
  std::vector<std::string> failures;  ///< "ALSA: why"
};

/// Asks every API that was compiled in; one that does not work is a failure in the list, never an exception.
MidiPorts list_midi_ports();

/// Bytes as they come. Thread: the driver's, perhaps a real-time one: what is called may only push them into a queue.
using MidiReceive = std::function<void(std::span<const std::uint8_t>)>;

/// An open input; its end closes it.
class MidiInput {
 public:
  virtual ~MidiInput() = default;
};

/// An open output; its end closes it. Thread: one
class MidiOutput {
 public:
  virtual ~MidiOutput() = default;
  /// One message. False: the port has gone.
  virtual bool send(std::span<const std::uint8_t> bytes) = 0;
};

/// One API and its ports. Left out of the lists is what would be heard twice or in a circle: inputs whose names begin with
/// `client`- (for the server all of ours: the tools connect to it by themselves), outputs of `client`-in. Thread: one
class MidiSystem {
 public:
  /// `api`: "ALSA", "JACK" …, case aside; empty: the first that works. Null where none does. Ports are those of clients
  /// `client`-in and `client`-out.
  static std::unique_ptr<MidiSystem> open(const std::string& api = "", const std::string& client = "hocket");
  virtual ~MidiSystem() = default;

  virtual std::string api() const = 0;
  virtual std::vector<std::string> inputs() = 0;
  virtual std::vector<std::string> outputs() = 0;

  /// Those of `inputs` that somebody has connected to our own input (`open_virtual_input`), where the API tells it: JACK does.
  virtual std::vector<std::string> connected_by_hand() = 0;

  /// By its whole name.
  virtual Result<std::shared_ptr<MidiInput>> open_input(const std::string& name, MidiReceive) = 0;
  virtual Result<std::shared_ptr<MidiOutput>> open_output(const std::string& name) = 0;
  /// A port of our own that others connect to: `hocket-in:midi`, `hocket-out:midi`.
  virtual Result<std::shared_ptr<MidiInput>> open_virtual_input(MidiReceive) = 0;
  virtual Result<std::shared_ptr<MidiOutput>> open_virtual_output() = 0;
};

}  // namespace hocket
