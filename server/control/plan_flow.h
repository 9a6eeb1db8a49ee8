// The planner's own form of a graph: nodes with their objects, and inputs that are sums of terms which come and go.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/control/plan_voice.h"
#include "server/dsp/kernel.h"
#include "server/engine/node.h"
#include "server/engine/steps.h"

namespace hocket {

/// One thing that an input hears: a constant or a node, in full or fading.
struct FlowTerm {
  bool constant = true;
  float value = 0;
  std::uint32_t node = 0;
  Fade fade = Fade::none;
  std::int32_t frames = 0;  ///< that the fade lasts
  std::int32_t wait = 0;    ///< frames before it begins

  static FlowTerm of(float x) { return {true, x, 0, Fade::none, 0, 0}; }
  static FlowTerm from(std::uint32_t node) { return {false, 0, node, Fade::none, 0, 0}; }
  bool goes() const { return fade == Fade::out || fade == Fade::out_power; }
};
/// The sum of its terms; none: 0.
using FlowInput = std::vector<FlowTerm>;

struct FlowNode {
  enum class Kind : std::uint8_t { unit, mix, hold, gate, curve, voices, input, late };
  Kind kind = Kind::mix;
  std::string key;
  int channels = 1;
  std::vector<FlowInput> inputs;  ///< unit: a port each; mix, late: one; voices: one for each signal around that they read
  std::shared_ptr<Node> object;   ///< none: mix, input
  std::shared_ptr<Node> heir_of;  ///< unit: whose state and memory `object` takes over with the plan
  bool ghost = false;             ///< no longer in the program
  bool rings = false;             ///< ghost that is kept until it has fallen silent
  bool steps = false;             ///< heard only by inputs that go over to another value by themselves: it changes at once

  const UnitEntry* entry = nullptr;          // unit
  std::shared_ptr<const VoiceRecipe> voice;  // voices
  int polyphony = 0;
  int source = -1;          // hold, gate, curve, voices: index into Flow::sources
  int voice_position = 0;   // voices: to which TimedEvent::voice they listen
  int hardware = 0;         // input: channel from 0
  float init = 0;           // hold: before the first event
  std::uint64_t print = 0;  // of the expression, as it came
};

/// What an input does with what it hears: a signal may come from silence, ring out, and be summed; a parameter may not.
enum class Role : std::uint8_t { signal, sum, parameter };
Role role_of(const FlowNode&, std::size_t port);
/// A unit without memory: arithmetic. `name`: that one; empty: any.
bool is_pure(const FlowNode&, std::string_view name = {});

struct FlowOutput {
  std::string name;
  FlowInput input;
  float from = 1, to = 1;              ///< gain
  std::vector<int> route, route_from;  ///< hardware channels from 1; none: the main mix
  bool ghost = false;
};

struct FlowSource {
  std::uint32_t id = 0;
  std::vector<std::uint32_t> nodes;
};

struct Flow {
  std::vector<FlowNode> nodes;
  std::vector<FlowOutput> outputs;
  std::vector<FlowSource> sources;

  bool fades() const;  ///< something comes or goes
};

/// The nodes in an order in which each follows what it reads (`late` nodes read nothing: they give the block before). Where
/// there is a cycle the order is incomplete.
std::vector<std::uint32_t> ordered(const Flow&);
/// The nodes of one cycle, where `ordered` was incomplete.
std::vector<std::uint32_t> find_cycle(const Flow&, const std::vector<std::uint32_t>& order);

/// What remains when the fades are over.
Flow settled(const Flow&);

inline constexpr std::size_t kMixRun = 16;  ///< terms that a mix adds up at a time
bool mixes_many(const Flow&);
/// The same with mixes of many terms in runs: each run a node of its own, made where its terms are, and then the sum of the runs.
Flow in_runs(Flow);

}  // namespace hocket
