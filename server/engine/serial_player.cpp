// The serial player: every step in the order of the plan.
#include "server/engine/player.h"

namespace hocket {

namespace {

class SerialPlayer : public Player {
 public:
  void play(const Plan& plan, const Block& block) RT override {
    for (const Step& step : plan.steps) step.run(step.self, block, 0);
  }
};

}  // namespace

std::unique_ptr<Player> make_serial_player() {
  return std::make_unique<SerialPlayer>();
}

}  // namespace hocket
