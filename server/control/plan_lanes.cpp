#include "server/control/plan_lanes.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "server/control/plan_cost.h"
#include "server/engine/lane_steps.h"

namespace hocket {

namespace {

/// Nodes that one kernel can run: the form, the rack or where inputs are streams, the channels.
using Likeness = std::tuple<Run, const Rack*, unsigned, int>;

class Batcher {
 public:
  Batcher(const Flow& flow, int width) : flow_(flow), order_(ordered(flow)) {
    lanes_.width = width;
    lanes_.group_of.assign(flow.nodes.size(), -1);
    lanes_.lane_of.assign(flow.nodes.size(), 0);
  }
  Lanes run();

 private:
  static constexpr int kSingle = -1;

  struct Kind {
    std::vector<std::uint32_t> ready;
    std::size_t left = 0;
    bool parted = false;  ///< a rack whose nodes need each other: each by itself
  };
  struct Seat {  // where a node would like to sit: beside those of this bucket, in this lane
    const void* bucket = nullptr;
    int lane = -1;
  };

  int kind_of(std::uint32_t);
  void find_homes();
  void find_series();
  void list();
  void make_ready(std::uint32_t node);
  void complete(std::uint32_t node);
  void unchain();
  int best_kind() const;
  void form(std::size_t kind);
  void form_rack(const std::vector<std::uint32_t>&);
  std::vector<LaneGroup> seated(const std::vector<std::uint32_t>&) const;
  Seat seat_of(std::uint32_t) const;
  void merge(std::vector<LaneGroup>&) const;
  bool pays(const LaneGroup&) const;
  void add(LaneGroup);
  void add_single(std::uint32_t);

