// The objects that outlive plans: what a node remembers from block to block.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "server/engine/command.h"
#include "server/engine/transport.h"

namespace hocket {

/// How a node that the program no longer has stands: written by the audio thread, read by the planner.
enum class Ghost : std::uint8_t { sounding, silent, overdue };

struct Node {
  char key[64] = {};
  std::atomic<Ghost> ghost{Ghost::sounding};
  std::atomic<bool> faulty{false};  ///< gave a non-number in this block
};

/// A unit: one state a channel where its shape is `each`, else one.
struct UnitNode : Node {
  const UnitEntry* entry = nullptr;
  Kernel kernel;
  int states = 1;
  int channels = 1;
  std::unique_ptr<std::uint32_t[]> cells;  ///< all states, one after the other
  std::unique_ptr<float[]> frames;         ///< all memories, one after the other
  void* state[2] = {nullptr, nullptr};
  Memory memory[2];
  std::uint32_t seed[2] = {0, 0};

  std::int64_t muted_until = INT64_MIN;       ///< after a fault
  std::uint32_t cleared = 0;                  ///< floats of `frames` cleared since
  std::atomic<std::int64_t> quiet_frames{0};  ///< as a ghost: how long its output has been below -100 dB
  std::atomic<std::int64_t> ghost_frames{0};  ///< as a ghost: for how long
};

/// Puts the state back to its beginning (not the memory). Thread: any that owns it then
void reset_state(UnitNode&) RT;

struct HoldNode : Node {
  CommandList commands;
  float value = 0;
};

struct CurveNode : Node {
  CommandList commands;
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
