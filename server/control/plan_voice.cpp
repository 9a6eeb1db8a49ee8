#include "server/control/plan_voice.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "server/control/plan_voice_scale.h"
#include "server/control/plan_voice_swing.h"

namespace hocket {

namespace {

constexpr double kLongestWait_s = 2;  // a voice with a delay is over when silent for its delay, at most for so long

/// What a VoiceProgram's spans lead to.
struct Store {
  std::vector<VoiceStep> steps;
  std::vector<VoiceWire> wires;
  std::vector<OuterSlot> outer;
  std::vector<float> inits;
  std::vector<float> constants;
};

/// Where a node's output lies.
struct Place {
  int channels = 1;
  std::uint32_t at[2] = {0, 0};  // in the scratch
  int readers = 0;
  bool absorbed = false;  // made by another: while the output is summed, or by an oscillator that is scaled on its way
};

constexpr int kToTheEnd = 1 << 20;  // readers of what is kept to the end of the run

class Compiler {
 public:
  Compiler(const VoiceDef& voice, const GraphDef& around, const UnitTable& table, double rate)
      : voice_(voice), around_(around), table_(table), rate_(rate), lanes_(static_cast<std::uint32_t>(table.lanes)) {}

  std::shared_ptr<const VoiceRecipe> run();

 private:
  void count_readers();
  void absorb_products();
  const NodeDef* only_for_output(const Ref&) const;
  void compile(std::uint32_t index);
  std::optional<Scaling> scaling(std::uint32_t index, const UnitEntry&) const;
  bool swings(std::uint32_t index, const Scaling&) const;
  void compile_unit(const NodeDef&, const UnitEntry&, Place&, const Scaling*);
  void compile_swung(const NodeDef&, const UnitEntry&, Place&);
  void compile_sum(const NodeDef&, Place&);
  void compile_rings();
  void compile_output();
  VoiceWire wire(const Ref&, int channel);
  VoiceWire constant(float);
  int channels_of(const Ref&) const;
  std::uint32_t scratch();
  std::uint8_t buffer_of(std::uint32_t scratch) const;
  void done_with(const Ref&);
  std::uint32_t ring_of(std::uint32_t node, int channel);
  std::uint32_t outer_scratch(std::uint32_t node, int channel);
  VoiceStep& step(VoiceStep::Kind);
  std::vector<bool> absorbed() const;
  void keep(VoiceStep&, const Kernel&);
  void finish();

