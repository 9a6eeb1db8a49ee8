#include "server/control/plan_lane_steps.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

namespace hocket {

LaneStepWriter::LaneStepWriter(const Flow& flow, const Lanes& lanes, const LanePasses& passes, PlanStore& store, Signals& signals,
                               StepWriter& steps)
    : flow_(flow), lanes_(lanes), passes_(passes), store_(store), signals_(signals), steps_(steps) {}

// A null lane is idle: it repeats the first that is not.
Woven LaneStepWriter::weave_states(std::span<float* const> by_lane, std::uint32_t bytes) {
  const auto width = static_cast<std::size_t>(lanes_.width);
  auto* const rows = store_.arena.make<Wire>(width);
  auto* const back = store_.arena.make<float*>(width);
  float* const lead = *std::find_if(by_lane.begin(), by_lane.end(), [](const float* x) { return x != nullptr; });
  for (std::size_t k = 0; k < width; ++k) {
    back[k] = by_lane[k];
    rows[k] = {by_lane[k] ? by_lane[k] : lead, 1};
  }
  Woven woven;
  woven.form = &lane_form(static_cast<int>(width));
  woven.count = static_cast<int>((bytes / 4 + width - 1) / width * width);
  woven.cells = store_.arena.floats(static_cast<std::size_t>(woven.count) * width);
  woven.rows = rows;
  woven.back = back;
  return woven;
}

// One wire of a group's input: lanes as they stand, constants side by side, or signals woven together.
Wire LaneStepWriter::lane_wire(const LaneGroup& group, std::size_t port, int channel) {
  const int width = lanes_.width;
  int source_channel = 0;
  const int from = lanes_.direct_source(flow_, group, port, channel, &source_channel);
  if (from >= 0) return {signals_.lanes_out(source_channel, static_cast<std::uint32_t>(from)), width};
  std::vector<Wire> rows(static_cast<std::size_t>(width));
  int lead = -1;
  bool moves = false;
  for (int k = 0; k < width; ++k) {
    const auto n = group.nodes[static_cast<std::size_t>(k)];
    if (n == LaneGroup::kIdle) continue;
    Wire wires[2];
    steps_.wired(flow_.nodes[n].inputs[port], 2, wires);
    rows[static_cast<std::size_t>(k)] = wires[channel];
    moves |= wires[channel].step != 0;
    if (lead < 0) lead = k;
  }
  for (int k = 0; k < width; ++k)
    if (group.nodes[static_cast<std::size_t>(k)] == LaneGroup::kIdle)
      rows[static_cast<std::size_t>(k)] = rows[static_cast<std::size_t>(lead)];
  if (!moves) {
    auto* const values = store_.arena.make<float>(static_cast<std::size_t>(width));
    for (int k = 0; k < width; ++k) values[k] = *rows[static_cast<std::size_t>(k)].at;
    return {values, 0};
  }
  float* const out = signals_.lend_lanes();
  auto* const made = store_.arena.make<WeaveStep>();
  auto* const from_rows = store_.arena.make<Wire>(rows.size());
  std::copy(rows.begin(), rows.end(), from_rows);
  *made = {&lane_form(width), from_rows, out};
  steps_.step(run_weave, made, [&] {
    return StepNote{"weave", signals_.text(rows[static_cast<std::size_t>(lead)]) + "…", signals_.text(out)};
  });
  return {out, width};
}

// May one of them give what is no number? What units with a state read is held below kLargest.
bool LaneStepWriter::may_break(const LaneGroup& group, const FlowNode& one) const {
  if (one.entry->bounded) return false;
  if (!one.entry->tame) return true;
  if (!one.entry->info.pure) return false;
  const auto is_tame = [&](const FlowTerm& term) {
    if (term.constant) return std::abs(term.value) <= kLargest;
    const FlowNode& from = flow_.nodes[term.node];
    return from.kind == FlowNode::Kind::unit && from.entry->bounded;
  };
  return !std::all_of(group.nodes.begin(), group.nodes.end(), [&](auto n) {
    return n == LaneGroup::kIdle || std::all_of(flow_.nodes[n].inputs.begin(), flow_.nodes[n].inputs.end(), [&](const FlowInput& input) {
             return input.empty() || (input.size() == 1 && input[0].fade == Fade::none && is_tame(input[0]));
           });
  });
}

void LaneStepWriter::write_run(const LaneGroup& group, const FlowNode& one, std::uint32_t g, int state, LaneCare* care) {
  const auto& unit = static_cast<const UnitNode&>(*one.object);
  const bool each = one.entry->info.shape == Shape::each, stereo = unit.kernel.in_channels == 2;
  auto* const made = store_.arena.make<LaneStep>();
  auto* const in = store_.arena.make<Wire>(one.inputs.size() + 1);
  std::size_t w = 0;
  for (std::size_t p = 0; p < one.inputs.size(); ++p) {
    if (p == 0 && stereo) in[w++] = lane_wire(group, p, 0);
    in[w++] = lane_wire(group, p, p == 0 && stereo ? 1 : each ? state : 0);
  }
  std::vector<float*> states(group.nodes.size(), nullptr);
  auto* const nodes = store_.arena.make<UnitNode*>(group.nodes.size());
  for (std::size_t k = 0; k < group.nodes.size(); ++k) {
    if (group.nodes[k] == LaneGroup::kIdle) continue;
    nodes[k] = static_cast<UnitNode*>(flow_.nodes[group.nodes[k]].object.get());
    states[k] = static_cast<float*>(nodes[k]->state[state]);
    made->busy |= 1U << k;
  }
  const int width = lanes_.width;
  care->woven[state] = weave_states(states, unit.kernel.state_bytes);
  store_.woven.push_back(&care->woven[state]);
  made->run = unit.lanes_run;
  made->passes = &passes_;
  made->care = care;
  made->nodes = nodes;
  made->lanes = width;
  made->state = state;
  made->watched = may_break(group, one);
  if (unit.rack) made->memory = {unit.rack->of_state(state), unit.rack->frames, static_cast<std::uint32_t>(width)};
  made->in = in;
  made->outs = each ? 1 : one.channels;
  for (int c = 0; c < made->outs; ++c) made->out[c] = signals_.lanes_out(each ? state : c, g);
  steps_.step(run_lanes, made, [&] {
    std::string reads;
    for (std::size_t i = 0; i < w; ++i) reads += (i ? " " : "") + signals_.text(in[i]) + (in[i].step != 0 ? "" : "…");
    return StepNote{std::string(one.entry->info.name) + " " + one.key + "…, " + std::to_string(std::popcount(made->busy)) + " of " +
                        std::to_string(width) + " lanes",
                    reads, signals_.text(made->out, static_cast<std::size_t>(made->outs))};
  });
}

// Signals by themselves, for those that do not read lanes.
void LaneStepWriter::unweave(const LaneGroup& group, std::uint32_t g, int channels) {
  for (int c = 0; c < channels; ++c) {
    float** rows = nullptr;
    for (std::size_t k = 0; k < group.nodes.size(); ++k) {
      const auto n = group.nodes[k];
      if (n == LaneGroup::kIdle || (!signals_.is_read(n) && !flow_.nodes[n].rings)) continue;
      if (!rows) rows = store_.arena.make<float*>(group.nodes.size());
      rows[k] = signals_.out(c, n) = signals_.take();
    }
    if (!rows) continue;
    auto* const made = store_.arena.make<UnweaveStep>();
    *made = {&lane_form(lanes_.width), signals_.lanes_out(c, g), rows};
    const float* const first = *std::find_if(rows, rows + group.nodes.size(), [](const float* x) { return x != nullptr; });
    steps_.step(run_unweave, made, [&] {
      return StepNote{"unweave", signals_.text(signals_.lanes_out(c, g)), signals_.text(first) + "…"};
    });
  }
}

void LaneStepWriter::write_lanes(std::uint32_t g) {
  const LaneGroup& group = lanes_.groups[g];
  const FlowNode& one = flow_.nodes[lanes_.member(g)];
  signals_.give_lanes_out(g);
  const int states = static_cast<const UnitNode&>(*one.object).states;
  auto* const care = store_.arena.make<LaneCare>();
  care->states = states;
  for (int state = 0; state < states; ++state) write_run(group, one, g, state, care);
  unweave(group, g, one.channels);
  for (const auto n : group.nodes) {
    if (n == LaneGroup::kIdle) continue;
    steps_.write_tail(flow_.nodes[n], n);
    if (flow_.nodes[n].rings) signals_.forget_unread(n);
  }
  signals_.lend_unread_lanes(g);
}

// The units, each once.
std::string LaneStepWriter::names_of(std::span<const std::uint32_t> nodes) const {
  std::set<std::string_view> names;
  for (const auto n : nodes) names.insert(flow_.nodes[n].entry->info.name);
  std::string text;
  for (const auto name : names) text += std::string(name) + '/';
  text.pop_back();
  return text;
}

// `spare`: two buffers for when the units must run one by one.
void LaneStepWriter::write_wave(std::span<const std::uint32_t> nodes, Wire in, float* out, float* const* spare, int state) {
  const FlowNode& one = flow_.nodes[nodes[0]];
  const auto& unit = static_cast<const UnitNode&>(*one.object);
  const int width = lanes_.width, count = static_cast<int>(nodes.size()), groups = (count + width - 1) / width;
  const std::size_t ports = one.inputs.size();
  const bool alike = all_alike(flow_, nodes), follows = any_follows(flow_, nodes);
  const std::size_t first = follows ? kFollowedPort + 1 : 1, kept = ports - first + (alike ? 0 : 1);  // constants of each
  auto* const made = store_.arena.make<SeriesStep>();
  auto* const alone = store_.arena.make<UnitStep>(nodes.size());
  auto* const constants = store_.arena.make<float>(static_cast<std::size_t>(groups * width) * kept);
  for (int n = 0; n < count; ++n) {
    const FlowNode& node = flow_.nodes[nodes[static_cast<std::size_t>(n)]];
    auto& each = static_cast<UnitNode&>(*node.object);
    auto* const wires = store_.arena.make<Wire>(ports);
    wires[0] = n == 0 ? in : Wire{spare[n % 2], 1};
    for (std::size_t p = 1; p < ports; ++p) {
      Wire both[2];
      steps_.wired(node.inputs[p], 2, both);
      wires[p] = both[state];
    }
    alone[n].run = each.kernel.run;
    alone[n].state = each.state[state];
    alone[n].in = wires;
    alone[n].out[0] = n + 1 == count ? out : spare[(n + 1) % 2];
    alone[n].node = &each;
    alone[n].first = state == 0;
  }
  const int idle = groups * width - count;
  for (int place = 0; place < groups * width; ++place) {
    const int n = std::max(0, place - idle);
    for (std::size_t c = 0; c < kept; ++c)
      constants[(static_cast<std::size_t>(place / width) * kept + c) * static_cast<std::size_t>(width) +
                static_cast<std::size_t>(width - 1 - place % width)] =
          c + first < ports ? *alone[n].in[c + first].at : flow_.nodes[nodes[static_cast<std::size_t>(n)]].entry->kind;
  }
  made->run = (alike ? one.entry->series : one.entry->kin_series)[groups - 1];
  if (follows) {
    made->run_followed = (alike ? one.entry->followed_series : one.entry->followed_kin_series)[groups - 1];
    auto* const followed = store_.arena.make<Wire>(nodes.size());
    for (int n = 0; n < count; ++n) followed[n] = alone[n].in[kFollowedPort];
    made->followed = followed;
  }
  for (int g = 0; g < groups; ++g) {
    std::vector<float*> states(static_cast<std::size_t>(width), nullptr);
    for (int place = g * width; place < (g + 1) * width; ++place)
      if (place >= idle) states[static_cast<std::size_t>(width - 1 - place % width)] = static_cast<float*>(alone[place - idle].state);
    made->woven[g] = weave_states(states, unit.kernel.state_bytes);
    store_.woven.push_back(&made->woven[g]);
  }
  made->alone = alone;
  made->count = count;
  made->lanes = width;
  made->groups = groups;
  made->constants = constants;
  made->in = in;
  made->out = out;
  steps_.step(run_series, made, [&] {
    return StepNote{names_of(nodes) + " " + one.key + "…, " + std::to_string(count) + " in series", signals_.text(in), signals_.text(out)};
  });
}

void LaneStepWriter::write_series(const NodeSeries& series) {
  const auto n = series.back();
  const FlowNode& first = flow_.nodes[series[0]];
  const int states = static_cast<const UnitNode&>(*first.object).states;
  Wire in[2];
  steps_.wired(first.inputs[0], 2, in);
  signals_.give_out(n);
  float* spares[4];
  for (float*& spare : spares) spare = signals_.lend();
  const auto most = static_cast<std::size_t>(lanes_.width) * kMostSeriesGroups;
  for (int state = 0; state < states; ++state) {
    Wire from = in[state];
    for (std::size_t at = 0; at < series.size(); at += most) {
      const auto count = std::min(most, series.size() - at);
      float* const out = at + count == series.size() ? signals_.out(state, n) : spares[2 + at / most % 2];
      write_wave(std::span(series).subspan(at, count), from, out, spares, state);
      from = {out, 1};
    }
  }
  signals_.forget_unread(n);
}

}  // namespace hocket
