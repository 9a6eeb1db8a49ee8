// The serial player: every step in the order of the plan.
#include "server/engine/player.h"
#include "server/engine/rt.h"

namespace hocket {

namespace {

class SerialPlayer : public Player {
 public:
  void play(const Plan& plan, const Block& block) RT override { run_steps(plan.steps, block, 0); }
};

}  // namespace

void run_steps(std::span<const Step> steps, const Block& block, int worker) RT {
  if (!block.metered) {
    for (const Step& step : steps) step.run(step.self, block, worker);
    return;
  }
  auto before = ticks();
  for (const Step& step : steps) {
    step.run(step.self, block, worker);
    const auto after = ticks();
    for (Meter* const meter : step.meters) meter->ticks.fetch_add((after - before) / step.meters.size(), std::memory_order_relaxed);
    before = after;
  }
}

std::unique_ptr<Player> make_serial_player() {
  return std::make_unique<SerialPlayer>();
}

}  // namespace hocket
