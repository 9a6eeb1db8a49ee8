// Who is connected to a MIDI port of ours. RtMidi does not say; JACK does.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace hocket {

/// Thread: one
class MidiWires {
 public:
  /// For an API by its name, as a client of that name. Null where connections cannot be seen.
  static std::unique_ptr<MidiWires> open(const std::string& api, const std::string& client);
  virtual ~MidiWires() = default;

  /// The whole names of all inputs, in order.
  virtual std::vector<std::string> inputs() = 0;
  /// The whole names of those that send to this one, in order.
  virtual std::vector<std::string> senders(const std::string& input) = 0;
};

}  // namespace hocket
