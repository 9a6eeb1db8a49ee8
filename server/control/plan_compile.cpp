#include "server/control/plan_compile.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "server/control/plan_nodes.h"
#include "server/control/plan_store.h"
#include "server/control/plan_work.h"
#include "server/engine/lane_steps.h"

namespace hocket {

namespace {

constexpr double kRamp_s = 0.010;
constexpr double kQuietTail_s = 0.25;
constexpr double kLongestRing_s = 20;

class Compiler {
 public:
  Compiler(const Flow& flow, const EngineSettings& settings, int lanes, LoadBook& loads)
      : flow_(flow),
        settings_(settings),
        loads_(loads),
        work_(divide(flow, settings, lanes)),
        lanes_(work_.lanes),
        items_(work_.items),
        buffers_(store_->buffers),
        lane_buffers_(store_->lane_buffers) {}
  std::unique_ptr<Plan> run();

 private:
  // steps and buffers
  void count_reads();
  void count_read(const FlowInput&, std::uint32_t item);
  void count_lanes_reads(std::uint32_t item);
  void emit_stages();
  void measure(std::span<const std::uint32_t> nodes);
  void emit(std::uint32_t item);
  void emit_unit(const FlowNode&, std::uint32_t n);
  void emit_voices(const FlowNode&, const Item&);
  void emit_voices_sum(const FlowNode&, std::uint32_t n);
  void emit_output(std::uint32_t index);
  void blend(const FlowInput&, int channels, float* const* out, const std::string& what);
  bool wired(const FlowInput&, int channels, Wire* wires);
  Wire wire(const FlowTerm&, int channel);
  void emit_lanes(std::uint32_t group);
  void emit_lanes_run(const LaneGroup&, const FlowNode& one, std::uint32_t group, int state, LaneCare*);
  Woven weave_states(std::span<float* const> by_lane, std::uint32_t bytes);
  Wire lane_wire(const LaneGroup&, std::size_t port, int channel);
  void unweave(const LaneGroup&, std::uint32_t group, int channels);
  void emit_series(const NodeSeries&);
  void emit_wave(std::span<const std::uint32_t> nodes, Wire in, float* out, float* const* spare, int state);
  void emit_tail(const FlowNode&, std::uint32_t n);
  float* take(Buffers&);
  void give_out(std::uint32_t n);
  void read_done(const FlowInput&, std::uint32_t item);
  void lanes_read_done(std::uint32_t item);
  void step(void (*how)(void*, const Block&, int) RT, void* self, std::string what, std::string in, std::string out);
  // the rest
  void list_waits();
  void list_nodes();
  void list_sources();
  std::unique_ptr<Plan> finish();

  std::string text(Wire) const;
  std::string text(const float*) const;

  const Flow& flow_;
  const EngineSettings& settings_;
  LoadBook& loads_;
  std::shared_ptr<PlanStore> store_ = std::make_shared<PlanStore>();

  const Work work_;
  const Lanes& lanes_;
  const std::vector<Item>& items_;

