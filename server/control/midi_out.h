// MIDI on its way out: notes, controllers and clock, each at its frame, and every note-on followed by its note-off.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lang/graph_def.h"
#include "server/bridge/event.h"
#include "server/control/midi_clock.h"
#include "server/control/midi_event.h"
#include "server/control/midi_message.h"
#include "server/control/sequencer.h"
#include "server/engine/engine.h"

namespace hocket {

/// A message for a port, at a frame.
struct MidiSend {
  std::int64_t frame = 0;
  std::string port;  ///< as the program calls it: part of its name
  MidiMessage message;
  Position at{0, 0};  ///< of which the frame is the nearest; den 0: not known
};

/// Sends nothing itself: `due` gives what is to be sent, in order, to whoever knows the ports. A note sounds once a port,
/// channel and key: struck again it ends first. What a swap replaced ends as it would have; `silence` ends all at once.
/// Thread: any, locked.
class MidiOut {
 public:
  /// The sources in force from the swap of `serial` on, and those that it retires.
  void exchange(const SourceSet&);
  void give(const OutsideEvent&);
  /// Ends a played note.
  void release(std::uint64_t tag, std::int64_t frame);
  /// Forgets what waits and ends what sounds, at once. `done`: the clock stops too.
  void silence(bool done = false);

  /// Clock goes to this port; none: to none.
  void clock_to(std::optional<std::string> port);

  /// Everything due before `frame`.
  std::vector<MidiSend> due(const EngineStatus&, std::int64_t frame);
  /// The frame of the next thing to send, as far as is known; none: nothing waits.
  std::optional<std::int64_t> next(const EngineStatus&) const;

 private:
  struct Waiting {
    OutsideEvent event;
    std::uint64_t epoch = 0;  // of the count of cycles in which its place is
  };
  struct Life {
    std::uint64_t from_serial = 0;
    std::uint64_t retired_by = 0;  // 0: in force
  };
  struct Key {
    std::string port;
    int channel = 1;
    int key = 60;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Sounding {
    std::optional<Position> until;
    std::int64_t off = INT64_MAX;
    std::uint64_t tag = 0;
  };
  static std::int64_t frame_of(const EngineStatus&, const OutsideEvent&);
  void send(const OutsideEvent&, std::int64_t frame, std::vector<MidiSend>&);
  void begin_epoch(const EngineStatus&);
  void end_before(const EngineStatus&, std::int64_t frame, std::vector<MidiSend>&);
  void clock_before(const EngineStatus&, std::int64_t frame, std::vector<MidiSend>&);

  mutable std::mutex mutex_;
  std::vector<Waiting> waiting_;
  std::map<std::uint32_t, Life> sources_;
  std::map<Key, Sounding> sounding_;
  std::vector<MidiSend> at_once_;
  std::map<std::string, MidiMessage> last_;  // controllers: what was sent last, not to be sent twice
  std::optional<std::string> clock_port_;
  ClockMaker clock_;
  bool clock_runs_ = false;
  bool clock_jumps_ = false;          // ran, and is to go on elsewhere
  std::uint64_t epoch_ = 0;           // serial of the last swap that starts the cycles over
  std::uint64_t epoch_in_force_ = 0;  // likewise, that has taken over
  TransportAnchor transport_;         // as last seen
  std::int64_t clock_from_ = 0;       // up to here all is sent
};

}  // namespace hocket
