#include "server/control/plan_compile.h"

#include <algorithm>

#include "server/control/plan_lane_steps.h"
#include "server/control/plan_nodes.h"
#include "server/control/plan_signals.h"
#include "server/control/plan_steps.h"
#include "server/control/plan_store.h"
#include "server/control/plan_work.h"

namespace hocket {

namespace {

constexpr double kRamp_s = 0.010;

class Compiler {
 public:
  Compiler(const Flow& flow, const EngineSettings& settings, const UnitTable& table, LoadBook& loads, bool told)
      : flow_(flow),
        settings_(settings),
        work_(divide(flow, settings, table)),
        signals_(flow, work_, *store_, settings),
        steps_(flow, work_, settings, *store_, signals_, loads),
        lane_steps_(flow, work_.lanes, *table.passes, *store_, signals_, steps_),
        entries_(flow.outputs.size()) {
    store_->told = told;
  }
  std::unique_ptr<Plan> run();

 private:
  void write_stages();
  void write(std::uint32_t item);
  void list_waits();
  void list_nodes();
  void list_sources();
  std::unique_ptr<Plan> finish();

  const Flow& flow_;
  const EngineSettings& settings_;
  const std::shared_ptr<PlanStore> store_ = std::make_shared<PlanStore>();
  const Work work_;
  Signals signals_;
  StepWriter steps_;
  LaneStepWriter lane_steps_;
  std::vector<std::vector<OutputEntry>> entries_;  // by output
};

void Compiler::write(std::uint32_t i) {
  const Item& item = work_.items[i];
  steps_.measure({});
  if (item.kind == Item::Kind::output) {
    entries_[item.index] = steps_.write_output(item.index);
  } else if (item.kind == Item::Kind::lanes) {
    steps_.measure(work_.lanes.groups[item.index].nodes);
    lane_steps_.write_lanes(item.index);
    signals_.return_lent();
    signals_.lanes_read_done(i);
  } else if (item.kind == Item::Kind::series) {
    const NodeSeries& series = work_.lanes.series[item.index];
    steps_.measure(series);
    lane_steps_.write_series(series);
    signals_.return_lent();
    each_heard(flow_, series, [&](const FlowInput& input) { signals_.read_done(input, i); });
  } else if (item.kind == Item::Kind::together) {
    steps_.measure(work_.together[item.index]);
    steps_.write_together(work_.together[item.index]);
  } else {
    const FlowNode& node = flow_.nodes[item.index];
    const bool whole = item.kind == Item::Kind::node;
    steps_.measure({&item.index, 1});
    steps_.write(item);
    signals_.return_lent();
    const bool reads = !whole || (node.kind != FlowNode::Kind::voices && node.kind != FlowNode::Kind::late);
    const int summed = work_.lanes.summed_group(flow_, item.index);
    if (whole && summed >= 0)
      signals_.group_read_done(static_cast<std::uint32_t>(summed), i);
    else if (reads)
      for (const auto& input : node.inputs) signals_.read_done(input, i);
    if (whole) signals_.forget_unread(item.index);
  }
}

void Compiler::write_stages() {
  store_->output_notes.resize(flow_.outputs.size());
  const auto& tasks = work_.tasks;
  std::vector<std::uint32_t> order;
  for (std::uint32_t g = 0; g < tasks.size(); ++g)
    if (!tasks[g].items.empty()) order.push_back(g);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return tasks[a].level != tasks[b].level ? tasks[a].level < tasks[b].level : tasks[a].cost > tasks[b].cost;
  });
  for (std::size_t at = 0; at < order.size();) {
    const int level = tasks[order[at]].level;
    Stage stage;
    stage.first = static_cast<std::uint32_t>(store_->tasks.size());
    for (; at < order.size() && tasks[order[at]].level == level; ++at) {
      Task task;
      task.first = static_cast<std::uint32_t>(store_->steps.size());
      task.cost = tasks[order[at]].cost;
      task.order = order[at];
      signals_.begin_task(static_cast<int>(order[at]));
      for (const auto i : tasks[order[at]].items) write(i);
      task.steps = static_cast<std::uint32_t>(store_->steps.size()) - task.first;
      signals_.end_task();
      if (task.steps == 0) continue;
      store_->tasks.push_back(task);
      ++stage.tasks;
    }
    signals_.end_stage();
    if (stage.tasks > 0) store_->stages.push_back(stage);
  }
}

