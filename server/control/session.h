// The session: the dictionary of definitions that is being performed, and how a change of it reaches the engine.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lang/lower.h"
#include "lang/program.h"
#include "server/control/history.h"
#include "server/control/load_watch.h"
#include "server/control/midi_desk.h"
#include "server/control/midi_live.h"
#include "server/control/midi_out.h"
#include "server/control/planner.h"
#include "server/control/recorder.h"
#include "server/control/report.h"
#include "server/control/samples.h"
#include "server/control/sequencer.h"
#include "server/control/session_file.h"
#include "server/engine/engine.h"

namespace hocket {

/// How long each part of an evaluation took. `publish`: the patterns' first events and the hand-over; what waits for the
/// engine or for a quantised cycle is planned and published later, and 0 here.
struct EvalTimings {
  double parse_ms = 0;
  double lower_ms = 0;
  double plan_ms = 0;
  double publish_ms = 0;
};

/// What became of an evaluation.
struct EvalResult {
  bool ok = false;
  std::shared_ptr<const Source> source;
  Diagnostics diagnostics;           ///< warnings too
  std::vector<std::string> changed;  ///< names defined
  std::vector<std::string> notes;    ///< what commands have to say
  std::optional<Rational> at;        ///< the cycle at which it takes over; none: the next block
  std::uint64_t serial = 0;          ///< of the change; 0: nothing to hear has changed
  EvalTimings timings;
};

struct SessionSettings {
  std::string folder;      ///< relative sample folders start here; empty: the working directory
  double window_s = 0.15;  ///< a quantised change is handed over this long before its cycle
  /// By what it is told that a change is too heavy for the machine and must be taken back; none: nothing is (offline).
  std::function<LoadReading(const EngineStatus&)> load;
};

/// What plays from outside and goes outside; each may be missing.
struct SessionMidi {
  LivePlayer* live = nullptr;
  MidiOut* out = nullptr;
  std::function<void(const std::string& port, bool on)> follow_clock;  ///< of a sender by part of its port's name
  std::function<ClockState()> clock;                                   ///< what that sender is doing
};

struct SessionStatus {
  EngineStatus engine;
  Rational cycle;
  Rational cps;
  bool waiting = false;            ///< a change is still to be taken over
  std::vector<std::string> names;  ///< defined
  Sequencer::Counts events;
};

/// An evaluation is all or nothing: with an error in it the program, the plan and the sound stay as they are. Changes that
/// come faster than the engine takes them, or before a quantised one was due, fall together into one. Thread: control.
class Session {
 public:
  Session(const UnitTable&, Engine&, Sequencer&, SampleLibrary&, Recorder*, Reports, SessionSettings = {}, SessionMidi = {});
  ~Session();

  /// `name`: what error messages call the text. `replace`: definitions that the text does not name are dropped.
  EvalResult evaluate(std::string text, std::string name, bool replace);
  /// Every output fades and its definition is forgotten; buses, functions and instruments stay defined.
  EvalResult hush();
  /// Back to the program before the last evaluation, or forward again: definitions and settings, tails and phases play on.
  EvalResult undo();
  EvalResult redo();
  History::List history() const { return history_.list(); }
  /// Silence at once, all state dropped.
  EvalResult panic();

  /// Takes up the program, its settings and its history where the file's steps left them, and writes every further step there.
  /// Steps that no longer hold (a sample folder has gone, say) are left out, and told of. To be called before anything else; the
  /// file must outlive the session.
  EvalResult resume(SessionFile&);
  /// Writes nothing more there.
  void leave_file() { file_ = nullptr; }

  /// Publishes what waits and frees what the engine has done with; wants to be called every few milliseconds.
  void tick();

