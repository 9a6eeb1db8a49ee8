// Which nodes share the racks in which large memories lie side by side.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "server/control/plan_flow.h"
#include "server/engine/node.h"

namespace hocket {

/// A lane of a rack; no rack: a memory of its own.
struct RackSeat {
  std::shared_ptr<Rack> rack;
  int lane = 0;
  bool used = false;  ///< it may hold what another left
};

/// The racks there are. Thread: control
class RackBook {
 public:
  /// Nodes that can share a rack: none needs another, and all need as much and read the same rows of it.
  struct Likeness {
    const UnitEntry* unit = nullptr;  ///< null: needs none
    bool stereo = false;              ///< its first input
    std::uint32_t frames = 0;         ///< of one state
    int states = 1;
    int depth = 0;                  ///< how many of the same unit stand before it
    std::vector<float> reads = {};  ///< what stands at the ports in UnitEntry::rows
    auto operator<=>(const Likeness&) const = default;
  };

  explicit RackBook(int lanes) : lanes_(lanes) {}

  /// A free lane for one of `alike` such nodes in the graph, where there are enough of them that have none yet.
  RackSeat seat(const Likeness&, std::size_t alike);
  /// All nodes are seated: from now on the plan may write in every rack.
  void settle();

 private:
  int lanes_;  // 0: no racks
  std::map<Likeness, std::vector<std::weak_ptr<Rack>>> racks_;
};

/// How many nodes of the same unit stand before each node that has a large memory.
std::vector<int> depths(const Flow&);

}  // namespace hocket
