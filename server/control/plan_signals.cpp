#include "server/control/plan_signals.h"

#include <algorithm>
#include <cstdio>

namespace hocket {

Signals::Signals(const Flow& flow, const Work& work, PlanStore& store, const EngineSettings& settings)
    : flow_(flow),
      work_(work),
      store_(store),
      buffers_(store.buffers),
      lane_buffers_(store.lane_buffers),
      in_order_(settings.workers() == 1),
      waits_(work.tasks.size()) {
  store.buffers.floats = (static_cast<std::size_t>(settings.block) + 15) / 16 * 16;
  store.lane_buffers.floats = store.buffers.floats * static_cast<std::size_t>(std::max(1, work.lanes.width));
  for (auto& out : out_) out.assign(flow.nodes.size(), nullptr);
  for (auto& out : lanes_out_) out.assign(work.lanes.groups.size(), nullptr);
  count_reads();
}

// ---- who reads what

void Signals::count_read(const FlowInput& input, int task) {
  for (const auto& term : input)
    if (!term.constant) reads_[term.node].add(task);
}

// What a group hears of the group before it, lane by lane, stays in lanes; all else is read as a signal by itself.
void Signals::count_lanes_reads(const Item& item) {
  const LaneGroup& group = work_.lanes.groups[item.index];
  const FlowNode& one = flow_.nodes[work_.lanes.member(item.index)];
  for (std::size_t p = 0; p < one.inputs.size(); ++p) {
    const int from = work_.lanes.direct_source(flow_, group, p, 0);
    if (from >= 0) {
      lanes_reads_[static_cast<std::size_t>(from)].add(item.task);
      continue;
    }
    for (const auto n : group.nodes)
      if (n != LaneGroup::kIdle) count_read(flow_.nodes[n].inputs[p], item.task);
  }
}

void Signals::count_reads() {
  reads_.assign(flow_.nodes.size(), {});
  lanes_reads_.assign(work_.lanes.groups.size(), {});
  for (const Item& item : work_.items) {
    if (item.kind == Item::Kind::output) {
      for (const auto& term : flow_.outputs[item.index].input)
        if (!term.constant) reads_[term.node].kept = true;
      continue;
    }
    if (item.kind == Item::Kind::lanes) {
      count_lanes_reads(item);
      continue;
    }
    if (item.kind == Item::Kind::series) {
      each_heard(flow_, work_.lanes.series[item.index], [&](const FlowInput& input) { count_read(input, item.task); });
      continue;
    }
    if (item.kind == Item::Kind::together) continue;  // reads nothing
    const FlowNode& node = flow_.nodes[item.index];
    if (item.kind == Item::Kind::node && (node.kind == FlowNode::Kind::late || node.kind == FlowNode::Kind::voices)) continue;
    if (const int summed = work_.lanes.summed_group(flow_, item.index); summed >= 0) {
      lanes_reads_[static_cast<std::size_t>(summed)].add(item.task);
      continue;
    }
    for (const auto& input : node.inputs) count_read(input, item.task);
  }
}

void Signals::read_done(const FlowInput& input, std::uint32_t i) {
  const int task = work_.items[i].task;
  for (const auto& term : input) {
    if (term.constant) continue;
    Reads& reads = reads_[term.node];
    for (int c = 0; c < flow_.nodes[term.node].channels; ++c) buffers_.use(out_[c][term.node], task);
    if (--reads.left > 0 || reads.kept) continue;
    const bool here = reads.task == task && work_.items[work_.producer[term.node]].task == task;
    for (int c = 0; c < flow_.nodes[term.node].channels; ++c) buffers_.give_back(out_[c][term.node], here);
  }
}

void Signals::lanes_read_done(std::uint32_t i) {
  const Item& item = work_.items[i];
  const LaneGroup& group = work_.lanes.groups[item.index];
  const FlowNode& one = flow_.nodes[work_.lanes.member(item.index)];
  for (std::size_t p = 0; p < one.inputs.size(); ++p) {
    const int from = work_.lanes.direct_source(flow_, group, p, 0);
    if (from < 0) {
      for (const auto n : group.nodes)
        if (n != LaneGroup::kIdle) read_done(flow_.nodes[n].inputs[p], i);
      continue;
    }
    group_read_done(static_cast<std::uint32_t>(from), i);
  }
}

void Signals::group_read_done(std::uint32_t g, std::uint32_t i) {
  const int task = work_.items[i].task;
  Reads& reads = lanes_reads_[g];
  const auto source = work_.lanes.member(g);
  for (int c = 0; c < flow_.nodes[source].channels; ++c) lane_buffers_.use(lanes_out_[c][g], task);
  if (--reads.left > 0) return;
  const bool here = reads.task == task && work_.items[work_.producer[source]].task == task;
  for (int c = 0; c < flow_.nodes[source].channels; ++c) lane_buffers_.give_back(lanes_out_[c][g], here);
}

void Signals::forget_unread(std::uint32_t n) {
  if (is_read(n)) return;
  for (int c = 0; c < flow_.nodes[n].channels; ++c) buffers_.give_back(out_[c][n], false);
}

void Signals::lend_unread_lanes(std::uint32_t g) {
  if (lanes_reads_[g].left > 0) return;
  for (int c = 0; c < flow_.nodes[work_.lanes.member(g)].channels; ++c) lent_lanes_.push_back(lanes_out_[c][g]);
}

// ---- buffers

float* Signals::take(Buffers& buffers) {
  return buffers.take(task_, [&](int user) { waits_[static_cast<std::size_t>(task_)].push_back(user); });
}

float* Signals::lend() {
  lent_.push_back(take());
  return lent_.back();
}

float* Signals::lend_lanes() {
  lent_lanes_.push_back(take_lanes());
  return lent_lanes_.back();
}

void Signals::return_lent() {
  for (float* const used : lent_) buffers_.give_back(used, true);
  for (float* const used : lent_lanes_) lane_buffers_.give_back(used, true);
  lent_.clear();
  lent_lanes_.clear();
}

void Signals::give_out(std::uint32_t n) {
  for (int c = 0; c < flow_.nodes[n].channels; ++c) out_[c][n] = take();
}

void Signals::give_lanes_out(std::uint32_t g) {
  for (int c = 0; c < flow_.nodes[work_.lanes.member(g)].channels; ++c) lanes_out_[c][g] = take_lanes();
}

void Signals::pass(float* at) {
  buffers_.use(at, task_);
  buffers_.give_back(at, false);
}

void Signals::end_task() {
  buffers_.end_task();
  lane_buffers_.end_task();
  if (in_order_) end_stage();
}

void Signals::end_stage() {
  buffers_.end_stage();
  lane_buffers_.end_stage();
}

// ---- wires

Wire Signals::wire(const FlowTerm& term, int channel) {
  if (!term.constant) return {out_[std::min(channel, flow_.nodes[term.node].channels - 1)][term.node], 1};
  store_.constants.push_back(term.value);
  return {&store_.constants.back(), 0};
}

std::string Signals::text(const float* at) const {
  const int lanes = store_.lane_buffers.index(at);
  return lanes >= 0 ? "l" + std::to_string(lanes) : "b" + std::to_string(store_.buffers.index(at));
}

std::string Signals::text(Wire w) const {
  if (w.step != 0) return text(w.at);
  char number[32];
  std::snprintf(number, sizeof number, "%.6g", static_cast<double>(*w.at));
  return number;
}

}  // namespace hocket
