// The sequencer: asks the patterns in force a little ahead of the sound, and queues what they give.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "server/bridge/event.h"
#include "server/control/midi_event.h"
#include "server/control/note_event.h"
#include "server/control/report.h"
#include "server/engine/engine.h"

namespace hocket {

struct SequencerSettings {
  double rate = 48000;
  double lookahead_s = 0.25;           ///< how far ahead events are queued
  double query_s = 0.125;              ///< at most for so long a pattern is asked at once
  double most_late_s = 0.1;            ///< live: what is later than that is left out
  bool live = true;                    ///< offline nothing is late, and samples are waited for
  std::size_t query_budget = 1 << 17;  ///< events that one query of one source may make on its way
};

/// The patterns that a swap brings into force.
struct SourceSet {
  std::vector<PlayedSource> sources;
  std::vector<bool> fresh;  ///< as Planned::fresh
  Rational cps{1, 2};
  std::uint64_t seed = 0;    ///< of the program
  Rational from;             ///< earliest cycle at which the swap may take over
  bool reset = false;        ///< the transport starts over at `from`: all sources count as fresh
  std::uint64_t serial = 0;  ///< of the swap: until the engine reports it, what it replaces is kept fed
};

/// Positions are exact: an event's onset is the pattern's own rational, whatever the pieces in which it was asked for. Live, a
/// thread calls `advance` every few milliseconds; offline, the renderer calls the same before every run. Thread: any, locked.
class Sequencer {
 public:
  using Give = std::function<bool(const TimedEvent&)>;  ///< false: full, asked again later

  using GiveOutside = std::function<void(const OutsideEvent&)>;

  Sequencer(const SequencerSettings&, Give, SampleLibrary*, Reports);

  /// What live patterns read, and where the events of `outside` sources go; without them, nothing and nowhere. To be said before
  /// the first `exchange`.
  void connect(const LiveInput* live, GiveOutside);

  /// Takes over the sources of a swap and gives its `first` events: what fresh sources play from `set.from` to where `advance`
  /// goes on, and the value that each fresh `hold` or `curve` source has at `set.from`. `now`: where the transport stands.
  std::vector<TimedEvent> exchange(SourceSet set, Rational now);

  /// From now on patterns are asked for at most so long at once.
  void ask_for(double query_s);
  /// The tempo alone has changed.
  void set_tempo(Rational cps);
  /// Queues what lies ahead of the engine's position.
  void advance(const EngineStatus&);

  struct Counts {
    std::uint64_t events = 0;   ///< queued
    std::uint64_t skipped = 0;  ///< left out because they were too late
  };
  Counts counts() const;

 private:
  struct Active {
    PlayedSource source;
    Rational asked_to;
    std::uint64_t retired_by = 0;  ///< serial of the swap that drops it; 0: in force
  };
  /// Adds what the source gives in the span.
  void ask(const PlayedSource&, const TimeSpan&, std::vector<TimedEvent>& to);
  void ask_outside(const PlayedSource&, const TimeSpan&);
  /// Valid until the next query.
  const Events& query(const PlayedSource&, const TimeSpan&);
  std::optional<TimedEvent> value_at(const PlayedSource&, Rational);
  std::optional<TimedEvent> line_from(const PlayedSource&, Rational);
  void complain(const std::string& about, const std::string& text);
  bool drain();
  void skip_late(Rational now, const EngineStatus&);

  SequencerSettings settings_;
  const Give give_;
  SampleLibrary* const samples_;
  const Reports reports_;
  const LiveInput* live_ = nullptr;
  GiveOutside give_outside_;
  mutable std::mutex mutex_;
  std::vector<Active> active_;
  std::vector<TimedEvent> backlog_;  // asked for, but not yet given
  std::size_t given_ = 0;            // of the backlog
  Events found_;                     // by the last query
  std::vector<const Event*> order_;  // of its onsets
  std::set<std::string> complained_;
  Rational cps_{1, 2};
  std::uint64_t seed_ = 0;
  std::uint64_t held_until_ = 0;  // serial of a reset that the engine has not yet carried out
  Counts counts_;
};

}  // namespace hocket
