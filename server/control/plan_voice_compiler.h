// What compiles an instrument: its graph node by node into steps, wires and room. Control thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "server/control/plan_voice.h"
#include "server/control/plan_voice_scale.h"

namespace hocket {

/// What a VoiceProgram's spans lead to.
struct VoiceStore {
  std::vector<VoiceStep> settled, steps;
  std::vector<VoiceWire> wires;
  std::vector<std::uint32_t> found;
  std::vector<OuterSlot> outer;
  std::vector<VoiceSeed> seeds;
  std::vector<VoiceEnding> endings;
  std::vector<float> inits;
  std::vector<float> constants;
};

/// Where a node's output lies.
struct VoicePlace {
  int channels = 1;
  std::uint32_t at[2] = {0, 0};  // in the scratch
  int readers = 0;
  std::uint32_t reader = 0;  // the last node that reads it
  bool folded = false;       // a product that its reader makes
  bool kept = false;         // settled: in what is kept, not in the scratch
  bool absorbed = false;     // made by another: while the output is summed, or by an oscillator that is scaled on its way
};

/// Floats up to the end of a line of 64 bytes: what kernels keep begins with one.
constexpr std::uint32_t whole_lines(std::uint32_t floats) {
  return (floats + 15) / 16 * 16;
}

inline constexpr int kToTheEnd = 1 << 20;  // readers of what is kept to the end of the run

class VoiceCompiler {
 public:
  VoiceCompiler(const VoiceDef& voice, const GraphDef& around, const UnitTable& table, double rate)
      : voice_(voice), around_(around), table_(table), rate_(rate), lanes_(static_cast<std::uint32_t>(table.lanes)) {}

  std::shared_ptr<const VoiceRecipe> run();

 private:
  void count_readers();
  void absorb_products();
  const NodeDef* only_for_output(const Ref&) const;
  void compile(std::uint32_t index);
  std::optional<Scaling> scaling(std::uint32_t index, const UnitEntry&) const;
  bool swings(std::uint32_t index, const Scaling&) const;
  void compile_unit(const NodeDef&, const UnitEntry&, VoicePlace&, const Scaling*);
  void compile_swung(const NodeDef&, const UnitEntry&, VoicePlace&);
  bool is_steady(const Ref&) const;
  bool folds(std::uint32_t index) const;
  std::vector<Ref> factors_of(const Ref&) const;
  bool hears_products(const NodeDef&) const;
  void compile_blend(std::uint32_t index);
  void compile_settled(const NodeDef&, VoicePlace&);
  void compile_sum(const NodeDef&, VoicePlace&);
  void compile_rings();
  void compile_output();
  VoiceWire wire(const Ref&, int channel);
  VoiceWire constant(float);
  int channels_of(const Ref&) const;
  std::uint32_t scratch();
  std::uint8_t buffer_of(std::uint32_t scratch) const;
  void done_with(const Ref&);
  std::uint32_t ring_of(std::uint32_t node, int channel);
  std::uint32_t outer_scratch(std::uint32_t node, int channel);
  VoiceStep& step(VoiceStep::Kind);
  std::vector<bool> absorbed() const;
  void keep(VoiceStep&, const Kernel&);
  void keep_rest(VoiceStep&, const NodeDef&);
  void tell_parting_step();
  void tell_found(std::vector<VoiceStep>&);
  void finish();

  const VoiceDef& voice_;
  const GraphDef& around_;
  const UnitTable& table_;
  const double rate_;
  const std::uint32_t lanes_;
  std::shared_ptr<VoiceRecipe> recipe_ = std::make_shared<VoiceRecipe>();
  std::shared_ptr<VoiceStore> store_ = std::make_shared<VoiceStore>();
  std::vector<std::uint32_t> outer_ = outer_nodes(voice_);
  std::vector<VoicePlace> places_;
  std::vector<bool> steady_;   // by node
  std::uint32_t resting_ = 0;  // steps whose rest is kept
  std::uint32_t met_ = 0;      // nodes so far, however they are compiled: tells the seeds of units apart
  std::vector<std::uint32_t> free_;
  std::uint32_t scratch_floats_ = kColumnFloats;
  std::uint32_t bundle_floats_ = 0, kept_floats_ = 0;
  std::size_t memory_floats_ = 0;
  std::uint32_t longest_memory_ = 0;
  struct Ring {
    std::uint32_t node;
    int channel;
    std::uint32_t at;
  };
  std::vector<Ring> rings_;
  struct Swinging {  // an oscillator that a filter does the work of
    const NodeDef* node;
    const UnitEntry* entry;
    Scaling scaling;
  };
  std::map<std::uint32_t, Swinging> swinging_;  // by the node that the filter hears
  Ref out_[3];                                  // the second and third only of a product
  bool hears_gate_ = false, hears_fall_ = false, envelope_ = false;
};

}  // namespace hocket
