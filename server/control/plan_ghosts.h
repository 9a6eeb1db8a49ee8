// What the program no longer has and is heard still: it fades, or rings out.
#pragma once

#include <cstdint>
#include <vector>

#include "server/control/plan_flow.h"

namespace hocket {

/// How long what is removed may go on sounding before it is faded.
inline constexpr double kLongestRing_s = 20;

/// The kept nodes that have no partner in the new flow. A *carrier* is an instrument or an effect with a tail.
class Ghosts {
 public:
  /// `new_of`: kept node → new node, or kNone. `left`: kept nodes whose state goes on in another object. `may_ring`: else all fades.
  Ghosts(const Flow& kept, const std::vector<int>& new_of, const std::vector<bool>& left, bool may_ring, std::int32_t cross_frames)
      : kept_(kept),
        new_of_(new_of),
        left_(left),
        may_ring_(may_ring),
        cross_frames_(cross_frames),
        imported_(kept.nodes.size(), -1),
        carries_(kept.nodes.size(), -1) {}

  /// There is a carrier along its signal path whose state does not go on elsewhere.
  bool carries(std::uint32_t kept);
  /// Sounding as long as one of its carriers is.
  Ghost state(std::uint32_t kept) const;
  bool rings(std::uint32_t kept) { return may_ring_ && carries(kept) && state(kept) == Ghost::sounding; }
  /// The node's place in the new flow: its partner's, or that of a ghost which is added there with all that it hears.
  std::uint32_t import(std::uint32_t kept, Flow&);

 private:
  FlowInput imported(const FlowInput& old, Role, bool ringing, bool keeps_others, Flow&);

  const Flow& kept_;
  const std::vector<int>& new_of_;
  const std::vector<bool>& left_;
  const bool may_ring_;
  const std::int32_t cross_frames_;
  std::vector<int> imported_;         // kept node → its place in the new flow
  std::vector<signed char> carries_;  // -1: not yet known
};

}  // namespace hocket
