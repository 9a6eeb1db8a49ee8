// Which filters of a voice swing by themselves, see dsp/swing.h.
#pragma once

#include <cstdint>
#include <vector>

#include "server/control/plan_voice_scale.h"
#include "server/dsp/kernel.h"

namespace hocket {

/// Is this oscillator, scaled so, heard only as the cutoff of a filter that can do its work? The last node of the scaling, or the
/// oscillator, has one reader. `absorbed`: by node, whether another does its work already.
bool swings_filter(const GraphDef&, const UnitTable&, const std::vector<bool>& absorbed, std::uint32_t oscillator, const Scaling&);

/// Moves at a multiple of kGlideCell only, or where the voice begins.
bool is_steady(const GraphDef&, const UnitTable&, const std::vector<bool>& absorbed, const Ref&);

/// Is it a number between -kBounded and kBounded, whatever comes? A unit that is scaled is another node.
bool is_bounded(const GraphDef&, const UnitTable&, const Ref&);

}  // namespace hocket