  struct Reads {
    int left = 0;
    int task = -1;      // of all readers, or -2: several
    bool kept = false;  // to the end of the block
  };
  std::vector<Reads> reads_;        // of a node's own buffers
  std::vector<Reads> lanes_reads_;  // of a group's
  std::vector<float*> out_[2];      // node → buffer a channel
  std::vector<float*> lanes_out_[2];
  struct VoiceParts {
    float** out = nullptr;
    bool* wrote = nullptr;
    bool* silent = nullptr;
  };
  std::vector<VoiceParts> voice_parts_;
  Buffers buffers_, lane_buffers_;
  std::vector<float*> temporary_, lane_temporary_;
  std::span<Meter* const> meters_;                 // of the steps in the making
  std::vector<std::vector<OutputEntry>> entries_;  // by output
  std::size_t scratch_floats_ = 0;
  int task_ = 0;                         // in the making, as the work counts them
  std::vector<std::vector<int>> waits_;  // by task: for which others
};

// ---- steps and buffers

void Compiler::count_read(const FlowInput& input, std::uint32_t item) {
  for (const auto& term : input) {
    if (term.constant) continue;
    Reads& reads = reads_[term.node];
    ++reads.left;
    reads.task = reads.task == -1 || reads.task == items_[item].task ? items_[item].task : -2;
  }
}

// What a group hears of the group before it, lane by lane, stays in lanes; all else is read as a signal by itself.
void Compiler::count_lanes_reads(std::uint32_t i) {
  const LaneGroup& group = lanes_.groups[items_[i].index];
  const FlowNode& one = flow_.nodes[lanes_.member(items_[i].index)];
  for (std::size_t p = 0; p < one.inputs.size(); ++p) {
    const int from = lanes_.direct_source(flow_, group, p, 0);
    if (from >= 0) {
      Reads& reads = lanes_reads_[static_cast<std::size_t>(from)];
      ++reads.left;
      reads.task = reads.task == -1 || reads.task == items_[i].task ? items_[i].task : -2;
      continue;
    }
    for (const auto n : group.nodes)
      if (n != LaneGroup::kIdle) count_read(flow_.nodes[n].inputs[p], i);
  }
}

void Compiler::count_reads() {
  reads_.assign(flow_.nodes.size(), {});
  lanes_reads_.assign(lanes_.groups.size(), {});
  for (std::uint32_t i = 0; i < items_.size(); ++i) {
    const Item& item = items_[i];
    if (item.kind == Item::Kind::output) {
      for (const auto& term : flow_.outputs[item.index].input)
        if (!term.constant) reads_[term.node].kept = true;
      continue;
    }
    if (item.kind == Item::Kind::lanes) {
      count_lanes_reads(i);
      continue;
    }
    if (item.kind == Item::Kind::series) {
      count_read(flow_.nodes[lanes_.series[item.index][0]].inputs[0], i);
      continue;
    }
    const FlowNode& node = flow_.nodes[item.index];
    if (item.kind == Item::Kind::node && (node.kind == FlowNode::Kind::late || node.kind == FlowNode::Kind::voices)) continue;
    for (const auto& input : node.inputs) count_read(input, i);
  }
}

// For the task at hand.
float* Compiler::take(Buffers& buffers) {
  return buffers.take(task_, [&](int user) { waits_[static_cast<std::size_t>(task_)].push_back(user); });
}

void Compiler::give_out(std::uint32_t n) {
  for (int c = 0; c < flow_.nodes[n].channels; ++c) out_[c][n] = take(buffers_);
}

void Compiler::read_done(const FlowInput& input, std::uint32_t i) {
  for (const auto& term : input) {
    if (term.constant) continue;
    Reads& reads = reads_[term.node];
    for (int c = 0; c < flow_.nodes[term.node].channels; ++c) buffers_.use(out_[c][term.node], items_[i].task);
    if (--reads.left > 0 || reads.kept) continue;
    const bool here = reads.task == items_[i].task && items_[work_.producer[term.node]].task == items_[i].task;
    for (int c = 0; c < flow_.nodes[term.node].channels; ++c) buffers_.give_back(out_[c][term.node], here);
  }
}

void Compiler::lanes_read_done(std::uint32_t i) {
  const LaneGroup& group = lanes_.groups[items_[i].index];
  const FlowNode& one = flow_.nodes[lanes_.member(items_[i].index)];
  for (std::size_t p = 0; p < one.inputs.size(); ++p) {
    const int from = lanes_.direct_source(flow_, group, p, 0);
    if (from < 0) {
      for (const auto n : group.nodes)
        if (n != LaneGroup::kIdle) read_done(flow_.nodes[n].inputs[p], i);
      continue;
    }
    const auto g = static_cast<std::uint32_t>(from);
    Reads& reads = lanes_reads_[g];
    const auto source = lanes_.member(g);
    for (int c = 0; c < flow_.nodes[source].channels; ++c) lane_buffers_.use(lanes_out_[c][g], items_[i].task);
    if (--reads.left > 0) continue;
    const bool here = reads.task == items_[i].task && items_[work_.producer[source]].task == items_[i].task;
    for (int c = 0; c < flow_.nodes[source].channels; ++c) lane_buffers_.give_back(lanes_out_[c][g], here);
  }
}

Wire Compiler::wire(const FlowTerm& term, int channel) {
  if (!term.constant) return {out_[std::min(channel, flow_.nodes[term.node].channels - 1)][term.node], 1};
  store_->constants.push_back(term.value);
  return {&store_->constants.back(), 0};
}

std::string Compiler::text(const float* at) const {
  const int lanes = store_->lane_buffers.index(at);
  return lanes >= 0 ? "l" + std::to_string(lanes) : "b" + std::to_string(store_->buffers.index(at));
}

std::string Compiler::text(Wire w) const {
  if (w.step != 0) return text(w.at);
  char number[32];
  std::snprintf(number, sizeof number, "%.6g", static_cast<double>(*w.at));
  return number;
}

void Compiler::step(void (*how)(void*, const Block&, int) RT, void* self, std::string what, std::string in, std::string out) {
  store_->steps.push_back({how, self, meters_});
  store_->notes.push_back({std::move(what), std::move(in), std::move(out)});
}

void Compiler::blend(const FlowInput& input, int channels, float* const* out, const std::string& what) {
  auto* const made = store_->arena.make<BlendStep>();
  auto* const terms = store_->arena.make<Term>(input.size());
  made->terms = terms;
  made->count = static_cast<int>(input.size());
  made->outs = channels;
  std::string in;
  for (std::size_t t = 0; t < input.size(); ++t) {
    static constexpr const char* kFades[] = {"", " in", " out", " in~", " out~"};
    for (int c = 0; c < 2; ++c) terms[t].wire[c] = wire(input[t], c);
    terms[t].fade = input[t].fade;
    if (!input[t].constant) terms[t].silent = voice_parts_[input[t].node].silent;
    terms[t].frames = input[t].frames;
    in += (t ? " + " : "") + text(terms[t].wire[0]) + kFades[static_cast<int>(input[t].fade)];
  }
  for (int c = 0; c < channels; ++c) made->out[c] = out[c];
  step(run_blend, made, what, in, text(out[0]) + (channels > 1 ? " " + text(out[1]) : ""));
}

// One plain term is read where it lies; anything else is blended first. False: blended, into buffers that the step after gives back.
bool Compiler::wired(const FlowInput& input, int channels, Wire* wires) {
  if (input.empty() || (input.size() == 1 && input[0].fade == Fade::none)) {
    for (int c = 0; c < channels; ++c) wires[c] = wire(input.empty() ? FlowTerm::of(0) : input[0], c);
    return true;
  }
  int widest = 1;
  for (const auto& term : input)
    if (!term.constant) widest = std::max(widest, flow_.nodes[term.node].channels);
  widest = std::min(widest, channels);
  float* out[2] = {nullptr, nullptr};
  for (int c = 0; c < widest; ++c) temporary_.push_back(out[c] = take(buffers_));
  blend(input, widest, out, "blend");
  for (int c = 0; c < channels; ++c) wires[c] = {out[std::min(c, widest - 1)], 1};
  return false;
}

void Compiler::emit_unit(const FlowNode& node, std::uint32_t n) {
  auto& unit = static_cast<UnitNode&>(*node.object);
  const bool each = node.entry->info.shape == Shape::each;
  std::vector<std::array<Wire, 2>> ports(node.inputs.size());
  for (std::size_t p = 0; p < ports.size(); ++p) wired(node.inputs[p], each ? node.channels : p == 0 ? 2 : 1, ports[p].data());
  give_out(n);
  for (int run = 0; run < unit.states; ++run) {
    auto* const made = store_->arena.make<UnitStep>();
    const bool stereo = unit.kernel.in_channels == 2;
    auto* const in = store_->arena.make<Wire>(ports.size() + 1);
    std::string reads;
    std::size_t w = 0;
    for (std::size_t p = 0; p < ports.size(); ++p) {
      if (p == 0 && stereo) in[w++] = ports[p][0];
      in[w++] = ports[p][p == 0 && stereo ? 1 : each ? run : 0];
    }
    for (std::size_t i = 0; i < w; ++i) reads += (i ? " " : "") + text(in[i]);
    made->run = unit.kernel.run;
    made->state = unit.state[run];
    made->memory = unit.memory[run];
    made->in = in;
    made->node = &unit;
    made->first = run == 0;
    made->outs = each ? 1 : node.channels;
    std::string writes;
    for (int c = 0; c < made->outs; ++c) {
      made->out[c] = out_[each ? run : c][n];
      writes += (c ? " " : "") + text(made->out[c]);
    }
    step(run_unit, made, std::string(node.entry->info.name) + " " + node.key + (node.ghost ? " (ghost)" : ""), reads, writes);
  }
  emit_tail(node, n);
}

void Compiler::emit_tail(const FlowNode& node, std::uint32_t n) {
  if (!node.rings || !node.entry->info.tail) return;
  auto& unit = static_cast<UnitNode&>(*node.object);
  auto* const tail = store_->arena.make<TailStep>();
  tail->node = &unit;
  tail->channels = node.channels;
  for (int c = 0; c < node.channels; ++c) tail->in[c] = {out_[c][n], 1};
  tail->quiet_frames = std::max<std::int64_t>(static_cast<std::int64_t>(kQuietTail_s * settings_.rate), unit.memory[0].frames);
  tail->most_frames = static_cast<std::int64_t>(kLongestRing_s * settings_.rate);
  step(run_tail, tail, "tail " + node.key, text(tail->in[0]), "");
}

// A null lane is idle: it repeats the first that is not.
Woven Compiler::weave_states(std::span<float* const> by_lane, std::uint32_t bytes) {
  const auto width = by_lane.size();
  auto* const rows = store_->arena.make<Wire>(width);
  auto* const back = store_->arena.make<float*>(width);
  float* const lead = *std::find_if(by_lane.begin(), by_lane.end(), [](const float* x) { return x != nullptr; });
  for (std::size_t k = 0; k < width; ++k) {
    back[k] = by_lane[k];
    rows[k] = {by_lane[k] ? by_lane[k] : lead, 1};
  }
  Woven woven;
  woven.form = &lane_form(static_cast<int>(width));
  woven.count = static_cast<int>((bytes / 4 + width - 1) / width * width);
  woven.cells = store_->arena.floats(static_cast<std::size_t>(woven.count) * width);
  woven.rows = rows;
  woven.back = back;
  return woven;
}

// One wire of a group's input: lanes as they stand, constants side by side, or signals woven together.
Wire Compiler::lane_wire(const LaneGroup& group, std::size_t port, int channel) {
  const int width = lanes_.width;
  int source_channel = 0;
  const int from = lanes_.direct_source(flow_, group, port, channel, &source_channel);
  if (from >= 0) return {lanes_out_[source_channel][static_cast<std::size_t>(from)], width};
  std::vector<Wire> rows(static_cast<std::size_t>(width));
  int lead = -1;
  bool moves = false;
  for (int k = 0; k < width; ++k) {
    const auto n = group.nodes[static_cast<std::size_t>(k)];
    if (n == LaneGroup::kIdle) continue;
    Wire wires[2];
    wired(flow_.nodes[n].inputs[port], 2, wires);
    rows[static_cast<std::size_t>(k)] = wires[channel];
    moves |= wires[channel].step != 0;
    if (lead < 0) lead = k;
  }
  for (int k = 0; k < width; ++k)
    if (group.nodes[static_cast<std::size_t>(k)] == LaneGroup::kIdle)
      rows[static_cast<std::size_t>(k)] = rows[static_cast<std::size_t>(lead)];
  if (!moves) {
    auto* const values = store_->arena.make<float>(static_cast<std::size_t>(width));
    for (int k = 0; k < width; ++k) values[k] = *rows[static_cast<std::size_t>(k)].at;
    return {values, 0};
  }
  float* const out = take(lane_buffers_);
  lane_temporary_.push_back(out);
  auto* const made = store_->arena.make<WeaveStep>();
  auto* const from_rows = store_->arena.make<Wire>(rows.size());
  std::copy(rows.begin(), rows.end(), from_rows);
  *made = {&lane_form(width), from_rows, out};
  step(run_weave, made, "weave", text(rows[static_cast<std::size_t>(lead)]) + "…", text(out));
  return {out, width};
}

void Compiler::emit_lanes_run(const LaneGroup& group, const FlowNode& one, std::uint32_t g, int state, LaneCare* care) {
  const auto& unit = static_cast<const UnitNode&>(*one.object);
  const bool each = one.entry->info.shape == Shape::each, stereo = unit.kernel.in_channels == 2;
  auto* const made = store_->arena.make<LaneStep>();
  auto* const in = store_->arena.make<Wire>(one.inputs.size() + 1);
  std::size_t w = 0;
  for (std::size_t p = 0; p < one.inputs.size(); ++p) {
    if (p == 0 && stereo) in[w++] = lane_wire(group, p, 0);
    in[w++] = lane_wire(group, p, p == 0 && stereo ? 1 : each ? state : 0);
  }
  std::vector<float*> states(group.nodes.size(), nullptr);
  auto* const nodes = store_->arena.make<UnitNode*>(group.nodes.size());
  int busy = 0;
  for (std::size_t k = 0; k < group.nodes.size(); ++k) {
    if (group.nodes[k] == LaneGroup::kIdle) continue;
    nodes[k] = static_cast<UnitNode*>(flow_.nodes[group.nodes[k]].object.get());
    states[k] = static_cast<float*>(nodes[k]->state[state]);
    ++busy;
  }
  const int width = lanes_.width;
  care->woven[state] = weave_states(states, unit.kernel.state_bytes);
  store_->woven.push_back(&care->woven[state]);
  made->run = unit.lanes_run;
  made->passes = &lane_passes(width);
  made->care = care;
  made->nodes = nodes;
  made->lanes = width;
  made->state = state;
  if (unit.rack) made->memory = {unit.rack->of_state(state), unit.rack->frames, nullptr, static_cast<std::uint32_t>(width)};
  made->in = in;
  made->outs = each ? 1 : one.channels;
  std::string reads, writes;
  for (std::size_t i = 0; i < w; ++i) reads += (i ? " " : "") + (in[i].step != 0 ? text(in[i]) : text(in[i]) + "…");
  for (int c = 0; c < made->outs; ++c) {
    made->out[c] = lanes_out_[each ? state : c][g];
    writes += (c ? " " : "") + text(made->out[c]);
  }
  step(run_lanes, made,
       std::string(one.entry->info.name) + " " + one.key + "…, " + std::to_string(busy) + " of " + std::to_string(width) + " lanes", reads,
       writes);
}

// Signals by themselves, for those that do not read lanes.
void Compiler::unweave(const LaneGroup& group, std::uint32_t g, int channels) {
  for (int c = 0; c < channels; ++c) {
    float** rows = nullptr;
    for (std::size_t k = 0; k < group.nodes.size(); ++k) {
      const auto n = group.nodes[k];
      if (n == LaneGroup::kIdle || (reads_[n].left == 0 && !reads_[n].kept && !flow_.nodes[n].rings)) continue;
      if (!rows) rows = store_->arena.make<float*>(group.nodes.size());
      rows[k] = out_[c][n] = take(buffers_);
    }
    if (!rows) continue;
    auto* const made = store_->arena.make<UnweaveStep>();
    *made = {&lane_form(lanes_.width), lanes_out_[c][g], rows};
    const float* const first = *std::find_if(rows, rows + group.nodes.size(), [](const float* x) { return x != nullptr; });
    step(run_unweave, made, "unweave", text(lanes_out_[c][g]), text(first) + "…");
  }
}

void Compiler::emit_lanes(std::uint32_t g) {
  const LaneGroup& group = lanes_.groups[g];
  const FlowNode& one = flow_.nodes[lanes_.member(g)];
  for (int c = 0; c < one.channels; ++c) lanes_out_[c][g] = take(lane_buffers_);
  const int states = static_cast<const UnitNode&>(*one.object).states;
  auto* const care = store_->arena.make<LaneCare>();
  care->states = states;
  for (int state = 0; state < states; ++state) emit_lanes_run(group, one, g, state, care);
  unweave(group, g, one.channels);
  for (const auto n : group.nodes) {
    if (n == LaneGroup::kIdle) continue;
    emit_tail(flow_.nodes[n], n);
    if (flow_.nodes[n].rings && reads_[n].left == 0 && !reads_[n].kept)
      for (int c = 0; c < one.channels; ++c) buffers_.give_back(out_[c][n], false);
  }
  for (float* const used : temporary_) buffers_.give_back(used, true);
  if (lanes_reads_[g].left == 0)
    for (int c = 0; c < one.channels; ++c) lane_temporary_.push_back(lanes_out_[c][g]);
  for (float* const used : lane_temporary_) lane_buffers_.give_back(used, true);
  temporary_.clear();
  lane_temporary_.clear();
}

// `spare`: two buffers for when the units must run one by one.
void Compiler::emit_wave(std::span<const std::uint32_t> nodes, Wire in, float* out, float* const* spare, int state) {
  const FlowNode& one = flow_.nodes[nodes[0]];
  const auto& unit = static_cast<const UnitNode&>(*one.object);
  const int width = lanes_.width, count = static_cast<int>(nodes.size()), groups = (count + width - 1) / width;
  const std::size_t ports = one.inputs.size();
  auto* const made = store_->arena.make<SeriesStep>();
  auto* const alone = store_->arena.make<UnitStep>(nodes.size());
  auto* const constants = store_->arena.make<float>(static_cast<std::size_t>(groups * width) * (ports - 1));
  for (int n = 0; n < count; ++n) {
    const FlowNode& node = flow_.nodes[nodes[static_cast<std::size_t>(n)]];
    auto& each = static_cast<UnitNode&>(*node.object);
    auto* const wires = store_->arena.make<Wire>(ports);
    wires[0] = n == 0 ? in : Wire{spare[n % 2], 1};
    for (std::size_t p = 1; p < ports; ++p) wires[p] = wire(node.inputs[p].empty() ? FlowTerm::of(0) : node.inputs[p][0], 0);
    alone[n].run = each.kernel.run;
    alone[n].state = each.state[state];
    alone[n].in = wires;
    alone[n].out[0] = n + 1 == count ? out : spare[(n + 1) % 2];
    alone[n].node = &each;
    alone[n].first = state == 0;
  }
  const int idle = groups * width - count;
  for (int place = 0; place < groups * width; ++place)
    for (std::size_t p = 1; p < ports; ++p)
      constants[(static_cast<std::size_t>(place / width) * (ports - 1) + p - 1) * static_cast<std::size_t>(width) +
                static_cast<std::size_t>(width - 1 - place % width)] = *alone[std::max(0, place - idle)].in[p].at;
  made->run = one.entry->series[groups - 1];
  for (int g = 0; g < groups; ++g) {
    std::vector<float*> states(static_cast<std::size_t>(width), nullptr);
    for (int place = g * width; place < (g + 1) * width; ++place)
      if (place >= idle) states[static_cast<std::size_t>(width - 1 - place % width)] = static_cast<float*>(alone[place - idle].state);
    made->woven[g] = weave_states(states, unit.kernel.state_bytes);
    store_->woven.push_back(&made->woven[g]);
  }
  made->alone = alone;
  made->count = count;
  made->lanes = width;
  made->groups = groups;
  made->constants = constants;
  made->in = in;
  made->out = out;
  step(run_series, made, std::string(one.entry->info.name) + " " + one.key + "…, " + std::to_string(count) + " in series", text(in),
       text(out));
}

void Compiler::emit_series(const NodeSeries& series) {
  const auto n = series.back();
  const FlowNode& first = flow_.nodes[series[0]];
  const int states = static_cast<const UnitNode&>(*first.object).states;
  Wire in[2];
  wired(first.inputs[0], 2, in);
  give_out(n);
  float* spares[4];
  for (float*& spare : spares) temporary_.push_back(spare = take(buffers_));
  const auto most = static_cast<std::size_t>(lanes_.width * kMostSeriesGroups);
  for (int state = 0; state < states; ++state) {
    Wire from = in[state];
    for (std::size_t at = 0; at < series.size(); at += most) {
      const auto count = std::min(most, series.size() - at);
      float* const out = at + count == series.size() ? out_[state][n] : spares[2 + at / most % 2];
      emit_wave(std::span(series).subspan(at, count), from, out, spares, state);
      from = {out, 1};
    }
  }
  for (float* const used : temporary_) buffers_.give_back(used, true);
  temporary_.clear();
  if (reads_[n].left == 0 && !reads_[n].kept)
    for (int c = 0; c < first.channels; ++c) buffers_.give_back(out_[c][n], false);
}

void Compiler::emit_voices(const FlowNode& node, const Item& item) {
  auto& voices = static_cast<Voices&>(*node.object);
  const VoiceRecipe& recipe = *node.voice;
  VoiceParts& parts = voice_parts_[item.index];
  const auto banks = static_cast<std::size_t>(voices.banks()), channels = static_cast<std::size_t>(node.channels);
  if (!parts.out) {
    parts.out = store_->arena.make<float*>(banks * channels);
    parts.silent = store_->arena.make<bool>();
    parts.wrote = store_->arena.make<bool>(banks);
  }
  for (auto g = static_cast<std::size_t>(item.part); g < banks; g += static_cast<std::size_t>(work_.parts[item.index]))
    for (std::size_t c = 0; c < channels; ++c) parts.out[g * channels + c] = take(buffers_);
  std::vector<std::array<Wire, 2>> inputs(node.inputs.size());
  for (std::size_t p = 0; p < inputs.size(); ++p) wired(node.inputs[p], 2, inputs[p].data());
  auto* const outer = store_->arena.make<Wire>(recipe.slots.size());
  std::string reads;
  for (std::size_t s = 0; s < recipe.slots.size(); ++s) {
    outer[s] = inputs[recipe.slots[s].input][static_cast<std::size_t>(recipe.slots[s].channel)];
    reads += (s ? " " : "") + text(outer[s]);
  }
  auto* const made = store_->arena.make<VoicesStep>();
  made->node = &voices;
  made->outer = outer;
  made->out = parts.out;
  made->wrote = parts.wrote;
  made->first = item.part;
  made->stride = work_.parts[item.index];
  scratch_floats_ = std::max<std::size_t>(scratch_floats_, recipe.program.scratch_floats);
  step(run_voices, made,
       "voices " + node.key + (node.ghost ? " (ghost)" : "") + ", " + std::to_string(voices.polyphony()) + " of " +
           std::to_string(recipe.program.steps.size()) + " steps, " + std::to_string(recipe.program.lanes) + " lanes",
       reads, text(parts.out[static_cast<std::size_t>(item.part) * channels]) + "…");
}

void Compiler::emit_voices_sum(const FlowNode& node, std::uint32_t n) {
  auto& voices = static_cast<Voices&>(*node.object);
  give_out(n);
  auto* const made = store_->arena.make<VoicesSumStep>();
  made->node = &voices;
  made->in = voice_parts_[n].out;
  made->wrote = voice_parts_[n].wrote;
  made->silent = voice_parts_[n].silent;
  made->ghost = node.rings;
  for (int c = 0; c < node.channels; ++c) made->out[c] = out_[c][n];
  step(run_voices_sum, made, "sum " + node.key, text(made->in[0]) + "…",
       text(made->out[0]) + (node.channels > 1 ? " " + text(made->out[1]) : ""));
  for (int b = 0; b < voices.banks() * node.channels; ++b) buffers_.use(voice_parts_[n].out[b], task_);
  for (int b = 0; b < voices.banks() * node.channels; ++b) buffers_.give_back(voice_parts_[n].out[b], false);
}

void Compiler::emit_output(std::uint32_t index) {
  const FlowOutput& output = flow_.outputs[index];
  OutputEntry entry;
  int channels = 1;
  for (const auto& term : output.input)
    if (!term.constant) channels = std::max(channels, flow_.nodes[term.node].channels);
  if (!wired(output.input, 2, entry.in)) temporary_.clear();  // the mixer reads it after the last stage
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
  if (output.route != output.route_from) {
    OutputEntry was = routed(output.route_from);
    was.from = output.from;
    was.to = 0;
    was.stem = false;
    to.from = 0;
    entries_[index] = {to, was};
  } else {
    entries_[index] = {to};
  }
  store_->output_notes[index] = output.name + ": " + text(entry.in[0]) + (channels > 1 ? " " + text(entry.in[1]) : "");
}

void Compiler::measure(std::span<const std::uint32_t> nodes) {
  auto* const made = store_->arena.make<Meter*>(nodes.size());
  std::size_t count = 0;
  for (const auto n : nodes) {
    if (n == LaneGroup::kIdle) continue;
    store_->meters.push_back(loads_.meter(flow_.nodes[n].key));
    made[count++] = store_->meters.back().get();
  }
  meters_ = {made, count};
}

void Compiler::emit(std::uint32_t i) {
  const Item& item = items_[i];
  meters_ = {};
  if (item.kind == Item::Kind::output) return emit_output(item.index);
  if (item.kind == Item::Kind::lanes) {
    measure(lanes_.groups[item.index].nodes);
    emit_lanes(item.index);
    return lanes_read_done(i);
  }
  if (item.kind == Item::Kind::series) {
    measure(lanes_.series[item.index]);
    emit_series(lanes_.series[item.index]);
    return read_done(flow_.nodes[lanes_.series[item.index][0]].inputs[0], i);
  }
  const auto n = item.index;
  const FlowNode& node = flow_.nodes[n];
  measure({&n, 1});
  Arena& arena = store_->arena;
  bool reads = true;
  if (item.kind == Item::Kind::voices) {
    emit_voices(node, item);
  } else if (item.kind == Item::Kind::late_write) {
    auto* const made = arena.make<LateStep>();
    made->node = static_cast<LateNode*>(node.object.get());
    made->channels = node.channels;
    wired(node.inputs[0], 2, made->in);
    step(run_late_write, made, "write " + node.key, text(made->in[0]), "");
  } else {
    switch (node.kind) {
      case FlowNode::Kind::unit:
        emit_unit(node, n);
        break;
      case FlowNode::Kind::voices:
        emit_voices_sum(node, n);
        reads = false;
        break;
      case FlowNode::Kind::mix: {
        give_out(n);
        float* const out[2] = {out_[0][n], node.channels > 1 ? out_[1][n] : nullptr};
        blend(node.inputs[0], node.channels, out, "mix " + node.key);
        break;
      }
      case FlowNode::Kind::hold: {
        give_out(n);
        auto* const made = arena.make<HoldStep>();
        *made = {static_cast<HoldNode*>(node.object.get()), out_[0][n]};
        step(run_hold, made, "hold " + node.key, "", text(made->out));
        break;
      }
      case FlowNode::Kind::curve: {
        give_out(n);
        auto* const made = arena.make<CurveStep>();
        *made = {static_cast<CurveNode*>(node.object.get()), out_[0][n]};
        step(run_curve, made, "curve " + node.key, "", text(made->out));
        break;
      }
      case FlowNode::Kind::gate: {
        give_out(n);
        auto* const made = arena.make<GateStep>();
        *made = {static_cast<GateNode*>(node.object.get()), out_[0][n]};
        step(run_gate, made, "gate " + node.key, "", text(made->out));
        break;
      }
      case FlowNode::Kind::input: {
        give_out(n);
        auto* const made = arena.make<InputStep>();
        *made = {node.hardware, out_[0][n]};
        step(run_input, made, "in " + node.key, std::to_string(node.hardware + 1), text(made->out));
        break;
      }
      case FlowNode::Kind::late: {
        give_out(n);
        auto* const made = arena.make<LateStep>();
        made->node = static_cast<LateNode*>(node.object.get());
        made->channels = node.channels;
        for (int c = 0; c < node.channels; ++c) made->out[c] = out_[c][n];
        step(run_late_read, made, "late " + node.key, "", text(made->out[0]));
        reads = false;
        break;
      }
    }
  }
  for (float* const used : temporary_) buffers_.give_back(used, true);
  temporary_.clear();
  if (reads)
    for (const auto& input : node.inputs) read_done(input, i);
  if (item.kind == Item::Kind::node && reads_[n].left == 0 && !reads_[n].kept)
    for (int c = 0; c < node.channels; ++c) buffers_.give_back(out_[c][n], false);
}

void Compiler::emit_stages() {
  store_->buffers.floats = (static_cast<std::size_t>(settings_.block) + 15) / 16 * 16;
  store_->lane_buffers.floats = store_->buffers.floats * static_cast<std::size_t>(std::max(1, lanes_.width));
  for (auto& out : lanes_out_) out.assign(lanes_.groups.size(), nullptr);
  for (auto& out : out_) out.assign(flow_.nodes.size(), nullptr);
  waits_.resize(work_.tasks.size());
  entries_.resize(flow_.outputs.size());
  store_->output_notes.resize(flow_.outputs.size());

  std::vector<std::uint32_t> order;
  for (std::uint32_t g = 0; g < work_.tasks.size(); ++g)
    if (!work_.tasks[g].items.empty()) order.push_back(g);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return work_.tasks[a].level != work_.tasks[b].level ? work_.tasks[a].level < work_.tasks[b].level
                                                        : work_.tasks[a].cost > work_.tasks[b].cost;
  });
  for (std::size_t at = 0; at < order.size();) {
    const int level = work_.tasks[order[at]].level;
    Stage stage;
    stage.first = static_cast<std::uint32_t>(store_->tasks.size());
    for (; at < order.size() && work_.tasks[order[at]].level == level; ++at) {
      Task task;
      task.first = static_cast<std::uint32_t>(store_->steps.size());
      task.cost = work_.tasks[order[at]].cost;
      task_ = static_cast<int>(order[at]);
      for (const auto i : work_.tasks[order[at]].items) emit(i);
      task.order = static_cast<std::uint32_t>(task_);
      task.steps = static_cast<std::uint32_t>(store_->steps.size()) - task.first;
      buffers_.end_task();
      lane_buffers_.end_task();
      if (task.steps == 0) continue;
      store_->tasks.push_back(task);
      ++stage.tasks;
    }
    buffers_.end_stage();
    lane_buffers_.end_stage();
    if (stage.tasks > 0) store_->stages.push_back(stage);
  }
}

