// The work of a flow: what is to be done in a block, in tasks that a worker does from end to end.
#pragma once

#include <cstdint>
#include <vector>

#include "server/control/plan_lanes.h"
#include "server/engine/settings.h"

namespace hocket {

/// One node's work, or that of a group of lanes, or a part of it that another worker may do.
struct Item {
  enum class Kind : std::uint8_t { node, lanes, series, voices, together, late_write, output };
  Kind kind = Kind::node;
  std::uint32_t index = 0;           ///< of the node, group, series, output, or among Work::together
  int part = 0;                      ///< voices: which of the parts
  std::vector<std::uint32_t> needs;  ///< items
  int readers = 0;                   ///< items that need this one
  int task = -1;
  float cost = 0;
};

struct TaskPlan {
  std::vector<std::uint32_t> items;
  int level = 0;  ///< of its stage
  float cost = 0;
};

struct Work {
  Lanes lanes;
  std::vector<Item> items;
  std::vector<std::uint32_t> producer;               ///< node → the item that completes its output
  std::vector<int> parts;                            ///< voices: node → how many items share its banks
  std::vector<std::vector<std::uint32_t>> together;  ///< voices that play the same instrument: nodes of one item
  std::vector<TaskPlan> tasks;                       ///< some are empty
};

Work divide(const Flow&, const EngineSettings&, const UnitTable&);

}  // namespace hocket
