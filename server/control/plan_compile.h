// From a flow to a plan: stages, tasks, steps and buffers.
#pragma once

#include <memory>
#include <string>

#include "server/control/load_book.h"
#include "server/control/plan_flow.h"
#include "server/engine/plan.h"
#include "server/engine/settings.h"

namespace hocket {

/// The flow must have an order (no cycles among its same-block reads). The steps' meters come from the book. `told`: `plan_text` will be
/// asked of it.
std::unique_ptr<Plan> compile(const Flow&, const EngineSettings&, const UnitTable&, LoadBook&, bool told = false);

/// Stages, tasks, steps, buffers and objects of a plan that was compiled to be told of, as `hocket show plan` prints it.
std::string plan_text(const Plan&);

}  // namespace hocket