// ---- the rest

// Which tasks each task must wait for: those whose results it reads, and those that use its buffers before.
void Compiler::list_waits() {
  for (const auto& item : items_)
    for (const auto needed : item.needs)
      if (items_[needed].task != item.task) waits_[static_cast<std::size_t>(item.task)].push_back(items_[needed].task);
  PlanStore& store = *store_;
  const auto count = store.tasks.size();
  std::vector<int> place(work_.tasks.size(), -1);  // of a task in the plan; outputs have none
  for (std::size_t t = 0; t < count; ++t) place[store.tasks[t].order] = static_cast<int>(t);
  std::vector<std::vector<std::uint32_t>> next(count);
  store.waits.assign(count, 0);
  for (std::size_t t = 0; t < count; ++t) {
    auto& waits = waits_[store.tasks[t].order];
    std::sort(waits.begin(), waits.end());
    waits.erase(std::unique(waits.begin(), waits.end()), waits.end());
    for (const int other : waits) {
      if (place[static_cast<std::size_t>(other)] < 0) continue;
      next[static_cast<std::size_t>(place[static_cast<std::size_t>(other)])].push_back(static_cast<std::uint32_t>(t));
      ++store.waits[t];
    }
  }
  // Those that wait for no other are the first stage; should one of a later stage be among them, it waits for the first of all.
  for (std::size_t t = store.stages.empty() ? 0 : store.stages[0].tasks; t < count; ++t) {
    if (store.waits[t] > 0) continue;
    next[0].push_back(static_cast<std::uint32_t>(t));
    store.waits[t] = 1;
  }
  for (std::size_t t = 0; t < count; ++t) {
    store.first_next.push_back(static_cast<std::uint32_t>(store.next.size()));
    store.next.insert(store.next.end(), next[t].begin(), next[t].end());
    store.turns.push_back(static_cast<std::uint32_t>(t));
  }
  store.first_next.push_back(static_cast<std::uint32_t>(store.next.size()));
  store.missing = std::make_unique<std::atomic<std::uint32_t>[]>(count);
  for (std::size_t t = 0; t < count; ++t) store.missing[t].store(store.waits[t], std::memory_order_relaxed);
}

