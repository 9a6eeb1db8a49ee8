#include "server/control/plan_change.h"

#include <algorithm>
#include <cmath>

#include "server/control/plan_match.h"
#include "server/control/plan_nodes.h"

namespace hocket {

namespace {

constexpr double kCross_s = 0.012;  // where one signal takes another's place
constexpr double kRamp_s = 0.010;   // where one number does

/// What an input does with what it hears: a signal may come from silence, ring out, and be summed; a parameter may not.
enum class Role : std::uint8_t { signal, sum, parameter };

Role role_of(const FlowNode& node, std::size_t port) {
  if (node.kind == FlowNode::Kind::mix) return Role::sum;
  if (node.kind == FlowNode::Kind::late) return Role::signal;
  if (node.kind != FlowNode::Kind::unit || port >= node.entry->info.ports.size()) return Role::parameter;
  const PortUnit unit = node.entry->info.ports[port].unit;
  return unit == PortUnit::signal || (node.entry->info.pure && unit == PortUnit::number) ? Role::signal : Role::parameter;
}

// A delay line goes over to another time by itself, and better than by way of all times between.
bool glides_itself(const FlowNode& node, std::size_t port, const FlowInput& old, const FlowInput& fresh) {
  return node.kind == FlowNode::Kind::unit && node.entry->memory && node.entry->info.ports[port].unit == PortUnit::seconds &&
         old.size() == 1 && old[0].constant && fresh.size() == 1 && fresh[0].constant;
}

bool is_pure(const FlowNode& node, std::string_view name) {
  return node.kind == FlowNode::Kind::unit && node.entry->info.pure && (name.empty() || node.entry->info.name == name);
}

class Change {
 public:
  Change(const Flow& kept, const GraphDef& next, const MixSettings& mix, const ChangeSettings& settings, VoiceBook& book)
      : kept_(kept), def_(next), mix_(mix), settings_(settings), book_(book), banned_(next.nodes.size() * 2, false) {}

  Flow run();

 private:
  // from the definition
  void build();
  FlowNode describe(const NodeDef&);
  FlowTerm term_of(const Ref&);
  std::uint32_t late_of(std::uint32_t node);
  // which objects stay
  void find_objects();
  std::vector<RackBook::Likeness> likenesses() const;
  // what comes and goes
  void join_nodes();
  void join_outputs();
  void soften();
  FlowInput joined(const FlowInput& old, const FlowInput& fresh, Role);
  bool same(const FlowTerm& old, const FlowTerm& fresh) const;
  FlowTerm going(const FlowTerm& old, Role);
  bool starts_silent(std::uint32_t node);
  bool related(std::uint32_t fresh, std::uint32_t old) const;
  // what rings out
  bool carries(std::uint32_t old);
  Ghost ring_state(std::uint32_t old, int depth = 0) const;
  bool rings(std::uint32_t old) { return settings_.ring && carries(old) && ring_state(old) == Ghost::sounding; }
  std::uint32_t import(std::uint32_t old);
  FlowInput imported(const FlowInput& old, Role, bool rings, bool keeps_others);
  bool is_cyclic();

  std::int32_t frames(double seconds) const { return std::max(1, static_cast<std::int32_t>(seconds * settings_.engine.rate)); }

  const Flow& kept_;
  const GraphDef& def_;
  const MixSettings& mix_;
  const ChangeSettings& settings_;
  VoiceBook& book_;
  std::vector<bool> banned_;  // fresh nodes that may not take over an old object: that would close a cycle

