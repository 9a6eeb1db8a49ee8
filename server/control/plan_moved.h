// Which nodes of a new graph stand in another place than their partners did.
#pragma once

#include <vector>

#include "server/control/plan_flow.h"
#include "server/control/plan_match.h"

namespace hocket {

/// By new node. One that hears something else, or is set to something else, and whose old readers, or some of them, hear it no more:
/// as one object it would give the new sound to the old path and the old sound to the new one while they fade, and might be louder
/// there than in either. So with one that had gone, and comes back as something else while what rings out hears it. One that keeps what it
/// hears, or all by whom it is heard, may stay.
std::vector<bool> moved(const Flow& old, const Flow& fresh, const Match&);

}  // namespace hocket
