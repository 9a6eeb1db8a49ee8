// A plan as people read it.
#include "server/control/plan_compile.h"
#include "server/control/plan_store.h"

namespace hocket {

std::string plan_text(const Plan& plan) {
  const auto& store = *static_cast<const PlanStore*>(plan.keep.get());
  std::string text = "plan: " + std::to_string(store.stages.size()) + " stages, " + std::to_string(store.tasks.size()) + " tasks, " +
                     std::to_string(store.steps.size()) + " steps, " + std::to_string(store.buffers.count) + " buffers of " +
                     std::to_string(store.buffers.floats) + " frames, " + std::to_string(store.lane_buffers.count) +
                     " of lanes (working set " + std::to_string(store.buffers.bytes() + store.lane_buffers.bytes()) +
                     " bytes, voices' scratch " + std::to_string(plan.scratch_stride * sizeof(float)) + " bytes a worker)\n";
  for (std::size_t s = 0; s < store.stages.size(); ++s) {
    text += "stage " + std::to_string(s) + "\n";
    for (std::uint32_t t = 0; t < store.stages[s].tasks; ++t) {
      const Task& task = store.tasks[store.stages[s].first + t];
      text += "  task " + std::to_string(t) + "\n";
      for (std::uint32_t i = task.first; i < task.first + task.steps; ++i) {
        const StepNote& note = store.notes[i];
        text += "    " + note.what;
        if (!note.in.empty()) text += "  (" + note.in + ")";
        if (!note.out.empty()) text += " -> " + note.out;
        text += "\n";
      }
    }
  }
  text += "outputs\n";
  for (const auto& note : store.output_notes) text += "  " + note + "\n";
  text += "objects: " + std::to_string(store.object_bytes) + " bytes\n";
  for (const auto& note : store.object_notes) text += "  " + note + "\n";
  return text;
}

}  // namespace hocket
