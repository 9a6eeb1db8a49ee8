#include "server/engine/lane_steps.h"

#include <algorithm>
#include <cstring>

#include "server/engine/peak.h"

namespace hocket {

namespace {

void silence(const LaneStep& step, int lane, int frames) RT {
  for (int c = 0; c < step.outs; ++c)
    for (int i = 0; i < frames; ++i) step.out[c][i * step.lanes + lane] = 0;
}

bool is_muted(const UnitNode& node) RT {
  return node.muted_until != UnitNode::kAlways;
}

Clock clock_of(const LaneStep& step, const Block& block) RT {
  Clock clock = block.clock;
  clock.live = step.busy;
  return clock;
}

// Where every lane must be looked at: some are muted, or hear only what they wrote themselves.
void run_with_care(const LaneStep& step, const Block& block) RT {
  LaneCare& care = *step.care;
  Woven& woven = care.woven[step.state];
  bool live[kMaxLanes] = {};
  int lead = -1;
  for (int k = 0; k < step.lanes; ++k) {
    UnitNode* const node = step.nodes[k];
    live[k] = node && !(step.state == 0 ? keeps_muted(*node, block) : is_muted(*node));
    if (live[k] && lead < 0) lead = k;
  }
  if (lead < 0) {
    for (int c = 0; c < step.outs; ++c) std::memset(step.out[c], 0, static_cast<std::size_t>(block.frames * step.lanes) * sizeof(float));
    return;
  }
  float age[kMaxLanes];
  for (int k = 0; k < step.lanes && step.memory.frames > 0; ++k) age[k] = memory_age(*step.nodes[live[k] ? k : lead], block);
  // A muted lane runs too, on its fresh state, which is fresh again when it wakes.
  take_in(woven);
  Memory memory = step.memory;
  if (memory.frames > 0) memory.age = age;
  step.run(woven.cells, memory, step.in, step.out, block.frames, clock_of(step, block));
  put_back(woven);
  alignas(64) std::int32_t peaks[kMaxLanes] = {};
  for (int c = 0; c < step.outs; ++c) step.passes->peaks(step.out[c], block.frames, peaks);
  care.calm = true;
  for (int k = 0; k < step.lanes; ++k) {
    if (!step.nodes[k]) continue;
    UnitNode& node = *step.nodes[k];
    if (live[k] && peaks[k] >= kNotFinite) fault(node, block);
    if (is_muted(node)) {
      reset_state(node);
      silence(step, k, block.frames);
    }
    care.calm &= !is_muted(node) && node.valid_from == UnitNode::kAlways;
  }
}

// Some lane gave what is no number: from the next block on all are looked at.
[[gnu::noinline]] void part_with_faulty(const LaneStep& step, const Block& block) RT {
  LaneCare& care = *step.care;
  alignas(64) std::int32_t peaks[kMaxLanes] = {};
  for (int c = 0; c < step.outs; ++c) step.passes->peaks(step.out[c], block.frames, peaks);
  for (int s = 0; s < care.states; ++s) put_back(care.woven[s]);
  care.calm = false;
  for (int k = 0; k < step.lanes; ++k) {
    if (peaks[k] < kNotFinite || !step.nodes[k]) continue;
    fault(*step.nodes[k], block);
    silence(step, k, block.frames);
  }
}

}  // namespace

void run_lanes(void* self, const Block& block, int) RT {
  const auto& step = *static_cast<const LaneStep*>(self);
  LaneCare& care = *step.care;
  if (!care.calm) return run_with_care(step, block);
  Woven& woven = care.woven[step.state];
  take_in(woven);
  step.run(woven.cells, step.memory, step.in, step.out, block.frames, clock_of(step, block));
  if (!step.watched) return;
  bool finite = true;
  for (int c = 0; c < step.outs; ++c) finite &= step.passes->finite(step.out[c], block.frames);
  if (!finite) [[unlikely]]
    part_with_faulty(step, block);
}

void run_series(void* self, const Block& block, int worker) RT {
  auto& step = *static_cast<SeriesStep*>(self);
  if (step.calm) {
    alignas(64) float cells[kMostSeriesGroups][kMostCells * kMaxLanes];
    void* states[kMostSeriesGroups] = {};
    const auto bytes = static_cast<std::size_t>(step.woven[0].count * step.lanes) * sizeof(float);
    for (int g = 0; g < step.groups; ++g) {
      take_in(step.woven[g]);
      std::memcpy(cells[g], step.woven[g].cells, bytes);
      states[g] = cells[g];
    }
    const bool numbers =
        step.followed ? step.run_followed(states, step.constants, step.followed, step.in, step.out, step.count, block.frames, block.clock)
                      : step.run(states, step.constants, step.in, step.out, step.count, block.frames, block.clock);
    if (numbers) {
      for (int g = 0; g < step.groups; ++g) std::memcpy(step.woven[g].cells, cells[g], bytes);
      return;
    }
  }
  for (int g = 0; g < step.groups; ++g) put_back(step.woven[g]);
  step.settles = std::max(0, step.settles - block.frames);
  step.calm = step.settles == 0;
  for (int n = 0; n < step.count; ++n) {
    run_unit(step.alone + n, block, worker);
    step.calm &= !is_muted(*step.alone[n].node);
  }
}

void run_weave(void* self, const Block& block, int) RT {
  const auto& step = *static_cast<const WeaveStep*>(self);
  step.form->weave(step.rows, step.out, block.frames);
}

void run_unweave(void* self, const Block& block, int) RT {
  const auto& step = *static_cast<const UnweaveStep*>(self);
  step.form->unweave(step.in, step.rows, block.frames);
}

void run_sum_lanes(void* self, const Block& block, int) RT {
  const auto& step = *static_cast<const SumLanesStep*>(self);
  for (int c = 0; c < step.outs; ++c) step.form->sum(step.in[c], step.live, step.out[c], block.frames);
}

}  // namespace hocket