void Compiler::list_nodes() {
  for (const auto& node : flow_.nodes) {
    if (!node.object) continue;
    Node* const object = node.object.get();
    store_->objects.push_back(node.object);
    store_->nodes.push_back(object);
    if (node.heir_of) {
      store_->objects.push_back(node.heir_of);
      store_->inheritances.push_back({static_cast<UnitNode*>(object), static_cast<const UnitNode*>(node.heir_of.get())});
    }
    if (node.kind == FlowNode::Kind::gate) store_->gates.push_back(object);
    if (node.kind == FlowNode::Kind::curve) store_->curves.push_back(object);
    if (node.kind == FlowNode::Kind::voices) store_->voices.push_back(object);
    const auto bytes = bytes_of(node);
    store_->object_bytes += bytes;
    store_->object_notes.push_back(node.key + (node.ghost ? " (ghost)" : "") + "  " + std::to_string(bytes) + " bytes");
  }
}

void Compiler::list_sources() {
  for (const auto& source : flow_.sources) {
    SourceEntry entry;
    entry.id = source.id;
    entry.first = static_cast<std::uint32_t>(store_->targets.size());
    for (const auto n : source.nodes) {
      const FlowNode& node = flow_.nodes[n];
      Target target;
      target.node = node.object.get();
      target.voice = static_cast<std::uint16_t>(node.voice_position);
      switch (node.kind) {
        case FlowNode::Kind::hold:
          target.kind = TargetKind::hold;
          break;
        case FlowNode::Kind::gate:
          target.kind = TargetKind::gate;
          break;
        case FlowNode::Kind::curve:
          target.kind = TargetKind::curve;
          break;
        case FlowNode::Kind::voices:
          target.kind = TargetKind::voices;
          break;
        default:
          continue;
      }
      store_->targets.push_back(target);
    }
    entry.targets = static_cast<std::uint32_t>(store_->targets.size()) - entry.first;
    store_->sources.push_back(entry);
  }
  std::sort(store_->sources.begin(), store_->sources.end(), [](const SourceEntry& a, const SourceEntry& b) { return a.id < b.id; });
}

