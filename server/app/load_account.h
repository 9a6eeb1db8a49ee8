// The account of where a performance's time goes, for the topic "load".
#pragma once

#include "server/control/session.h"
#include "server/protocol/message.h"

namespace hocket {

/// Counts from one statement to the next. Nothing is measured, and nothing costs time, while it is off. Thread: control
class LoadAccount {
 public:
  explicit LoadAccount(Session& session) : session_(session) {}

  /// Begins to count, or ends.
  void open(bool on);
  bool is_open() const { return open_; }

  /// What was spent since the last statement. Loads are shares of real time: `load` of the callback in all, `worst` of its
  /// longest call, `buses` of each bus and its units, the costliest first, in sum over all threads; `engine` is what remains
  /// (events, mixing, limiting). `xruns`: of the device, so far.
  Json statement(std::uint64_t xruns);

 private:
  Session& session_;
  bool open_ = false;
  double busy_s_ = 0;
  std::int64_t frame_ = 0;
};

}  // namespace hocket
