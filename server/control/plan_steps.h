// Writes the steps of single nodes into a plan: units, voices, blends of what comes and goes, outputs.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "server/control/load_book.h"
#include "server/control/plan_signals.h"
#include "server/engine/settings.h"

namespace hocket {

class StepWriter {
 public:
  StepWriter(const Flow&, const Work&, const EngineSettings&, PlanStore&, Signals&, LoadBook&);

  /// The time of the steps that follow is that of these nodes; none: nobody's.
  void measure(std::span<const std::uint32_t> nodes);
  /// One step. `note` gives, where it is wanted, what people read of it (StepNote).
  template <class Note>
  void step(void (*how)(void*, const Block&, int) RT, void* self, Note note) {
    store_.steps.push_back({how, self, meters_});
    if (store_.told) store_.notes.push_back(note());
  }
  /// Where an input lies. One plain term is read in its place; anything else is blended first, into buffers that are lent.
  void wired(const FlowInput&, int channels, Wire* wires);

  /// A node, or the part of one that the item stands for; its inputs are read but not yet done with.
  void write(const Item&);
  /// Voices of several nodes that are run together.
  void write_together(std::span<const std::uint32_t> nodes);
  /// What watches a node that rings out.
  void write_tail(const FlowNode&, std::uint32_t n);
  /// The ways out of one output: the mixer reads them after the last stage.
  std::vector<OutputEntry> write_output(std::uint32_t index);

  std::size_t scratch_floats() const { return scratch_floats_; }

 private:
  void blend(const FlowInput&, int channels, float* const* out, const FlowNode* mix);
  /// A mix of all the lanes of a group.
  void sum_lanes(std::uint32_t group, const FlowNode& mix, float* const* out);
  void write_unit(const FlowNode&, std::uint32_t n);
  void write_late(const FlowNode&, std::uint32_t n);
  void write_late_end(const FlowNode&);
  void write_voices(const FlowNode&, const Item&);
  void make_room_for(std::uint32_t n, int part, int stride);
  void write_voices_sum(const FlowNode&, std::uint32_t n);
  template <class Made, class Object>
  void write_player(const FlowNode&, std::uint32_t n, void (*how)(void*, const Block&, int) RT, const char* what);

  struct VoiceParts {
    float** out = nullptr;
    bool* wrote = nullptr;
    bool* silent = nullptr;
  };
  const Flow& flow_;
  const Work& work_;
  const EngineSettings& settings_;
  PlanStore& store_;
  Signals& signals_;
  LoadBook& loads_;
  std::vector<VoiceParts> voice_parts_;  // by node
  std::span<Meter* const> meters_;       // of the steps in the making
  std::size_t scratch_floats_ = 0;
};

}  // namespace hocket
