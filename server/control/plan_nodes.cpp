#include "server/control/plan_nodes.h"

#include <algorithm>
#include <cstring>

namespace hocket {

namespace {

constexpr std::size_t kMostInherited = 1 << 19;  // floats, which the audio thread copies: 2 MB

// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014 (the finaliser).
std::uint32_t seed_of(std::uint64_t seed, const std::string& key, int channel) {
  std::uint64_t x = 0xcbf29ce484222325U;
  for (const char c : key) x = (x ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  x += seed * 0x9e3779b97f4a7c15U + static_cast<std::uint64_t>(channel) * 0xd1342543de82ef95U;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return static_cast<std::uint32_t>(x >> 32);
}

std::shared_ptr<Node> make_unit(const FlowNode& node, const Kernel& kernel, std::uint32_t frames, std::uint64_t seed, RackSeat seat) {
  auto made = std::make_shared<UnitNode>();
  made->entry = node.entry;
  made->kernel = kernel;
  made->lanes_run = (kernel.in_channels == 2 ? node.entry->voice_stereo : node.entry->voice_mono).run;
  made->channels = node.channels;
  made->states = node.entry->info.shape == Shape::each ? node.channels : 1;
  const auto cells = (kernel.state_bytes / 4 + 15) / 16 * 16;  // each on a cache line of its own
  const auto states = static_cast<std::size_t>(made->states);
  made->cells = std::make_unique<std::uint32_t[]>(cells * states + 16);
  made->rack = std::move(seat.rack);
  made->lane = seat.lane;
  if (seat.used) made->valid_from = kNever;
  if (!made->rack) made->frames = std::make_unique<float[]>(frames * states + 16);
  auto* const first = reinterpret_cast<std::uint32_t*>((reinterpret_cast<std::uintptr_t>(made->cells.get()) + 63) & ~std::uintptr_t{63});
  for (int c = 0; c < made->states; ++c) {
    made->state[c] = first + cells * static_cast<std::uint32_t>(c);
    if (const Rack* const rack = made->rack.get())
      made->memory[c] = {rack->of_state(c) + made->lane, rack->frames, static_cast<std::uint32_t>(rack->lanes)};
    else
      made->memory[c] = {made->frames.get() + std::size_t{frames} * static_cast<std::size_t>(c), frames};
    made->seed[c] = seed_of(seed, node.key, c);
  }
  reset_state(*made);
  return made;
}

}  // namespace

std::uint32_t memory_frames(const UnitEntry& entry, const std::vector<float>& constants, double rate) {
  return entry.memory ? entry.memory(constants.data(), static_cast<float>(rate)) : 0;
}

std::shared_ptr<Node> make_node(const FlowNode& node, const Kernel* kernel, std::uint32_t memory, const EngineSettings& settings,
                                std::uint64_t seed, RackSeat seat) {
  std::shared_ptr<Node> made;
  switch (node.kind) {
    case FlowNode::Kind::unit:
      made = make_unit(node, *kernel, memory, seed, std::move(seat));
      break;
    case FlowNode::Kind::hold: {
      auto hold = std::make_shared<HoldNode>();
      hold->value = node.init;
      made = hold;
      break;
    }
    case FlowNode::Kind::gate:
      made = std::make_shared<GateNode>();
      break;
    case FlowNode::Kind::curve:
      made = std::make_shared<CurveNode>();
      break;
    case FlowNode::Kind::voices: {
      const std::shared_ptr<const VoiceProgram> program(node.voice, &node.voice->program);
      made = std::make_shared<Voices>(program, node.polyphony, node.channels, settings.rate);
      break;
    }
    case FlowNode::Kind::late: {
      auto late = std::make_shared<LateNode>();
      late->length = settings.block;
      late->frames = std::make_unique<float[]>(static_cast<std::size_t>(settings.block) * 2);
      for (int c = 0; c < 2; ++c) late->channel[c] = late->frames.get() + c * settings.block;
      made = late;
      break;
    }
    case FlowNode::Kind::mix:
    case FlowNode::Kind::input:
      return nullptr;
  }
  return made;
}

std::size_t legacy(const Node& old) {
  const auto& node = static_cast<const UnitNode&>(old);
  return static_cast<std::size_t>(node.states) * (node.memory[0].frames + node.kernel.state_bytes / 4);
}

Kinship kinship(const FlowNode& old, const FlowNode& next, const Kernel* kernel, const std::vector<float>& constants,
                const EngineSettings& settings) {
  if (old.kind != next.kind) return Kinship::none;
  if (next.kind == FlowNode::Kind::mix) return old.channels <= next.channels ? Kinship::same : Kinship::none;
  if (next.kind == FlowNode::Kind::input) return old.hardware == next.hardware ? Kinship::same : Kinship::none;
  if (next.kind != FlowNode::Kind::unit) {
    const bool same = old.channels == next.channels && old.voice == next.voice && old.polyphony == next.polyphony;
    return same ? Kinship::same : Kinship::none;
  }
  const auto& node = static_cast<const UnitNode&>(*old.object);
  if (old.entry != next.entry || node.kernel.state_bytes != kernel->state_bytes) return Kinship::none;
  const bool holds = node.memory[0].frames >= memory_frames(*next.entry, constants, settings.rate);
  // The form for two channels serves one as well, to the bit.
  const bool runs = node.kernel.run == kernel->run || node.kernel.in_channels > kernel->in_channels;
  if (holds && runs && old.channels == next.channels) return Kinship::same;
  const bool grows = old.channels <= next.channels && node.kernel.in_channels <= kernel->in_channels;
  if (grows && legacy(node) <= kMostInherited) return Kinship::grown;
  return inherits_elsewhere(old) ? Kinship::heir : Kinship::none;
}

bool inherits_elsewhere(const FlowNode& old) {
  return old.kind == FlowNode::Kind::unit && static_cast<const UnitNode&>(*old.object).memory[0].frames == 0;
}

std::size_t bytes_of(const FlowNode& node) {
  if (node.kind == FlowNode::Kind::voices) return static_cast<const Voices&>(*node.object).bytes();
  if (node.kind == FlowNode::Kind::late) return static_cast<std::size_t>(static_cast<const LateNode&>(*node.object).length) * 8;
  if (node.kind != FlowNode::Kind::unit) return 0;
  const auto& unit = static_cast<const UnitNode&>(*node.object);
  return static_cast<std::size_t>(unit.states) * (unit.kernel.state_bytes + unit.memory[0].frames * sizeof(float));
}

}  // namespace hocket
