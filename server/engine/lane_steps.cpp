#include "server/engine/lane_steps.h"

#include <cstring>

namespace hocket {

namespace {

constexpr std::int32_t kNotFinite = 0x7f800000;

void silence(const LaneStep& step, int lane, int frames) RT {
  for (int c = 0; c < step.outs; ++c)
    for (int i = 0; i < frames; ++i) step.out[c][i * step.lanes + lane] = 0;
}

}  // namespace

void run_lanes(void* self, const Block& block, int) RT {
  const auto& step = *static_cast<const LaneStep*>(self);
  alignas(64) float cells[kMostCells * kMaxLanes];
  Wire rows[kMaxLanes];
  float* back[kMaxLanes] = {};
  int lead = -1;
  bool young = false;
  for (int k = 0; k < step.lanes; ++k) {
    UnitNode* const node = step.nodes[k];
    if (!node || (step.first ? keeps_muted(*node, block) : node->muted_until != UnitNode::kAlways)) continue;
    back[k] = static_cast<float*>(node->state[step.state]);
    rows[k] = {back[k], 1};
    young |= node->valid_from != UnitNode::kAlways;
    if (lead < 0) lead = k;
  }
  if (lead < 0) {
    for (int c = 0; c < step.outs; ++c) std::memset(step.out[c], 0, static_cast<std::size_t>(block.frames * step.lanes) * sizeof(float));
    return;
  }
  for (int k = 0; k < step.lanes; ++k)
    if (!back[k]) rows[k] = rows[lead];
  if (step.cells > 0) step.form->weave(rows, cells, step.cells);

  Memory memory = step.memory;
  float age[kMaxLanes];
  if (memory.frames > 0 && young) {
    for (int k = 0; k < step.lanes; ++k) age[k] = memory_age(*step.nodes[back[k] ? k : lead], block);
    memory.age = age;
  }
  step.run(cells, memory, step.in, step.out, block.frames, block.clock);

  alignas(64) std::int32_t peaks[kMaxLanes] = {};
  for (int c = 0; c < step.outs; ++c) step.passes->peaks(step.out[c], block.frames, peaks);
  for (int k = 0; k < step.lanes; ++k) {
    if (!step.nodes[k]) continue;
    if (back[k] && peaks[k] < kNotFinite) continue;
    if (back[k]) fault(*step.nodes[k], block);
    back[k] = nullptr;
    silence(step, k, block.frames);
  }
  if (step.cells > 0) step.form->unweave(cells, back, step.cells);
}

void run_series(void* self, const Block& block, int worker) RT {
  const auto& step = *static_cast<const SeriesStep*>(self);
  bool plain = true;
  for (int n = 0; n < step.count; ++n) plain &= step.alone[n].node->muted_until == UnitNode::kAlways;
  if (plain) {
    alignas(64) float cells[kMostCells * kMaxLanes * kMostSeriesGroups];
    float* states[kMaxLanes * kMostSeriesGroups] = {};  // by lane; idle lanes, before the first unit, repeat it
    Wire rows[kMaxLanes * kMostSeriesGroups];
    const int all = step.groups * step.lanes, idle = all - step.count;
    for (int n = 0; n < all; ++n) {
      const int at = n / step.lanes * step.lanes + step.lanes - 1 - n % step.lanes;
      auto* const state = static_cast<float*>(step.alone[n < idle ? 0 : n - idle].node->state[step.state]);
      rows[at] = {state, 1};
      if (n >= idle) states[at] = state;
    }
    const int floats = step.cells * step.lanes;
    void* woven[kMostSeriesGroups] = {};
    for (int g = 0; g < step.groups; ++g) {
      woven[g] = cells + g * floats;
      step.form->weave(rows + g * step.lanes, cells + g * floats, step.cells);
    }
    if (step.run(woven, step.constants, step.in, step.out, step.count, block.frames, block.clock)) {
      for (int g = 0; g < step.groups; ++g) step.form->unweave(cells + g * floats, states + g * step.lanes, step.cells);
      return;
    }
  }
  for (int n = 0; n < step.count; ++n) run_unit(step.alone + n, block, worker);
}

void run_weave(void* self, const Block& block, int) RT {
  const auto& step = *static_cast<const WeaveStep*>(self);
  step.form->weave(step.rows, step.out, block.frames);
}

void run_unweave(void* self, const Block& block, int) RT {
  const auto& step = *static_cast<const UnweaveStep*>(self);
  step.form->unweave(step.in, step.rows, block.frames);
}

}  // namespace hocket
