#include "server/control/plan_moved.h"

#include <algorithm>

namespace hocket {

namespace {

class Moves {
 public:
  Moves(const Flow& old, const Flow& fresh, const Match& match)
      : old_(old), fresh_(fresh), match_(match), moved_(fresh.nodes.size(), false), readers_(old.nodes.size()) {
    for (std::uint32_t r = 0; r < old.nodes.size(); ++r) {
      for (std::uint32_t p = 0; p < old.nodes[r].inputs.size(); ++p)
        for (const auto& term : old.nodes[r].inputs[p])
          if (!term.constant && (!old.nodes[r].ghost || old.nodes[term.node].ghost)) readers_[term.node].push_back({r, p});
    }
  }

  // A node that moves is no partner any more, so that its neighbours may have to move too.
  std::vector<bool> run() {
    for (bool more = true; more;) {
      more = false;
      for (std::uint32_t n = 0; n < fresh_.nodes.size(); ++n) {
        if (moved_[n] || match_.old_of[n] == kNone) continue;
        const auto k = static_cast<std::uint32_t>(match_.old_of[n]);
        if (!hears_other(k, n) || !is_left(k, n)) continue;
        moved_[n] = more = true;
      }
    }
    return std::move(moved_);
  }

 private:
  struct Reader {
    std::uint32_t node, port;
  };

  bool same(const FlowTerm& old, const FlowTerm& fresh) const {
    if (old.constant || fresh.constant) return old.constant && fresh.constant && old.value == fresh.value;
    return match_.new_of[old.node] == static_cast<int>(fresh.node) && !moved_[fresh.node];
  }
  bool has(const FlowInput& input, std::uint32_t n) const {
    return std::any_of(input.begin(), input.end(), [&](const FlowTerm& t) { return !t.constant && t.node == n; });
  }

  bool hears_other(std::uint32_t k, std::uint32_t n) const {
    const FlowNode &a = old_.nodes[k], &b = fresh_.nodes[n];
    if (b.kind != FlowNode::Kind::unit && b.kind != FlowNode::Kind::mix) return false;
    for (std::size_t p = 0; p < std::min(a.inputs.size(), b.inputs.size()); ++p) {
      const FlowInput &x = a.inputs[p], &y = b.inputs[p];
      const auto in = [&](const FlowTerm& fresh) { return std::any_of(x.begin(), x.end(), [&](auto& old) { return same(old, fresh); }); };
      if (x.size() != y.size() || !std::all_of(y.begin(), y.end(), in)) return true;
    }
    return false;
  }

  bool is_left(std::uint32_t k, std::uint32_t n) const {
    for (const auto& r : readers_[k]) {
      const int to = match_.new_of[r.node];
      if (to == kNone || moved_[static_cast<std::uint32_t>(to)]) return true;
      const auto& inputs = fresh_.nodes[static_cast<std::uint32_t>(to)].inputs;
      if (r.port >= inputs.size() || !has(inputs[r.port], n)) return true;
    }
    for (const auto& output : old_.outputs) {
      if (output.ghost || !has(output.input, k)) continue;
      const auto to = std::find_if(fresh_.outputs.begin(), fresh_.outputs.end(), [&](const auto& o) { return o.name == output.name; });
      if (to == fresh_.outputs.end() || !has(to->input, n)) return true;
    }
    return false;
  }

  const Flow& old_;
  const Flow& fresh_;
  const Match& match_;
  std::vector<bool> moved_;
  std::vector<std::vector<Reader>> readers_;  // of the old nodes
};

}  // namespace

std::vector<bool> moved(const Flow& old, const Flow& fresh, const Match& match) {
  return Moves(old, fresh, match).run();
}

}  // namespace hocket
