#include "server/control/plan_racks.h"

#include <algorithm>
#include <bit>
#include <set>

namespace hocket {

namespace {

constexpr std::size_t kMostUnused = 1ULL << 24;  // bytes that idle lanes may take

}  // namespace

RackSeat RackBook::seat(const Likeness& like, std::size_t alike) {
  if (lanes_ == 0 || like.frames == 0) return {};
  auto& racks = racks_[like];
  std::erase_if(racks, [](const auto& rack) { return rack.expired(); });
  const auto all = (std::uint32_t{1} << lanes_) - 1;
  for (const auto& known : racks) {
    const auto rack = known.lock();
    if (!rack) continue;
    const auto taken = rack->taken.load(std::memory_order_acquire);
    if (taken == all) continue;
    const int lane = std::countr_one(taken);
    rack->taken.fetch_or(std::uint32_t{1} << lane, std::memory_order_acq_rel);
    return {rack, lane, !rack->fresh};
  }
  std::size_t seated = 0;
  for (const auto& known : racks)
    if (const auto rack = known.lock()) seated += static_cast<std::size_t>(std::popcount(rack->taken.load(std::memory_order_acquire)));
  const auto lanes = static_cast<std::size_t>(lanes_), few = (like.unit->few * lanes + kMaxLanes - 1) / kMaxLanes;
  alike -= std::min(alike, seated);
  const auto lane_bytes = std::size_t{like.frames} * static_cast<std::size_t>(like.states) * sizeof(float);
  if (alike <= few || lane_bytes * (lanes - std::min(lanes, alike)) > kMostUnused) return {};
  auto rack = std::make_shared<Rack>();
  rack->data = std::make_unique<float[]>(std::size_t{like.frames} * static_cast<std::size_t>(like.states) * lanes + 16);
  rack->frames = like.frames;
  rack->lanes = lanes_;
  rack->taken.store(1, std::memory_order_release);
  racks.push_back(rack);
  return {std::move(rack), 0, false};
}

void RackBook::settle() {
  for (const auto& [like, racks] : racks_)
    for (const auto& known : racks)
      if (const auto rack = known.lock()) rack->fresh = false;
}

std::vector<int> depths(const Flow& flow) {
  std::vector<int> depth(flow.nodes.size(), 0), count;
  std::set<const UnitEntry*> units;
  for (const auto& node : flow.nodes)
    if (node.kind == FlowNode::Kind::unit && node.entry->memory) units.insert(node.entry);
  const auto order = ordered(flow);
  for (const UnitEntry* unit : units) {
    count.assign(flow.nodes.size(), 0);
    for (const auto n : order) {
      const FlowNode& node = flow.nodes[n];
      if (node.kind != FlowNode::Kind::late)
        for (const auto& input : node.inputs)
          for (const auto& term : input)
            if (!term.constant) count[n] = std::max(count[n], count[term.node]);
      if (node.kind == FlowNode::Kind::unit && node.entry == unit) depth[n] = count[n]++;
    }
  }
  return depth;
}

}  // namespace hocket