  /// A change is still to be taken over.
  bool waiting() const { return waiting_ || !engine_is_free(); }
  SessionStatus status() const;
  /// The peaks and the worst load of the next status count from here.
  void forget_peaks() { engine_.forget_peaks(); }
  double rate() const { return engine_.settings().rate; }
  /// Measures, or no longer, where the time goes.
  void measure(bool on) {
    measured_ = on;
    engine_.measure(on);
  }
  /// What was measured since the last call, the costliest first.
  std::vector<LoadRow> loads() { return planner_.loads(); }
  const Program& program() const { return program_; }
  const Vocabulary& vocabulary() const { return vocabulary_; }
  /// Names of the outputs of the graph last published, in its order.
  const std::vector<std::string>& outputs() const { return outputs_; }
  /// Knobs, phrases; null without MIDI. To keep and bring back where the knobs stand: `knobs` and `put_knobs` of it.
  MidiDesk* midi_desk() { return desk_.get(); }
  /// The transport starts at `cycle` when sound starts (tests; a new session starts at 0).
  void start_at(Rational cycle) { start_cycle_ = cycle; }

 private:
  struct Change {
    std::shared_ptr<const GraphDef> graph;
    Settings settings;
    std::optional<Rational> at;
    bool panic = false;
    bool ring = true;               // what goes may ring out
    std::optional<Rational> cycle;  // the transport goes there
    Rational later;                 // and then back by this many cycles
    std::uint64_t serial = 0;
  };
  static bool forget_hushed(Evaluation&);
  bool add_samples(const Command&, EvalResult&);
  void record(const Command&, EvalResult&);
  void use_midi(const Command&, EvalResult&);
  void tick_midi();
  void watch_load();
  void doubt(bool undone);
  void take_back();
  void follow_clock();
  void retime(Rational cps);
  EvalResult go_to(std::optional<Program>, const char* way);
  void log(const SessionStep&);
  void retrace(const SessionStep&, EvalResult&);
  Rational next_start(const Settings&) const;
  void schedule_once(Program&) const;
  void carry_transitions(Evaluation&) const;
  void change(Lowered, bool panic, bool at_once, EvalResult&);
  void publish(EvalTimings* = nullptr);
  bool engine_is_free() const;
  Rational now() const;
  MixSettings mix_of(const Settings&) const;
  void report_engine();

  Engine& engine_;
  Sequencer& sequencer_;
  SampleLibrary& samples_;
  Recorder* const recorder_;
  const Reports reports_;
  const SessionSettings settings_;
  const SessionMidi midi_;
  std::unique_ptr<MidiDesk> desk_;
  std::string learnt_;  // evaluated at the next tick
  bool follows_clock_ = false;
  std::uint64_t clock_jumps_ = 0;     // as far as they have been followed
  std::int64_t clock_looked_at_ = 0;  // frame
  Planner planner_;
  Vocabulary vocabulary_;
  Program program_;
  History history_;
  SessionFile* file_ = nullptr;
  std::map<std::string, Command> clocks_;  // while the file is read: the last `clockin` and `clockout` in it
  std::optional<Change> waiting_;          // not yet planned
  std::unique_ptr<Swap> swap_;             // planned, but the engine had no room
  std::vector<std::string> outputs_;
  std::uint64_t last_serial_ = 0;   // of the last change
  std::uint64_t given_serial_ = 0;  // of the last swap handed to the engine
  Rational cps_in_force_{0};
  Rational start_cycle_{0};
  std::optional<Rational> goto_cycle_;  // for the change that is made next
  Rational nudge_s_{0};
  bool sounding_ = false;  // the graph last published has outputs
  // Whether the machine keeps up (session_load.cpp).
  LoadWatch watch_;
  std::vector<bool> doubtful_;       // the latest changes, until it has kept up with them for a while: whether each was an undo
  bool doubted_from_sound_ = false;  // something sounded before them
  bool taking_back_ = false;
  bool measured_ = false;  // for a client
  std::uint64_t watched_serial_ = 0;
  std::uint64_t late_reported_ = 0;
  std::uint64_t dropped_reported_ = 0;
};

}  // namespace hocket