  const Flow& flow_;
  std::vector<std::uint32_t> order_;
  Lanes lanes_;
  std::map<Likeness, int> known_;
  std::vector<Kind> kinds_;
  std::vector<int> kind_;  // by node
  std::vector<std::uint32_t> missing_, first_reader_, readers_, singles_;
  std::vector<Seat> home_;
  std::vector<int> series_of_;        // by node
  std::vector<std::size_t> awaited_;  // by series: of its nodes, those that wait for others than the one before them
};

int Batcher::kind_of(std::uint32_t n) {
  const FlowNode& node = flow_.nodes[n];
  if (node.kind != FlowNode::Kind::unit) return kSingle;
  const UnitNode& unit = unit_of(node);
  if (!unit.lanes_run || unit.kernel.state_bytes > kMostCells * 4 || (unit.memory[0].frames > 0 && !unit.rack)) return kSingle;
  if (unit.rack && unit.rack->lanes != lanes_.width) return kSingle;
  unsigned streams = 0;
  for (std::size_t p = 0; p < node.inputs.size(); ++p) streams |= is_constant(node.inputs[p]) ? 0U : 1U << p;
  if (streams == 0 && node.entry->info.pure) return kSingle;
  if (unit.rack) streams = 0;
  const auto [at, fresh] = known_.try_emplace({unit.kernel.run, unit.rack.get(), streams, node.channels}, static_cast<int>(kinds_.size()));
  if (fresh) kinds_.emplace_back();
  return at->second;
}

// A node with a lane in a rack keeps it; what stands before it had best have the same.
void Batcher::find_homes() {
  home_.assign(flow_.nodes.size(), {});
  for (auto at = order_.rbegin(); at != order_.rend(); ++at) {
    const FlowNode& node = flow_.nodes[*at];
    if (node.kind != FlowNode::Kind::unit) continue;
    if (const UnitNode& unit = unit_of(node); unit.rack) home_[*at] = {unit.rack.get(), unit.lane};
    for (const auto& input : node.inputs)
      for (const auto& term : input)
        if (!term.constant && !home_[term.node].bucket) home_[term.node] = home_[*at];
  }
}

void Batcher::list() {
  const auto count = static_cast<std::uint32_t>(flow_.nodes.size());
  missing_.assign(count, 0);
  first_reader_.assign(count + 1, 0);
  const auto each_read = [&](std::uint32_t n, auto f) {
    if (flow_.nodes[n].kind == FlowNode::Kind::late) return;
    for (const auto& input : flow_.nodes[n].inputs)
      for (const auto& term : input)
        if (!term.constant) f(term.node);
  };
  for (std::uint32_t n = 0; n < count; ++n) each_read(n, [&](std::uint32_t from) { ++first_reader_[from + 1]; });
  for (std::uint32_t n = 0; n < count; ++n) first_reader_[n + 1] += first_reader_[n];
  readers_.resize(first_reader_[count]);
  auto fill = first_reader_;
  for (std::uint32_t n = 0; n < count; ++n)
    each_read(n, [&](std::uint32_t from) {
      readers_[fill[from]++] = n;
      ++missing_[n];
    });
  kind_.assign(count, kSingle);
  for (std::uint32_t n = 0; n < count; ++n) {
    if (series_of_[n] >= 0) continue;
    kind_[n] = kind_of(n);
    if (kind_[n] != kSingle) ++kinds_[static_cast<std::size_t>(kind_[n])].left;
  }
}

void Batcher::find_series() {
  series_of_.assign(flow_.nodes.size(), -1);
  lanes_.series = series_in(flow_, order_, lanes_.width);
  for (std::size_t s = 0; s < lanes_.series.size(); ++s) {
    for (const auto n : lanes_.series[s]) series_of_[n] = static_cast<int>(s);
    awaited_.push_back(lanes_.series[s].size());
  }
}

void Batcher::make_ready(std::uint32_t n) {
  if (series_of_[n] >= 0) {
    const auto s = static_cast<std::size_t>(series_of_[n]);
    if (--awaited_[s] == 0) singles_.push_back(n);
    return;
  }
  if (kind_[n] == kSingle)
    singles_.push_back(n);
  else
    kinds_[static_cast<std::size_t>(kind_[n])].ready.push_back(n);
}

void Batcher::complete(std::uint32_t n) {
  for (auto r = first_reader_[n]; r < first_reader_[n + 1]; ++r)
    if (--missing_[readers_[r]] == 0) make_ready(readers_[r]);
}

// Within a series nobody waits.
void Batcher::unchain() {
  for (const auto& series : lanes_.series)
    for (auto n = series.begin() + 1; n != series.end(); ++n) --missing_[*n];
}

// One whose nodes are all ready, else the one with the most of them.
int Batcher::best_kind() const {
  int best = -1;
  for (int k = 0; k < static_cast<int>(kinds_.size()); ++k) {
    const Kind& kind = kinds_[static_cast<std::size_t>(k)];
    if (kind.ready.empty()) continue;
    if (kind.ready.size() == kind.left) return k;
    if (best < 0 || kind.ready.size() > kinds_[static_cast<std::size_t>(best)].ready.size()) best = k;
  }
  return best;
}

Batcher::Seat Batcher::seat_of(std::uint32_t n) const {
  if (home_[n].bucket) return home_[n];
  for (const auto& input : flow_.nodes[n].inputs) {
    if (input.size() != 1 || input[0].constant) continue;
    const auto from = input[0].node;
    if (lanes_.group_of[from] >= 0) return {&lanes_.groups[static_cast<std::size_t>(lanes_.group_of[from])], lanes_.lane_of[from]};
  }
  return {};
}

std::vector<LaneGroup> Batcher::seated(const std::vector<std::uint32_t>& nodes) const {
  std::vector<LaneGroup> made;
  std::vector<const void*> bucket;
  for (const auto n : nodes) {
    const Seat seat = seat_of(n);
    const auto free_lane = [&](const LaneGroup& group) -> int {
      if (seat.lane >= 0) return group.nodes[static_cast<std::size_t>(seat.lane)] == LaneGroup::kIdle ? seat.lane : -1;
      const auto at = std::find(group.nodes.begin(), group.nodes.end(), LaneGroup::kIdle);
      return at == group.nodes.end() ? -1 : static_cast<int>(at - group.nodes.begin());
    };
    std::size_t g = 0;
    while (g < made.size() && (bucket[g] != seat.bucket || free_lane(made[g]) < 0)) ++g;
    if (g == made.size()) {
      made.push_back({std::vector<std::uint32_t>(static_cast<std::size_t>(lanes_.width), LaneGroup::kIdle)});
      bucket.push_back(seat.bucket);
    }
    made[g].nodes[static_cast<std::size_t>(free_lane(made[g]))] = n;
  }
  return made;
}

std::size_t sitting(const LaneGroup& group) {
  return static_cast<std::size_t>(std::count_if(group.nodes.begin(), group.nodes.end(), [](auto n) { return n != LaneGroup::kIdle; }));
}

// Groups that fit into one do, where a run saved is worth more than the weaving.
void Batcher::merge(std::vector<LaneGroup>& groups) const {
  const auto any = *std::find_if(groups[0].nodes.begin(), groups[0].nodes.end(), [](auto n) { return n != LaneGroup::kIdle; });
  if (lanes_cost_of(flow_.nodes[any]) < 2 * kWeave_ns) return;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (std::size_t o = groups.size() - 1; o > g; --o) {
      if (sitting(groups[g]) + sitting(groups[o]) > static_cast<std::size_t>(lanes_.width)) continue;
      for (std::size_t k = 0; k < groups[o].nodes.size(); ++k) {
        if (groups[o].nodes[k] == LaneGroup::kIdle) continue;
        auto& seats = groups[g].nodes;
        (seats[k] == LaneGroup::kIdle ? seats[k] : *std::find(seats.begin(), seats.end(), LaneGroup::kIdle)) = groups[o].nodes[k];
      }
      groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(o));
    }
  }
}

bool Batcher::pays(const LaneGroup& group) const {
  float alone = 0, together = 0;
  const FlowNode* one = nullptr;
  for (const auto n : group.nodes) {
    if (n == LaneGroup::kIdle) continue;
    one = &flow_.nodes[n];
    alone += cost_of(*one);
  }
  together = lanes_cost_of(*one);
  bool first = true;
  for (std::size_t p = 0; p < one->inputs.size(); ++p) {
    if (is_constant(one->inputs[p]) || lanes_.direct_source(flow_, group, p, 0) >= 0) continue;
    together += kWeave_ns;
    if (first) together += kWeave_ns;  // where it comes from rows it mostly goes back to rows
    first = false;
  }
  return together < alone;
}

