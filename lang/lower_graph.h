// The graph under construction: makes nodes, names them, shares equal ones, drops the dead. Internal to lowering.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lang/graph_def.h"

namespace hocket {

class GraphBuilder {
 public:
  /// Whose nodes are made from here on: keys start with it, and equal nodes are shared only within it (sharing across
  /// definitions would tie one's state to the other's edits).
  void own(const std::string& owner) { owner_ = owner; }
  const std::string& owner() const { return owner_; }

  /// The node's index; an equal one of the same owner if there is one and `shareable`.
  std::uint32_t add(NodeDef node, bool shareable = true);
  /// Sum of refs; a mix of this owner that stands in it is dissolved into it, so that a sum of many is one node.
  std::uint32_t mix(const std::vector<std::pair<Ref, int>>& terms, std::string_view key_word = "mix");

  const NodeDef& node(std::uint32_t index) const { return graph.nodes[index]; }
  int channels_of(const Ref&) const;

  /// Marks a place to come back to, when a guess about a feedback's channels was wrong.
  struct Mark {
    std::size_t nodes, sources, counted;
  };
  Mark mark() const { return {graph.nodes.size(), graph.sources.size(), counted_.size()}; }
  void back_to(const Mark&);

  /// Replaces `feedback` refs to placeholders by the nodes that they stand for, drops what no output reaches, orders.
  void resolve_feedback(const std::map<std::uint32_t, Ref>& loops);
  void finish();

  GraphDef graph;

 private:
  std::string key_for(std::string_view word);

  std::string owner_;
  std::unordered_map<std::string, int> counts_;           // of keys by their stem
  std::vector<int*> counted_;                             // which of them went up, in order
  std::unordered_map<std::string, std::uint32_t> known_;  // spelled-out node → index
};

/// Gives the nodes made in a scope to `owner`; an empty one leaves the owner as it is.
class Owning {
 public:
  Owning(GraphBuilder& builder, const std::string& owner) : builder_(builder), before_(builder.owner()) {
    if (!owner.empty()) builder_.own(owner);
  }
  ~Owning() { builder_.own(before_); }
  Owning(const Owning&) = delete;
  Owning& operator=(const Owning&) = delete;

 private:
  GraphBuilder& builder_;
  std::string before_;
};

/// Placeholder indices of feedback refs start here.
inline constexpr std::uint32_t kLoop = 0x80000000U;

}  // namespace hocket
