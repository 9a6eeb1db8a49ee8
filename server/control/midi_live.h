// Played notes and turned knobs on their way into the program: what they make sound, and when it ends.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "server/bridge/event.h"
#include "server/control/midi_live_knobs.h"
#include "server/control/midi_notes.h"
#include "server/control/midi_out.h"
#include "server/control/note_event.h"
#include "server/control/report.h"
#include "server/control/sequencer.h"
#include "server/engine/engine.h"

namespace hocket {

struct LiveSettings {
  double rate = 48000;
  std::int64_t latency_frames = 64;  ///< from a message's stamp to its sound
  double ahead_s = 0.02;             ///< held chords are asked for so far ahead
  bool offline = false;              ///< samples are waited for; a swap takes over before what is given after it
};

/// Each note-on is given, as an instant, to the patterns that follow notes; what they make of it is played at its frame, or
/// later by as much as they put it later, and ends when the key is let go (as much later). Patterns that work on cycles are
/// given the held notes as chords that last a cycle, asked a little ahead of time. Knobs are read on a grid of kPoll frames.
/// Every voice that begins ends: releases are kept until the engine takes them, and reach the voice wherever it sounds by then.
/// Thread: any, locked; `take` and its like from one at a time.
class LivePlayer {
 public:
  static constexpr std::int64_t kPoll = 128;
  using Give = std::function<bool(const TimedEvent&)>;  ///< false: full, asked again later

  LivePlayer(const LiveSettings&, Give, MidiOut*, SampleLibrary*, Reports);

  const LiveKnobs& knobs() const { return knobs_; }

  /// Puts a knob where it is not; it takes over when it comes by.
  void put(const ControlKey&, double value);
  /// The same for all of `LiveKnobs::to_text`.
  Result<int> read_knobs(const std::string& text);

  /// Takes over the live sources of a swap; gives the values that its knobs have when it takes over.
  std::vector<TimedEvent> exchange(const SourceSet&, Rational now);

  /// A port with this number has appeared, or gone and let go of its notes.
  void join(int port, const std::string& name);
  /// The same for every message until it is set anew: a callback's length and what it takes to get there in time.
  void set_latency(std::int64_t frames);
  void leave(int port, std::int64_t frame);
  /// A message that came at `frame`.
  void take(int port, const MidiMessage&, std::int64_t frame);
  /// All notes end.
  void silence(std::int64_t frame);
  /// Brings everything to `frame`, which never runs backwards.
  void advance(const EngineStatus&, std::int64_t frame);

  /// Whether there is anything for `advance` to do before the next message comes.
  bool busy() const;

  /// Told of every change of a note, with the frame at which it sounds, and of every moved knob. Thread: the one that gives
  /// messages; nothing of this is to be called from there.
  std::function<void(const NoteChange&, std::int64_t frame)> on_note;
  std::function<void(const ControlKey&, double before, double value, std::int64_t frame)> on_move;

 private:
  enum class Mode { struck, held, knob };
  struct Source {
    PlayedSource played;
    Mode mode = Mode::struck;
    bool varies = false;  // knob: also while nothing moves
    Rational asked_to;
    std::uint64_t serial = 0;                                  // of the swap that brings it
    bool starts_over = false;                                  // that swap resets the cycle: nothing is asked before
    std::optional<float> sent;                                 // knob: the value last sent
    std::vector<std::pair<std::uint64_t, TimedEvent>> values;  // hold: of the notes that are down, the newest last
    std::uint64_t retired_by = 0;
  };
  /// What a note set off.
  struct Sounding {
    std::uint64_t note = 0;
    TimedEvent start;
    std::int64_t struck_at = 0;
    std::optional<double> bend_range;
    bool voice = false;  // else a gate, or outside
    bool outside = false;
    bool held = true;  // false: ends by itself
    int touch = -1;    // which of the voice's values it is, if any
    int slide = -1;
    int speed = -1;  // of a sample
  };
  struct Expression {
    MidiBend bend;
    float touch = 0;
    float slide = 0;
  };
  void strike(const NoteChange&, std::int64_t frame);
  void strike(Source&, const NoteChange&, std::int64_t frame);
  void let_go(const NoteChange&, std::int64_t frame);
  void bend(const NoteChange&, std::int64_t frame);
  void obey(const std::vector<NoteChange>&, std::int64_t frame);
  void ask_held(Source&, Rational to);
  void ask(Source&, Rational to);
  std::int64_t ahead() const;
  void poll(Source&, std::int64_t frame);
  std::optional<TimedEvent> knob_value(const Source&, Rational at);
  TimedEvent expressed(const Sounding&) const;
  void begin_voice(Source&, const NoteChange&, const Event&, const NoteFilter&, std::int64_t frame, std::int64_t struck_at);
  void begin_value(Source&, const NoteChange&, const Event&, std::int64_t frame, std::int64_t struck_at);
  void begin_outside(Source&, const NoteChange&, const Event&, const NoteFilter&, std::int64_t frame, std::int64_t struck_at);
  void play_ahead(Source&, const Event&, std::uint32_t ordinal, const MidiNote*, const NoteFilter&);
  void send(const TimedEvent&);
  void drain();
  Events query(const Source&, const TimeSpan&, const LiveInput&);
  void complain(const std::string& about, const std::string& text);
  NoteContext context() const;
  Rational position(std::int64_t frame) const;

  const LiveSettings settings_;
  const Give give_;
  MidiOut* const outside_;
  SampleLibrary* const samples_;
  const Reports reports_;
  LiveKnobs knobs_;

  mutable std::mutex mutex_;
  std::map<int, std::string> ports_;
  MidiNotes notes_;
  std::deque<Source> sources_;
  std::vector<Sounding> sounding_;
  std::map<std::uint64_t, Expression> expressions_;
  std::deque<TimedEvent> backlog_;
  std::set<std::string> complained_;
  EngineStatus status_;
  std::int64_t latency_;
  Rational cps_{1, 2};
  std::uint64_t seed_ = 0;
  std::uint64_t last_tag_ = 0;
  std::uint64_t reset_serial_ = 0;           // of a swap that starts the cycles over
  std::optional<std::int64_t> moved_until_;  // the point of the grid at which what has moved is read
  std::int64_t polled_to_ = 0;
};

}  // namespace hocket
