#include "server/control/plan_voice.h"

#include <algorithm>
#include <cmath>

#include "server/control/plan_voice_compiler.h"
#include "server/control/plan_voice_swing.h"

namespace hocket {

namespace {

constexpr double kLongestWait_s = 2;  // a voice with a delay is over when silent for its delay, at most for so long

}  // namespace

std::uint32_t VoiceCompiler::scratch() {
  if (!free_.empty()) {
    const auto at = free_.back();
    free_.pop_back();
    return at;
  }
  const auto at = scratch_floats_;
  scratch_floats_ += kCell * lanes_ + kGap;
  return at;
}

// Buffers are as long as one another, so their place tells their number.
std::uint8_t VoiceCompiler::buffer_of(std::uint32_t at) const {
  const auto number = VoiceWire::kFirst + (at - kColumnFloats) / (kCell * lanes_ + kGap);
  return number < VoiceWire::kBuffers ? static_cast<std::uint8_t>(number) : VoiceWire::kMoves;
}

void VoiceCompiler::count_readers() {
  const auto count = [&](const Ref& ref) {
    if (ref.kind == Ref::Kind::node && ref.index < places_.size()) ++places_[ref.index].readers;
    if (ref.kind == Ref::Kind::feedback && ref.index < places_.size()) places_[ref.index].readers += kToTheEnd;
  };
  const auto is_gate = [](const Ref& ref) { return ref.kind == Ref::Kind::param && ref.index == kGateParam; };
  for (std::uint32_t n = 0; n < voice_.graph->nodes.size(); ++n) {
    const NodeDef& node = voice_.graph->nodes[n];
    const UnitEntry* const entry = find_unit(table_, node.unit);
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      count(node.inputs[i]);
      if (node.inputs[i].kind == Ref::Kind::node && node.inputs[i].index < places_.size()) places_[node.inputs[i].index].reader = n;
      if (!is_gate(node.inputs[i])) continue;
      hears_gate_ = true;
      hears_fall_ |= i > 0 || !entry || !entry->struck;
    }
  }
  for (const auto& output : voice_.graph->outputs) {
    count(output.ref);
    if (is_gate(output.ref)) hears_gate_ = hears_fall_ = true;
    if (output.ref.kind == Ref::Kind::node && output.ref.index < places_.size()) places_[output.ref.index].readers += kToTheEnd;
  }
}

const NodeDef* VoiceCompiler::only_for_output(const Ref& ref) const {
  if (ref.kind != Ref::Kind::node || ref.index >= places_.size() || places_[ref.index].readers != 1 + kToTheEnd) return nullptr;
  const NodeDef& node = voice_.graph->nodes[ref.index];
  return node.unit == "mul" && node.inputs.size() == 2 ? &node : nullptr;
}

// A voice usually ends with products: by its envelope, by numbers. The sum over the voices makes them as it goes.
void VoiceCompiler::absorb_products() {
  if (voice_.graph->outputs.empty()) return;
  out_[0] = voice_.graph->outputs.front().ref;
  const auto keep = [&](const Ref& ref) {
    if (ref.kind == Ref::Kind::node && ref.index < places_.size()) places_[ref.index].readers += kToTheEnd;
  };
  while (const NodeDef* node = only_for_output(out_[0])) {
    const auto& in = node->inputs;
    const bool second = in[1].kind == Ref::Kind::number;
    if (!second && in[0].kind != Ref::Kind::number) break;
    const double factor = in[second ? 1 : 0].number;
    if (!(std::fabs(factor) <= 1)) break;
    recipe_->program.out.factor *= static_cast<float>(factor);
    places_[out_[0].index].absorbed = true;
    out_[0] = in[second ? 0 : 1];
    keep(out_[0]);
  }
  const auto absorb = [&](const Ref& ref) {
    const auto& in = voice_.graph->nodes[ref.index].inputs;
    places_[ref.index].absorbed = true;
    for (int i = 0; i < 2; ++i) keep(out_[i] = in[static_cast<std::size_t>(i)]);
    recipe_->program.out.factors = 2;
  };
  const auto is_number = [](const Ref& ref) { return ref.kind == Ref::Kind::number; };
  if (!only_for_output(out_[0])) return;
  absorb(Ref(out_[0]));
  // a product and what stands still: x, y and z
  for (int i = 0; i < 2; ++i) {
    const Ref inner = out_[1 - i], still = out_[i];
    const NodeDef* const node = only_for_output(inner);
    if (!is_steady(still) || !node || is_steady(inner) || is_number(node->inputs[0]) || is_number(node->inputs[1])) continue;
    absorb(inner);
    out_[2] = still;
    recipe_->program.out.factors = 3;
    return;
  }
}

