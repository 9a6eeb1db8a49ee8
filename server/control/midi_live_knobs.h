// Where the knobs stand, for patterns on any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "lang/pattern/live.h"
#include "server/control/midi_controls.h"

namespace hocket {

/// MidiControls behind a lock. Thread: any
class LiveKnobs final : public LiveInput {
 public:
  std::vector<LiveNote> notes(const NoteFilter&, const TimeSpan&) const override { return {}; }
  std::optional<double> control(const ControlFilter&) const override;

  std::optional<KnobMove> take(const std::string& port, const MidiMessage&);
  void put(const ControlKey&, double value);
  std::uint64_t moves() const;
  std::string distinction(const ControlKey&) const;
  std::string to_text() const;
  Result<int> read(const std::string& text);

 private:
  mutable std::mutex mutex_;
  MidiControls controls_;
};

}  // namespace hocket
