// The dataflow player: a task runs as soon as all that it waits for is done, without stages.
#include <algorithm>
#include <utility>

#include "server/engine/player.h"
#include "server/engine/workers.h"

namespace hocket {

namespace {

class DataflowPlayer : public Player {
 public:
  DataflowPlayer(int threads, int block, double rate) : workers_(threads - 1, block / rate, true) {}

  void play(const Plan& plan, const Block& block) RT override {
    const auto count = static_cast<std::uint32_t>(plan.tasks.size());
    if (count == 0) return;
    Sharing& sharing = plan.sharing[0];
    if (block.timed || sharing == Sharing::unknown) {
      sharing = workers_.worth_sharing(plan, plan.task_ns, block.frames) ? Sharing::pays : Sharing::costs;
      if (sharing == Sharing::pays) sort_a_little(plan);
    }
    if (sharing == Sharing::pays) return workers_.run(plan, block, plan.turns);
    for (std::uint32_t t = 0; t < count; ++t) run_task(plan, t, block, 0);
  }

 private:
  // Of the tasks that wait for no other, the costliest goes first. One pass: costs move slowly.
  static void sort_a_little(const Plan& plan) RT {
    const auto turns = plan.turns.first(plan.free_tasks);
    for (std::size_t i = turns.size(); i > 1; --i)
      if (plan.task_ns[turns[i - 1]] > plan.task_ns[turns[i - 2]]) std::swap(turns[i - 1], turns[i - 2]);
  }

  Workers workers_;
};

}  // namespace

std::unique_ptr<Player> make_dataflow_player(int threads, int block, double rate) {
  return std::make_unique<DataflowPlayer>(std::max(1, threads), block, rate);
}

}  // namespace hocket
