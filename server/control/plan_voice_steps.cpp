// How the nodes of an instrument become steps.
#include <algorithm>
#include <cmath>

#include "server/control/plan_voice_compiler.h"
#include "server/control/plan_voice_swing.h"

namespace hocket {

namespace {

// Do voices, which begin when they are played, each read elsewhere in its memory?
bool reads_apart(const UnitEntry& entry, const std::vector<float>& constants) {
  bool differs = entry.wanders;
  for (std::size_t p = 0; p < constants.size(); ++p) differs |= (entry.rows >> p & 1U) != 0 && std::isnan(constants[p]);
  return differs;
}

}  // namespace

// Of inputs that only move where the voices' values do.
void VoiceCompiler::keep(VoiceStep& step, const Kernel& kernel) {
  if (kernel.kept_bytes == 0) return;
  kept_floats_ = whole_lines(kept_floats_);
  step.kept = static_cast<std::int32_t>(kept_floats_);
  kept_floats_ += kernel.kept_bytes / 4;
}

// What its inputs are is known to change only where a gate does, or a value.
void VoiceCompiler::keep_rest(VoiceStep& step, const NodeDef& node) {
  constexpr std::uint32_t kMost = 32;
  const auto is_known = [&](const Ref& ref) { return is_steady(ref) || ref == Ref::param(kGateParam); };
  if (!step.rests || resting_ >= kMost || !std::all_of(node.inputs.begin(), node.inputs.end(), is_known)) return;
  step.rest = static_cast<std::int32_t>(kept_floats_);
  step.rest_bit = 1U << resting_++;
  kept_floats_ += lanes_;
}

std::vector<bool> VoiceCompiler::absorbed() const {
  std::vector<bool> all;
  for (const VoicePlace& place : places_) all.push_back(place.absorbed);
  return all;
}

// Is this oscillator only heard as the cutoff of a filter that can do its work?
bool VoiceCompiler::swings(std::uint32_t index, const Scaling& scaling) const {
  if (places_[scaling.nodes.empty() ? index : scaling.last()].readers != 1) return false;
  return swings_filter(
      *voice_.graph, table_, absorbed(), [&](const Ref& ref) { return is_steady(ref); }, index, scaling);
}

// Only of a node whose form for voices can be scaled, by what no product at the output has taken.
std::optional<Scaling> VoiceCompiler::scaling(std::uint32_t index, const UnitEntry& entry) const {
  const NodeDef& node = voice_.graph->nodes[index];
  if (!entry.voice_scaled.run || node.channels != 1) return std::nullopt;
  std::vector<int> readers;
  for (const VoicePlace& place : places_) readers.push_back(place.readers);
  auto found = scaling_of(*voice_.graph, index, readers);
  if (found && std::any_of(found->nodes.begin(), found->nodes.end(), [&](std::uint32_t n) { return places_[n].absorbed; }))
    return std::nullopt;
  return found;
}

void VoiceCompiler::compile_unit(const NodeDef& node, const UnitEntry& entry, VoicePlace& place, const Scaling* scaling) {
  const auto ports = entry.info.ports.size();
  const auto input = [&](std::size_t p) { return p < node.inputs.size() ? node.inputs[p] : Ref::of(entry.info.ports[p].init); };
  const bool each = entry.info.shape == Shape::each;
  const Kernel& kernel = form_of(entry, ports > 0 ? channels_of(input(0)) : 1, true);
  place.channels = each ? std::clamp(node.channels, 1, 2) : std::clamp(int{kernel.out_channels}, 1, 2);
  const auto constants = constants_of(node, entry);
  const std::uint32_t frames = entry.memory ? entry.memory(constants.data(), static_cast<float>(rate_)) : 0;
  const bool apart = reads_apart(entry, constants);
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
    made.run = apart ? (kernel.in_channels == 2 ? entry.apart_stereo : entry.apart_mono) : scaling ? entry.voice_scaled.run : kernel.run;
    made.run_two = scaling ? entry.voice_scaled.run_two : kernel.run_two;
    made.state = bundle_floats_;
    if (kernel.seed_offset >= 0) store_->seeds.push_back({bundle_floats_ + static_cast<std::uint32_t>(kernel.seed_offset) / 4, met_});
    if (kernel.done) store_->endings.push_back({bundle_floats_, kernel.done});
    bundle_floats_ += (kernel.state_bytes / 4 + lanes_ - 1) / lanes_ * lanes_;
    made.memory = static_cast<std::uint32_t>(memory_floats_);
    made.memory_frames = frames;
    made.apart = apart;
    memory_floats_ += std::size_t{made.apart ? apart_floats(frames) : frames} * lanes_;
    made.wires = static_cast<std::uint32_t>(wires.size());
    store_->wires.insert(store_->wires.end(), wires.begin(), wires.end());
    made.pure = kernel.state_bytes == 0 && !entry.memory;
    made.rests = kernel.rests;
    keep_rest(made, node);
    if (std::all_of(node.inputs.begin(), node.inputs.end(), [&](const Ref& ref) { return is_steady(ref); }))
      keep(made, scaling ? entry.voice_scaled : kernel);
    for (int c = 0; c < 2; ++c) {
      made.out[c] = place.at[each ? run : std::min(c, place.channels - 1)];
      made.buffer[c] = buffer_of(made.out[c]);
    }
  }
  if (runs > 1) let_inputs_go();
}