  const VoiceDef& voice_;
  const GraphDef& around_;
  const UnitTable& table_;
  const double rate_;
  const std::uint32_t lanes_;
  std::shared_ptr<VoiceRecipe> recipe_ = std::make_shared<VoiceRecipe>();
  std::shared_ptr<Store> store_ = std::make_shared<Store>();
  std::vector<std::uint32_t> outer_ = outer_nodes(voice_);
  std::vector<Place> places_;
  std::vector<std::uint32_t> free_;
  std::uint32_t scratch_floats_ = kColumnFloats;
  std::uint32_t bundle_floats_ = 0, kept_floats_ = 0;
  std::size_t memory_floats_ = 0;
  std::uint32_t longest_memory_ = 0;
  struct Ring {
    std::uint32_t node;
    int channel;
    std::uint32_t at;
  };
  std::vector<Ring> rings_;
  struct Swinging {  // an oscillator that a filter does the work of
    const NodeDef* node;
    const UnitEntry* entry;
    Scaling scaling;
  };
  std::map<std::uint32_t, Swinging> swinging_;  // by the node that the filter hears
  Ref out_[2];                                  // the second only of a product
  bool hears_gate_ = false, hears_fall_ = false, ends_ = false, envelope_ = false;
};

std::uint32_t Compiler::scratch() {
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
std::uint8_t Compiler::buffer_of(std::uint32_t at) const {
  const auto number = VoiceWire::kFirst + (at - kColumnFloats) / (kCell * lanes_ + kGap);
  return number < VoiceWire::kBuffers ? static_cast<std::uint8_t>(number) : VoiceWire::kMoves;
}

void Compiler::count_readers() {
  const auto count = [&](const Ref& ref) {
    if (ref.kind == Ref::Kind::node && ref.index < places_.size()) ++places_[ref.index].readers;
    if (ref.kind == Ref::Kind::feedback && ref.index < places_.size()) places_[ref.index].readers += kToTheEnd;
  };
  const auto is_gate = [](const Ref& ref) { return ref.kind == Ref::Kind::param && ref.index == kGateParam; };
  for (const auto& node : voice_.graph->nodes) {
    const UnitEntry* const entry = find_unit(table_, node.unit);
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      count(node.inputs[i]);
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

const NodeDef* Compiler::only_for_output(const Ref& ref) const {
  if (ref.kind != Ref::Kind::node || ref.index >= places_.size() || places_[ref.index].readers != 1 + kToTheEnd) return nullptr;
  const NodeDef& node = voice_.graph->nodes[ref.index];
  return node.unit == "mul" && node.inputs.size() == 2 ? &node : nullptr;
}

// A voice usually ends with products: by its envelope, by numbers. The sum over the voices makes them as it goes.
void Compiler::absorb_products() {
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
  if (const NodeDef* node = only_for_output(out_[0])) {
    const NodeDef& product = *node;
    if (product.inputs[0].kind == Ref::Kind::number || product.inputs[1].kind == Ref::Kind::number) return;
    places_[out_[0].index].absorbed = true;
    recipe_->program.out.product = true;
    for (int i = 0; i < 2; ++i) keep(out_[i] = product.inputs[static_cast<std::size_t>(i)]);
  }
}

void Compiler::done_with(const Ref& ref) {
  if (ref.kind != Ref::Kind::node || ref.index >= places_.size()) return;
  Place& place = places_[ref.index];
  if (--place.readers > 0) return;
  for (int c = 0; c < place.channels; ++c) free_.push_back(place.at[c]);
}

VoiceWire Compiler::constant(float x) {
  const auto at = static_cast<std::uint32_t>(store_->constants.size());
  store_->constants.insert(store_->constants.end(), lanes_, x);
  return {VoiceWire::Base::constant, VoiceWire::kStill, at};
}

std::uint32_t Compiler::ring_of(std::uint32_t node, int channel) {
  for (const auto& ring : rings_)
    if (ring.node == node && ring.channel == channel) return ring.at;
  rings_.push_back({node, channel, bundle_floats_});
  bundle_floats_ += kCell * lanes_;
  return rings_.back().at;
}

std::uint32_t Compiler::outer_scratch(std::uint32_t node, int channel) {
  const auto input = static_cast<std::uint32_t>(std::find(outer_.begin(), outer_.end(), node) - outer_.begin());
  for (std::size_t s = 0; s < recipe_->slots.size(); ++s)
    if (recipe_->slots[s].input == input && recipe_->slots[s].channel == channel) return store_->outer[s].scratch;
  const auto at = scratch_floats_;  // filled before the first step: never shared
  scratch_floats_ += kCell * lanes_ + kGap;
  store_->outer.push_back({static_cast<std::uint32_t>(recipe_->slots.size()), at, buffer_of(at)});
  recipe_->slots.push_back({input, channel});
  return at;
}

int Compiler::channels_of(const Ref& ref) const {
  if ((ref.kind == Ref::Kind::node || ref.kind == Ref::Kind::feedback) && ref.index < places_.size()) {
    return ref.kind == Ref::Kind::node ? places_[ref.index].channels : std::clamp(voice_.graph->nodes[ref.index].channels, 1, 2);
  }
  if (ref.kind == Ref::Kind::outer && ref.index < around_.nodes.size()) return std::clamp(around_.nodes[ref.index].channels, 1, 2);
  return 1;
}

VoiceWire Compiler::wire(const Ref& ref, int channel) {
  const int c = std::min(channel, channels_of(ref) - 1);
  const auto at_scratch = [&](std::uint32_t at) { return VoiceWire{VoiceWire::Base::scratch, buffer_of(at), at}; };
  switch (ref.kind) {
    case Ref::Kind::node:
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

VoiceStep& Compiler::step(VoiceStep::Kind kind) {
  VoiceStep& made = store_->steps.emplace_back();
  made.kind = kind;
  made.first_wire = static_cast<std::uint32_t>(store_->wires.size());
  return made;
}

std::vector<bool> Compiler::absorbed() const {
  std::vector<bool> all;
  for (const Place& place : places_) all.push_back(place.absorbed);
  return all;
}

// Of inputs that only move where the voices' values do.
void Compiler::keep(VoiceStep& step, const Kernel& kernel) {
  if (kernel.kept_bytes == 0) return;
  step.kept = static_cast<std::int32_t>(kept_floats_);
  kept_floats_ += kernel.kept_bytes / 4;
}

// Is this oscillator only heard as the cutoff of a filter that can do its work?
bool Compiler::swings(std::uint32_t index, const Scaling& scaling) const {
  if (places_[scaling.nodes.empty() ? index : scaling.last()].readers != 1) return false;
  return swings_filter(*voice_.graph, table_, absorbed(), index, scaling);
}

// Only of a node whose form for voices can be scaled, by what no product at the output has taken.
std::optional<Scaling> Compiler::scaling(std::uint32_t index, const UnitEntry& entry) const {
  const NodeDef& node = voice_.graph->nodes[index];
  if (!entry.voice_scaled.run || node.channels != 1) return std::nullopt;
  std::vector<int> readers;
  for (const Place& place : places_) readers.push_back(place.readers);
  auto found = scaling_of(*voice_.graph, index, readers);
  if (found && std::any_of(found->nodes.begin(), found->nodes.end(), [&](std::uint32_t n) { return places_[n].absorbed; }))
    return std::nullopt;
  return found;
}

void Compiler::compile_unit(const NodeDef& node, const UnitEntry& entry, Place& place, const Scaling* scaling) {
  const auto ports = entry.info.ports.size();
  const auto input = [&](std::size_t p) { return p < node.inputs.size() ? node.inputs[p] : Ref::of(entry.info.ports[p].init); };
  const bool each = entry.info.shape == Shape::each;
  const Kernel& kernel = form_of(entry, ports > 0 ? channels_of(input(0)) : 1, true);
  place.channels = each ? std::clamp(node.channels, 1, 2) : std::clamp(int{kernel.out_channels}, 1, 2);
  const auto constants = constants_of(node, entry);
  const std::uint32_t frames = entry.memory ? entry.memory(constants.data(), static_cast<float>(rate_)) : 0;
  longest_memory_ = std::max(longest_memory_, frames);
  envelope_ |= entry.info.envelope;
  const auto take_room = [&] {
    for (int c = 0; c < place.channels; ++c) place.at[c] = scratch();
  };
  const auto let_inputs_go = [&] {
    for (const auto& ref : node.inputs) done_with(ref);
  };
  const int runs = each ? place.channels : 1;
  if (runs > 1) take_room();
  for (int run = 0; run < runs; ++run) {
    std::vector<VoiceWire> wires;
    for (std::size_t p = 0; p < ports; ++p) {
      if (p == 0 && kernel.in_channels == 2) {
        wires.push_back(wire(input(p), 0));
        wires.push_back(wire(input(p), 1));
      } else {
        wires.push_back(wire(input(p), each ? run : 0));
      }
    }
    if (scaling)
      for (const Ref& by : {scaling->factor, scaling->offset}) wires.push_back(wire(by, 0));
    if (runs == 1) {  // then it may write where it reads: every kernel reads a frame of all its inputs before it writes that frame
      let_inputs_go();
      take_room();
    }
    VoiceStep& made = step(VoiceStep::Kind::unit);
    made.run = scaling ? entry.voice_scaled.run : kernel.run;
    made.run_two = scaling ? entry.voice_scaled.run_two : kernel.run_two;
    made.state = bundle_floats_;
    made.salt = static_cast<std::uint32_t>(store_->steps.size());
    if (kernel.seed_offset >= 0) made.seed = static_cast<std::int32_t>(bundle_floats_ + static_cast<std::uint32_t>(kernel.seed_offset) / 4);
    bundle_floats_ += (kernel.state_bytes / 4 + lanes_ - 1) / lanes_ * lanes_;
    made.memory = static_cast<std::uint32_t>(memory_floats_);
    made.memory_frames = frames;
    memory_floats_ += std::size_t{frames} * lanes_;
    made.done = kernel.done;
    ends_ |= kernel.done != nullptr;
    made.wires = static_cast<std::uint32_t>(wires.size());
    store_->wires.insert(store_->wires.end(), wires.begin(), wires.end());
    made.pure = kernel.state_bytes == 0 && !entry.memory;
    made.rests = kernel.rests;
    const auto steady = [&](const Ref& ref) { return is_steady(*voice_.graph, table_, absorbed(), ref); };
    if (std::all_of(node.inputs.begin(), node.inputs.end(), steady)) keep(made, scaling ? entry.voice_scaled : kernel);
    for (int c = 0; c < 2; ++c) {
      made.out[c] = place.at[each ? run : std::min(c, place.channels - 1)];
      made.buffer[c] = buffer_of(made.out[c]);
    }
  }
  if (runs > 1) let_inputs_go();
}

// A filter that swings by itself, see dsp/swing.h.
void Compiler::compile_swung(const NodeDef& node, const UnitEntry& entry, Place& place) {
  const Swinging& swinging = swinging_.at(node.inputs[1].index);
  std::vector<VoiceWire> wires = {wire(node.inputs[0], 0)};
  for (std::size_t p = 0; p < swinging.entry->info.ports.size(); ++p)
    wires.push_back(p < swinging.node->inputs.size() ? wire(swinging.node->inputs[p], 0) : constant(swinging.entry->info.ports[p].init));
  for (const Ref& by : {swinging.scaling.factor, swinging.scaling.offset}) wires.push_back(wire(by, 0));
  wires.push_back(node.inputs.size() > 2 ? wire(node.inputs[2], 0) : constant(entry.info.ports[2].init));
  for (const Ref& ref : swinging.node->inputs) done_with(ref);
  for (std::size_t p = 0; p < node.inputs.size(); ++p)
    if (p != 1) done_with(node.inputs[p]);
  place.channels = 1;
  place.at[0] = place.at[1] = scratch();
  VoiceStep& made = step(VoiceStep::Kind::unit);
  const Kernel& form = is_bounded(*voice_.graph, table_, node.inputs[0]) ? entry.voice_swung_bounded : entry.voice_swung;
  made.run = form.run;
  made.run_two = form.run_two;
  made.state = bundle_floats_;
  bundle_floats_ += form.state_bytes / 4;
  keep(made, form);
  made.wires = static_cast<std::uint32_t>(wires.size());
  store_->wires.insert(store_->wires.end(), wires.begin(), wires.end());
  for (int c = 0; c < 2; ++c) {
    made.out[c] = place.at[0];
    made.buffer[c] = buffer_of(place.at[0]);
  }
}

void Compiler::compile_sum(const NodeDef& node, Place& place) {
  place.channels = std::clamp(node.channels, 1, 2);
  for (int c = 0; c < place.channels; ++c) {
    std::vector<VoiceWire> wires;
    for (const auto& ref : node.inputs) wires.push_back(wire(ref, c));
    std::size_t taken = 0;
    do {  // in portions that a step can hold, each with what the last one gave
      const auto from = place.at[c];
      const auto portion = std::min(wires.size() - taken, kMaxVoiceWires - (taken > 0 ? std::size_t{1} : std::size_t{0}));
      place.at[c] = scratch();
      VoiceStep& made = step(VoiceStep::Kind::sum);
      made.pure = true;
      made.out[0] = place.at[c];
      made.buffer[0] = made.buffer[1] = buffer_of(place.at[c]);
      if (taken > 0) {
        store_->wires.push_back({VoiceWire::Base::scratch, buffer_of(from), from});
        free_.push_back(from);
      }
      const auto first = wires.begin() + static_cast<std::ptrdiff_t>(taken);
      store_->wires.insert(store_->wires.end(), first, first + static_cast<std::ptrdiff_t>(portion));
      made.wires = static_cast<std::uint32_t>(portion + (taken > 0 ? 1 : 0));
      taken += portion;
    } while (taken < wires.size());
  }
}

void Compiler::compile(std::uint32_t index) {
  const NodeDef& node = voice_.graph->nodes[index];
  Place& place = places_[index];
  if (place.absorbed) return;
  const UnitEntry* const entry = node.unit == "mix" ? nullptr : find_unit(table_, node.unit);
  if (entry && form_of(*entry, 1, true).run) {
    const auto scaled = scaling(index, *entry);
    if (swings(index, scaled.value_or(Scaling{}))) {
      place.absorbed = true;
      for (const std::uint32_t n : scaled.value_or(Scaling{}).nodes) places_[n].absorbed = true;
      swinging_[scaled ? scaled->last() : index] = {&node, entry, scaled.value_or(Scaling{})};
      return;
    }
    if (node.inputs.size() > 1 && node.inputs[1].kind == Ref::Kind::node && swinging_.count(node.inputs[1].index) > 0)
      return compile_swung(node, *entry, place);
    compile_unit(node, *entry, place, scaled ? &*scaled : nullptr);
    if (scaled) {
      for (const std::uint32_t n : scaled->nodes) places_[n].absorbed = true;
      places_[scaled->last()].at[0] = places_[scaled->last()].at[1] = place.at[0];
    }
  } else {
    if (node.unit == "mix")
      compile_sum(node, place);
    else
      compile_sum({node.key, "mix", {}, node.channels, -1, -1, node.where}, place);  // patterns live outside: silence
    for (const auto& ref : node.inputs) done_with(ref);
  }
  if (place.readers == 0)
    for (int c = 0; c < place.channels; ++c) free_.push_back(place.at[c]);
}

void Compiler::compile_rings() {
  for (std::size_t r = 0; r < rings_.size(); ++r) {
    const auto from = wire(Ref::node(rings_[r].node), rings_[r].channel);
    VoiceStep& made = step(VoiceStep::Kind::ring);
    made.state = rings_[r].at;
    made.wires = 1;
    store_->wires.push_back(from);
  }
}

void Compiler::compile_output() {
  VoiceProgram& p = recipe_->program;
  const int factors = p.out.product ? 2 : 1;
  p.channels = 1;
  for (int i = 0; i < factors; ++i) p.channels = std::max(p.channels, channels_of(out_[i]));
  for (int i = 0; i < factors; ++i) {
    VoiceWire* const to = i == 0 ? p.out.x : p.out.y;
    for (int c = 0; c < 2; ++c) to[c] = wire(out_[i], c);
    if (out_[i].kind != Ref::Kind::feedback) continue;
    Place copy;  // the ring is written anew before the sum reads it
    compile_sum({"", "mix", {out_[i]}, channels_of(out_[i]), -1, -1, {}}, copy);
    for (int c = 0; c < 2; ++c) {
      const auto at = copy.at[std::min(c, copy.channels - 1)];
      to[c] = {VoiceWire::Base::scratch, buffer_of(at), at};
    }
  }
}

void Compiler::finish() {
  VoiceProgram& p = recipe_->program;
  p.bundle_floats = bundle_floats_;
  p.kept_floats = kept_floats_;
  p.memory_floats = memory_floats_;
  p.scratch_floats = scratch_floats_;
  p.ends = ends_;
  p.fades = !hears_gate_ && !envelope_;
  p.hears_fall = p.fades || hears_fall_;
  const auto wait = static_cast<std::int32_t>(std::min<double>(longest_memory_, kLongestWait_s * rate_));
  p.quiet_frames = std::max(kQuietFrames, wait);
  p.done_frames = std::max(rings_.empty() ? kCell : kQuietFrames, wait);
  p.steps = store_->steps;
  p.wires = store_->wires;
  p.outer = store_->outer;
  p.inits = store_->inits;
  p.constants = store_->constants.data();
  p.keep = store_;
  recipe_->steps_a_frame = static_cast<int>(store_->steps.size());
}

std::shared_ptr<const VoiceRecipe> Compiler::run() {
  static const GraphDef kSilence;
  VoiceDef quiet;
  if (!voice_.graph) {
    quiet = voice_;
    quiet.graph = std::make_shared<GraphDef>(kSilence);
    return Compiler(quiet, around_, table_, rate_).run();
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
  count_readers();
  absorb_products();
  for (std::uint32_t i = 0; i < places_.size(); ++i) compile(i);
  compile_output();
  compile_rings();
  finish();
  return recipe_;
}

}  // namespace

std::shared_ptr<const VoiceRecipe> compile_voice(const VoiceDef& voice, const GraphDef& around, const UnitTable& table, double rate) {
  return Compiler(voice, around, table, rate).run();
}

}  // namespace hocket
