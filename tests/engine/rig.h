// What engine tests stand on: graphs in few words, a table with test units beside the real ones, an engine that plays.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "lang/graph_def.h"
#include "server/control/planner.h"
#include "server/engine/engine.h"
#include "tests/audio/signal.h"

namespace hocket::test {

/// All of a table's units, and for tests:
///   tick   a voice's or node's first frame is 1, all others 0; done after it
///   poison its input, but no number where `when` is above 0
///   burn   its input, after a thousand multiplications a frame: work for threads to share
const UnitTable& test_table(const UnitTable& real = unit_table());

/// A graph, written node by node; each gives the Ref that others read.
class GraphMaker {
 public:
  Ref unit(const std::string& name, std::vector<Ref> inputs, const std::string& key = "", int channels = 1);
  Ref mix(std::vector<Ref> inputs, const std::string& key = "", int channels = 1);
  /// A pattern as a signal; `print` tells patterns apart.
  Ref hold(const std::string& key, double init = 0, std::uint64_t print = 1);
  Ref gate(const std::string& key, std::uint64_t print = 1);
  Ref curve(const std::string& key, std::uint64_t print = 1);
  /// Voices of one instrument with a source of their own.
  Ref voices(const std::string& key, VoiceDef, int channels = 1, std::uint64_t print = 1);
  /// A second instrument of the same source.
  Ref more_voices(const std::string& key, int source, VoiceDef, int channels = 1);
  Ref feedback(Ref node) const { return Ref::feedback(node.index); }
  /// For a node that is read before it is written.
  void connect(Ref node, std::size_t port, Ref from) { graph.nodes[node.index].inputs[port] = from; }
  GraphMaker& out(Ref, int channels = 1, const std::string& name = "out");

  GraphDef graph;

 private:
  Ref add(NodeDef);
  int count_ = 0;
};

/// An instrument from the graph of one voice; its output is the last node's.
VoiceDef voice(GraphMaker, int polyphony = 32, std::vector<VoiceParam> params = {});
/// `tick`; and a tone with an envelope: `shape` is adsr or perc with fitting times.
VoiceDef tick_voice(int polyphony = 32);
VoiceDef tone_voice(int polyphony = 32, double release_s = 0.05, const std::string& wave = "saw", double attack_s = 0.005);

/// An event; `source` counts in GraphDef::sources.
struct Play {
  int source = 0;
  Position at;
  Position until{0, 0};
  std::vector<float> values = {};
  int voice = 0;
  float gain = 1;
  float pan = -1;
  int cut = 0;
  std::uint32_t seed = 1;
  float nudge_s = 0;
  Act act = Act::start;
  std::uint64_t tag = 0;  ///< by which it is let go of, and changed
};

/// How a swap goes in.
struct Going {
  MixSettings mix = {};
  std::uint64_t seed = 0;
  bool clean = false;
  bool ring = true;
  Position at{0, 0};                ///< den above 0: quantised to there
  Position frames_per_cycle{0, 0};  ///< den above 0: retimed
  Position cycle{0, 0};             ///< den above 0: the cycle is set
};

/// An engine with its planner. Whatever it renders is rendered under the real-time guard.
class Rig {
 public:
  explicit Rig(EngineSettings = {}, const UnitTable& = test_table());

  /// Plans the graph and hands it over with its events: those of fresh sources with the swap.
  void swap(const GraphDef&, const std::vector<Play>& = {}, const Going& = {});
  /// Queues events of the graph planned last. False: the queue was full.
  bool play(const std::vector<Play>&);
  /// Tempo or cycle alone.
  void move(const Going&);

  /// Renders so many frames, `host` at a time; as the device gets them, late by the latency.
  Sound render(std::int64_t frames, int host = 512);
  Samples left(std::int64_t frames, int host = 512) { return std::move(render(frames, host).channels[0]); }
  /// The same of one output, before the mix.
  Samples stem(std::int64_t frames, std::uint32_t output = 0, int channel = 0, int host = 512);

  Engine engine;
  Planner planner;
  std::uint64_t serial() const { return serial_; }  ///< of the last swap

  std::string text;  ///< of the last plan

 private:
  TimedEvent event(const Play&) const;
  template <class Each>
  void run(std::int64_t frames, int host, Each);

  std::vector<std::uint32_t> ids_;
  std::uint64_t serial_ = 0;
};

/// Cycles per second as the transport wants it: exact for whole rates and decimals.
Position frames_per_cycle(double rate, std::int64_t cps_num, std::int64_t cps_den);

void append(Samples& to, const Samples& more);

/// Frames at which x is not 0.
std::vector<std::int64_t> sounding_frames(std::span<const float> x);

}  // namespace hocket::test
