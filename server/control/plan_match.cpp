#include "server/control/plan_match.h"

#include <algorithm>
#include <bit>
#include <map>
#include <string_view>
#include <unordered_map>

namespace hocket {

namespace {

using Kind = FlowNode::Kind;
using Row = std::vector<std::uint32_t>;

constexpr std::size_t kMostCells = 1 << 20;  // of one alignment; beyond, equal units pair in their order

std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  a = (a ^ b) * 0x9e3779b97f4a7c15U;
  return a ^ (a >> 29);
}

std::string_view owner_of(const FlowNode& node) {
  return std::string_view(node.key).substr(0, node.key.rfind('/'));
}

/// Of the same make: the one can go on as the other.
bool alike(const FlowNode& a, const FlowNode& b) {
  return a.kind == b.kind && a.entry == b.entry && a.voice == b.voice && a.polyphony == b.polyphony && a.hardware == b.hardware;
}

class Matcher {
 public:
  Matcher(const Flow& old, const Flow& fresh) : old_(old), fresh_(fresh) {
    found_.old_of.assign(fresh.nodes.size(), kNone);
    found_.new_of.assign(old.nodes.size(), kNone);
  }

  Match run() {
    struct Rows {
      Row old, fresh;
    };
    std::map<std::string_view, Rows> owners;
    for (std::uint32_t k = 0; k < old_.nodes.size(); ++k)
      if (wanted(old_.nodes[k])) owners[owner_of(old_.nodes[k])].old.push_back(k);
    for (std::uint32_t n = 0; n < fresh_.nodes.size(); ++n)
      if (wanted(fresh_.nodes[n])) owners[owner_of(fresh_.nodes[n])].fresh.push_back(n);
    for (auto& [owner, rows] : owners) pair_equal(rows.old, rows.fresh);
    for (auto& [owner, rows] : owners) align(rows.old, rows.fresh);
    for (auto& [owner, rows] : owners) pair_moved(rows.old, rows.fresh);
    Row old, fresh;
    for (auto& [owner, rows] : owners) {
      old.insert(old.end(), rows.old.begin(), rows.old.end());
      fresh.insert(fresh.end(), rows.fresh.begin(), rows.fresh.end());
    }
    pair_equal(old, fresh);
    pair_ghosts(fresh);
    pair_late();
    return std::move(found_);
  }

 private:
  static bool wanted(const FlowNode& node) { return !node.ghost && node.kind != Kind::late; }

  void forget_paired(Row& old, Row& fresh) {
    std::erase_if(old, [&](std::uint32_t k) { return found_.new_of[k] != kNone; });
    std::erase_if(fresh, [&](std::uint32_t n) { return found_.old_of[n] != kNone; });
  }

  // Equal prints, in their order.
  void pair_equal(Row& old, Row& fresh) {
    if (old.empty() || fresh.empty()) return;
    std::unordered_map<std::uint64_t, Row> by_print;
    for (auto k = old.rbegin(); k != old.rend(); ++k) by_print[old_.nodes[*k].print].push_back(*k);
    for (const auto n : fresh) {
      const auto equal = by_print.find(fresh_.nodes[n].print);
      if (equal == by_print.end() || equal->second.empty() || !alike(old_.nodes[equal->second.back()], fresh_.nodes[n])) continue;
      found_.pair(n, equal->second.back());
      equal->second.pop_back();
    }
    forget_paired(old, fresh);
  }

  // How much they have in common beside their make.
  int likeness(std::uint32_t k, std::uint32_t n) const {
    const auto &a = old_.nodes[k], &b = fresh_.nodes[n];
    int common = a.key == b.key ? 1 : 0;
    for (std::size_t p = 0; p < std::min(a.inputs.size(), b.inputs.size()); ++p) {
      if (a.inputs[p].size() != 1 || b.inputs[p].size() != 1) continue;
      const FlowTerm &x = a.inputs[p][0], &y = b.inputs[p][0];
      if (x.constant != y.constant) continue;
      if (x.constant)
        common += x.value == y.value ? 2 : 0;
      else if (found_.new_of[x.node] == static_cast<int>(y.node))
        common += 3;
      else
        common += alike(old_.nodes[x.node], fresh_.nodes[y.node]) ? 1 : 0;
    }
    return common;
  }

