// Where the time goes: a meter for each unit of each bus, for as long as a plan has it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/engine/meter.h"

namespace hocket {

/// One line of the account. An instrument's voices are one unit, called by its name.
struct LoadRow {
  std::string bus, unit;
  double busy_s = 0;
};

/// Thread: control
class LoadBook {
 public:
  /// The meter of the node with this key (`~bass/lpf#0`): one for all units of a kind on a bus.
  std::shared_ptr<Meter> meter(const std::string& key);
  /// What was counted since the last reading, the costliest first.
  std::vector<LoadRow> read();

 private:
  std::map<std::pair<std::string, std::string>, std::weak_ptr<Meter>> meters_;
};

}  // namespace hocket
