#include "server/control/plan_change.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "server/control/plan_draft.h"
#include "server/control/plan_ghosts.h"
#include "server/control/plan_match.h"
#include "server/control/plan_moved.h"
#include "server/control/plan_nodes.h"

namespace hocket {

namespace {

constexpr double kCross_s = 0.012;  // where one signal takes another's place
constexpr double kRamp_s = 0.010;   // where one number does
constexpr double kSettle_s = 0.03;  // that a chain in another order runs before it is heard

// A delay line goes over to another time by itself, and better than by way of all times between.
bool glides_itself(const FlowNode& node, std::size_t port) {
  return node.kind == FlowNode::Kind::unit && node.entry->memory && node.entry->info.ports[port].unit == PortUnit::seconds;
}

class Change {
 public:
  Change(const Flow& kept, const GraphDef& next, const MixSettings& mix, const ChangeSettings& settings, VoiceBook& book)
      : kept_(kept), def_(next), mix_(mix), settings_(settings), book_(book), banned_(next.nodes.size() * 2, false) {}

  Flow run();

 private:
  // which objects stay
  void find_objects();
  Kinship kinship_of(std::uint32_t node) const;
  std::vector<std::uint32_t> memories(const std::vector<Kinship>&) const;
  std::vector<RackBook::Likeness> likenesses(const std::vector<std::uint32_t>& memories) const;
  // what comes and goes
  void join_nodes();
  void join_outputs();
  void soften();
  FlowInput joined(const FlowInput& old, const FlowInput& fresh, Role);
  bool same(const FlowTerm& old, const FlowTerm& fresh) const;
  FlowTerm going(const FlowTerm& old, Role);
  bool starts_silent(std::uint32_t node);
  bool settles(std::uint32_t node) const;
  bool set_as_before(std::uint32_t node, std::size_t port) const;
  bool related(std::uint32_t fresh, std::uint32_t old) const;
  bool is_cyclic();
  void find_stepping();

  std::int32_t frames(double seconds) const { return std::max(1, static_cast<std::int32_t>(seconds * settings_.engine.rate)); }

  const Flow& kept_;
  const GraphDef& def_;
  const MixSettings& mix_;
  const ChangeSettings& settings_;
  VoiceBook& book_;
  std::vector<bool> banned_;  // fresh nodes that may not take over an old object: they stand elsewhere