// Which tasks each task must wait for: those whose results it reads, and those that use its buffers before.
void Compiler::list_waits() {
  auto waits_of = signals_.waits();
  for (const auto& item : work_.items)
    for (const auto needed : item.needs)
      if (work_.items[needed].task != item.task) waits_of[static_cast<std::size_t>(item.task)].push_back(work_.items[needed].task);
  PlanStore& store = *store_;
  const auto count = store.tasks.size();
  std::vector<int> place(work_.tasks.size(), -1);  // of a task in the plan; outputs have none
  for (std::size_t t = 0; t < count; ++t) place[store.tasks[t].order] = static_cast<int>(t);
  std::vector<std::vector<std::uint32_t>> next(count);
  store.waits.assign(count, 0);
  for (std::size_t t = 0; t < count; ++t) {
    auto& waits = waits_of[store.tasks[t].order];
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

NodeKey key_of(const FlowNode& node) {
  NodeKey key;
  std::copy_n(node.key.data(), std::min(node.key.size(), sizeof key.text - 1), key.text);
  return key;
}

void Compiler::list_nodes() {
  for (const auto& node : flow_.nodes) {
    if (!node.object) continue;
    Node* const object = node.object.get();
    store_->objects.push_back(node.object);
    store_->nodes.push_back(object);
    store_->keys.push_back(key_of(node));
    if (node.heir_of) {
      store_->objects.push_back(node.heir_of);
      store_->inheritances.push_back({static_cast<UnitNode*>(object), static_cast<const UnitNode*>(node.heir_of.get())});
    }
    if (node.kind == FlowNode::Kind::gate) store_->gates.push_back(object);
    if (node.kind == FlowNode::Kind::curve) store_->curves.push_back(object);
    if (node.kind == FlowNode::Kind::voices) store_->voices.push_back(object);
    if (!store_->told) continue;
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
  const int workers = settings_.workers();
  // A page between workers: what fetches ahead of one's writing would take lines that another writes.
  const auto stride = (steps_.scratch_floats() + 15) / 16 * 16 + 1024;
  store.scratch.assign(stride * static_cast<std::size_t>(workers) + 16, 0);
  for (const auto& entries : entries_) store.outputs.insert(store.outputs.end(), entries.begin(), entries.end());
  for (const auto& task : store.tasks) store.task_ns.push_back(task.cost);
  store.sharing.assign(store.stages.size(), Sharing::unknown);

  auto plan = std::make_unique<Plan>();
  plan->stages = store.stages;
  plan->tasks = store.tasks;
  plan->steps = store.steps;
  plan->task_ns = store.task_ns;
  plan->sharing = store.sharing;
  plan->sources = store.sources;
  plan->targets = store.targets;
  plan->outputs = store.outputs;
  plan->nodes = store.nodes;
  plan->keys = store.keys;
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
      for (const auto& term : input) plan->length = std::max<std::int64_t>(plan->length, term.wait + term.frames);
  for (const auto& output : flow_.outputs)
    for (const auto& term : output.input) plan->length = std::max<std::int64_t>(plan->length, term.wait + term.frames);
  plan->keep = store_;
  return plan;
}

std::unique_ptr<Plan> Compiler::run() {
  write_stages();
  list_waits();
  list_nodes();
  list_sources();
  return finish();
}

}  // namespace

std::unique_ptr<Plan> compile(const Flow& flow, const EngineSettings& settings, const UnitTable& table, LoadBook& loads, bool told) {
  if (mixes_many(flow)) return Compiler(in_runs(flow), settings, table, loads, told).run();
  return Compiler(flow, settings, table, loads, told).run();
}

}  // namespace hocket
