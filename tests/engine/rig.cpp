#include "tests/engine/rig.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>

namespace hocket::test {

namespace {

// Test units, for any number of lanes.

template <int lanes>
void run_tick(void* state, Memory, const Wire*, float* const* out, int frames, const Clock&) RT {
  auto* const begun = static_cast<std::uint32_t*>(state);
  for (int i = 0; i < frames; ++i)
    for (int k = 0; k < lanes; ++k) {
      out[0][i * lanes + k] = begun[k] ? 0.F : 1.F;
      begun[k] = 1;
    }
}
template <int lanes>
std::uint32_t tick_done(const void* state) RT {
  std::uint32_t done = 0;
  for (int k = 0; k < lanes; ++k) done |= static_cast<const std::uint32_t*>(state)[k] != 0 ? 1U << k : 0U;
  return done;
}

template <int lanes>
void run_poison(void*, Memory, const Wire* in, float* const* out, int frames, const Clock&) RT {
  for (int i = 0; i < frames; ++i)
    for (int k = 0; k < lanes; ++k) {
      const bool bad = in[1].at[i * in[1].step + k] > 0;
      out[0][i * lanes + k] = bad ? std::numeric_limits<float>::quiet_NaN() : in[0].at[i * in[0].step + k];
    }
}

template <int lanes>
void run_burn(void*, Memory, const Wire* in, float* const* out, int frames, const Clock&) RT {
  for (int i = 0; i < frames; ++i)
    for (int k = 0; k < lanes; ++k) {
      float x = in[0].at[i * in[0].step + k];
      for (int n = 0; n < 1000; ++n) x = x * 0.9999F + 1e-4F * x;
      out[0][i * lanes + k] = x;
    }
}

constexpr Port kPoisonPorts[] = {{"in", PortUnit::signal, 0, 0, 0, ""}, {"when", PortUnit::number, 0, 0, 0, ""}};
constexpr Port kBurnPorts[] = {{"in", PortUnit::signal, 0, 0, 0, ""}};

template <int lanes>
void add_test_units(std::vector<UnitEntry>& units) {
  UnitEntry tick;
  tick.info.name = "tick";
  tick.mono.run = run_tick<1>;
  tick.mono.state_bytes = 4;
  tick.mono.done = tick_done<1>;
  tick.voice_mono = tick.mono;
  tick.voice_mono.done = tick_done<lanes>;
  tick.voice_mono.run = run_tick<lanes>;
  tick.voice_mono.state_bytes = 4 * lanes;
  units.push_back(tick);
  UnitEntry poison;
  poison.info.name = "poison";
  poison.info.ports = kPoisonPorts;
  poison.mono.run = run_poison<1>;
  poison.voice_mono.run = run_poison<lanes>;
  units.push_back(poison);
  UnitEntry burn;
  burn.info.name = "burn";
  burn.info.ports = kBurnPorts;
  burn.mono.run = run_burn<1>;
  burn.voice_mono.run = run_burn<lanes>;
  units.push_back(burn);
}

struct OwnTable {
  std::vector<UnitEntry> units;
  UnitTable table;
};

}  // namespace

const UnitTable& test_table(const UnitTable& real) {
  static std::map<const UnitTable*, OwnTable> made;
  OwnTable& own = made[&real];
  if (!own.units.empty()) return own.table;
  own.units.assign(real.units.begin(), real.units.end());
  if (real.lanes == 16) add_test_units<16>(own.units);
  if (real.lanes == 8) add_test_units<8>(own.units);
  if (real.lanes == 4) add_test_units<4>(own.units);
  std::sort(own.units.begin(), own.units.end(), [](const UnitEntry& a, const UnitEntry& b) { return a.info.name < b.info.name; });
  own.table = {real.isa, real.lanes, real.fused, real.passes, own.units};
  return own.table;
}

// ---- graphs

Ref GraphMaker::add(NodeDef node) {
  if (node.key.empty()) node.key = node.unit + "#" + std::to_string(count_++);
  graph.nodes.push_back(std::move(node));
  return Ref::node(static_cast<std::uint32_t>(graph.nodes.size() - 1));
}

Ref GraphMaker::unit(const std::string& name, std::vector<Ref> inputs, const std::string& key, int channels) {
  NodeDef node;
  node.key = key;
  node.unit = name;
  node.inputs = std::move(inputs);
  node.channels = channels;
  return add(std::move(node));
}

Ref GraphMaker::mix(std::vector<Ref> inputs, const std::string& key, int channels) {
  return unit("mix", std::move(inputs), key, channels);
}

namespace {

Ref add_pattern(GraphMaker& maker, const std::string& unit, SourceKind kind, const std::string& key, double init, std::uint64_t print) {
  SourceDef source;
  source.key = key;
  source.kind = kind;
  source.print = print;
  maker.graph.sources.push_back(std::move(source));
  const Ref made = maker.unit(unit, {Ref::of(init)}, key);
  maker.graph.nodes[made.index].source = static_cast<int>(maker.graph.sources.size()) - 1;
  return made;
}

}  // namespace

Ref GraphMaker::hold(const std::string& key, double init, std::uint64_t print) {
  return add_pattern(*this, "hold", SourceKind::hold, key, init, print);
}
Ref GraphMaker::gate(const std::string& key, std::uint64_t print) {
  return add_pattern(*this, "gate", SourceKind::gate, key, 0, print);
}
Ref GraphMaker::curve(const std::string& key, std::uint64_t print) {
  return add_pattern(*this, "curve", SourceKind::curve, key, 0, print);
}

Ref GraphMaker::voices(const std::string& key, VoiceDef def, int channels, std::uint64_t print) {
  SourceDef source;
  source.key = key;
  source.kind = SourceKind::sound;
  source.print = print;
  graph.sources.push_back(std::move(source));
  return more_voices(key, static_cast<int>(graph.sources.size()) - 1, std::move(def), channels);
}

Ref GraphMaker::more_voices(const std::string& key, int source, VoiceDef def, int channels) {
  graph.voices.push_back(std::move(def));
  const auto index = static_cast<std::uint32_t>(graph.voices.size() - 1);
  graph.sources[static_cast<std::size_t>(source)].voices.push_back(index);
  NodeDef node;
  node.key = key;
  node.unit = "voices";
  node.channels = channels;
  node.source = source;
  node.voice = static_cast<int>(index);
  return add(std::move(node));
}

GraphMaker& GraphMaker::out(Ref ref, int channels, const std::string& name) {
  graph.outputs.push_back({name, ref, channels});
  return *this;
}

VoiceDef voice(GraphMaker maker, int polyphony, std::vector<VoiceParam> params) {
  VoiceDef def;
  def.name = "voice";
  for (const char* name : kVoiceParams) def.params.push_back({name, 0});
  for (auto& param : params) def.params.push_back(std::move(param));
  def.polyphony = polyphony;
  if (maker.graph.outputs.empty()) {
    const auto& last = maker.graph.nodes.back();
    maker.graph.outputs.push_back({"voice", Ref::node(static_cast<std::uint32_t>(maker.graph.nodes.size() - 1)), last.channels});
  }
  def.graph = std::make_shared<GraphDef>(std::move(maker.graph));
  return def;
}

VoiceDef tick_voice(int polyphony) {
  GraphMaker g;
  g.unit("tick", {});
  return voice(std::move(g), polyphony);
}

VoiceDef tone_voice(int polyphony, double release_s, const std::string& wave, double attack_s) {
  GraphMaker g;
  const Ref tone = g.unit(wave, {Ref::param(0), Ref::of(0)});
  const Ref shape = g.unit("adsr", {Ref::param(3), Ref::of(attack_s), Ref::of(0.05), Ref::of(0.6), Ref::of(release_s)});
  g.unit("mul", {tone, shape});
  return voice(std::move(g), polyphony);
}

// ---- the rig

Rig::Rig(EngineSettings settings, const UnitTable& table) : engine(settings), planner(table, settings) {}

TimedEvent Rig::event(const Play& play) const {
  TimedEvent made;
  made.at = play.at;
  made.until = play.until;
  made.source = ids_.at(static_cast<std::size_t>(play.source));
  made.voice = static_cast<std::uint16_t>(play.voice);
  made.count = static_cast<std::uint16_t>(play.values.size());
  std::copy(play.values.begin(), play.values.end(), made.values);
  made.gain = play.gain;
  made.pan = play.pan;
  made.cut = play.cut;
  made.seed = play.seed;
  made.nudge_s = play.nudge_s;
  made.act = play.act;
  made.tag = play.tag;
  return made;
}

void Rig::swap(const GraphDef& graph, const std::vector<Play>& plays, const Going& going) {
  auto planned = planner.plan(graph, going.mix, going.seed, going.clean, going.ring);
  ids_ = planned.source_ids;
  text = planner.text();
  Swap& swap = *planned.swap;
  std::vector<TimedEvent> first;
  for (const auto& play : plays) {
    const auto made = event(play);
    if (planned.fresh.at(static_cast<std::size_t>(play.source)))
      first.push_back(made);
    else
      REQUIRE(engine.give(made));
  }
  swap.first = std::make_unique<TimedEvent[]>(first.size());
  std::copy(first.begin(), first.end(), swap.first.get());
  swap.first_count = static_cast<std::uint32_t>(first.size());
  swap.quantised = going.at.den > 0;
  if (swap.quantised) swap.at = going.at;
  swap.retime = going.frames_per_cycle.den > 0;
  if (swap.retime) swap.frames_per_cycle = going.frames_per_cycle;
  swap.reset_cycle = going.cycle.den > 0;
  if (swap.reset_cycle) swap.cycle = going.cycle;
  swap.serial = ++serial_;
  REQUIRE(engine.give(planned.swap));
}

void Rig::move(const Going& going) {
  auto swap = std::make_unique<Swap>();
  swap->quantised = going.at.den > 0;
  if (swap->quantised) swap->at = going.at;
  swap->retime = going.frames_per_cycle.den > 0;
  if (swap->retime) swap->frames_per_cycle = going.frames_per_cycle;
  swap->reset_cycle = going.cycle.den > 0;
  if (swap->reset_cycle) swap->cycle = going.cycle;
  swap->serial = ++serial_;
  REQUIRE(engine.give(swap));
}

bool Rig::play(const std::vector<Play>& plays) {
  return std::all_of(plays.begin(), plays.end(), [&](const Play& p) { return engine.give(event(p)); });
}

template <class Each>
void Rig::run(std::int64_t frames, int host, Each each) {
  const int channels = engine.settings().channels;
  std::vector<Samples> buffers(static_cast<std::size_t>(channels), Samples(static_cast<std::size_t>(host)));
  std::vector<float*> out;
  for (auto& b : buffers) out.push_back(b.data());
  for (std::int64_t done = 0; done < frames;) {
    const int count = static_cast<int>(std::min<std::int64_t>(host, frames - done));
    engine.render(out.data(), nullptr, count);
    each(buffers, count);
    done += count;
    engine.collect();
  }
}

Sound Rig::render(std::int64_t frames, int host) {
  Sound sound;
  sound.rate = engine.settings().rate;
  sound.channels.resize(static_cast<std::size_t>(engine.settings().channels));
  run(frames, host, [&](const std::vector<Samples>& buffers, int count) {
    for (std::size_t c = 0; c < buffers.size(); ++c)
      sound.channels[c].insert(sound.channels[c].end(), buffers[c].begin(), buffers[c].begin() + count);
  });
  return sound;
}

Samples Rig::stem(std::int64_t frames, std::uint32_t output, int channel, int host) {
  Samples all;
  run(frames, host, [&](const std::vector<Samples>&, int count) {
    const auto stem = engine.stem(output, channel);
    if (stem.empty())
      all.insert(all.end(), static_cast<std::size_t>(count), 0.F);
    else
      all.insert(all.end(), stem.begin(), stem.end());
  });
  return all;
}

Position frames_per_cycle(double rate, std::int64_t cps_num, std::int64_t cps_den) {
  return {static_cast<std::int64_t>(std::llround(rate)) * cps_den, cps_num};
}

void append(Samples& to, const Samples& more) {
  to.insert(to.end(), more.begin(), more.end());
}

std::vector<std::int64_t> sounding_frames(std::span<const float> x) {
  std::vector<std::int64_t> found;
  for (std::size_t i = 0; i < x.size(); ++i)
    if (x[i] != 0) found.push_back(static_cast<std::int64_t>(i));
  return found;
}

}  // namespace hocket::test