  Flow flow_;
  std::vector<int> old_of_, new_of_;   // fresh node → kept node and back, or kNone
  std::vector<const Kernel*> kernel_;  // of fresh units
  std::vector<std::vector<float>> constants_;
  std::vector<int> heir_from_;       // fresh node → the kept node whose state it takes over, or kNone
  std::vector<bool> left_;           // kept nodes whose state goes on in another object
  std::vector<signed char> silent_;  // fresh nodes; -1: not yet known
  std::vector<bool> softened_;       // fresh nodes whose input fades in
  std::optional<Ghosts> ghosts_;
};

// ---- which objects stay

Kinship Change::kinship_of(std::uint32_t n) const {
  static const std::vector<float> kNoConstants;
  if (old_of_[n] == kNone) return Kinship::none;
  const FlowNode& old = kept_.nodes[static_cast<std::size_t>(old_of_[n])];
  const Kernel* const kernel = n < kernel_.size() ? kernel_[n] : nullptr;
  const auto& constants = n < constants_.size() ? constants_[n] : kNoConstants;
  const auto kin = kinship(old, flow_.nodes[n], kernel, constants, settings_.engine);
  if (!banned_[n] || kin == Kinship::none) return kin;
  return inherits_elsewhere(old) ? Kinship::heir : Kinship::none;
}

// Frames of large memory for each unit. One that goes on as another has no less than that: its echoes may come from as far back.
std::vector<std::uint32_t> Change::memories(const std::vector<Kinship>& kin) const {
  std::vector<std::uint32_t> frames(flow_.nodes.size(), 0);
  for (std::uint32_t n = 0; n < kernel_.size(); ++n) {
    const FlowNode& node = flow_.nodes[n];
    if (node.kind != FlowNode::Kind::unit || !node.entry->memory) continue;
    frames[n] = memory_frames(*node.entry, constants_[n], settings_.engine.rate);
    if (kin[n] != Kinship::grown) continue;
    const auto& old = static_cast<const UnitNode&>(*kept_.nodes[static_cast<std::size_t>(old_of_[n])].object);
    frames[n] = std::max(frames[n], old.memory[0].frames);
  }
  return frames;
}

// What each node with a large memory must have in common with those that share a rack with it.
std::vector<RackBook::Likeness> Change::likenesses(const std::vector<std::uint32_t>& memories) const {
  std::vector<RackBook::Likeness> like(flow_.nodes.size());
  if (!settings_.racks) return like;
  const auto depth = depths(flow_);
  for (std::uint32_t n = 0; n < kernel_.size(); ++n) {
    const FlowNode& node = flow_.nodes[n];
    if (node.kind != FlowNode::Kind::unit || !node.entry->memory) continue;
    std::vector<float> reads;
    for (std::size_t p = 0; p < constants_[n].size(); ++p)
      if ((node.entry->rows >> p & 1U) != 0) reads.push_back(constants_[n][p]);
    if (std::any_of(reads.begin(), reads.end(), [](float x) { return std::isnan(x); })) continue;  // each reads elsewhere
    like[n] = {node.entry, kernel_[n]->in_channels == 2, memories[n], node.entry->info.shape == Shape::each ? node.channels : 1, depth[n],
               reads};
  }
  return like;
}

void Change::find_objects() {
  const auto count = static_cast<std::uint32_t>(flow_.nodes.size());
  for (std::uint32_t n = 0; n < count; ++n) flow_.nodes[n].print = print_of(flow_.nodes[n], flow_);
  auto found = match(kept_, flow_);
  banned_.resize(count, false);
  const auto elsewhere = moved(kept_, flow_, found);
  for (std::uint32_t n = 0; n < count; ++n) banned_[n] = banned_[n] || elsewhere[n];
  old_of_ = std::move(found.old_of);
  new_of_ = std::move(found.new_of);
  left_.assign(kept_.nodes.size(), false);
  heir_from_.assign(count, kNone);
  std::vector<Kinship> kin;
  for (std::uint32_t n = 0; n < count; ++n) kin.push_back(kinship_of(n));
  const auto memory = memories(kin);
  const auto like = likenesses(memory);
  std::map<RackBook::Likeness, std::size_t> alike;
  for (const auto& each : like) ++alike[each];
  for (std::uint32_t n = 0; n < count; ++n) {
    FlowNode& node = flow_.nodes[n];
    const auto k = static_cast<std::size_t>(std::max(0, old_of_[n]));
    if (kin[n] == Kinship::same) {
      node.object = kept_.nodes[k].object;
      continue;
    }
    node.object = make_node(node, n < kernel_.size() ? kernel_[n] : nullptr, memory[n], settings_.engine, settings_.seed,
                            like[n].unit ? settings_.racks->seat(like[n], alike[like[n]]) : RackSeat{});
    if (kin[n] == Kinship::heir || kin[n] == Kinship::grown) {
      node.heir_of = kept_.nodes[k].object;
      left_[k] = true;
      heir_from_[n] = old_of_[n];
    }
    if (old_of_[n] != kNone && kin[n] != Kinship::grown) old_of_[n] = new_of_[k] = kNone;
  }
}

// ---- what comes and goes

bool Change::same(const FlowTerm& old, const FlowTerm& fresh) const {
  if (old.constant != fresh.constant) return false;
  return old.constant ? old.value == fresh.value : new_of_[old.node] == static_cast<int>(fresh.node);
}

// From nothing until its first event, so that no fade must soften its onset. A fresh effect with a memory is made to: what it
// hears fades in, else its first echoes would begin with a step long after a crossfade at its output was over. An heir sounds, but
// one that hears nothing yet has nothing to go on with, and begins afresh.
bool Change::starts_silent(std::uint32_t n) {
  if (n >= old_of_.size() || old_of_[n] != kNone) return false;
  if (silent_[n] >= 0) return silent_[n] != 0;
  silent_[n] = 0;
  const FlowNode& node = flow_.nodes[n];
  const auto all = [&](const FlowInput& input) {
    return std::all_of(input.begin(), input.end(), [&](const FlowTerm& t) { return t.constant ? t.value == 0 : starts_silent(t.node); });
  };
  bool silent = false;
  if (node.kind == FlowNode::Kind::voices || node.kind == FlowNode::Kind::late) {
    silent = true;
  } else if (node.kind == FlowNode::Kind::mix) {
    silent = all(node.inputs[0]);
  } else if (node.kind == FlowNode::Kind::unit) {
    const UnitInfo& info = node.entry->info;
    if (info.envelope)
      silent = true;
    else if (is_pure(node, "mul"))
      silent = std::any_of(node.inputs.begin(), node.inputs.end(), all);
    else if (is_pure(node))
      silent = (info.name == "add" || info.name == "sub") && std::all_of(node.inputs.begin(), node.inputs.end(), all);
    else if (!info.ports.empty() && info.ports[0].unit == PortUnit::signal) {
      silent = all(node.inputs[0]);
      if (!silent && node.entry->memory) softened_[n] = true;
      silent = silent || softened_[n];
      if (silent) flow_.nodes[n].heir_of.reset();
    }
  }
  silent_[n] = silent ? 1 : 0;
  return silent;
}

// Is it the end of a chain whose units, in another order but set as they were, begin with the states they had? They need a moment
// for what they hear now. Where there is something new as well, nothing is put off.
bool Change::settles(std::uint32_t end) const {
  std::vector<bool> seen(flow_.nodes.size(), false);
  std::vector<std::uint32_t> open{end};
  seen[end] = true;
  bool found = false;
  while (!open.empty()) {
    const auto n = open.back();
    open.pop_back();
    if (n >= old_of_.size() || old_of_[n] != kNone) continue;
    const FlowNode& node = flow_.nodes[n];
    if (!node.heir_of && !is_pure(node) && node.kind != FlowNode::Kind::mix) return false;
    bool hears = false;
    for (std::size_t p = 0; p < node.inputs.size(); ++p) {
      if (role_of(node, p) == Role::parameter) {
        if (!set_as_before(n, p)) return false;
        continue;
      }
      hears = true;
      for (const auto& term : node.inputs[p])
        if (!term.constant && !seen[term.node]) {
          seen[term.node] = true;
          open.push_back(term.node);
        }
    }
    if (!hears) return false;
    found = found || node.heir_of;
  }
  return found;
}

bool Change::set_as_before(std::uint32_t n, std::size_t port) const {
  if (heir_from_[n] == kNone) return true;
  const FlowInput &old = kept_.nodes[static_cast<std::size_t>(heir_from_[n])].inputs[port], &fresh = flow_.nodes[n].inputs[port];
  return old.size() == 1 && fresh.size() == 1 && same(old[0], fresh[0]);
}

// Do the two hear the same source along their signal paths? Then they are alike, and their crossfade keeps the sum of gains.
bool Change::related(std::uint32_t fresh, std::uint32_t old) const {
  const auto reach = [](const Flow& flow, std::uint32_t from) {
    std::vector<bool> seen(flow.nodes.size(), false);
    std::vector<std::uint32_t> open{from};
    seen[from] = true;
    while (!open.empty()) {
      const auto& node = flow.nodes[open.back()];
      open.pop_back();
      for (std::size_t p = 0; p < node.inputs.size(); ++p) {
        if (role_of(node, p) == Role::parameter) continue;
        for (const auto& term : node.inputs[p])
          if (!term.constant && !seen[term.node]) {
            seen[term.node] = true;
            open.push_back(term.node);
          }
      }
    }
    return seen;
  };
  const auto heard = reach(flow_, fresh), was_heard = reach(kept_, old);
  for (std::size_t k = 0; k < was_heard.size(); ++k)
    if (was_heard[k] && new_of_[k] != kNone && heard[static_cast<std::size_t>(new_of_[k])]) return true;
  return false;
}

FlowTerm Change::going(const FlowTerm& old, Role role) {
  FlowTerm term = old;
  term.fade = Fade::out;
  term.frames = frames(kCross_s);
  if (old.constant) return term;
  const bool rings_out = new_of_[old.node] == kNone && role != Role::parameter && ghosts_->rings(old.node);
  term.node = ghosts_->import(old.node, flow_);
  if (rings_out) term.fade = Fade::none;
  return term;
}

FlowInput Change::joined(const FlowInput& old, const FlowInput& fresh, Role role) {
  std::vector<bool> stays(old.size(), false);
  FlowInput made;
  std::vector<std::size_t> coming;
  for (const auto& term : fresh) {
    bool found = false;
    for (std::size_t o = 0; o < old.size() && !found; ++o) {
      if (stays[o] || !same(old[o], term)) continue;
      stays[o] = found = true;
    }
    made.push_back(term);
    if (found || (term.constant && term.value == 0)) continue;
    if (!term.constant && role != Role::parameter && starts_silent(term.node)) continue;
    coming.push_back(made.size() - 1);
  }
  const auto first_going = made.size();
  std::uint32_t was = 0;  // the kept node of the last term that goes
  for (std::size_t o = 0; o < old.size(); ++o) {
    if (stays[o] || (old[o].constant && old[o].value == 0)) continue;
    const bool gone = !old[o].constant && new_of_[old[o].node] == kNone && role != Role::parameter && ghosts_->carries(old[o].node) &&
                      ghosts_->state(old[o].node) == Ghost::silent;
    if (gone) continue;
    made.push_back(going(old[o], role));
    if (!old[o].constant) was = old[o].node;
  }
  const auto goes = made.size() - first_going;
  for (const auto c : coming) {
    made[c].fade = Fade::in;
    made[c].frames = frames(kCross_s);
  }
  if (coming.size() == 1 && goes == 1) {
    FlowTerm &in = made[coming[0]], &out = made[first_going];
    if (in.constant && out.constant) in.frames = out.frames = frames(kRamp_s);
    if (!in.constant && !out.constant && out.fade == Fade::out && role == Role::signal && !related(in.node, was)) {
      in.fade = Fade::in_power;
      out.fade = Fade::out_power;
    }
    if (!in.constant && !out.constant && out.goes() && settles(in.node)) in.wait = out.wait = frames(kSettle_s);
  }
  return made;
}

// After all joins: what a softened effect hears fades in.
void Change::soften() {
  for (std::uint32_t n = 0; n < softened_.size(); ++n) {
    if (n < old_of_.size()) starts_silent(n);
    if (!softened_[n]) continue;
    for (auto& term : flow_.nodes[n].inputs[0]) {
      if (term.constant ? term.value == 0 : starts_silent(term.node)) continue;
      term.fade = Fade::in;
      term.frames = frames(kCross_s);
    }
  }
}

// Arithmetic and patterns that nothing hears but the times of delays: `3/16c` is a number times the seconds of a cycle. A ramp there would
// hand the delay all the times between.
void Change::find_stepping() {
  auto& nodes = flow_.nodes;
  std::vector<bool> heard_plainly(nodes.size(), false);
  for (const auto& output : flow_.outputs)
    for (const auto& term : output.input)
      if (!term.constant) heard_plainly[term.node] = true;
  for (std::size_t n = nodes.size(); n-- > 0;) {  // who hears a node comes after it
    using Kind = FlowNode::Kind;
    FlowNode& node = nodes[n];
    node.steps = !heard_plainly[n] && (is_pure(node) || node.kind == Kind::hold || node.kind == Kind::curve);
    if (node.steps) continue;
    for (std::size_t p = 0; p < node.inputs.size(); ++p)
      for (const auto& term : node.inputs[p])
        if (!term.constant && !glides_itself(node, p)) heard_plainly[term.node] = true;
  }
}

void Change::join_nodes() {
  const auto count = old_of_.size();
  for (std::uint32_t n = 0; n < count; ++n) {
    if (old_of_[n] == kNone || flow_.nodes[n].steps) continue;
    const auto k = static_cast<std::size_t>(old_of_[n]);
    for (std::size_t p = 0; p < flow_.nodes[n].inputs.size() && p < kept_.nodes[k].inputs.size(); ++p) {
      if (glides_itself(flow_.nodes[n], p)) continue;
      const Role role = role_of(flow_.nodes[n], p);
      auto made = joined(kept_.nodes[k].inputs[p], flow_.nodes[n].inputs[p], role);  // may import: nodes move
      flow_.nodes[n].inputs[p] = std::move(made);
    }
  }
}

void Change::join_outputs() {
  const auto count = flow_.outputs.size();
  for (std::size_t o = 0; o < count; ++o) {
    const auto old =
        std::find_if(kept_.outputs.begin(), kept_.outputs.end(), [&](const FlowOutput& k) { return k.name == flow_.outputs[o].name; });
    auto made = joined(old == kept_.outputs.end() ? FlowInput{} : old->input, flow_.outputs[o].input, Role::signal);
    flow_.outputs[o].input = std::move(made);
    if (old == kept_.outputs.end()) continue;
    flow_.outputs[o].from = old->to;
    flow_.outputs[o].route_from = old->route;
  }
  for (const auto& old : kept_.outputs) {
    const bool stays = std::any_of(flow_.outputs.begin(), flow_.outputs.end(), [&](const FlowOutput& f) { return f.name == old.name; });
    if (stays) continue;
    FlowOutput gone = old;
    gone.ghost = true;
    gone.input = joined(old.input, {}, Role::signal);
    if (!gone.input.empty()) flow_.outputs.push_back(std::move(gone));
  }
}

// The old and the new paths together may close a cycle: effects changed places. Were they one chain, the sound would go through it
// half in the one order and half in the other, and might be louder than in both. So all of them go on in other objects.
bool Change::is_cyclic() {
  const auto order = ordered(flow_);
  if (order.size() == flow_.nodes.size()) return false;
  const auto cycle = find_cycle(flow_, order);
  const auto ban = [&](auto which) {
    bool any = false;
    for (const auto n : cycle) {
      if (n >= old_of_.size() || old_of_[n] == kNone || !which(flow_.nodes[n])) continue;
      banned_[n] = any = true;
    }
    return any;
  };
  return ban([](const FlowNode& node) { return node.kind == FlowNode::Kind::unit || node.kind == FlowNode::Kind::mix; }) ||
         ban([](const FlowNode&) { return true; });
}

Flow Change::run() {
  while (true) {
    auto drafted = draft(def_, mix_, *settings_.table, settings_.engine.rate, book_);
    flow_ = std::move(drafted.flow);
    kernel_ = std::move(drafted.kernels);
    constants_ = std::move(drafted.constants);
    find_objects();
    ghosts_.emplace(kept_, new_of_, left_, settings_.ring, frames(kCross_s));
    silent_.assign(flow_.nodes.size(), -1);
    softened_.assign(flow_.nodes.size(), false);
    if (kept_.nodes.empty() && kept_.outputs.empty()) break;  // from nothing: nothing fades
    find_stepping();
    join_nodes();
    join_outputs();
    soften();
    if (!is_cyclic()) break;
  }
  return std::move(flow_);
}

}  // namespace

Flow change(const Flow& kept, const GraphDef& next, const MixSettings& mix, const ChangeSettings& settings, VoiceBook& book) {
  return Change(kept, next, mix, settings, book).run();
}

}  // namespace hocket