void VoiceCompiler::done_with(const Ref& ref) {
  if (ref.kind != Ref::Kind::node || ref.index >= places_.size()) return;
  VoicePlace& place = places_[ref.index];
  if (--place.readers > 0 || place.kept) return;
  for (int c = 0; c < place.channels; ++c) free_.push_back(place.at[c]);
}

VoiceWire VoiceCompiler::constant(float x) {
  const auto at = static_cast<std::uint32_t>(store_->constants.size());
  store_->constants.insert(store_->constants.end(), lanes_, x);
  return {VoiceWire::Base::constant, VoiceWire::kStill, at};
}

std::uint32_t VoiceCompiler::ring_of(std::uint32_t node, int channel) {
  for (const auto& ring : rings_)
    if (ring.node == node && ring.channel == channel) return ring.at;
  rings_.push_back({node, channel, bundle_floats_});
  bundle_floats_ += kCell * lanes_;
  return rings_.back().at;
}

std::uint32_t VoiceCompiler::outer_scratch(std::uint32_t node, int channel) {
  const auto input = static_cast<std::uint32_t>(std::find(outer_.begin(), outer_.end(), node) - outer_.begin());
  for (std::size_t s = 0; s < recipe_->slots.size(); ++s)
    if (recipe_->slots[s].input == input && recipe_->slots[s].channel == channel) return store_->outer[s].scratch;
  const auto at = scratch_floats_;  // filled before the first step: never shared
  scratch_floats_ += kCell * lanes_ + kGap;
  store_->outer.push_back({static_cast<std::uint32_t>(recipe_->slots.size()), at, buffer_of(at)});
  recipe_->slots.push_back({input, channel});
  return at;
}

int VoiceCompiler::channels_of(const Ref& ref) const {
  if ((ref.kind == Ref::Kind::node || ref.kind == Ref::Kind::feedback) && ref.index < places_.size()) {
    return ref.kind == Ref::Kind::node ? places_[ref.index].channels : std::clamp(voice_.graph->nodes[ref.index].channels, 1, 2);
  }
  if (ref.kind == Ref::Kind::outer && ref.index < around_.nodes.size()) return std::clamp(around_.nodes[ref.index].channels, 1, 2);
  return 1;
}

VoiceWire VoiceCompiler::wire(const Ref& ref, int channel) {
  const int c = std::min(channel, channels_of(ref) - 1);
  const auto at_scratch = [&](std::uint32_t at) { return VoiceWire{VoiceWire::Base::scratch, buffer_of(at), at}; };
  switch (ref.kind) {
    case Ref::Kind::node:
      if (ref.index < places_.size() && places_[ref.index].kept)
        return {VoiceWire::Base::kept, VoiceWire::kStill, places_[ref.index].at[0]};
      if (ref.index < places_.size()) return at_scratch(places_[ref.index].at[c]);
      break;
    case Ref::Kind::feedback:
      if (ref.index < places_.size()) return {VoiceWire::Base::ring, VoiceWire::kMoves, ring_of(ref.index, c)};
      break;
    case Ref::Kind::param:
      if (ref.index < recipe_->program.params) return {VoiceWire::Base::bundle, VoiceWire::kStill, ref.index * lanes_};
      break;
    case Ref::Kind::outer:
      if (ref.index < around_.nodes.size()) return at_scratch(outer_scratch(ref.index, c));
      break;
    case Ref::Kind::number:
      return constant(static_cast<float>(ref.number));
  }
  return constant(0);
}

VoiceStep& VoiceCompiler::step(VoiceStep::Kind kind) {
  ++met_;
  VoiceStep& made = store_->steps.emplace_back();
  made.kind = kind;
  made.first_wire = static_cast<std::uint32_t>(store_->wires.size());
  return made;
}

void VoiceCompiler::compile_output() {
  VoiceProgram& p = recipe_->program;
  const int factors = p.out.factors;
  p.channels = 1;
  for (int i = 0; i < factors; ++i) p.channels = std::max(p.channels, channels_of(out_[i]));
  for (int i = 0; i < factors; ++i) {
    VoiceWire* const to = i == 0 ? p.out.x : i == 1 ? p.out.y : p.out.z;
    for (int c = 0; c < 2; ++c) to[c] = wire(out_[i], c);
    if (out_[i].kind != Ref::Kind::feedback) continue;
    VoicePlace copy;  // the ring is written anew before the sum reads it
    compile_sum({"", "mix", {out_[i]}, channels_of(out_[i]), -1, -1, {}}, copy);
    for (int c = 0; c < 2; ++c) {
      const auto at = copy.at[std::min(c, copy.channels - 1)];
      to[c] = {VoiceWire::Base::scratch, buffer_of(at), at};
    }
  }
}

