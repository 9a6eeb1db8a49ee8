// When a change turns out too heavy for the machine.
#include <algorithm>
#include <cmath>

#include "server/control/session.h"

namespace hocket {

namespace {

constexpr double kDoubt_s = 10;  // a change with which the machine kept up for so long is not to blame

std::string percent(double share) {
  return std::to_string(std::lround(share * 100)) + " %";
}

}  // namespace

// A change is coming. Those before it, with which the machine kept up, are not to blame any more; nor can be taken back what was
// undone before something else was evaluated.
void Session::doubt(bool undone) {
  if (taking_back_) return;
  if (watch_.keeps_up() && engine_is_free() && !waiting_) doubtful_.clear();
  if (!undone && std::find(doubtful_.begin(), doubtful_.end(), true) != doubtful_.end()) doubtful_.clear();
  if (doubtful_.empty()) doubted_from_sound_ = sounding_ && watch_.keeps_up();
  doubtful_.push_back(undone);
}

void Session::watch_load() {
  if (!settings_.load) return;
  const auto status = engine_.status();
  const auto reading = settings_.load(status);
  if (status.swap_serial != watched_serial_) {
    watched_serial_ = status.swap_serial;
    watch_.begin(reading);
  }
  if (watch_.keeps_up() && static_cast<double>(status.frame - status.swap_frame) > kDoubt_s * rate() && engine_is_free() && !waiting_)
    doubtful_.clear();
  const bool kept_up = watch_.keeps_up();
  const bool too_much = watch_.look(reading);
  if (kept_up != watch_.keeps_up()) {
    engine_.measure(measured_ || kept_up);
    if (kept_up) planner_.loads();  // from here on
  }
  if (too_much) take_back();
}

// What is taken back fades instead of ringing out: that is what there is no time for.
void Session::take_back() {
  const auto rows = planner_.loads();
  std::string text = "too heavy for this machine: " + percent(watch_.load()) + " of the time there is";
  double all_s = 0;
  for (const auto& row : rows) all_s += row.busy_s;
  if (!rows.empty() && all_s > 0) text += ", " + percent(rows[0].busy_s / all_s) + " of it for " + rows[0].unit + " on " + rows[0].bus;
  if (doubtful_.empty() || !doubted_from_sound_) {
    text += ". There is nothing to go back to: it plays on as it can";
  } else {
    taking_back_ = true;
    bool back = true;
    for (; back && !doubtful_.empty(); doubtful_.pop_back()) back = (doubtful_.back() ? redo() : undo()).ok;
    taking_back_ = false;
    text += back ? ". The program before is back; `redo` tries again" : ". It could not be taken back";
  }
  doubtful_.clear();
  if (reports_) reports_({Report::Kind::error, text});
}

}  // namespace hocket