// A filter that swings by itself, see dsp/swing.h.
void VoiceCompiler::compile_swung(const NodeDef& node, const UnitEntry& entry, VoicePlace& place) {
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

// Do only numbers and the voices' values make it?
bool VoiceCompiler::is_steady(const Ref& ref) const {
  if (ref.kind == Ref::Kind::node) return ref.index < places_.size() && steady_[ref.index] && !places_[ref.index].absorbed;
  return ref.kind == Ref::Kind::number || (ref.kind == Ref::Kind::param && ref.index != kGateParam);
}

void VoiceCompiler::compile_settled(const NodeDef& node, VoicePlace& place) {
  const UnitEntry* const entry = node.unit == "mix" ? nullptr : find_unit(table_, node.unit);
  VoiceStep made;
  std::vector<VoiceWire> wires;
  for (const Ref& ref : node.inputs) wires.push_back(wire(ref, 0));
  if (entry) {
    for (auto p = wires.size(); p < entry->info.ports.size(); ++p) wires.push_back(constant(entry->info.ports[p].init));
    made.run = form_of(*entry, 1, true).run;
  } else {
    made.kind = VoiceStep::Kind::sum;
  }
  made.first_wire = static_cast<std::uint32_t>(store_->wires.size());
  made.wires = static_cast<std::uint32_t>(wires.size());
  store_->wires.insert(store_->wires.end(), wires.begin(), wires.end());
  place.kept = true;
  place.channels = 1;
  place.at[0] = place.at[1] = made.out[0] = kept_floats_;
  kept_floats_ += lanes_;
  store_->settled.push_back(made);
  ++met_;
}

// Products that only a sum or another product hears are made there: a pass over the lanes costs more for what it reads and writes than for
// what it works out.
constexpr std::size_t kMostFactors = 3, kMostTerms = kMaxVoiceWires / kMostFactors;

bool VoiceCompiler::folds(std::uint32_t index) const {
  const NodeDef& node = voice_.graph->nodes[index];
  const VoicePlace& place = places_[index];
  if (node.unit != "mul" || node.inputs.size() != 2 || place.readers != 1) return false;
  const NodeDef& reader = voice_.graph->nodes[place.reader];
  const auto factors = factors_of(node.inputs[0]).size() + factors_of(node.inputs[1]).size();
  if (places_[place.reader].absorbed || factors > kMostFactors) return false;
  if (reader.unit == "mix" || reader.unit == "add") return true;
  if (reader.unit != "mul" || reader.inputs.size() != 2 || factors >= kMostFactors) return false;
  const Ref& other = reader.inputs[reader.inputs[0] == Ref::node(index) ? 1 : 0];
  return factors_of(other).size() == 1;
}

// In an order in which they give what the products would one by one: at most one factor of a product is one itself.
std::vector<Ref> VoiceCompiler::factors_of(const Ref& ref) const {
  if (ref.kind != Ref::Kind::node || ref.index >= places_.size() || !places_[ref.index].folded) return {ref};
  const auto& inputs = voice_.graph->nodes[ref.index].inputs;
  auto first = factors_of(inputs[0]), second = factors_of(inputs[1]);
  if (second.size() > first.size()) std::swap(first, second);
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

bool VoiceCompiler::hears_products(const NodeDef& node) const {
  return std::any_of(node.inputs.begin(), node.inputs.end(), [&](const Ref& ref) { return factors_of(ref).size() > 1; });
}

// A sum, some of whose terms are products, or one product of several.
void VoiceCompiler::compile_blend(std::uint32_t index) {
  const NodeDef& node = voice_.graph->nodes[index];
  VoicePlace& place = places_[index];
  std::vector<std::vector<Ref>> terms;
  if (node.unit == "mul") {
    place.folded = true;
    terms.push_back(factors_of(Ref::node(index)));
    place.folded = false;
  } else {
    for (const Ref& ref : node.inputs) terms.push_back(factors_of(ref));
  }
  place.channels = std::clamp(node.channels, 1, 2);
  for (int c = 0; c < place.channels; ++c) {
    for (std::size_t taken = 0; taken < terms.size();) {  // in portions, as compile_sum
      const auto from = place.at[c];
      const auto portion = std::min(terms.size() - taken, kMostTerms - (taken > 0 ? 1 : 0));
      const auto first = terms.begin() + static_cast<std::ptrdiff_t>(taken), last = first + static_cast<std::ptrdiff_t>(portion);
      std::size_t factors = 2;
      for (auto term = first; term != last; ++term) factors = std::max(factors, term->size());
      std::vector<VoiceWire> wires;
      const auto fill = [&] {
        while (wires.size() % factors != 0) wires.push_back(constant(1));
      };
      if (taken > 0) {
        wires.push_back({VoiceWire::Base::scratch, buffer_of(from), from});
        fill();
      }
      for (auto term = first; term != last; ++term) {
        for (const Ref& ref : *term) wires.push_back(wire(ref, c));
        fill();
      }
      place.at[c] = scratch();
      if (taken > 0) free_.push_back(from);
      VoiceStep& made = step(VoiceStep::Kind::sum);
      made.pure = true;
      made.factors = static_cast<std::uint8_t>(factors);
      made.out[0] = place.at[c];
      made.buffer[0] = made.buffer[1] = buffer_of(place.at[c]);
      made.wires = static_cast<std::uint32_t>(wires.size());
      store_->wires.insert(store_->wires.end(), wires.begin(), wires.end());
      taken += portion;
    }
  }
  for (const auto& term : terms)
    for (const Ref& ref : term) done_with(ref);
  if (place.readers == 0)
    for (int c = 0; c < place.channels; ++c) free_.push_back(place.at[c]);
}

void VoiceCompiler::compile_sum(const NodeDef& node, VoicePlace& place) {
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

void VoiceCompiler::compile_rings() {
  for (std::size_t r = 0; r < rings_.size(); ++r) {
    const auto from = wire(Ref::node(rings_[r].node), rings_[r].channel);
    VoiceStep& made = step(VoiceStep::Kind::ring);
    made.state = rings_[r].at;
    made.wires = 1;
    store_->wires.push_back(from);
  }
}

void VoiceCompiler::compile(std::uint32_t index) {
  const NodeDef& node = voice_.graph->nodes[index];
  VoicePlace& place = places_[index];
  if (place.absorbed) return;
  if (is_steady(Ref::node(index))) return compile_settled(node, place);
  if (folds(index)) {
    ++met_;
    place.folded = true;
    place.channels = std::clamp(node.channels, 1, 2);
    return;
  }
  if (hears_products(node)) return compile_blend(index);
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

}  // namespace hocket
