#include "server/control/plan_flow.h"

#include <algorithm>

namespace hocket {

namespace {

// Calls f with every node that `node` needs in the same block.
template <class F>
void each_read(const FlowNode& node, F f) {
  if (node.kind == FlowNode::Kind::late) return;
  for (const auto& input : node.inputs)
    for (const auto& term : input)
      if (!term.constant) f(term.node);
}

bool fading(const FlowInput& input) {
  return std::any_of(input.begin(), input.end(), [](const FlowTerm& t) { return t.fade != Fade::none; });
}

FlowInput settled(const FlowInput& input) {
  FlowInput left;
  for (auto term : input) {
    if (term.goes()) continue;
    term.fade = Fade::none;
    left.push_back(term);
  }
  return left;
}

}  // namespace

Role role_of(const FlowNode& node, std::size_t port) {
  if (node.kind == FlowNode::Kind::mix) return Role::sum;
  if (node.kind == FlowNode::Kind::late) return Role::signal;
  if (node.kind != FlowNode::Kind::unit || port >= node.entry->info.ports.size()) return Role::parameter;
  const PortUnit unit = node.entry->info.ports[port].unit;
  return unit == PortUnit::signal || (node.entry->info.pure && unit == PortUnit::number) ? Role::signal : Role::parameter;
}

bool is_pure(const FlowNode& node, std::string_view name) {
  return node.kind == FlowNode::Kind::unit && node.entry->info.pure && (name.empty() || node.entry->info.name == name);
}

bool Flow::fades() const {
  for (const auto& node : nodes)
    for (const auto& input : node.inputs)
      if (fading(input)) return true;
  return std::any_of(outputs.begin(), outputs.end(),
                     [](const FlowOutput& o) { return fading(o.input) || o.from != o.to || o.route != o.route_from; });
}

std::vector<std::uint32_t> ordered(const Flow& flow) {
  const auto count = static_cast<std::uint32_t>(flow.nodes.size());
  std::vector<std::uint32_t> missing(count, 0), first(count + 1, 0), readers, order;
  for (const auto& node : flow.nodes) each_read(node, [&](std::uint32_t n) { ++first[n + 1]; });
  for (std::uint32_t n = 0; n < count; ++n) first[n + 1] += first[n];
  readers.resize(first[count]);
  auto fill = first;
  for (std::uint32_t n = 0; n < count; ++n)
    each_read(flow.nodes[n], [&](std::uint32_t from) {
      readers[fill[from]++] = n;
      ++missing[n];
    });
  order.reserve(count);
  for (std::uint32_t n = 0; n < count; ++n)
    if (missing[n] == 0) order.push_back(n);
  for (std::size_t at = 0; at < order.size(); ++at)
    for (auto r = first[order[at]]; r < first[order[at] + 1]; ++r)
      if (--missing[readers[r]] == 0) order.push_back(readers[r]);
  return order;
}

std::vector<std::uint32_t> find_cycle(const Flow& flow, const std::vector<std::uint32_t>& order) {
  std::vector<int> seen(flow.nodes.size(), 0);  // 1: ordered, else the step at which the walk came by, from 2 on
  for (const auto n : order) seen[n] = 1;
  auto at = static_cast<std::uint32_t>(std::find(seen.begin(), seen.end(), 0) - seen.begin());
  if (at == flow.nodes.size()) return {};
  std::vector<std::uint32_t> walk;
  while (seen[at] == 0) {
    seen[at] = static_cast<int>(walk.size()) + 2;
    walk.push_back(at);
    auto next = at;
    each_read(flow.nodes[at], [&](std::uint32_t n) {
      if (seen[n] != 1) next = n;
    });
    at = next;
  }
  return {walk.begin() + (seen[at] - 2), walk.end()};
}

Flow settled(const Flow& flow) {
  Flow left = flow;
  for (auto& node : left.nodes)
    for (auto& input : node.inputs) input = settled(input);
  std::erase_if(left.outputs, [](const FlowOutput& o) { return o.ghost && settled(o.input).empty(); });
  for (auto& output : left.outputs) {
    output.input = settled(output.input);
    output.from = output.to;
    output.route_from = output.route;
  }

  // Ghosts that nothing hears any more go.
  std::vector<bool> heard(left.nodes.size(), false);
  std::vector<std::uint32_t> open;
  const auto hear = [&](const FlowInput& input) {
    for (const auto& term : input)
      if (!term.constant && !heard[term.node]) {
        heard[term.node] = true;
        open.push_back(term.node);
      }
  };
  for (std::uint32_t n = 0; n < left.nodes.size(); ++n)
    if (!left.nodes[n].ghost) hear({FlowTerm::from(n)});
  for (const auto& output : left.outputs) hear(output.input);
  while (!open.empty()) {
    const auto n = open.back();
    open.pop_back();
    for (const auto& input : left.nodes[n].inputs) hear(input);
  }
  std::vector<std::uint32_t> place(left.nodes.size(), 0);
  std::vector<FlowNode> kept;
  for (std::uint32_t n = 0; n < left.nodes.size(); ++n) {
    place[n] = static_cast<std::uint32_t>(kept.size());
    if (heard[n]) kept.push_back(std::move(left.nodes[n]));
  }
  left.nodes = std::move(kept);
  const auto move = [&](FlowInput& input) {
    for (auto& term : input) term.node = term.constant ? 0 : place[term.node];
  };
  for (auto& node : left.nodes)
    for (auto& input : node.inputs) move(input);
  for (auto& output : left.outputs) move(output.input);
  for (auto& source : left.sources)
    for (auto& n : source.nodes) n = place[n];
  return left;
}

namespace {

bool mixes_many(const FlowNode& node) {
  return node.kind == FlowNode::Kind::mix && node.inputs[0].size() > kMixRun;
}

}  // namespace

bool mixes_many(const Flow& flow) {
  return std::any_of(flow.nodes.begin(), flow.nodes.end(), [](const FlowNode& node) { return mixes_many(node); });
}

Flow in_runs(Flow flow) {
  for (std::size_t n = 0; n < flow.nodes.size(); ++n) {  // a sum of many runs is a mix of many itself
    if (!mixes_many(flow.nodes[n])) continue;
    const FlowInput all = std::move(flow.nodes[n].inputs[0]);
    FlowInput runs;
    for (std::size_t from = 0; from < all.size(); from += kMixRun) {
      FlowNode run;
      run.key = flow.nodes[n].key;
      run.channels = flow.nodes[n].channels;
      run.ghost = flow.nodes[n].ghost;
      const auto first = all.begin() + static_cast<std::ptrdiff_t>(from);
      run.inputs = {FlowInput(first, first + static_cast<std::ptrdiff_t>(std::min(kMixRun, all.size() - from)))};
      runs.push_back(FlowTerm::from(static_cast<std::uint32_t>(flow.nodes.size())));
      flow.nodes.push_back(std::move(run));
    }
    flow.nodes[n].inputs[0] = std::move(runs);
    if (mixes_many(flow.nodes[n])) --n;
  }
  return flow;
}

}  // namespace hocket
