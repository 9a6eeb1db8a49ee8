// A program, a MIDI file that plays it, and what comes out, frame by frame.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/control/offline.h"

namespace hocket::test {

/// Messages at frames, as a file that says the same in seconds.
class Performance {
 public:
  Performance& at(std::int64_t frame, const MidiMessage& message);
  Performance& on(std::int64_t frame, int key, int velocity = 127, int channel = 1);
  Performance& off(std::int64_t frame, int key, int channel = 1);
  Performance& cc(std::int64_t frame, int number, int value, int channel = 1);
  const MidiFile& file() const { return file_; }

 private:
  MidiFile file_;
};

/// The whole server without its devices, at 48 kHz; one cycle is 48000 frames. What is heard is the stem of `out`, before the
/// master: a voice that gives its gate, its frequency or its velocity can be read off it.
class Rig {
 public:
  static constexpr int kCycle = 48000;
  explicit Rig(const std::string& program, const Performance& = {}, int block = 64);

  /// Must be accepted.
  void evaluate(const std::string& text);
  /// The warnings and replies of all evaluations, and what was reported.
  const std::string& said() const { return said_; }

  /// Renders up to this frame.
  void run_to(std::int64_t frame);
  /// What `out` had there, left side.
  float heard(std::int64_t frame) const { return heard_.at(static_cast<std::size_t>(frame)); }
  const std::vector<float>& heard() const { return heard_; }
  /// Frames at which what is heard changes, and to what: for signals that stand still in between.
  std::vector<std::pair<std::int64_t, float>> steps() const;

  Offline& offline() { return *offline_; }
  std::uint32_t voices() { return offline_->engine().status().voices; }

 private:
  std::string said_;
  SampleLibrary samples_;
  std::unique_ptr<Offline> offline_;
  std::vector<float> heard_;
};

double hz(double note);

}  // namespace hocket::test
