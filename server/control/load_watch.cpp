#include "server/control/load_watch.h"

namespace hocket {

namespace {

constexpr double kPiece_s = 0.1;

}  // namespace

bool LoadWatch::look(const LoadReading& now) {
  const double sound_s = static_cast<double>(now.frame - from_.frame) / rate_;
  if (sound_s < kPiece_s) return false;
  const double load = (now.busy_s - from_.busy_s) / sound_s;
  const bool bad = load > 1 && 2 * (now.overruns - from_.overruns) > now.callbacks - from_.callbacks;
  from_ = now;
  if (!bad) {
    bad_ = 0;
    return false;
  }
  if (bad_ == 0) load_ = 0;
  if (bad_ < kBad) load_ += load;
  return bad_++ == kBad - 1;
}

}  // namespace hocket
