// Which filters of a voice swing by themselves, see dsp/swing.h.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "server/control/plan_voice_scale.h"
#include "server/dsp/kernel.h"

namespace hocket {

/// Is this oscillator, scaled so, heard only as the cutoff of a filter that can do its work? The last node of the scaling, or the
/// oscillator, has one reader. `absorbed`: by node, whether another does its work already. `steady`: does it stand but for the values?
bool swings_filter(const GraphDef&, const UnitTable&, const std::vector<bool>& absorbed, const std::function<bool(const Ref&)>& steady,
                   std::uint32_t oscillator, const Scaling&);

/// Which nodes numbers and the voices' values alone make, but for the gate: they move at multiples of kGlideCell only, or where a voice
/// begins.
std::vector<bool> steady_nodes(const GraphDef&, const UnitTable&);

/// Is it a number between -kBounded and kBounded, whatever comes? A unit that is scaled is another node.
bool is_bounded(const GraphDef&, const UnitTable&, const Ref&);

}  // namespace hocket
