// Whether the machine keeps up with what it is asked to play.
#pragma once

#include <cstdint>

#include "server/engine/engine.h"

namespace hocket {

/// What the engine has counted so far.
struct LoadReading {
  std::int64_t frame = 0;
  double busy_s = 0;            ///< spent rendering
  std::uint64_t callbacks = 0;  ///< of the device
  std::uint64_t overruns = 0;   ///< of them, those that took longer than what they rendered lasts
};

inline LoadReading reading_of(const EngineStatus& status) {
  return {status.frame, status.busy_s, status.callbacks, status.overruns};
}

/// The sound is looked at in pieces of a tenth of a second *of sound*: one callback that the system held up for long is one bad
/// piece, however long. Too much is a load above 1, most callbacks too late, and that in `kBad` pieces one after the other.
/// Thread: control
class LoadWatch {
 public:
  static constexpr int kBad = 4;

  explicit LoadWatch(double rate) : rate_(rate) {}

  /// To be called often. True once for each time that it becomes too much.
  bool look(const LoadReading&);
  /// Something else plays from here on: a new piece begins.
  void begin(const LoadReading& now) { from_ = now; }
  /// The piece before this moment was good.
  bool keeps_up() const { return bad_ == 0; }
  /// Of the last bad pieces, on average: 1.5 is half as much again as there is time for.
  double load() const { return load_ / kBad; }

 private:
  double rate_;
  LoadReading from_;
  int bad_ = 0;
  double load_ = 0;
};

}  // namespace hocket
