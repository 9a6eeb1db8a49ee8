#include "server/control/plan_ghosts.h"

#include "server/control/plan_match.h"

namespace hocket {

namespace {

bool is_carrier(const FlowNode& node) {
  return node.kind == FlowNode::Kind::voices || (node.kind == FlowNode::Kind::unit && node.entry->info.tail);
}

}  // namespace

bool Ghosts::carries(std::uint32_t k) {
  if (new_of_[k] != kNone) return false;
  if (carries_[k] >= 0) return carries_[k] != 0;
  carries_[k] = 0;  // on a loop: whether it carries is decided by the rest of the loop
  const FlowNode& node = kept_.nodes[k];
  bool found = is_carrier(node) && !left_[k];
  for (std::size_t p = 0; p < node.inputs.size() && !found; ++p) {
    if (role_of(node, p) == Role::parameter) continue;
    for (const auto& term : node.inputs[p]) found = found || (!term.constant && carries(term.node));
  }
  carries_[k] = found ? 1 : 0;
  return found;
}

Ghost Ghosts::state(std::uint32_t from) const {
  std::vector<bool> seen(kept_.nodes.size(), false);
  std::vector<std::uint32_t> open{from};
  seen[from] = true;
  Ghost worst = Ghost::silent;
  while (!open.empty()) {
    const auto k = open.back();
    const FlowNode& node = kept_.nodes[k];
    open.pop_back();
    if (is_carrier(node) && !left_[k]) {
      const Ghost own = node.rings ? node.object->ghost.load(std::memory_order_relaxed) : Ghost::sounding;
      if (own == Ghost::sounding) return own;
      if (own == Ghost::overdue) worst = own;
    }
    for (std::size_t p = 0; p < node.inputs.size(); ++p) {
      if (role_of(node, p) == Role::parameter) continue;
      for (const auto& term : node.inputs[p]) {
        if (term.constant || seen[term.node] || new_of_[term.node] != kNone) continue;
        seen[term.node] = true;
        open.push_back(term.node);
      }
    }
  }
  return worst;
}

// The inputs of an old node. One that rings hears no more of what lives on: only what rings with it.
FlowInput Ghosts::imported(const FlowInput& old, Role role, bool ringing, bool keeps_others, Flow& flow) {
  FlowInput made;
  for (const auto& from : old) {
    FlowTerm term = from;
    if (ringing && role != Role::parameter && !keeps_others) {
      if (!from.constant && carries(from.node)) {
        if (state(from.node) == Ghost::silent) continue;
      } else {
        if (from.constant && from.value == 0) continue;
        term.fade = Fade::out;
        term.frames = cross_frames_;
      }
    }
    if (!from.constant) term.node = import(from.node, flow);
    made.push_back(term);
  }
  return made;
}

std::uint32_t Ghosts::import(std::uint32_t k, Flow& flow) {
  if (new_of_[k] != kNone) return static_cast<std::uint32_t>(new_of_[k]);
  if (imported_[k] != kNone) return static_cast<std::uint32_t>(imported_[k]);
  const auto place = static_cast<std::uint32_t>(flow.nodes.size());
  imported_[k] = static_cast<int>(place);
  FlowNode node = kept_.nodes[k];
  node.ghost = true;
  node.source = kNone;
  const bool ringing = rings(k);
  if (ringing && !node.rings && node.object) {
    node.object->ghost.store(Ghost::sounding, std::memory_order_relaxed);
    if (node.kind == FlowNode::Kind::unit) {
      static_cast<UnitNode&>(*node.object).quiet_frames.store(0, std::memory_order_relaxed);
      static_cast<UnitNode&>(*node.object).ghost_frames.store(0, std::memory_order_relaxed);
    }
  }
  node.rings = ringing;
  const auto old_inputs = node.inputs;
  flow.nodes.push_back(std::move(node));
  std::vector<FlowInput> inputs;
  for (std::size_t p = 0; p < old_inputs.size(); ++p) {
    const FlowNode& old = kept_.nodes[k];
    const bool keeps_others = is_pure(old) && old.entry->info.name != "add" && old.entry->info.name != "sub";
    inputs.push_back(imported(old_inputs[p], role_of(old, p), ringing, keeps_others, flow));
  }
  flow.nodes[place].inputs = std::move(inputs);
  return place;
}

}  // namespace hocket
