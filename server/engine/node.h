// The objects that outlive plans: what a node remembers from block to block.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "server/engine/command.h"
#include "server/engine/plan.h"
#include "server/engine/transport.h"

namespace hocket {

/// How a node that the program no longer has stands: written by the audio thread, read by the planner.
enum class Ghost : std::uint8_t { sounding, silent, overdue };

struct Node {
  std::atomic<Ghost> ghost{Ghost::sounding};
  std::atomic<bool> faulty{false};  ///< gave a non-number in this block
};

/// Large memory of up to `lanes` like nodes, interleaved: a frame of all, then the next. Each has a lane for its life, so that
/// nothing need be moved when plans change. Lanes come and go on the control side; who shares it is run together or strided.
struct Rack {
  std::unique_ptr<float[]> data;  ///< state by state; a cache line longer than needed
  std::uint32_t frames = 0;       ///< of one state
  int lanes = 0;
  bool fresh = true;                    ///< all zeros still: no plan has it yet. Thread: control
  std::atomic<std::uint32_t> taken{0};  ///< a bit a lane

  float* first() const RT { return reinterpret_cast<float*>((reinterpret_cast<std::uintptr_t>(data.get()) + 63) & ~std::uintptr_t{63}); }
  float* of_state(int state) const RT { return first() + static_cast<std::size_t>(state) * frames * static_cast<std::size_t>(lanes); }
};

/// A unit: one state a channel where its shape is `each`, else one.
struct UnitNode : Node {
  ~UnitNode() {
    if (rack) rack->taken.fetch_and(~(1U << lane), std::memory_order_release);
  }

  const UnitEntry* entry = nullptr;
  Kernel kernel;
  Run lanes_run = nullptr;  ///< the same for lanes; null: has no such form
  int states = 1;
  int channels = 1;
  std::unique_ptr<std::uint32_t[]> cells;  ///< all states, one after the other
  std::unique_ptr<float[]> frames;         ///< all memories, one after the other, unless they are in a rack
  std::shared_ptr<Rack> rack;
  int lane = 0;  ///< of the rack
  void* state[2] = {nullptr, nullptr};
  Memory memory[2];
  std::uint32_t seed[2] = {0, 0};

  static constexpr std::int64_t kAlways = INT64_MIN;
  std::int64_t muted_until = kAlways;         ///< after a fault
  std::int64_t valid_from = kAlways;          ///< frame from which on its memory is its own; kNever: from the next one
  std::atomic<std::int64_t> quiet_frames{0};  ///< as a ghost: how long its output has been below -100 dB
  std::atomic<std::int64_t> ghost_frames{0};  ///< as a ghost: for how long
};

/// Puts the state back to its beginning (not the memory). Thread: any that owns it then
void reset_state(UnitNode&) RT;
/// A node that gave a non-number starts anew, after a while of silence, and hears nothing of what its memory held.
void fault(UnitNode&, const Block&) RT;
bool keeps_muted(UnitNode&, const Block&) RT;
/// Frames since its memory is its own.
float memory_age(UnitNode&, const Block&) RT;

/// An object that begins with the state and memory of another: a state that `to` has beyond those of `from` is a copy of the
/// first, with its own seed. A memory of another length is one tape (see dsp/unit.h). At most some 2 MB. Thread: audio
struct Inheritance {
  UnitNode* to = nullptr;
  const UnitNode* from = nullptr;
};
void inherit(const Inheritance&, std::int64_t frame) RT;

/// What is left of the value before: a signal that goes over to another value glides there within 10 ms.
struct Glide {
  float rest = 0;
  std::int64_t from = 0;
  float at(std::int64_t frame, const Clock&) const RT;
};

struct HoldNode : Node {
  CommandList commands;
  float value = 0;
  Glide glide;
  std::int64_t begun = kNever;  ///< frame of the first value
};

struct CurveNode : Node {
  CommandList commands;
  Glide glide;
  std::int64_t begun = kNever;  ///< frame of the first value
  Position at, until;
  std::int64_t from = 0, to = 0;  ///< their frames
  float first = 0, last = 0;      ///< values there
};

struct GateNode : Node {
  static constexpr int kMost = 16;  ///< events at once; beyond, the oldest is let go
  struct Held {
    Position until;
    std::int64_t off = kNever;
    std::int32_t nudge = 0;  ///< frames
    float value = 0;
    std::uint64_t tag = 0;
    std::int64_t from = 0;
  };
  CommandList commands;
  Held held[kMost];
  int count = 0;
  bool low_at_end = false;  ///< an onset falls on the first frame after the block
  float before = 0;         ///< output in the frame before the block
};

/// Works frames out anew after the transport changed at `now`; positions move by `to` - `from`. Thread: audio
void retime(GateNode&, const TransportAnchor&, std::int64_t now, Position to, Position from) RT;
void retime(CurveNode&, const TransportAnchor&, Position to, Position from) RT;

/// A signal's last block, for those who read it one block late. Its length is the engine's block, however time is cut.
struct LateNode : Node {
  std::unique_ptr<float[]> frames;
  float* channel[2] = {nullptr, nullptr};
  int length = 64;
};

}  // namespace hocket