  void align(Row& old, Row& fresh) {
    if (old.empty() || fresh.empty()) return;
    if (old.size() * fresh.size() > kMostCells) return;  // `pair_moved` takes them in their order
    constexpr int kPair = 64;                            // more than any likeness
    const std::size_t width = fresh.size() + 1;
    std::vector<int> best((old.size() + 1) * width, 0);
    const auto score = [&](std::size_t i, std::size_t j) {
      return alike(old_.nodes[old[i]], fresh_.nodes[fresh[j]]) ? kPair + likeness(old[i], fresh[j]) : kNone;
    };
    for (std::size_t i = old.size(); i-- > 0;)
      for (std::size_t j = fresh.size(); j-- > 0;) {
        const int both = score(i, j);
        int& cell = best[i * width + j];
        cell = std::max(best[(i + 1) * width + j], best[i * width + j + 1]);
        if (both > 0) cell = std::max(cell, both + best[(i + 1) * width + j + 1]);
      }
    for (std::size_t i = 0, j = 0; i < old.size() && j < fresh.size();) {
      const int both = score(i, j), here = best[i * width + j];
      if (both > 0 && here == both + best[(i + 1) * width + j + 1])
        found_.pair(fresh[j++], old[i++]);
      else if (here == best[(i + 1) * width + j])
        ++i;
      else
        ++j;
    }
    forget_paired(old, fresh);
  }

  void pair_moved(Row& old, Row& fresh) {
    if (old.empty()) return;
    const bool few = old.size() * fresh.size() <= kMostCells;
    for (const auto n : fresh) {
      int most = kNone;
      std::uint32_t best = 0;
      for (const auto k : old) {
        if (found_.new_of[k] != kNone || !alike(old_.nodes[k], fresh_.nodes[n])) continue;
        const int common = few ? likeness(k, n) : 0;
        if (common <= most) continue;
        most = common;
        best = k;
        if (!few) break;
      }
      if (most != kNone) found_.pair(n, best);
    }
    forget_paired(old, fresh);
  }

  void pair_ghosts(const Row& fresh) {
    std::unordered_map<std::string_view, Row> ghosts;
    for (std::uint32_t k = 0; k < old_.nodes.size(); ++k)
      if (old_.nodes[k].ghost) ghosts[old_.nodes[k].key].push_back(k);
    if (ghosts.empty()) return;
    for (const auto n : fresh) {
      const auto named = ghosts.find(fresh_.nodes[n].key);
      if (named == ghosts.end()) continue;
      for (const auto k : named->second)
        if (found_.old_of[n] == kNone && found_.new_of[k] == kNone && alike(old_.nodes[k], fresh_.nodes[n])) found_.pair(n, k);
    }
  }

  // Each with the node that it delays.
  void pair_late() {
    const auto is_late = [](const FlowNode& node) {
      return node.kind == Kind::late && !node.inputs.empty() && !node.inputs[0].empty() && !node.inputs[0][0].constant;
    };
    std::unordered_map<std::uint32_t, std::uint32_t> late;
    for (std::uint32_t k = 0; k < old_.nodes.size(); ++k)
      if (is_late(old_.nodes[k])) late[old_.nodes[k].inputs[0][0].node] = k;
    for (std::uint32_t n = 0; n < fresh_.nodes.size(); ++n) {
      if (!is_late(fresh_.nodes[n])) continue;
      const int k = found_.old_of[fresh_.nodes[n].inputs[0][0].node];
      const auto known = k == kNone ? late.end() : late.find(static_cast<std::uint32_t>(k));
      if (known != late.end()) found_.pair(n, known->second);
    }
  }

  const Flow& old_;
  const Flow& fresh_;
  Match found_;
};

}  // namespace

std::uint64_t print_of(const FlowNode& node, const Flow& flow) {
  std::uint64_t print = mixed(static_cast<std::uint64_t>(node.kind) + 1, static_cast<std::uint64_t>(node.channels));
  print = mixed(print, reinterpret_cast<std::uintptr_t>(node.entry));
  print = mixed(print, reinterpret_cast<std::uintptr_t>(node.voice.get()));
  print = mixed(print, static_cast<std::uint64_t>(node.polyphony) * 64 + static_cast<std::uint64_t>(node.hardware));
  if (node.kind == Kind::late) return print;
  for (const auto& input : node.inputs) {
    print = mixed(print, input.size());
    for (const auto& term : input)
      print = mixed(print, term.constant ? std::bit_cast<std::uint32_t>(term.value) : flow.nodes[term.node].print | 1);
  }
  return print;
}

Match match(const Flow& old, const Flow& fresh) {
  return Matcher(old, fresh).run();
}

}  // namespace hocket
