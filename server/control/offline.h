// Rendering without a device: the session, sequencer and engine of the live server, driven as fast as the machine goes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "server/control/midi_file.h"
#include "server/control/session.h"

namespace hocket {

/// Everything that plays, without a clock: what is rendered next is asked for first. Thread: one
class Offline {
 public:
  Offline(const UnitTable&, const EngineSettings&, SampleLibrary&, Reports, SessionSettings = {});
  ~Offline();
  Offline(const Offline&) = delete;
  Offline& operator=(const Offline&) = delete;

  Session& session() { return session_; }
  Engine& engine() { return engine_; }
  Sequencer& sequencer() { return sequencer_; }
  LivePlayer& live() { return live_; }
  MidiOut& midi_out() { return out_; }

  /// The file's messages come to the program's `midi` from a port named `file`, from the next frame on.
  void play(const MidiFile&);
  /// What `midiout` has sent so far, in the order of its frames; to be called last, for it ends all notes.
  std::vector<MidiSend> sent();

  /// Renders the next `frames` frames, interleaved, latency included. Valid until the next call.
  std::span<const float> render(int frames);
  /// An output of the last `render`, by its place in the graph's outputs, interleaved stereo.
  std::span<const float> stem(std::uint32_t output);

 private:
  struct Played {
    std::int64_t frame = 0;
    MidiMessage message;
  };
  void play_until(std::int64_t frame);

  SampleLibrary& samples_;
  Engine engine_;
  MidiOut out_;
  LivePlayer live_;
  Sequencer sequencer_;
  Session session_;
  std::vector<Played> played_;
  std::size_t next_played_ = 0;
  std::vector<MidiSend> sent_;
  std::vector<std::vector<float>> planes_;
  std::vector<float> interleaved_;
  std::vector<float> stem_;
};

struct RenderRequest {
  std::string text;
  std::string name;  ///< of the program, for messages
  EngineSettings engine;
  SessionSettings session;
  double seconds = 0;  ///< length; 0: as `cycles` says
  Rational cycles{8};
  Rational start{0};  ///< cycle at which the transport starts
  bool stems = false;
  std::optional<MidiFile> midi;  ///< played into the program's `midi`
};

/// Where the samples go, in order. A false ends the rendering.
struct RenderSink {
  /// Once, when the program has been accepted: the outputs by name, and the length.
  std::function<bool(const std::vector<std::string>& outputs, std::int64_t frames)> begin;
  std::function<bool(std::span<const float> interleaved)> main;
  std::function<bool(std::size_t output, std::span<const float> interleaved)> stem;  ///< stereo; only with `stems`
  std::function<void(std::int64_t done, std::int64_t total)> progress;
};

struct RenderResult {
  EvalResult evaluation;  ///< not ok: nothing was rendered
  bool finished = false;  ///< false: a sink said no
  std::int64_t frames = 0;
  double wall_s = 0;    ///< of rendering alone
  EngineStatus status;  ///< at the end
  MidiScore midi;       ///< what `midiout` sent, a track a port
};

/// The first frame rendered is the program's first: the master's look-ahead is left out.
RenderResult render(const RenderRequest&, const UnitTable&, SampleLibrary&, const Reports&, const RenderSink&);

}  // namespace hocket
