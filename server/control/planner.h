// From GraphDef to something the engine can run: objects kept by key, stages, buffers, transitions.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lang/graph_def.h"
#include "server/control/load_book.h"
#include "server/dsp/kernel.h"
#include "server/engine/engine.h"

namespace hocket {

/// How outputs reach the device: gains ramp, so a mute does not click.
struct MixSettings {
  std::map<std::string, float> gain;              ///< by output name; absent: 1
  std::map<std::string, std::vector<int>> route;  ///< output → hardware channels (from 1); absent: the main mix
};

/// What one planning gave. Sources are in the order of GraphDef::sources.
struct Planned {
  std::unique_ptr<Swap> swap;             ///< with plans only: events, tempo and quantisation are the caller's to fill in
  std::vector<std::uint32_t> source_ids;  ///< for TimedEvent::source
  std::vector<bool> fresh;                ///< true: a new or changed pattern, whose first events must come with the swap
};

/// Keeps the graph that it planned last and the node objects that live on from plan to plan. Thread: control (one at a time).
class Planner {
 public:
  Planner(const UnitTable&, const EngineSettings&);
  ~Planner();

  /// `seed`: of the program's random units. `clean`: nothing is kept, nothing fades (panic). `ring`: what goes may end by its
  /// envelopes and tails; else it fades within milliseconds (hush).
  Planned plan(const GraphDef& next, const MixSettings& = {}, std::uint64_t seed = 0, bool clean = false, bool ring = true);

  /// The next plan gives every source an id of its own: all that is queued is dropped, all first events must come anew (after
  /// the cycle was set).
  void renew_sources();
  /// Forgets the last plan: its swap was withdrawn before it was taken. Once only.
  void undo();
  /// Something that rang out has fallen silent: planning the same graph again would free it.
  bool stale() const;
  /// The plan made last, after any transition, as `hocket show plan` prints it.
  std::string text() const;
  /// What was measured since the last call (Engine::measure).
  std::vector<LoadRow> loads();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hocket
