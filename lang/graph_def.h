// What lowering yields: a flat list of nodes with refs, ready to plan. Plain data; prints as text, JSON and DOT.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lang/pattern/pattern.h"
#include "lang/port.h"

namespace hocket {

/// Where a port's value comes from.
struct Ref {
  enum class Kind : std::uint8_t {
    number,    ///< a constant
    node,      ///< another node of this graph, this block
    feedback,  ///< another node of this graph, one block late
    param,     ///< in a voice: a value of the voice, by index into VoiceDef::params
    outer,     ///< in a voice: a node of the graph around it, the same for all voices
  };
  Kind kind = Kind::number;
  double number = 0;
  std::uint32_t index = 0;

  static Ref of(double x) { return {Kind::number, x, 0}; }
  static Ref node(std::uint32_t i) { return {Kind::node, 0, i}; }
  static Ref feedback(std::uint32_t i) { return {Kind::feedback, 0, i}; }
  static Ref param(std::uint32_t i) { return {Kind::param, 0, i}; }
  static Ref outer(std::uint32_t i) { return {Kind::outer, 0, i}; }
  friend bool operator==(const Ref&, const Ref&) = default;
};

/// One unit at work. `unit` is a unit's name, or one of the graph's own:
///   mix     sums any number of inputs (mono goes to both channels of a stereo sum)
///   hold    a pattern as a signal: each event's value from its exact onset on
///   gate    a pattern as a gate: the event's value (true words count 1) while it lasts, low for the one frame before each onset
///   curve   a continuous pattern as a signal: straight lines between samples taken on a fine grid of cycle time
///   voices  one instrument's voices, played by a source
///   in      hardware input channel (inputs[0] a number, from 1)
struct NodeDef {
  std::string key;  ///< where it comes from: "~drums/lpf#0"; unique; survives edits elsewhere; what hot swapping matches on
  std::string unit;
  std::vector<Ref> inputs;  ///< a unit's: one a port, in its ports' order
  int channels = 1;         ///< of its output, 1 or 2
  int source = -1;          ///< hold, gate, curve, voices: index into GraphDef::sources
  int voice = -1;           ///< voices: index into GraphDef::voices
  Span where;               ///< in the definition's source
};

/// `outside`: a hold's node stands for it in the graph, always 0; its events leave by MIDI.
enum class SourceKind : std::uint8_t { hold, gate, curve, sound, outside };

/// Where an `outside` source's events go, and as what.
struct OutsideDef {
  enum class As : std::uint8_t { notes, cc, program, bend, touch };
  As as = As::notes;
  int number = 0;    ///< of the controller
  std::string port;  ///< part of its name; empty: the server's own port
  int channel = 1;   ///< 1..16

  friend bool operator==(const OutsideDef&, const OutsideDef&) = default;
};

/// A pattern that feeds nodes with events.
struct SourceDef {
  std::string key;  ///< of the node(s) it feeds
  SourceKind kind = SourceKind::hold;
  Pattern pattern;  ///< hold, gate, curve: numbers (already in the port's unit); sound: control maps
  std::vector<std::uint32_t>
      voices;               ///< sound: the instruments it may play (indices into GraphDef::voices); TimedEvent::voice counts in here
  std::uint64_t print = 0;  ///< equal prints are equal patterns and instruments: the events already queued stay good
  bool live = false;        ///< played from outside: asked at each note and turn, not ahead of time
  OutsideDef outside;       ///< outside
  Span where;
};

struct VoiceParam {
  std::string name;
  double init = 0;
};

struct GraphDef;

/// An instrument: the graph of one voice. The first params are always kVoiceParams in that order, then the instrument's own.
struct VoiceDef {
  std::string name;  ///< the word that plays it: "pluck", "~pad"; "sampler" plays every sample folder
  std::vector<VoiceParam> params;
  int polyphony = 32;
  std::shared_ptr<const GraphDef> graph;  ///< its one output "voice"; Refs may be param and outer
  std::uint64_t print = 0;                ///< equal prints are equal instruments
};
inline constexpr std::array<const char*, 4> kVoiceParams{"freq", "note", "vel", "gate"};

struct OutputDef {
  std::string name;  ///< "out", "o1" … "o64"; in a voice: "voice"
  Ref ref;
  int channels = 1;
};

struct GraphDef {
  std::vector<NodeDef> nodes;  ///< in an order in which every `node` ref points backwards
  std::vector<SourceDef> sources;
  std::vector<VoiceDef> voices;
  std::vector<OutputDef> outputs;
};

std::string to_text(const GraphDef&);
std::string to_json(const GraphDef&);
/// Graphviz: note edges blue, audio edges red.
std::string to_dot(const GraphDef&);

}  // namespace hocket