  Flow flow_;
  std::vector<int> old_of_, new_of_;   // fresh node → kept node and back, or kNone
  std::vector<int> late_;              // fresh node → its `late` node
  std::vector<const Kernel*> kernel_;  // of fresh units
  std::vector<std::vector<float>> constants_;
  std::vector<int> imported_;                  // kept node → its place in flow_
  std::vector<signed char> carries_, silent_;  // -1: not yet known
  std::vector<bool> softened_;                 // fresh nodes whose input fades in
  std::vector<bool> left_;                     // kept nodes whose state goes on in another object
};

// ---- from the definition

FlowNode Change::describe(const NodeDef& def) {
  FlowNode node;
  node.key = def.key;
  node.channels = std::clamp(def.channels, 1, 2);
  node.source = def.source;
  using Kind = FlowNode::Kind;
  if (def.unit == "mix") return node;
  if (def.unit == "hold" || def.unit == "gate" || def.unit == "curve") {
    node.kind = def.unit == "hold" ? Kind::hold : def.unit == "gate" ? Kind::gate : Kind::curve;
    node.channels = 1;
    if (!def.inputs.empty() && def.inputs[0].kind == Ref::Kind::number) node.init = static_cast<float>(def.inputs[0].number);
  } else if (def.unit == "voices") {
    node.kind = Kind::voices;
    if (def.voice >= 0 && def.voice < static_cast<int>(def_.voices.size())) {
      const VoiceDef& voice = def_.voices[static_cast<std::size_t>(def.voice)];
      node.voice = book_.recipe(voice, def_, *settings_.table, settings_.engine.rate);
      node.polyphony = std::clamp(voice.polyphony, 1, 4096);
    } else {
      node.kind = Kind::mix;
    }
    if (def.source >= 0 && def.source < static_cast<int>(def_.sources.size())) {
      const auto& voices = def_.sources[static_cast<std::size_t>(def.source)].voices;
      const auto at = std::find(voices.begin(), voices.end(), static_cast<std::uint32_t>(def.voice));
      node.voice_position = at == voices.end() ? 0 : static_cast<int>(at - voices.begin());
    }
  } else if (def.unit == "in") {
    node.kind = Kind::input;
    node.channels = 1;
    node.hardware = def.inputs.empty() ? 0 : static_cast<int>(std::lround(def.inputs[0].number)) - 1;
  } else if (const UnitEntry* entry = find_unit(*settings_.table, def.unit); entry && form_of(*entry, 1, false).run) {
    node.kind = Kind::unit;
    node.entry = entry;
  }  // an unknown unit is an empty sum: silence
  return node;
}

std::uint32_t Change::late_of(std::uint32_t node) {
  if (late_[node] != kNone) return static_cast<std::uint32_t>(late_[node]);
  FlowNode late;
  late.kind = FlowNode::Kind::late;
  late.key = flow_.nodes[node].key + "/late";
  late.channels = flow_.nodes[node].channels;
  late.inputs = {{FlowTerm::from(node)}};
  late_[node] = static_cast<int>(flow_.nodes.size());
  flow_.nodes.push_back(std::move(late));
  return static_cast<std::uint32_t>(late_[node]);
}

FlowTerm Change::term_of(const Ref& ref) {
  const auto count = def_.nodes.size();
  if (ref.kind == Ref::Kind::node && ref.index < count) return FlowTerm::from(ref.index);
  if (ref.kind == Ref::Kind::feedback && ref.index < count) return FlowTerm::from(late_of(ref.index));
  const auto x = static_cast<float>(ref.number);
  return FlowTerm::of(ref.kind == Ref::Kind::number && std::isfinite(x) ? x : 0);
}

void Change::build() {
  const auto count = def_.nodes.size();
  flow_ = {};
  flow_.nodes.reserve(count * 2);
  late_.assign(count, kNone);
  kernel_.assign(count, nullptr);
  constants_.assign(count, {});
  for (const auto& def : def_.nodes) flow_.nodes.push_back(describe(def));
  for (std::uint32_t n = 0; n < count; ++n) {
    const NodeDef& def = def_.nodes[n];
    std::vector<FlowInput> inputs;
    switch (flow_.nodes[n].kind) {
      case FlowNode::Kind::unit: {
        const UnitEntry& entry = *flow_.nodes[n].entry;
        for (std::size_t p = 0; p < entry.info.ports.size(); ++p)
          inputs.push_back({p < def.inputs.size() ? term_of(def.inputs[p]) : FlowTerm::of(entry.info.ports[p].init)});
        const bool node_first = !inputs.empty() && !inputs[0][0].constant;
        kernel_[n] = &form_of(entry, node_first ? flow_.nodes[inputs[0][0].node].channels : 1, false);
        if (entry.info.shape != Shape::each) flow_.nodes[n].channels = std::clamp(int{kernel_[n]->out_channels}, 1, 2);
        constants_[n] = constants_of(def, entry);
        break;
      }
      case FlowNode::Kind::mix: {
        FlowInput sum;
        if (def.unit == "mix")
          for (const auto& ref : def.inputs) sum.push_back(term_of(ref));
        inputs.push_back(std::move(sum));
        break;
      }
      case FlowNode::Kind::voices:
        for (const auto outer : outer_nodes(def_.voices[static_cast<std::size_t>(def.voice)]))
          inputs.push_back({outer < count ? FlowTerm::from(outer) : FlowTerm::of(0)});
        break;
      default:
        break;
    }
    flow_.nodes[n].inputs = std::move(inputs);
  }
  flow_.sources.resize(def_.sources.size());
  for (std::uint32_t n = 0; n < count; ++n) {
    const int source = flow_.nodes[n].source;
    if (source >= 0 && source < static_cast<int>(flow_.sources.size())) flow_.sources[static_cast<std::size_t>(source)].nodes.push_back(n);
  }
  for (const auto& def : def_.outputs) {
    FlowOutput output;
    output.name = def.name;
    output.input = {term_of(def.ref)};
    const auto gain = mix_.gain.find(def.name);
    output.from = output.to = gain == mix_.gain.end() ? 1 : gain->second;
    const auto route = mix_.route.find(def.name);
    if (route != mix_.route.end()) output.route = route->second;
    output.route_from = output.route;
    flow_.outputs.push_back(std::move(output));
  }
}

// ---- which objects stay

// What each node with a large memory must have in common with those that share a rack with it.
std::vector<RackBook::Likeness> Change::likenesses() const {
  std::vector<RackBook::Likeness> like(flow_.nodes.size());
  if (!settings_.racks) return like;
  const auto depth = depths(flow_);
  for (std::uint32_t n = 0; n < kernel_.size(); ++n) {
    const FlowNode& node = flow_.nodes[n];
    if (node.kind != FlowNode::Kind::unit || !node.entry->memory) continue;
    const auto frames = memory_frames(*node.entry, constants_[n], settings_.engine.rate);
    like[n] = {node.entry, kernel_[n]->in_channels == 2, frames, node.entry->info.shape == Shape::each ? node.channels : 1, depth[n]};
  }
  return like;
}

void Change::find_objects() {
  const auto count = static_cast<std::uint32_t>(flow_.nodes.size());
  for (std::uint32_t n = 0; n < count; ++n) flow_.nodes[n].print = print_of(flow_.nodes[n], flow_);
  auto found = match(kept_, flow_);
  old_of_ = std::move(found.old_of);
  new_of_ = std::move(found.new_of);
  left_.assign(kept_.nodes.size(), false);
  banned_.resize(count, false);
  const auto like = likenesses();
  std::map<RackBook::Likeness, std::size_t> alike;
  for (const auto& each : like) ++alike[each];
  static const std::vector<float> kNoConstants;
  for (std::uint32_t n = 0; n < count; ++n) {
    FlowNode& node = flow_.nodes[n];
    const Kernel* const kernel = n < kernel_.size() ? kernel_[n] : nullptr;
    const auto& constants = n < constants_.size() ? constants_[n] : kNoConstants;
    auto kin = Kinship::none;
    const auto k = static_cast<std::size_t>(std::max(0, old_of_[n]));
    if (old_of_[n] != kNone) kin = kinship(kept_.nodes[k], node, kernel, constants, settings_.engine);
    if (banned_[n] && kin != Kinship::none) kin = inherits_elsewhere(kept_.nodes[k]) ? Kinship::heir : Kinship::none;
    if (kin == Kinship::same) {
      node.object = kept_.nodes[k].object;
      continue;
    }
    node.object = make_node(node, kernel, constants, settings_.engine, settings_.seed,
                            like[n].unit ? settings_.racks->seat(like[n], alike[like[n]]) : RackSeat{});
    if (kin == Kinship::heir || kin == Kinship::grown) {
      node.heir_of = kept_.nodes[k].object;
      left_[k] = true;
    }
    if (old_of_[n] != kNone && kin != Kinship::grown) old_of_[n] = new_of_[k] = kNone;
  }
}

// ---- what comes and goes

bool Change::same(const FlowTerm& old, const FlowTerm& fresh) const {
  if (old.constant != fresh.constant) return false;
  return old.constant ? old.value == fresh.value : new_of_[old.node] == static_cast<int>(fresh.node);
}

// From nothing until its first event, so that no fade must soften its onset. A fresh effect with a memory is made to: what it
// hears fades in, else its first echoes would begin with a step long after a crossfade at its output was over. An heir sounds.
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
    else if (is_pure(node, ""))
      silent = (info.name == "add" || info.name == "sub") && std::all_of(node.inputs.begin(), node.inputs.end(), all);
    else if (!info.ports.empty() && info.ports[0].unit == PortUnit::signal) {
      silent = all(node.inputs[0]);
      if (!silent && node.entry->memory) softened_[n] = true;
      silent = (silent || softened_[n]) && !node.heir_of;
    }
  }
  silent_[n] = silent ? 1 : 0;
  return silent;
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
  const bool rings_out = new_of_[old.node] == kNone && role != Role::parameter && rings(old.node);
  term.node = import(old.node);
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
    const bool gone = !old[o].constant && new_of_[old[o].node] == kNone && role != Role::parameter && carries(old[o].node) &&
                      ring_state(old[o].node) == Ghost::silent;
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

void Change::join_nodes() {
  const auto count = old_of_.size();
  for (std::uint32_t n = 0; n < count; ++n) {
    if (old_of_[n] == kNone) continue;
    const auto k = static_cast<std::size_t>(old_of_[n]);
    for (std::size_t p = 0; p < flow_.nodes[n].inputs.size() && p < kept_.nodes[k].inputs.size(); ++p) {
      if (glides_itself(flow_.nodes[n], p, kept_.nodes[k].inputs[p], flow_.nodes[n].inputs[p])) continue;
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

// ---- what rings out

// Is there, along its signal path, an instrument or an effect with a tail that the program no longer has?
bool Change::carries(std::uint32_t k) {
  if (new_of_[k] != kNone || left_[k]) return false;
  if (carries_[k] >= 0) return carries_[k] != 0;
  carries_[k] = 0;  // on a loop: whether it carries is decided by the rest of the loop
  const FlowNode& node = kept_.nodes[k];
  bool found = node.kind == FlowNode::Kind::voices || (node.kind == FlowNode::Kind::unit && node.entry->info.tail);
  for (std::size_t p = 0; p < node.inputs.size() && !found; ++p) {
    if (role_of(node, p) == Role::parameter) continue;
    for (const auto& term : node.inputs[p]) found = found || (!term.constant && carries(term.node));
  }
  carries_[k] = found ? 1 : 0;
  return found;
}

// Sounding as long as one of its carriers is.
Ghost Change::ring_state(std::uint32_t k, int depth) const {
  const FlowNode& node = kept_.nodes[k];
  const bool carrier = node.kind == FlowNode::Kind::voices || (node.kind == FlowNode::Kind::unit && node.entry->info.tail);
  Ghost state = Ghost::silent;
  if (carrier) state = node.rings ? node.object->ghost.load(std::memory_order_relaxed) : Ghost::sounding;
  if (state == Ghost::sounding || depth > 64) return state;
  for (std::size_t p = 0; p < node.inputs.size(); ++p) {
    if (role_of(node, p) == Role::parameter) continue;
    for (const auto& term : node.inputs[p]) {
      if (term.constant || new_of_[term.node] != kNone || left_[term.node]) continue;
      const Ghost other = ring_state(term.node, depth + 1);
      if (other == Ghost::sounding) return other;
      if (other == Ghost::overdue) state = other;
    }
  }
  return state;
}

// The inputs of an old node. One that rings hears no more of what lives on: only what rings with it.
FlowInput Change::imported(const FlowInput& old, Role role, bool ringing, bool keeps_others) {
  FlowInput made;
  for (const auto& from : old) {
    FlowTerm term = from;
    if (ringing && role != Role::parameter && !keeps_others) {
      if (!from.constant && carries(from.node)) {
        if (ring_state(from.node) == Ghost::silent) continue;
      } else {
        if (from.constant && from.value == 0) continue;
        term.fade = Fade::out;
        term.frames = frames(kCross_s);
      }
    }
    if (!from.constant) term.node = import(from.node);
    made.push_back(term);
  }
  return made;
}

std::uint32_t Change::import(std::uint32_t k) {
  if (new_of_[k] != kNone) return static_cast<std::uint32_t>(new_of_[k]);
  if (imported_[k] != kNone) return static_cast<std::uint32_t>(imported_[k]);
  const auto place = static_cast<std::uint32_t>(flow_.nodes.size());
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
  flow_.nodes.push_back(std::move(node));
  std::vector<FlowInput> inputs;
  for (std::size_t p = 0; p < old_inputs.size(); ++p) {
    const FlowNode& old = kept_.nodes[k];
    const bool keeps_others = is_pure(old, "") && old.entry->info.name != "add" && old.entry->info.name != "sub";
    inputs.push_back(imported(old_inputs[p], role_of(old, p), ringing, keeps_others));
  }
  flow_.nodes[place].inputs = std::move(inputs);
  return place;
}

// The old and the new paths together may close a cycle (two effects changed places): then one of them, that with the least to
// copy, goes on in another object.
bool Change::is_cyclic() {
  const auto order = ordered(flow_);
  if (order.size() == flow_.nodes.size()) return false;
  const auto cycle = find_cycle(flow_, order);
  int culprit = kNone;
  const auto weight = [&](std::uint32_t n) {
    const FlowNode& node = flow_.nodes[n];
    return node.kind == FlowNode::Kind::unit ? legacy(*node.object) : std::size_t{1} << 40;
  };
  const auto fades = [&](std::uint32_t n) {
    for (const auto& input : flow_.nodes[n].inputs)
      for (const auto& term : input)
        if (term.fade != Fade::none && !term.constant && std::find(cycle.begin(), cycle.end(), term.node) != cycle.end()) return true;
    return false;
  };
  for (const bool wants_fade : {true, false})
    for (const auto n : cycle) {
      if (culprit != kNone && !wants_fade) break;
      if (n >= old_of_.size() || old_of_[n] == kNone || (wants_fade && !fades(n))) continue;
      if (culprit == kNone || weight(n) < weight(static_cast<std::uint32_t>(culprit))) culprit = static_cast<int>(n);
    }
  if (culprit == kNone) return false;
  banned_[static_cast<std::size_t>(culprit)] = true;
  return true;
}

Flow Change::run() {
  while (true) {
    build();
    find_objects();
    imported_.assign(kept_.nodes.size(), kNone);
    carries_.assign(kept_.nodes.size(), -1);
    silent_.assign(flow_.nodes.size(), -1);
    softened_.assign(flow_.nodes.size(), false);
    if (kept_.nodes.empty() && kept_.outputs.empty()) break;  // from nothing: nothing fades
    join_nodes();
    join_outputs();
    soften();
    if (!is_cyclic()) break;
  }
  return std::move(flow_);
}

}  // namespace

std::shared_ptr<const VoiceRecipe> VoiceBook::recipe(const VoiceDef& voice, const GraphDef& around, const UnitTable& table, double rate) {
  const auto print = voice_print(voice, around);
  auto& known = recipes_[print];
  if (!known) known = compile_voice(voice, around, table, rate);
  return known;
}

void VoiceBook::sweep() {
  std::erase_if(recipes_, [](const auto& entry) { return entry.second.use_count() == 1; });
}

Flow change(const Flow& kept, const GraphDef& next, const MixSettings& mix, const ChangeSettings& settings, VoiceBook& book) {
  return Change(kept, next, mix, settings, book).run();
}

}  // namespace hocket
