// What the engine runs: stages of tasks of steps. Made by the planner, borrowed by the engine, freed by the control side.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

#include "server/dsp/kernel.h"
#include "server/engine/command.h"
#include "server/engine/meter.h"

namespace hocket {

inline constexpr int kMaxBlock = 1024;
inline constexpr int kMaxInputs = 64;

struct Plan;
struct Node;
struct Woven;
struct Inheritance;

/// A run of frames as the steps see it. Workers read it while the audio thread writes beside it: on lines of its own.
struct alignas(64) Block {
  Clock clock;  ///< clock.frame is the first frame
  int frames = 0;
  int inputs = 0;
  std::int64_t since = 0;            ///< frames from the plan's takeover to the first frame: fades count from there
  const float* const* in = nullptr;  ///< hardware inputs from the first frame on
  const Command* commands = nullptr;
  const Plan* plan = nullptr;
  double tick_ns = 1;                            ///< of `ticks`
  std::atomic<std::uint32_t>* faults = nullptr;  ///< counts nodes that set their `faulty`
  bool timed = false;                            ///< tasks take their time in this block
  bool metered = false;                          ///< steps add their time to their meters
};

/// One thing to compute; `self` is what it works on. `worker`: who runs it, for its scratch memory.
struct Step {
  void (*run)(void* self, const Block&, int worker) RT = nullptr;
  void* self = nullptr;
  std::span<Meter* const> meters = {};  ///< of the things it works on, each an equal share; none: nobody asks
};

/// Steps that follow one another on one worker.
struct Task {
  std::uint32_t first = 0;  ///< in Plan::steps
  std::uint32_t steps = 0;
  float cost = 0;           ///< estimated, in nanoseconds a frame
  std::uint32_t order = 0;  ///< the compiler's number for it
};

/// Tasks that do not read each other: any order, any worker. Costliest first.
struct Stage {
  std::uint32_t first = 0;  ///< in Plan::tasks
  std::uint32_t tasks = 0;
};

enum class TargetKind : std::uint8_t { hold, gate, curve, voices };

/// Whether a stage, or a plan, is worth more than one worker.
enum class Sharing : std::uint8_t { unknown, costs, pays };

/// A node that a source plays.
struct Target {
  TargetKind kind = TargetKind::hold;
  std::uint16_t voice = 0;  ///< voices: the position in SourceDef::voices to which it listens
  Node* node = nullptr;
};

/// The nodes of one source.
struct SourceEntry {
  std::uint32_t id = 0;
  std::uint32_t first = 0;  ///< in Plan::targets
  std::uint32_t targets = 0;
};

/// What a node is called in the program that the plan was made for, cut to fit.
struct NodeKey {
  char text[64] = {};
};

/// One output on its way to the device.
struct OutputEntry {
  Wire in[2];
  float from = 1, to = 1;               ///< gain; a difference ramps over `ramp_frames` from the takeover
  std::int16_t hardware[2] = {-1, -1};  ///< channels from 0; both -1: the main mix
  bool stem = true;                     ///< false: a second way out of an output that the entry before is the stem of
};

struct Plan {
  std::span<const Stage> stages;
  std::span<const Task> tasks;
  std::span<const Step> steps;
  std::span<float> task_ns;                         ///< nanoseconds a frame as measured, smoothed; from the estimate on
  std::span<std::uint32_t> turns;                   ///< the tasks of each stage, costliest first as measured; the players put them in order
  std::span<Sharing> sharing;                       ///< by stage, as the player found last
  std::uint32_t free_tasks = 0;                     ///< the first so many turns: tasks that wait for no other; all are of the first stage
  std::span<const std::uint32_t> waits;             ///< by task: how many others must be done before
  std::span<const std::uint32_t> first_next, next;  ///< by task, and one more: which others wait for it
  std::span<std::atomic<std::uint32_t>> missing;    ///< by task: others that are not done yet; between blocks as `waits`
  std::span<const SourceEntry> sources;             ///< ordered by id
  std::span<const Target> targets;
  std::span<const OutputEntry> outputs;
  std::span<Node* const> nodes;               ///< each once
  std::span<const NodeKey> keys;              ///< by node
  std::span<Node* const> gates;               ///< the `gate` nodes among them
  std::span<Node* const> curves;              ///< the `curve` nodes among them
  std::span<Node* const> voices;              ///< the `voices` nodes among them
  std::span<Woven* const> woven;              ///< states that the plan's steps have taken in
  std::span<const Inheritance> inheritances;  ///< carried out when the plan takes over
  float* scratch = nullptr;                   ///< of worker 0; others follow at `scratch_stride` floats
  std::size_t scratch_stride = 0;
  int workers = 1;  ///< for how many there is scratch
  int ramp_frames = 0;
  std::int64_t length = 0;           ///< of a transition, in frames
  std::shared_ptr<const void> keep;  ///< all that the spans and pointers lead to
};

}  // namespace hocket
