// Makes the objects that remember: one for each node that has a memory.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/control/plan_flow.h"
#include "server/control/plan_racks.h"
#include "server/engine/settings.h"

namespace hocket {

/// An object for the node, fresh; null for kinds that remember nothing. `memory`: frames of it for each state of a unit.
std::shared_ptr<Node> make_node(const FlowNode&, const Kernel*, std::uint32_t memory, const EngineSettings&, std::uint64_t seed,
                                RackSeat = {});

/// Frames of large memory that one state of a unit needs. `constants` of its ports: NaN where they change.
std::uint32_t memory_frames(const UnitEntry&, const std::vector<float>& constants, double rate);

/// What the old node can do for the new one, its partner.
enum class Kinship : std::uint8_t {
  none,   ///< nothing
  heir,   ///< the new object, for another place, begins with the state of the old
  grown,  ///< the new object takes the old one's place and goes on exactly as that would have: it is wider, or its memory longer
  same,   ///< the very object stays
};
Kinship kinship(const FlowNode& old, const FlowNode& next, const Kernel*, const std::vector<float>& constants, const EngineSettings&);

/// Only state is of use in another place. A memory would hear a step there, and tell of it later: a delay begins anew, and rings out.
bool inherits_elsewhere(const FlowNode& old);

/// Floats that an heir has to copy.
std::size_t legacy(const Node& old);

/// Bytes that the object holds.
std::size_t bytes_of(const FlowNode&);

}  // namespace hocket
