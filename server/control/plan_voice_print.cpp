// What an instrument's graph is, before it is compiled: its units, what it reads, and whether two sound the same.
#include <algorithm>
#include <cstring>
#include <limits>

#include "server/control/plan_voice.h"

namespace hocket {

namespace {

struct Mixer {
  std::uint64_t hash = 0xcbf29ce484222325U;
  void add(std::uint64_t x) {
    hash = (hash ^ x) * 0x100000001b3U;
    hash ^= hash >> 29;
  }
  void add(std::string_view text) {
    for (const char c : text) add(static_cast<std::uint64_t>(static_cast<unsigned char>(c)));
    add(text.size());
  }
  void add(double x) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &x, sizeof bits);
    add(bits);
  }
};

}  // namespace

const UnitEntry* find_unit(const UnitTable& table, std::string_view name) {
  const auto at = std::lower_bound(table.units.begin(), table.units.end(), name,
                                   [](const UnitEntry& e, std::string_view n) { return e.info.name < n; });
  return at != table.units.end() && at->info.name == name ? &*at : nullptr;
}

std::vector<float> constants_of(const NodeDef& node, const UnitEntry& entry) {
  std::vector<float> constants(entry.info.ports.size(), std::numeric_limits<float>::quiet_NaN());
  for (std::size_t p = 0; p < constants.size(); ++p) {
    if (p >= node.inputs.size())
      constants[p] = entry.info.ports[p].init;
    else if (node.inputs[p].kind == Ref::Kind::number)
      constants[p] = static_cast<float>(node.inputs[p].number);
  }
  return constants;
}

const Kernel& form_of(const UnitEntry& entry, int first_input_channels, bool lanes) {
  const Kernel& mono = lanes ? entry.voice_mono : entry.mono;
  const Kernel& stereo = lanes ? entry.voice_stereo : entry.stereo;
  if (entry.info.shape != Shape::each && first_input_channels > 1 && stereo.run) return stereo;
  return mono.run || !stereo.run ? mono : stereo;
}

std::vector<std::uint32_t> outer_nodes(const VoiceDef& voice) {
  std::vector<std::uint32_t> outer;
  const auto add = [&](const Ref& ref) {
    if (ref.kind == Ref::Kind::outer && std::find(outer.begin(), outer.end(), ref.index) == outer.end()) outer.push_back(ref.index);
  };
  if (!voice.graph) return outer;
  for (const auto& node : voice.graph->nodes)
    for (const auto& ref : node.inputs) add(ref);
  for (const auto& output : voice.graph->outputs) add(output.ref);
  return outer;
}

std::uint64_t voice_print(const VoiceDef& voice, const GraphDef& around) {
  Mixer mix;
  mix.add(static_cast<std::uint64_t>(voice.polyphony));
  mix.add(voice.params.size());
  if (!voice.graph) return mix.hash;
  const auto outer = outer_nodes(voice);
  const auto add = [&](const Ref& ref) {
    mix.add(static_cast<std::uint64_t>(ref.kind));
    if (ref.kind == Ref::Kind::number) return mix.add(ref.number);
    if (ref.kind != Ref::Kind::outer) return mix.add(std::uint64_t{ref.index});
    mix.add(static_cast<std::uint64_t>(std::find(outer.begin(), outer.end(), ref.index) - outer.begin()));
    mix.add(static_cast<std::uint64_t>(ref.index < around.nodes.size() ? around.nodes[ref.index].channels : 0));
  };
  for (const auto& node : voice.graph->nodes) {
    mix.add(node.unit);
    mix.add(static_cast<std::uint64_t>(node.channels));
    mix.add(node.inputs.size());
    for (const auto& ref : node.inputs) add(ref);
  }
  for (const auto& output : voice.graph->outputs) {
    mix.add(static_cast<std::uint64_t>(output.channels));
    add(output.ref);
  }
  return mix.hash;
}

}  // namespace hocket
