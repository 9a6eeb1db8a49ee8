// The player's MIDI commands: learn a knob, record a phrase.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "lang/program.h"
#include "server/control/midi_live.h"
#include "server/control/midi_phrase.h"
#include "server/engine/engine.h"

namespace hocket {

/// Between the live thread, which tells of notes and knobs, and the session, which asks what came of it. Thread: any
class MidiDesk {
 public:
  MidiDesk(LivePlayer&, const Engine&);
  ~MidiDesk();
  MidiDesk(const MidiDesk&) = delete;
  MidiDesk& operator=(const MidiDesk&) = delete;

  /// `learn ~name low high`: waits for a knob to move, or takes the one that moved within the last two seconds. `range`: the
  /// rest of the knob's text (" 200 8000"), `value` where its way begins (0..1), if there is one to be kept.
  void learn(std::string bus, std::string range, std::optional<double> value);
  /// The statement that binds what was learnt: `~cutoff: cc 74 200 8000`; none while nothing moved.
  std::optional<std::string> learnt();

  /// Where the knobs stand, one line each (see MidiControls::to_text), and back again: a session that is opened anew sounds as
  /// it did, and each knob takes over when it comes by its value. How many were read, or which line cannot be.
  std::string knobs() const;
  Result<int> put_knobs(const std::string& text);

  /// `record midi cycles`: from the next cycle that such a phrase may begin at, which is returned.
  Rational record(const PhraseForm&);
  /// What was played, ready to paste, one line a phrase or knob; none while it is going on, and when nothing was asked for.
  std::optional<std::vector<std::string>> recorded();
  /// Gives up recording. False: there was none.
  bool stop();

 private:
  struct Held {
    std::uint64_t id = 0;
    PlayedNote note;
  };
  struct Moves {
    ControlKey key;
    double before = 0;
    std::vector<PlayedMove> moves;
  };
  struct Taking {
    PhraseForm form;
    Rational from;
    std::vector<PlayedNote> notes;
    std::vector<Held> held;
    std::vector<Moves> knobs;
  };
  void note(const NoteChange&, std::int64_t frame);
  void move(const ControlKey&, double before, double value, std::int64_t frame);
  Rational position(std::int64_t frame) const;
  Rational early(const Taking&) const;

  LivePlayer& live_;
  const Engine& engine_;
  mutable std::mutex mutex_;
  std::string bus_;  // that learns; empty: none
  std::string range_;
  std::optional<double> value_;
  std::optional<ControlKey> moved_;
  std::int64_t moved_at_ = INT64_MIN;
  std::optional<ControlKey> bound_;
  std::optional<Taking> taking_;
};

/// The rest of what a knob on this bus should say (" 200 8000") and where it stands now on its way: of the arguments given, or
/// of what the bus is.
struct KnobRange {
  std::string text;
  std::optional<double> value;
};
KnobRange knob_range(const Program&, const std::string& bus, const std::vector<std::string>& args);

}  // namespace hocket
