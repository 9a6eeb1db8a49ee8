// A stream of audio to a device, whatever stands behind it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "server/result.h"

namespace hocket {

/// What fills the output: planar buffers, any number of frames. Thread: audio.
struct AudioTask {
  void (*run)(void* context, float* const* out, const float* const* in, int frames) noexcept = nullptr;
  void* context = nullptr;
};

struct AudioRequest {
  std::string device;    ///< part of a device's name, or its number in the list; empty: the system's default
  int channels = 2;      ///< of the output; fewer are taken where the device has fewer
  int inputs = 0;        ///< 0: output only
  double rate = 0;       ///< 0: the device's own
  double latency_s = 0;  ///< 0: the device's own low latency
};

struct AudioInfo {
  std::string host;  ///< "ALSA", "JACK"; "null" for the device that only keeps time
  std::string device;
  double rate = 48000;
  int channels = 2;
  int inputs = 0;
  double latency_s = 0;
};
/// `JACK: system, 48000 Hz, 2 channels, 5.3 ms latency`
std::string to_text(const AudioInfo&);

/// An open device; silent until started, stopped by its destructor. Thread: control (one at a time).
class AudioDevice {
 public:
  virtual ~AudioDevice() = default;
  virtual const AudioInfo& info() const = 0;
  virtual Result<bool> start(AudioTask) = 0;
  /// False once the device has gone away: it will not call again, and is only to be let go of.
  virtual bool alive() const = 0;
  /// Times that the output ran dry or input was lost, as the device tells.
  virtual std::uint64_t xruns() const { return 0; }
};

struct AudioListing {
  std::string host, device;
  int number = 0;
  int channels = 0, inputs = 0;
  double rate = 0;
  bool is_default = false;
};

/// Keeps real time by a timer and throws the samples away: what plays when there is no device.
std::unique_ptr<AudioDevice> open_null_device(const AudioRequest&);

Result<std::unique_ptr<AudioDevice>> open_portaudio(const AudioRequest&);
/// Devices with an output, and why the list may be short: a host's own words.
struct AudioHosts {
  std::vector<std::string> hosts;
  std::vector<AudioListing> devices;
  std::string error;
};
AudioHosts list_portaudio();

}  // namespace hocket