std::unique_ptr<Plan> Compiler::finish() {
  PlanStore& store = *store_;
  const int workers = settings_.player == PlayerKind::serial ? 1 : settings_.threads;
  const auto stride = (scratch_floats_ + 15) / 16 * 16;
  store.scratch.assign(stride * static_cast<std::size_t>(workers) + 16, 0);
  for (const auto& entries : entries_) store.outputs.insert(store.outputs.end(), entries.begin(), entries.end());
  for (const auto& task : store.tasks) store.task_ns.push_back(task.cost);

  auto plan = std::make_unique<Plan>();
  plan->stages = store.stages;
  plan->tasks = store.tasks;
  plan->steps = store.steps;
  plan->task_ns = store.task_ns;
  plan->sources = store.sources;
  plan->targets = store.targets;
  plan->outputs = store.outputs;
  plan->nodes = store.nodes;
  plan->gates = store.gates;
  plan->curves = store.curves;
  plan->voices = store.voices;
  plan->woven = store.woven;
  plan->turns = store.turns;
  plan->waits = store.waits;
  plan->first_next = store.first_next;
  plan->next = store.next;
  plan->missing = {store.missing.get(), store.tasks.size()};
  plan->free_tasks = static_cast<std::uint32_t>(std::count(store.waits.begin(), store.waits.end(), 0U));
  plan->inheritances = store.inheritances;
  plan->scratch = reinterpret_cast<float*>((reinterpret_cast<std::uintptr_t>(store.scratch.data()) + 63) & ~std::uintptr_t{63});
  plan->scratch_stride = stride;
  plan->workers = workers;
  plan->ramp_frames = std::max(1, static_cast<int>(kRamp_s * settings_.rate));
  plan->length = plan->ramp_frames;
  for (const auto& node : flow_.nodes)
    for (const auto& input : node.inputs)
      for (const auto& term : input) plan->length = std::max<std::int64_t>(plan->length, term.frames);
  for (const auto& output : flow_.outputs)
    for (const auto& term : output.input) plan->length = std::max<std::int64_t>(plan->length, term.frames);
  plan->keep = store_;
  return plan;
}

std::unique_ptr<Plan> Compiler::run() {
  voice_parts_.resize(flow_.nodes.size());
  count_reads();
  emit_stages();
  list_waits();
  list_nodes();
  list_sources();
  return finish();
}

}  // namespace

std::unique_ptr<Plan> compile(const Flow& flow, const EngineSettings& settings, int lanes, LoadBook& loads) {
  return Compiler(flow, settings, lanes, loads).run();
}

}  // namespace hocket
