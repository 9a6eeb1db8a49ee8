// The staged player: the tasks of a stage shared among workers, a meeting after each stage.
#include <algorithm>
#include <utility>

#include "server/engine/player.h"
#include "server/engine/rt.h"
#include "server/engine/workers.h"

namespace hocket {

namespace {

constexpr float kSmoothing = 0.25F;

class StagedPlayer : public Player {
 public:
  StagedPlayer(int threads, int block, double rate) : workers_(threads - 1, block / rate, false) {}

  void play(const Plan& plan, const Block& block) RT override {
    for (std::size_t s = 0; s < plan.stages.size(); ++s) {
      const Stage& stage = plan.stages[s];
      Sharing& sharing = plan.sharing[s];
      if (block.timed || sharing == Sharing::unknown) {
        sharing =
            workers_.worth_sharing(plan, plan.task_ns.subspan(stage.first, stage.tasks), block.frames) ? Sharing::pays : Sharing::costs;
        if (sharing == Sharing::pays) sort_a_little(plan, stage);
      }
      if (sharing == Sharing::pays) {
        workers_.run(plan, block, plan.turns.subspan(stage.first, stage.tasks));
      } else {
        for (std::uint32_t t = 0; t < stage.tasks; ++t) run_task(plan, stage.first + t, block, 0);
      }
    }
  }

 private:
  // One pass: costs move slowly, and the order changes no sample.
  static void sort_a_little(const Plan& plan, const Stage& stage) RT {
    const auto turns = plan.turns.subspan(stage.first, stage.tasks);
    for (std::size_t i = turns.size() - 1; i > 0; --i)
      if (plan.task_ns[turns[i]] > plan.task_ns[turns[i - 1]]) std::swap(turns[i], turns[i - 1]);
  }

  Workers workers_;
};

}  // namespace

void run_task(const Plan& plan, std::uint32_t task, const Block& block, int worker) RT {
  const auto steps = plan.steps.subspan(plan.tasks[task].first, plan.tasks[task].steps);
  if (!block.timed) return run_steps(steps, block, worker);
  const auto began = ticks();
  run_steps(steps, block, worker);
  const auto ns = static_cast<float>(static_cast<double>(ticks() - began) * block.tick_ns / block.frames);
  plan.task_ns[task] += kSmoothing * (ns - plan.task_ns[task]);
}

std::unique_ptr<Player> make_staged_player(int threads, int block, double rate) {
  return std::make_unique<StagedPlayer>(std::max(1, threads), block, rate);
}

}  // namespace hocket
