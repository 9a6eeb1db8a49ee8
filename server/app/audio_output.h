// The output in use: a device, or the null device while there is none.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "server/io/audio.h"

namespace hocket {

/// There is always something that keeps time. A device that is lost is followed by the null device; while none was found,
/// one that appears and fits (rate and channels) is taken into use. Thread: control
class AudioOutput {
 public:
  AudioOutput(const AudioRequest&, bool null_only);
  ~AudioOutput();
  AudioOutput(const AudioOutput&) = delete;
  AudioOutput& operator=(const AudioOutput&) = delete;

  const AudioInfo& info() const { return device_->info(); }
  /// The device in one line, with why there is no other.
  const std::string& line() const { return line_; }

  void start(AudioTask);
  /// Times that a device ran dry, or was given too much, so far.
  std::uint64_t xruns() const { return lost_xruns_ + (device_ ? device_->xruns() : 0); }
  /// Lets go of the device: after this the task is not called any more, and there is no `info`.
  void stop();
  /// Looks after the device; what has changed, if something has. Wants to be called a few times a second.
  std::optional<std::string> tick();

 private:
  void use_null(const std::string& why);
  void look_for_device();
  void stop_looking();

  AudioRequest request_;
  std::unique_ptr<AudioDevice> device_;
  std::string line_;
  std::uint64_t lost_xruns_ = 0;  // of devices that are gone
  std::optional<AudioTask> task_;
  bool looking_wanted_ = false;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<AudioDevice> found_;
  bool stop_ = false;
  std::thread looking_;
};

}  // namespace hocket