// Which of the steps' wires depend on where and when a bundle runs.
void VoiceCompiler::tell_found(std::vector<VoiceStep>& steps) {
  for (VoiceStep& step : steps) {
    step.first_found = static_cast<std::uint32_t>(store_->found.size());
    for (auto w = step.first_wire; w < step.first_wire + step.wires; ++w)
      if (const auto base = store_->wires[w].base; base == VoiceWire::Base::scratch || base == VoiceWire::Base::ring)
        store_->found.push_back(w);
    step.found = static_cast<std::uint32_t>(store_->found.size()) - step.first_found;
  }
}

// Finds the step that gives both sides of x, to nobody else.
void VoiceCompiler::tell_parting_step() {
  const VoiceWire &left = recipe_->program.out.x[0], &right = recipe_->program.out.x[1];
  const auto is_right = [&](const VoiceWire& wire) { return wire.base == right.base && wire.offset == right.offset; };
  if (left.base != VoiceWire::Base::scratch || right.base != left.base || left.offset == right.offset) return;
  for (auto step = store_->steps.rbegin(); step != store_->steps.rend(); ++step) {
    const auto wires = std::span(store_->wires).subspan(step->first_wire, step->wires);
    if (std::any_of(wires.begin(), wires.end(), is_right)) return;
    step->parts = step->out[0] == left.offset && step->out[1] == right.offset;
    if (step->parts || step->out[0] == right.offset || step->out[1] == right.offset) return;
  }
}

void VoiceCompiler::finish() {
  VoiceProgram& p = recipe_->program;
  tell_found(store_->settled);
  tell_found(store_->steps);
  p.found = store_->found;
  p.bundle_floats = whole_lines(bundle_floats_);
  p.kept_floats = kept_floats_;
  p.memory_floats = memory_floats_;
  p.scratch_floats = scratch_floats_;
  p.fades = !hears_gate_ && !envelope_;
  p.hears_fall = p.fades || hears_fall_;
  const auto wait = static_cast<std::int32_t>(std::min<double>(longest_memory_, kLongestWait_s * rate_));
  p.quiet_frames = std::max(kQuietFrames, wait);
  p.done_frames = std::max(rings_.empty() ? kCell : kQuietFrames, wait);
  p.settled = store_->settled;
  p.steps = store_->steps;
  p.wires = store_->wires;
  p.outer = store_->outer;
  p.seeds = store_->seeds;
  p.endings = store_->endings;
  p.inits = store_->inits;
  p.constants = store_->constants.data();
  p.keep = store_;
  recipe_->steps_a_frame = static_cast<int>(store_->steps.size());
}

std::shared_ptr<const VoiceRecipe> VoiceCompiler::run() {
  static const GraphDef kSilence;
  VoiceDef quiet;
  if (!voice_.graph) {
    quiet = voice_;
    quiet.graph = std::make_shared<GraphDef>(kSilence);
    return VoiceCompiler(quiet, around_, table_, rate_).run();
  }
  VoiceProgram& p = recipe_->program;
  p.lanes = table_.lanes;
  p.passes = table_.passes;
  p.params = static_cast<std::uint32_t>(std::max<std::size_t>(voice_.params.size(), kGateParam + 1));
  store_->inits.resize(p.params, 0);
  for (std::size_t i = 0; i < voice_.params.size(); ++i) store_->inits[i] = static_cast<float>(voice_.params[i].init);
  bundle_floats_ = p.params * lanes_;
  store_->constants.reserve(16 * lanes_);
  places_.resize(voice_.graph->nodes.size());
  steady_ = steady_nodes(*voice_.graph, table_);
  count_readers();
  absorb_products();
  for (std::uint32_t i = 0; i < places_.size(); ++i) compile(i);
  compile_output();
  compile_rings();
  tell_parting_step();
  finish();
  return recipe_;
}

std::shared_ptr<const VoiceRecipe> compile_voice(const VoiceDef& voice, const GraphDef& around, const UnitTable& table, double rate) {
  return VoiceCompiler(voice, around, table, rate).run();
}

}  // namespace hocket
