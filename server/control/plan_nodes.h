// Makes the objects that remember: one for each node that has a memory.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/control/plan_flow.h"
#include "server/control/plan_racks.h"
#include "server/engine/settings.h"

namespace hocket {

/// An object for the node, fresh; null for kinds that remember nothing. `constants` of its ports: NaN where they change.
std::shared_ptr<Node> make_node(const FlowNode&, const Kernel*, const std::vector<float>& constants, const EngineSettings&,
                                std::uint64_t seed, RackSeat = {});

/// Frames of large memory that one state of a unit needs.
std::uint32_t memory_frames(const UnitEntry&, const std::vector<float>& constants, double rate);

/// May the old object serve the new node? Same unit and form, and a memory that is large enough.
bool fits(const FlowNode& old, const FlowNode& next, const Kernel*, const std::vector<float>& constants, const EngineSettings&);

/// Bytes that the object holds.
std::size_t bytes_of(const FlowNode&);

}  // namespace hocket
