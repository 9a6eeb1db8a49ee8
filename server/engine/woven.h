// States of like nodes side by side, for as long as one plan has them.
#pragma once

#include "server/engine/lane_form.h"

namespace hocket {

/// One state a lane. They are woven together when first needed and put back into their nodes when the plan goes, or when one of
/// them must be touched by itself. Thread: audio, and workers under it
struct Woven {
  const LaneForm* form = nullptr;
  float* cells = nullptr;
  int count = 0;                 ///< of cells, a multiple of the lanes; 0: nothing to remember
  const Wire* rows = nullptr;    ///< the nodes' states by lane; an idle lane repeats another
  float* const* back = nullptr;  ///< the same; idle: null
  bool resident = false;
};

inline void take_in(Woven& w) RT {
  if (w.resident) return;
  if (w.count > 0) w.form->weave(w.rows, w.cells, w.count);
  w.resident = true;
}
inline void put_back(Woven& w) RT {
  if (w.resident && w.count > 0) w.form->unweave(w.cells, w.back, w.count);
  w.resident = false;
}

}  // namespace hocket
