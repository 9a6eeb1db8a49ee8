#include "server/control/plan_work.h"

#include <algorithm>
#include <utility>

#include "server/control/plan_cost.h"

namespace hocket {

namespace {

constexpr float kCheap_ns = 1.5;   // a frame: not worth a task of its own …
constexpr float kAbsorbed_ns = 6;  // … nor are so many of them together
constexpr std::uint32_t kAlone = 0xffffffffU;

class Divider {
 public:
  Divider(const Flow& flow, const EngineSettings& settings, const UnitTable& table) : flow_(flow), settings_(settings) {
    work_.lanes = side_by_side(flow, settings.batching ? table.lanes : 0);
  }
  Work run() {
    list_items();
    form_tasks();
    return std::move(work_);
  }

 private:
  void list_items();
  void list_group(std::uint32_t group);
  void list_series(std::uint32_t series);
  void list_voices(std::uint32_t node);
  bool list_together(std::uint32_t node);
  std::uint32_t add_item(Item);
  void need(Item&, const FlowInput&) const;
  void form_tasks();
  void place(std::uint32_t item);

  const Flow& flow_;
  const EngineSettings& settings_;
  Work work_;
  std::vector<std::uint32_t> voices_item_;  // node → the item that it is together with others in; kAlone: none yet
  float share_ns_ = 0;                      // side branches that cost less are not worth another worker's coming
};

std::uint32_t Divider::add_item(Item item) {
  std::sort(item.needs.begin(), item.needs.end());
  item.needs.erase(std::unique(item.needs.begin(), item.needs.end()), item.needs.end());
  for (const auto n : item.needs) ++work_.items[n].readers;
  work_.items.push_back(std::move(item));
  return static_cast<std::uint32_t>(work_.items.size() - 1);
}

void Divider::need(Item& item, const FlowInput& input) const {
  for (const auto& term : input)
    if (!term.constant) item.needs.push_back(work_.producer[term.node]);
}

void Divider::list_group(std::uint32_t g) {
  Item item;
  item.kind = Item::Kind::lanes;
  item.index = g;
  for (const auto n : work_.lanes.groups[g].nodes) {
    if (n == LaneGroup::kIdle) continue;
    item.cost = lanes_cost_of(flow_.nodes[n]);
    for (const auto& input : flow_.nodes[n].inputs) need(item, input);
  }
  const auto made = add_item(std::move(item));
  for (const auto n : work_.lanes.groups[g].nodes)
    if (n != LaneGroup::kIdle) work_.producer[n] = made;
}

void Divider::list_series(std::uint32_t s) {
  const NodeSeries& series = work_.lanes.series[s];
  Item item;
  item.kind = Item::Kind::series;
  item.index = s;
  item.cost = series_cost_of(flow_, series, work_.lanes.width);
  each_heard(flow_, series, [&](const FlowInput& input) { need(item, input); });
  const auto made = add_item(std::move(item));
  for (const auto n : series) work_.producer[n] = made;
}

// Voices of several nodes that play the same instrument may share bundles: one item for all of them, or one a worker.
bool Divider::list_together(std::uint32_t n) {
  const auto fits = [&](const FlowNode& node) {
    return node.kind == FlowNode::Kind::voices && node.inputs.empty() && node.voice->program.channels == 1 &&
           node.voice->program.memory_floats == 0 && node.voice->slots.empty();
  };
  const FlowNode& node = flow_.nodes[n];
  if (!settings_.batching || !fits(node)) return false;
  if (voices_item_[n] != kAlone) return true;
  std::vector<std::uint32_t> all;
  for (std::uint32_t i = 0; i < flow_.nodes.size(); ++i)
    if (fits(flow_.nodes[i]) && flow_.nodes[i].voice == node.voice) all.push_back(i);
  if (all.size() < 2) return false;
  const auto items = std::clamp<std::size_t>(all.size() / 2, 1, static_cast<std::size_t>(std::max(1, settings_.threads)));
  for (std::size_t i = 0; i < items; ++i) {
    const std::vector<std::uint32_t> some(all.begin() + static_cast<std::ptrdiff_t>(all.size() * i / items),
                                          all.begin() + static_cast<std::ptrdiff_t>(all.size() * (i + 1) / items));
    Item item;
    item.kind = Item::Kind::together;
    item.index = static_cast<std::uint32_t>(work_.together.size());
    item.cost = cost_of(node) * (1 + static_cast<float>(some.size()) / 4);
    const auto made = add_item(std::move(item));
    for (const auto member : some) voices_item_[member] = made;
    work_.together.push_back(some);
  }
  return true;
}

void Divider::list_voices(std::uint32_t n) {
  const FlowNode& node = flow_.nodes[n];
  Item sum;
  sum.index = n;
  sum.cost = 0.5F;
  if (list_together(n)) {
    sum.needs.push_back(voices_item_[n]);
  } else {
    const int banks = static_cast<const Voices&>(*node.object).banks();
    work_.parts[n] = std::min(banks, settings_.threads > 1 ? 2 * settings_.threads : 1);
    for (int part = 0; part < work_.parts[n]; ++part) {
      Item item;
      item.kind = Item::Kind::voices;
      item.index = n;
      item.part = part;
      item.cost = cost_of(node);
      for (const auto& input : node.inputs) need(item, input);
      sum.needs.push_back(add_item(std::move(item)));
    }
  }
  work_.producer[n] = add_item(std::move(sum));
}

void Divider::list_items() {
  voices_item_.assign(flow_.nodes.size(), kAlone);
  work_.producer.assign(flow_.nodes.size(), 0);
  work_.parts.assign(flow_.nodes.size(), 1);
  for (const FlowStep& step : work_.lanes.order) {
    if (step.kind == FlowStep::Kind::lanes) {
      list_group(step.index);
      continue;
    }
    if (step.kind == FlowStep::Kind::series) {
      list_series(step.index);
      continue;
    }
    const auto n = step.index;
    const FlowNode& node = flow_.nodes[n];
    if (node.kind == FlowNode::Kind::voices) {
      list_voices(n);
      continue;
    }
    Item item;
    item.index = n;
    item.cost = cost_of(node);
    if (node.kind != FlowNode::Kind::late)
      for (const auto& input : node.inputs) need(item, input);
    work_.producer[n] = add_item(std::move(item));
  }
  for (const FlowStep& step : work_.lanes.order) {
    const auto n = step.index;
    if (step.kind != FlowStep::Kind::node || flow_.nodes[n].kind != FlowNode::Kind::late) continue;
    Item item;
    item.kind = Item::Kind::late_write;
    item.index = n;
    item.needs.push_back(work_.producer[n]);  // read before it is overwritten
    for (const auto& input : flow_.nodes[n].inputs) need(item, input);
    add_item(std::move(item));
  }
  for (std::uint32_t o = 0; o < flow_.outputs.size(); ++o) {
    Item item;
    item.kind = Item::Kind::output;
    item.index = o;
    need(item, flow_.outputs[o].input);
    add_item(std::move(item));
  }
}

// A task is a straight chain: an item joins the task of one that it needs where nobody else needs that and all else that it
// needs is done in earlier stages. Cheap tasks with one reader are taken into their reader's, and so are side branches that cost
// little of the whole.
void Divider::place(std::uint32_t i) {
  Item& item = work_.items[i];
  const bool voices = item.kind == Item::Kind::voices || item.kind == Item::Kind::together;
  // The whole task of `n` is for this item alone.
  const auto is_ours = [&](std::uint32_t n) { return work_.items[n].readers == 1 && work_.tasks[work_.items[n].task].items.back() == n; };
  const auto is_cheap = [&](std::uint32_t n) { return !voices && is_ours(n) && work_.tasks[work_.items[n].task].cost < kCheap_ns; };

  int best = -1;
  float branches = 0;
  for (const auto n : item.needs) {
    const int task = work_.items[n].task;
    branches += work_.tasks[task].cost;
    const auto rank = [&](int t) { return std::pair(work_.tasks[t].level, work_.tasks[t].cost); };
    if (is_ours(n) && (best < 0 || rank(task) > rank(best))) best = task;
  }
  if (best >= 0) branches -= work_.tasks[best].cost;
  const bool joins_all = branches <= share_ns_;
  if (item.kind == Item::Kind::voices && work_.parts[item.index] > 1) best = -1;
  if (best >= 0) {
    const int level = work_.tasks[best].level;
    const bool fits = std::all_of(item.needs.begin(), item.needs.end(), [&](std::uint32_t n) {
      const int task = work_.items[n].task;
      return task == best || work_.tasks[task].level < level ||
             (work_.tasks[task].level == level && (is_cheap(n) || (joins_all && is_ours(n) && !voices)));
    });
    if (!fits) best = -1;
  }
  const bool joins = best >= 0;
  if (!joins) {
    best = static_cast<int>(work_.tasks.size());
    work_.tasks.emplace_back();
  }
  TaskPlan& group = work_.tasks[best];
  for (const auto n : item.needs) {
    const int task = work_.items[n].task;
    if (task == best) continue;
    TaskPlan& from = work_.tasks[task];
    const bool taken = joins && joins_all && !voices ? is_ours(n) : is_cheap(n) && (joins || group.cost < kAbsorbed_ns);
    if (!joins) group.level = std::max(group.level, taken ? from.level : from.level + 1);
    if (!taken) continue;
    group.cost += from.cost;
    for (const auto moved : from.items) {
      work_.items[moved].task = best;
      group.items.push_back(moved);
    }
    from.items.clear();
  }
  item.task = best;
  group.items.push_back(i);
  group.cost += item.cost;
}

void Divider::form_tasks() {
  float all_ns = 0;
  for (const auto& item : work_.items) all_ns += item.cost;
  share_ns_ = all_ns / (8.F * static_cast<float>(std::max(1, settings_.threads)));
  for (std::uint32_t i = 0; i < work_.items.size(); ++i) place(i);
}

}  // namespace

Work divide(const Flow& flow, const EngineSettings& settings, const UnitTable& table) {
  return Divider(flow, settings, table).run();
}

}  // namespace hocket
