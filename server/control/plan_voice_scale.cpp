#include "server/control/plan_voice_scale.h"

#include <algorithm>

namespace hocket {

namespace {

bool stands_still(const Ref& ref) {
  return ref.kind == Ref::Kind::number || ref.kind == Ref::Kind::param;
}
bool is(const Ref& ref, double x) {
  return ref == Ref::of(x);
}
bool are_numbers(const Ref& a, const Ref& b) {
  return a.kind == Ref::Kind::number && b.kind == Ref::Kind::number;
}

bool multiply(Scaling& s, const Ref& by) {
  if (is(s.factor, 1) && is(s.offset, 0))
    s.factor = by;
  else if (are_numbers(s.factor, s.offset) && by.kind == Ref::Kind::number)
    s.factor.number *= by.number, s.offset.number *= by.number;
  else
    return false;
  return true;
}

bool move(Scaling& s, const Ref& by) {
  if (is(s.offset, 0))
    s.offset = by;
  else if (are_numbers(s.offset, by))
    s.offset.number += by.number;
  else
    return false;
  return true;
}

/// Takes in what `node` does to its input number `place`, if it can.
bool take_in(Scaling& s, const NodeDef& node, std::size_t place) {
  const Ref& other = node.inputs[1 - place];
  if (node.channels != 1 || !stands_still(other)) return false;
  if (node.unit == "mul") return multiply(s, other);
  if (node.unit == "add") return move(s, other);
  if (node.unit != "sub" || other.kind != Ref::Kind::number) return false;
  Scaling after = s;
  if (!(place == 0 ? move(after, Ref::of(-other.number)) : multiply(after, Ref::of(-1)) && move(after, other))) return false;
  s = after;
  return true;
}

}  // namespace

std::optional<Scaling> scaling_of(const GraphDef& graph, std::uint32_t node, const std::vector<int>& readers) {
  Scaling made;
  for (std::uint32_t at = node, next = node + 1; readers[at] == 1 && next < graph.nodes.size(); ++next) {
    const NodeDef& reader = graph.nodes[next];
    const auto input = std::find(reader.inputs.begin(), reader.inputs.end(), Ref::node(at));
    if (input == reader.inputs.end()) continue;
    if (reader.inputs.size() != 2 || !take_in(made, reader, static_cast<std::size_t>(input - reader.inputs.begin()))) break;
    made.nodes.push_back(at = next);
  }
  if (made.nodes.empty()) return std::nullopt;
  return made;
}

}  // namespace hocket
