// The engine: renders the plan in force, block by block, and swaps plans without a click.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "server/bridge/event.h"
#include "server/dsp/kernel.h"
#include "server/engine/settings.h"

namespace hocket {

struct Plan;

/// From when on the transport runs how: cycles since `at` = (frame - frame0) / frames_per_cycle. Exact.
struct TransportAnchor {
  std::int64_t frame = 0;
  Position at;
  Position frames_per_cycle{96000, 1};
};

/// What the control side hands over in one piece. `first` holds the first events of sources that are new in `next`.
struct Swap {
  Swap();
  ~Swap();
  std::unique_ptr<Plan> transition;  ///< old and new together with crossfades; null: at once
  std::unique_ptr<Plan> next;
  std::unique_ptr<TimedEvent[]> first;
  std::uint32_t first_count = 0;
  bool quantised = false;  ///< take over at cycle position `at` (exact frame), else at the next block
  Position at;
  bool retime = false;  ///< the tempo changes at the takeover: position is continuous through it
  Position frames_per_cycle;
  bool reset_cycle = false;  ///< the transport starts over from cycle `cycle` at the takeover
  Position cycle;
  bool panic = false;        ///< no transition, all sound stops at once
  std::uint64_t serial = 0;  ///< reported back when it took over
};

/// A node that gave a non-number and was reset.
struct NodeFault {
  std::int64_t frame = 0;  ///< of the block in which it happened
  char key[64] = {};       ///< as in the plan in force (NodeKey)
};

/// What the engine says of itself; read by the control side at any time.
struct EngineStatus {
  std::int64_t frame = 0;  ///< next to be rendered
  TransportAnchor transport;
  std::uint64_t swap_serial = 0;     ///< of the last swap that took over
  std::int64_t swap_frame = 0;       ///< where it did
  std::uint64_t dropped_events = 0;  ///< queue was full
  std::uint64_t late_events = 0;     ///< came after their frame: played at once
  std::uint64_t stolen_voices = 0;
  std::uint64_t refused_voices = 0;  ///< notes for which not even a fading voice could make room
  std::uint64_t nonfinite = 0;       ///< nodes reset because they gave a non-number
  std::uint32_t voices = 0;          ///< sounding
  float peak[2] = {0, 0};            ///< of the master since `forget_peaks`, linear
  float load = 0;                    ///< share of the block's time used, smoothed
  float worst_load = 0;              ///< the largest share that one callback used since `forget_peaks`
  std::uint64_t callbacks = 0;
  std::uint64_t overruns = 0;  ///< callbacks that took longer than what they rendered lasts
  double busy_s = 0;           ///< spent rendering so far
};

class Engine {
 public:
  explicit Engine(const EngineSettings&);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Renders `frames` (any number) of planar audio into settings.channels buffers. Thread: audio.
  void render(float* const* out, const float* const* in, int frames) RT;
  /// Frames by which the master limiter looks ahead: output is late by these. Offline rendering leaves them out.
  int latency_frames() const;

  /// Queues one event; events of one source come in time order. False: full (counted). Thread: sequencer (one at a time).
  bool give(const TimedEvent&);
  /// Queues one event of what is played by hand; it has its frame. False: full, asked again later. Thread: live (one at a time).
  bool give_live(const TimedEvent&);
  /// Hands over a swap; false while an earlier one has not been taken yet (try again later). Thread: control (one at a time).
  bool give(std::unique_ptr<Swap>& swap);
  /// Takes back a swap that the audio thread has not taken (a quantised one still waiting, say), or null. Thread: control.
  std::unique_ptr<Swap> withdraw();
  /// The next fault not yet reported. False: none. Thread: control.
  bool take(NodeFault&);
  /// Frees what the audio thread has finished with. Thread: control.
  void collect();
  EngineStatus status() const;
  /// Steps add their time to their meters from the next block on, or no more. Thread: control.
  void measure(bool);
  /// The peaks and the worst load in the status count from here.
  void forget_peaks();

  /// Sample table for sampler voices: entries may be appended before events name them, never moved. Thread: control.
  void give_sample(std::uint32_t index, const SampleView&);

  /// Planar copies of every output of the last `render`, in the order of GraphDef::outputs, after their gains and before mixing;
  /// not late by the latency. Empty where the render was longer than settings.stem_frames. Thread: the one that renders, offline.
  std::span<const float> stem(std::uint32_t output, int channel) const;

  const EngineSettings& settings() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Cycle position of a frame and back, exactly; a frame is rounded once, halves up.
Position position_at(const TransportAnchor&, std::int64_t frame);
std::int64_t frame_at(const TransportAnchor&, Position) RT;

}  // namespace hocket