void Batcher::add_single(std::uint32_t n) {
  if (series_of_[n] < 0) {
    lanes_.order.push_back({FlowStep::Kind::node, n});
    return complete(n);
  }
  const auto series = static_cast<std::uint32_t>(series_of_[n]);
  lanes_.order.push_back({FlowStep::Kind::series, series});
  complete(lanes_.series[series].back());
}

void Batcher::add(LaneGroup group) {
  const auto at = static_cast<std::uint32_t>(lanes_.groups.size());
  for (std::size_t k = 0; k < group.nodes.size(); ++k) {
    if (group.nodes[k] == LaneGroup::kIdle) continue;
    lanes_.group_of[group.nodes[k]] = static_cast<int>(at);
    lanes_.lane_of[group.nodes[k]] = static_cast<int>(k);
  }
  lanes_.order.push_back({FlowStep::Kind::lanes, at});
  lanes_.groups.push_back(std::move(group));
  for (const auto n : lanes_.groups.back().nodes)
    if (n != LaneGroup::kIdle) complete(n);
}

// All of a rack at once: a lane that is run for another writes into its memory too.
void Batcher::form_rack(const std::vector<std::uint32_t>& nodes) {
  LaneGroup group{std::vector<std::uint32_t>(static_cast<std::size_t>(lanes_.width), LaneGroup::kIdle)};
  for (const auto n : nodes) group.nodes[static_cast<std::size_t>(unit_of(flow_.nodes[n]).lane)] = n;
  add(std::move(group));
}

void Batcher::form(std::size_t index) {
  Kind& kind = kinds_[index];
  auto nodes = std::move(kind.ready);
  kind.ready.clear();
  const bool all = nodes.size() == kind.left;
  kind.left -= nodes.size();
  std::sort(nodes.begin(), nodes.end());
  if (unit_of(flow_.nodes[nodes[0]]).rack) {
    if (all && !kind.parted) return form_rack(nodes);
    kind.parted = true;
    for (const auto n : nodes) add_single(n);
    return;
  }
  auto groups = seated(nodes);
  merge(groups);
  for (auto& group : groups) {
    if (pays(group)) {
      add(std::move(group));
    } else {
      for (const auto n : group.nodes)
        if (n != LaneGroup::kIdle) add_single(n);
    }
  }
}

Lanes Batcher::run() {
  if (lanes_.width == 0) {
    for (const auto n : order_) lanes_.order.push_back({FlowStep::Kind::node, n});
    return std::move(lanes_);
  }
  find_series();
  list();
  unchain();
  find_homes();
  for (std::uint32_t n = 0; n < missing_.size(); ++n)
    if (missing_[n] == 0) make_ready(n);
  while (true) {
    for (std::size_t at = 0; at < singles_.size(); ++at) add_single(singles_[at]);  // more come as they are added
    singles_.clear();
    const int kind = best_kind();
    if (kind < 0) break;
    form(static_cast<std::size_t>(kind));
  }
  return std::move(lanes_);
}

}  // namespace

std::uint32_t Lanes::member(std::uint32_t group) const {
  const auto& nodes = groups[group].nodes;
  return *std::find_if(nodes.begin(), nodes.end(), [](auto n) { return n != LaneGroup::kIdle; });
}

int Lanes::direct_source(const Flow& flow, const LaneGroup& group, std::size_t port, int channel, int* source_channel) const {
  int from = -1;
  for (std::size_t k = 0; k < group.nodes.size(); ++k) {
    if (group.nodes[k] == LaneGroup::kIdle) continue;
    const FlowInput& input = flow.nodes[group.nodes[k]].inputs[port];
    if (input.size() != 1 || input[0].constant || input[0].fade != Fade::none) return -1;
    const auto source = input[0].node;
    if (group_of[source] < 0 || lane_of[source] != static_cast<int>(k) || (from >= 0 && from != group_of[source])) return -1;
    from = group_of[source];
    if (source_channel) *source_channel = std::min(channel, flow.nodes[source].channels - 1);
  }
  return from;
}

int Lanes::summed_group(const Flow& flow, std::uint32_t mix) const {
  const FlowNode& node = flow.nodes[mix];
  if (groups.empty() || node.kind != FlowNode::Kind::mix || node.inputs[0].size() < 2) return -1;
  const FlowInput& terms = node.inputs[0];
  const int group = terms[0].constant ? -1 : group_of[terms[0].node];
  if (group < 0) return -1;
  std::size_t term = 0;
  for (const auto n : groups[static_cast<std::size_t>(group)].nodes) {
    if (n == LaneGroup::kIdle) continue;
    if (term == terms.size() || terms[term].constant || terms[term].fade != Fade::none || terms[term].node != n) return -1;
    ++term;
  }
  return term == terms.size() ? group : -1;
}

Lanes side_by_side(const Flow& flow, int width) {
  return Batcher(flow, width).run();
}

}  // namespace hocket
