#include "server/control/plan_draft.h"

#include <algorithm>
#include <cmath>

#include "server/control/plan_match.h"

namespace hocket {

namespace {

class Drafting {
 public:
  Drafting(const GraphDef& def, const MixSettings& mix, const UnitTable& table, double rate, VoiceBook& book)
      : def_(def), mix_(mix), table_(table), rate_(rate), book_(book) {}

  Draft run();

 private:
  FlowNode describe(const NodeDef&);
  FlowTerm term_of(const Ref&);
  std::uint32_t late_of(std::uint32_t node);

  const GraphDef& def_;
  const MixSettings& mix_;
  const UnitTable& table_;
  const double rate_;
  VoiceBook& book_;
  Draft draft_;
  std::vector<int> late_;  // node → its `late` node, or kNone
};

FlowNode Drafting::describe(const NodeDef& def) {
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
      node.voice = book_.recipe(voice, def_, table_, rate_);
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
  } else if (const UnitEntry* entry = find_unit(table_, def.unit); entry && form_of(*entry, 1, false).run) {
    node.kind = Kind::unit;
    node.entry = entry;
  }  // an unknown unit is an empty sum: silence
  return node;
}

std::uint32_t Drafting::late_of(std::uint32_t node) {
  if (late_[node] != kNone) return static_cast<std::uint32_t>(late_[node]);
  FlowNode late;
  late.kind = FlowNode::Kind::late;
  late.key = draft_.flow.nodes[node].key + "/late";
  late.channels = draft_.flow.nodes[node].channels;
  late.inputs = {{FlowTerm::from(node)}};
  late_[node] = static_cast<int>(draft_.flow.nodes.size());
  draft_.flow.nodes.push_back(std::move(late));
  return static_cast<std::uint32_t>(late_[node]);
}

FlowTerm Drafting::term_of(const Ref& ref) {
  const auto count = def_.nodes.size();
  if (ref.kind == Ref::Kind::node && ref.index < count) return FlowTerm::from(ref.index);
  if (ref.kind == Ref::Kind::feedback && ref.index < count) return FlowTerm::from(late_of(ref.index));
  const auto x = static_cast<float>(ref.number);
  return FlowTerm::of(ref.kind == Ref::Kind::number && std::isfinite(x) ? x : 0);
}

Draft Drafting::run() {
  Flow& flow = draft_.flow;
  const auto count = def_.nodes.size();
  flow.nodes.reserve(count * 2);
  late_.assign(count, kNone);
  draft_.kernels.assign(count, nullptr);
  draft_.constants.assign(count, {});
  for (const auto& def : def_.nodes) flow.nodes.push_back(describe(def));
  for (std::uint32_t n = 0; n < count; ++n) {
    const NodeDef& def = def_.nodes[n];
    std::vector<FlowInput> inputs;
    switch (flow.nodes[n].kind) {
      case FlowNode::Kind::unit: {
        const UnitEntry& entry = *flow.nodes[n].entry;
        for (std::size_t p = 0; p < entry.info.ports.size(); ++p)
          inputs.push_back({p < def.inputs.size() ? term_of(def.inputs[p]) : FlowTerm::of(entry.info.ports[p].init)});
        const bool node_first = !inputs.empty() && !inputs[0][0].constant;
        draft_.kernels[n] = &form_of(entry, node_first ? flow.nodes[inputs[0][0].node].channels : 1, false);
        if (entry.info.shape != Shape::each) flow.nodes[n].channels = std::clamp(int{draft_.kernels[n]->out_channels}, 1, 2);
        draft_.constants[n] = constants_of(def, entry);
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
    flow.nodes[n].inputs = std::move(inputs);
  }
  flow.sources.resize(def_.sources.size());
  for (std::uint32_t n = 0; n < count; ++n) {
    const int source = flow.nodes[n].source;
    if (source >= 0 && source < static_cast<int>(flow.sources.size())) flow.sources[static_cast<std::size_t>(source)].nodes.push_back(n);
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
    flow.outputs.push_back(std::move(output));
  }
  return std::move(draft_);
}

}  // namespace

Draft draft(const GraphDef& def, const MixSettings& mix, const UnitTable& table, double rate, VoiceBook& book) {
  return Drafting(def, mix, table, rate, book).run();
}

}  // namespace hocket
