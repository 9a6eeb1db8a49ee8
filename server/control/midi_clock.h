// MIDI clock, 24 ticks a quarter note: followed from another's stamps, and made from the transport's own time.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "lang/pattern/time.h"
#include "server/control/midi_message.h"

namespace hocket {

inline constexpr int kClockTicksPerBeat = 24;
inline constexpr int kClockTicksPerSixteenth = 6;

/// Finds tempo and phase of a sender from stamps that lie anywhere within `coarse_s` around the truth (some drivers stamp once a
/// period), now and then far off. Ticks are counted, as every follower of MIDI clock counts them: one that comes late, or in a
/// heap with others, is still the next one, and only start, continue, song position and a long silence begin anew. A straight line
/// is laid through the longest stretch of them that lies on one, so that a steady sender is followed ever more closely, and a
/// change of tempo within a second. With W seconds of ticks the tempo is off by a share of coarse_s / W at most: the law of a
/// slowly drifting beat between ticks and periods. Source: the median of the slopes between halves (Brown and Mood, "On median
/// tests for linear hypotheses", 1951), then least squares over what is near.
class ClockFollower {
 public:
  explicit ClockFollower(double coarse_s = 0.003) : coarse_s_(coarse_s) {}

  /// The driver's periods have changed.
  void stamps_within(double coarse_s) { coarse_s_ = coarse_s; }
  /// Clock, start, continue, stop and song position; all else is ignored.
  static bool heeds(MidiKind);
  void take(const MidiMessage&, double at_s);

  bool running() const { return running_; }  ///< between start and stop
  /// Enough ticks have come for a tempo, and the last not long ago.
  bool locked(double now_s) const;
  double beats_per_s() const { return tick_s_ > 0 ? 1 / (tick_s_ * kClockTicksPerBeat) : 0; }
  /// Quarter notes since the song's beginning; stands still where the song does.
  double beats_at(double at_s) const;
  /// Counts starts, continues and song positions: when it changes, the position jumped.
  std::uint64_t jumps() const { return jumps_; }

 private:
  void tick(double at_s);
  void fit();
  bool fit_last(std::size_t count);

  double coarse_s_;
  std::deque<double> stamps_;  // of the last ticks, one after the other
  std::int64_t next_ = 0;      // number of the tick that comes next
  double tick_s_ = 0;          // the line: tick n lies at origin_s_ + (n - origin_) * tick_s_
  double origin_s_ = 0;
  std::int64_t origin_ = 0;
  bool running_ = false;
  bool waits_for_tick_ = false;  // started: the next tick is the first
  std::int64_t song_tick_ = 0;   // of tick `song_number_`
  std::int64_t song_number_ = 0;
  std::uint64_t jumps_ = 0;
};

/// What a clock sender is doing, as far as it is followed.
struct ClockState {
  bool locked = false;
  bool running = false;
  double beats_per_s = 0;
  double beats = 0;  ///< at `at_frame`
  std::int64_t at_frame = 0;
  std::uint64_t jumps = 0;
};

/// The ticks that a transport owes to those that follow it.
class ClockMaker {
 public:
  explicit ClockMaker(int beats_per_cycle = 4) : ticks_per_cycle_(beats_per_cycle * kClockTicksPerBeat) {}

  struct Due {
    Rational at_cycle;
    MidiMessage message;
  };
  /// The next message, due at its cycle; `done` goes on to the one after it. The first are song position and start or
  /// continue, due on a sixteenth.
  Due next() const;
  void done();
  /// Goes on from this cycle: it was just switched on, or the position jumped.
  void from(Rational cycle);

 private:
  int ticks_per_cycle_;
  std::int64_t tick_ = 0;
  int announced_ = 0;  // messages of the announcement that are out
};

}  // namespace hocket
