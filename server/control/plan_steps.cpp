#include "server/control/plan_steps.h"

#include <algorithm>
#include <array>

#include "server/control/plan_ghosts.h"
#include "server/engine/lane_steps.h"
#include "server/engine/voices.h"

namespace hocket {

namespace {

constexpr double kQuietTail_s = 0.25;

}  // namespace

StepWriter::StepWriter(const Flow& flow, const Work& work, const EngineSettings& settings, PlanStore& store, Signals& signals,
                       LoadBook& loads)
    : flow_(flow), work_(work), settings_(settings), store_(store), signals_(signals), loads_(loads), voice_parts_(flow.nodes.size()) {}

void StepWriter::measure(std::span<const std::uint32_t> nodes) {
  auto* const made = store_.arena.make<Meter*>(nodes.size());
  std::size_t count = 0;
  for (const auto n : nodes) {
    if (n == LaneGroup::kIdle) continue;
    store_.meters.push_back(loads_.meter(flow_.nodes[n].key));
    made[count++] = store_.meters.back().get();
  }
  meters_ = {made, count};
}

// ---- inputs

// `mix`: the node that it is the work of; null: an input of one.
void StepWriter::blend(const FlowInput& input, int channels, float* const* out, const FlowNode* mix) {
  auto* const made = store_.arena.make<BlendStep>();
  auto* const terms = store_.arena.make<Term>(input.size());
  made->terms = terms;
  made->count = static_cast<int>(input.size());
  made->outs = channels;
  for (std::size_t t = 0; t < input.size(); ++t) {
    for (int c = 0; c < 2; ++c) terms[t].wire[c] = signals_.wire(input[t], c);
    terms[t].fade = input[t].fade;
    if (!input[t].constant) terms[t].silent = voice_parts_[input[t].node].silent;
    terms[t].frames = input[t].frames;
    terms[t].wait = input[t].wait;
  }
  for (int c = 0; c < channels; ++c) made->out[c] = out[c];
  step(run_blend, made, [&] {
    static constexpr const char* kFades[] = {"", " in", " out", " in~", " out~"};
    std::string in;
    for (int t = 0; t < made->count; ++t)
      in += (t ? " + " : "") + signals_.text(terms[t].wire[0]) + kFades[static_cast<int>(terms[t].fade)];
    return StepNote{mix ? "mix " + mix->key : "blend", in, signals_.text(out, static_cast<std::size_t>(channels))};
  });
}

void StepWriter::sum_lanes(std::uint32_t g, const FlowNode& mix, float* const* out) {
  const LaneGroup& group = work_.lanes.groups[g];
  const int channels = flow_.nodes[work_.lanes.member(g)].channels;
  auto* const made = store_.arena.make<SumLanesStep>();
  made->form = &lane_form(work_.lanes.width);
  for (std::size_t k = 0; k < group.nodes.size(); ++k)
    if (group.nodes[k] != LaneGroup::kIdle) made->live |= 1U << k;
  made->outs = mix.channels;
  for (int c = 0; c < mix.channels; ++c) {
    made->in[c] = signals_.lanes_out(std::min(c, channels - 1), g);
    made->out[c] = out[c];
  }
  const auto count = static_cast<std::size_t>(mix.channels);
  step(run_sum_lanes, made, [&] {
    return StepNote{"mix " + mix.key, "lanes of " + signals_.text(made->in, count), signals_.text(out, count)};
  });
}

void StepWriter::wired(const FlowInput& input, int channels, Wire* wires) {
  if (input.empty() || (input.size() == 1 && input[0].fade == Fade::none)) {
    for (int c = 0; c < channels; ++c) wires[c] = signals_.wire(input.empty() ? FlowTerm::of(0) : input[0], c);
    return;
  }
  int widest = 1;
  for (const auto& term : input)
    if (!term.constant) widest = std::max(widest, flow_.nodes[term.node].channels);
  widest = std::min(widest, channels);
  float* out[2] = {nullptr, nullptr};
  for (int c = 0; c < widest; ++c) out[c] = signals_.lend();
  blend(input, widest, out, nullptr);
  for (int c = 0; c < channels; ++c) wires[c] = {out[std::min(c, widest - 1)], 1};
}

// ---- nodes

void StepWriter::write_unit(const FlowNode& node, std::uint32_t n) {
  auto& unit = static_cast<UnitNode&>(*node.object);
  const bool each = node.entry->info.shape == Shape::each;
  std::vector<std::array<Wire, 2>> ports(node.inputs.size());
  for (std::size_t p = 0; p < ports.size(); ++p) wired(node.inputs[p], each ? node.channels : p == 0 ? 2 : 1, ports[p].data());
  signals_.give_out(n);
  for (int run = 0; run < unit.states; ++run) {
    auto* const made = store_.arena.make<UnitStep>();
    const bool stereo = unit.kernel.in_channels == 2;
    auto* const in = store_.arena.make<Wire>(ports.size() + 1);
    std::size_t w = 0;
    for (std::size_t p = 0; p < ports.size(); ++p) {
      if (p == 0 && stereo) in[w++] = ports[p][0];
      in[w++] = ports[p][p == 0 && stereo ? 1 : each ? run : 0];
    }
    made->run = unit.kernel.run;
    made->state = unit.state[run];
    made->memory = unit.memory[run];
    made->in = in;
    made->node = &unit;
    made->first = run == 0;
    made->outs = each ? 1 : node.channels;
    for (int c = 0; c < made->outs; ++c) made->out[c] = signals_.out(each ? run : c, n);
    step(run_unit, made, [&] {
      return StepNote{std::string(node.entry->info.name) + " " + node.key + (node.ghost ? " (ghost)" : ""), signals_.text(in, w),
                      signals_.text(made->out, static_cast<std::size_t>(made->outs))};
    });
  }
  write_tail(node, n);
}

void StepWriter::write_tail(const FlowNode& node, std::uint32_t n) {
  if (!node.rings || !node.entry->info.tail) return;
  auto& unit = static_cast<UnitNode&>(*node.object);
  auto* const tail = store_.arena.make<TailStep>();
  tail->node = &unit;
  tail->channels = node.channels;
  for (int c = 0; c < node.channels; ++c) tail->in[c] = {signals_.out(c, n), 1};
  tail->quiet_frames = std::max<std::int64_t>(static_cast<std::int64_t>(kQuietTail_s * settings_.rate), unit.memory[0].frames);
  tail->most_frames = static_cast<std::int64_t>(kLongestRing_s * settings_.rate);
  step(run_tail, tail, [&] { return StepNote{"tail " + node.key, signals_.text(tail->in[0]), ""}; });
}

// What patterns play: holds, curves, gates.
template <class Made, class Object>
void StepWriter::write_player(const FlowNode& node, std::uint32_t n, void (*how)(void*, const Block&, int) RT, const char* what) {
  signals_.give_out(n);
  auto* const made = store_.arena.make<Made>();
  made->node = static_cast<Object*>(node.object.get());
  made->out = signals_.out(0, n);
  if constexpr (requires { made->steps; }) made->steps = node.steps;
  step(how, made, [&] { return StepNote{std::string(what) + " " + node.key, "", signals_.text(made->out)}; });
}

void StepWriter::write_late(const FlowNode& node, std::uint32_t n) {
  signals_.give_out(n);
  auto* const made = store_.arena.make<LateStep>();
  made->node = static_cast<LateNode*>(node.object.get());
  made->channels = node.channels;
  for (int c = 0; c < node.channels; ++c) made->out[c] = signals_.out(c, n);
  step(run_late_read, made, [&] { return StepNote{"late " + node.key, "", signals_.text(made->out[0])}; });
}

void StepWriter::write_late_end(const FlowNode& node) {
  auto* const made = store_.arena.make<LateStep>();
  made->node = static_cast<LateNode*>(node.object.get());
  made->channels = node.channels;
  wired(node.inputs[0], 2, made->in);
  step(run_late_write, made, [&] { return StepNote{"write " + node.key, signals_.text(made->in[0]), ""}; });
}

void StepWriter::write(const Item& item) {
  const auto n = item.index;
  const FlowNode& node = flow_.nodes[n];
  if (item.kind == Item::Kind::voices) return write_voices(node, item);
  if (item.kind == Item::Kind::late_write) return write_late_end(node);
  switch (node.kind) {
    case FlowNode::Kind::unit:
      return write_unit(node, n);
    case FlowNode::Kind::voices:
      return write_voices_sum(node, n);
    case FlowNode::Kind::hold:
      return write_player<HoldStep, HoldNode>(node, n, run_hold, "hold");
    case FlowNode::Kind::curve:
      return write_player<CurveStep, CurveNode>(node, n, run_curve, "curve");
    case FlowNode::Kind::gate:
      return write_player<GateStep, GateNode>(node, n, run_gate, "gate");
    case FlowNode::Kind::late:
      return write_late(node, n);
    case FlowNode::Kind::mix: {
      signals_.give_out(n);
      float* const out[2] = {signals_.out(0, n), node.channels > 1 ? signals_.out(1, n) : nullptr};
      if (const int group = work_.lanes.summed_group(flow_, n); group >= 0) return sum_lanes(static_cast<std::uint32_t>(group), node, out);
      return blend(node.inputs[0], node.channels, out, &node);
    }
    case FlowNode::Kind::input: {
      signals_.give_out(n);
      auto* const made = store_.arena.make<InputStep>();
      *made = {node.hardware, signals_.out(0, n)};
      return step(run_input, made, [&] { return StepNote{"in " + node.key, std::to_string(node.hardware + 1), signals_.text(made->out)}; });
    }
  }
}

// ---- voices

// Buffers of a node's banks part, part + stride …
void StepWriter::make_room_for(std::uint32_t n, int part, int stride) {
  const FlowNode& node = flow_.nodes[n];
  VoiceParts& parts = voice_parts_[n];
  const auto banks = static_cast<std::size_t>(static_cast<const Voices&>(*node.object).banks());
  const auto channels = static_cast<std::size_t>(node.channels);
  if (!parts.out) {
    parts.out = store_.arena.make<float*>(banks * channels);
    parts.silent = store_.arena.make<bool>();
    parts.wrote = store_.arena.make<bool>(banks);
  }
  for (auto g = static_cast<std::size_t>(part); g < banks; g += static_cast<std::size_t>(stride))
    for (std::size_t c = 0; c < channels; ++c) parts.out[g * channels + c] = signals_.take();
}

void StepWriter::write_together(std::span<const std::uint32_t> nodes) {
  auto* const steps = store_.arena.make<VoicesStep>(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    make_room_for(nodes[i], 0, 1);
    VoiceParts& parts = voice_parts_[nodes[i]];
    steps[i].node = static_cast<Voices*>(flow_.nodes[nodes[i]].object.get());
    steps[i].out = parts.out;
    steps[i].wrote = parts.wrote;
  }
  const FlowNode& first = flow_.nodes[nodes[0]];
  const VoiceProgram& program = first.voice->program;
  auto* const made = store_.arena.make<VoicesTogetherStep>();
  made->parts = steps;
  made->count = static_cast<int>(nodes.size());
  scratch_floats_ = std::max(scratch_floats_, Voices::together_floats(program));
  step(run_voices_together, made, [&] {
    return StepNote{"voices " + first.key + " and " + std::to_string(nodes.size() - 1) + " more, " + std::to_string(program.steps.size()) +
                        " steps, " + std::to_string(program.lanes) + " lanes",
                    "", signals_.text(voice_parts_[nodes[0]].out[0]) + "…"};
  });
}

void StepWriter::write_voices(const FlowNode& node, const Item& item) {
  auto& voices = static_cast<Voices&>(*node.object);
  const VoiceRecipe& recipe = *node.voice;
  make_room_for(item.index, item.part, work_.parts[item.index]);
  VoiceParts& parts = voice_parts_[item.index];
  const auto channels = static_cast<std::size_t>(node.channels);
  std::vector<std::array<Wire, 2>> inputs(node.inputs.size());
  for (std::size_t p = 0; p < inputs.size(); ++p) wired(node.inputs[p], 2, inputs[p].data());
  auto* const outer = store_.arena.make<Wire>(recipe.slots.size());
  for (std::size_t s = 0; s < recipe.slots.size(); ++s)
    outer[s] = inputs[recipe.slots[s].input][static_cast<std::size_t>(recipe.slots[s].channel)];
  auto* const made = store_.arena.make<VoicesStep>();
  made->node = &voices;
  made->outer = outer;
  made->out = parts.out;
  made->wrote = parts.wrote;
  made->first = item.part;
  made->stride = work_.parts[item.index];
  scratch_floats_ = std::max(scratch_floats_, Voices::scratch_floats(recipe.program));
  step(run_voices, made, [&] {
    return StepNote{"voices " + node.key + (node.ghost ? " (ghost)" : "") + ", " + std::to_string(voices.polyphony()) + " of " +
                        std::to_string(recipe.program.steps.size()) + " steps, " + std::to_string(recipe.program.lanes) + " lanes",
                    signals_.text(outer, recipe.slots.size()),
                    signals_.text(parts.out[static_cast<std::size_t>(item.part) * channels]) + "…"};
  });
}

void StepWriter::write_voices_sum(const FlowNode& node, std::uint32_t n) {
  auto& voices = static_cast<Voices&>(*node.object);
  signals_.give_out(n);
  auto* const made = store_.arena.make<VoicesSumStep>();
  made->node = &voices;
  made->in = voice_parts_[n].out;
  made->wrote = voice_parts_[n].wrote;
  made->silent = voice_parts_[n].silent;
  made->ghost = node.rings;
  for (int c = 0; c < node.channels; ++c) made->out[c] = signals_.out(c, n);
  step(run_voices_sum, made, [&] {
    return StepNote{"sum " + node.key, signals_.text(made->in[0]) + "…", signals_.text(made->out, static_cast<std::size_t>(node.channels))};
  });
  for (int b = 0; b < voices.banks() * node.channels; ++b) signals_.pass(voice_parts_[n].out[b]);
}

// ---- outputs

std::vector<OutputEntry> StepWriter::write_output(std::uint32_t index) {
  const FlowOutput& output = flow_.outputs[index];
  OutputEntry entry;
  int channels = 1;
  for (const auto& term : output.input)
    if (!term.constant) channels = std::max(channels, flow_.nodes[term.node].channels);
  wired(output.input, 2, entry.in);
  signals_.keep_lent();
  if (store_.told) store_.output_notes[index] = output.name + ": " + signals_.text(entry.in, static_cast<std::size_t>(channels));
  const auto routed = [&](const std::vector<int>& route) {
    OutputEntry made = entry;
    for (std::size_t c = 0; c < 2 && !route.empty(); ++c)
      made.hardware[c] = static_cast<std::int16_t>(std::clamp(route[std::min(c, route.size() - 1)] - 1, 0, 32767));
    if (route.size() == 1) made.hardware[1] = -1;
    return made;
  };
  OutputEntry to = routed(output.route);
  to.from = output.from;
  to.to = output.to;
  if (output.route == output.route_from) return {to};
  OutputEntry was = routed(output.route_from);
  was.from = output.from;
  was.to = 0;
  was.stem = false;
  to.from = 0;
  return {to, was};
}

}  // namespace hocket
