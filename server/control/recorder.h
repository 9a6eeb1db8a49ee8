// Recording of what the server plays: the audio thread hands samples over, a thread of the control side writes them.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "server/control/report.h"
#include "server/dsp/kernel.h"
#include "server/result.h"

namespace hocket {

/// Where recordings go, one at a time: handed in, so that the recorder knows no file format.
struct SoundSink {
  std::function<bool(std::span<const float> interleaved)> write;  ///< false: the disk is full
};
using OpenSink = std::function<Result<SoundSink>(const std::string& path, int channels, double rate)>;

/// One recording at a time, of the main output. The ring between the threads holds four seconds; what does not fit is left
/// out and said.
class Recorder {
 public:
  /// `folder`: where recordings are kept; made when first needed.
  Recorder(OpenSink, std::string folder, int channels, double rate, Reports);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  /// `name` is a file name, without folders. The path that is written, or why not. Thread: control
  Result<std::string> start(const std::string& name);
  /// The path that was written; nothing was recorded: an error. Thread: control
  Result<std::string> stop();
  bool recording() const { return on_.load(std::memory_order_relaxed); }

  /// Planar samples of the output. Thread: audio
  void take(const float* const* out, int frames) RT;

 private:
  void write_out();
  bool drain();

  OpenSink open_;
  std::string folder_;
  int channels_;
  double rate_;
  Reports reports_;
  std::vector<float> ring_;                // interleaved, a power of two frames
  std::atomic<std::uint64_t> written_{0};  // frames, by the audio thread
  std::atomic<std::uint64_t> read_{0};     // frames, by the writer
  std::atomic<std::uint64_t> lost_{0};
  std::atomic<bool> on_{false};
  std::mutex mutex_;  // of what follows
  SoundSink sink_;
  std::string path_;
  bool failed_ = false;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace hocket
