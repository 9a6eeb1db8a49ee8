// From an instrument's graph to the program that its bundles run.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "lang/graph_def.h"
#include "server/dsp/kernel.h"
#include "server/engine/voices.h"

namespace hocket {

/// A compiled instrument and what it reads of the graph around it.
struct VoiceRecipe {
  struct Outer {
    std::uint32_t input = 0;  ///< place in what `outer_nodes` gave
    int channel = 0;
  };
  VoiceProgram program;
  std::vector<Outer> slots;  ///< VoicesStep::outer wants one wire for each
  int steps_a_frame = 0;     ///< kernels that one bundle runs
};

inline constexpr std::uint32_t kGateParam = 3;  ///< of a voice's params: the gate

/// The nodes of the graph around that a voice reads, each once, in the order of reading.
std::vector<std::uint32_t> outer_nodes(const VoiceDef&);

/// Equal for instruments that sound the same: their graphs, not the names of what they read around them.
std::uint64_t voice_print(const VoiceDef&, const GraphDef& around);

std::shared_ptr<const VoiceRecipe> compile_voice(const VoiceDef&, const GraphDef& around, const UnitTable&, double rate);

/// The table's entry, or null.
const UnitEntry* find_unit(const UnitTable&, std::string_view name);
/// The constants of a node's inputs as UnitEntry::memory wants them.
std::vector<float> constants_of(const NodeDef&, const UnitEntry&);
/// The form of a unit's kernel that fits the channels of its first input.
const Kernel& form_of(const UnitEntry&, int first_input_channels, bool lanes);

}  // namespace hocket
