// PortAudio: the one file that knows it.
#include <portaudio.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cmath>
#include <mutex>

#include "server/io/audio.h"
#include "server/io/quiet_stderr.h"
#if __has_include(<pa_jack.h>)
#include <pa_jack.h>
#endif

namespace hocket {

namespace {

// PortAudio may be started and ended several times, but not while a stream was lost: ending it would wait for ever then.
std::mutex mutex;
int users = 0;
bool lost_one = false;

class Library {
 public:
  Library() {
    const std::lock_guard lock(mutex);
    const QuietStderr quiet;
#if __has_include(<pa_jack.h>)
    if (users == 0) PaJack_SetClientName("hocket");
#endif
    error_ = Pa_Initialize();
    if (error_ == paNoError) ++users;
  }
  ~Library() {
    const std::lock_guard lock(mutex);
    if (error_ != paNoError) return;
    --users;
    const QuietStderr quiet;
    if (!lost_one) Pa_Terminate();
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  std::string error() const {
    return error_ == paNoError ? "" : Pa_GetErrorText(error_);
  }

 private:
  PaError error_;
};

std::string host_name(PaHostApiIndex host) {
  const auto* info = Pa_GetHostApiInfo(host);
  if (!info) return "?";
  return info->type == paJACK ? "JACK" : info->name;
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// A JACK server is the default wherever one runs: who started it wants it used.
PaDeviceIndex default_output() {
  const auto jack = Pa_HostApiTypeIdToHostApiIndex(paJACK);
  if (jack >= 0)
    if (const auto* info = Pa_GetHostApiInfo(jack); info && info->defaultOutputDevice != paNoDevice) return info->defaultOutputDevice;
  return Pa_GetDefaultOutputDevice();
}

PaDeviceIndex find_output(const std::string& wanted) {
  if (wanted.empty()) return default_output();
  const bool number = std::all_of(wanted.begin(), wanted.end(), [](unsigned char c) { return std::isdigit(c); }) && wanted.size() < 6;
  for (PaDeviceIndex i = 0; i < Pa_GetDeviceCount(); ++i) {
    const auto* info = Pa_GetDeviceInfo(i);
    if (!info || info->maxOutputChannels < 1) continue;
    if (number ? std::stoi(wanted) == i : lower(host_name(info->hostApi) + ": " + info->name).find(lower(wanted)) != std::string::npos)
      return i;
  }
  return paNoDevice;
}

class PortAudioDevice final : public AudioDevice {
 public:
  PortAudioDevice() = default;
  ~PortAudioDevice() override {
    if (!stream_) return;
    // On a lost stream stop, abort and close all hang (measured with JACK): it is left behind.
    if (started_ && !alive()) {
      const std::lock_guard lock(mutex);
      lost_one = true;
      return;
    }
    task_ = nullptr;
    if (started_) Pa_StopStream(stream_);
    Pa_CloseStream(stream_);
  }
  PortAudioDevice(const PortAudioDevice&) = delete;
  PortAudioDevice& operator=(const PortAudioDevice&) = delete;

  std::string open(const AudioRequest& request) {
    if (auto why = library_.error(); !why.empty()) return "the audio system does not start: " + why;
    const auto index = find_output(request.device);
    if (index == paNoDevice)
      return request.device.empty() ? "no audio output device was found" : "no output device is called `" + request.device + "`";
    const auto* device = Pa_GetDeviceInfo(index);
    info_.host = host_name(device->hostApi);
    info_.device = device->name;
    info_.rate = request.rate > 0 ? request.rate : device->defaultSampleRate;
    info_.channels = std::min(request.channels, device->maxOutputChannels);

    PaStreamParameters out{};
    out.device = index;
    out.channelCount = info_.channels;
    out.sampleFormat = paFloat32 | paNonInterleaved;
    out.suggestedLatency = request.latency_s > 0 ? request.latency_s : device->defaultLowOutputLatency;
    PaStreamParameters in = out;
    if (request.inputs > 0) {
      in.device = device->maxInputChannels > 0 ? index : Pa_GetHostApiInfo(device->hostApi)->defaultInputDevice;
      const auto* input = in.device == paNoDevice ? nullptr : Pa_GetDeviceInfo(in.device);
      if (input) {
        info_.inputs = in.channelCount = std::min(request.inputs, input->maxInputChannels);
        in.suggestedLatency = request.latency_s > 0 ? request.latency_s : input->defaultLowInputLatency;
      }
    }
    const QuietStderr quiet;
    // Unspecified buffer size: the callback gets the device's own periods, without an adapter's added latency.
    const auto error = Pa_OpenStream(&stream_, info_.inputs > 0 ? &in : nullptr, &out, info_.rate, paFramesPerBufferUnspecified, paNoFlag,
                                     &PortAudioDevice::run, this);
    if (error != paNoError) {
      stream_ = nullptr;
      return info_.host + ": " + info_.device + " does not open at " + std::to_string(static_cast<int>(info_.rate)) +
             " Hz: " + reason(error);
    }
    if (const auto* opened = Pa_GetStreamInfo(stream_)) {
      info_.rate = opened->sampleRate;
      info_.latency_s = opened->outputLatency;
    }
    return "";
  }

  const AudioInfo& info() const override { return info_; }

  Result<bool> start(AudioTask task) override {
    running_ = task;
    task_ = &running_;
    const QuietStderr quiet;
    if (const auto error = Pa_StartStream(stream_); error != paNoError)
      return Result<bool>::fail(info_.host + ": " + info_.device + " does not start: " + reason(error));
    started_ = true;
    // Some hosts (JACK) know it only now.
    if (const auto* running = Pa_GetStreamInfo(stream_)) info_.latency_s = running->outputLatency;
    return true;
  }

  bool alive() const override { return !started_ || Pa_IsStreamActive(stream_) == 1; }
  std::uint64_t xruns() const override { return xruns_.load(std::memory_order_relaxed); }

 private:
  static std::string reason(PaError error) {
    if (error != paUnanticipatedHostError) return Pa_GetErrorText(error);
    const auto* host = Pa_GetLastHostErrorInfo();
    return host && host->errorText && *host->errorText ? host->errorText : Pa_GetErrorText(error);
  }

  static int run(const void* in, void* out, unsigned long frames, const PaStreamCallbackTimeInfo*, PaStreamCallbackFlags flags,
                 void* self) {
    constexpr PaStreamCallbackFlags kLost = paOutputUnderflow | paInputOverflow;
    if (flags & kLost) static_cast<PortAudioDevice*>(self)->xruns_.fetch_add(1, std::memory_order_relaxed);
    const auto* task = static_cast<PortAudioDevice*>(self)->task_.load(std::memory_order_acquire);
    auto* const* buffers = static_cast<float* const*>(out);
    if (task) {
      task->run(task->context, buffers, static_cast<const float* const*>(in), static_cast<int>(frames));
    } else {
      for (int c = 0; c < static_cast<PortAudioDevice*>(self)->info_.channels; ++c) std::fill_n(buffers[c], frames, 0.F);
    }
    return paContinue;
  }

  Library library_;
  PaStream* stream_ = nullptr;
  AudioInfo info_;
  AudioTask running_;
  std::atomic<const AudioTask*> task_{nullptr};
  std::atomic<std::uint64_t> xruns_{0};
  bool started_ = false;
};

}  // namespace

Result<std::unique_ptr<AudioDevice>> open_portaudio(const AudioRequest& request) {
  auto device = std::make_unique<PortAudioDevice>();
  if (auto why = device->open(request); !why.empty()) return Result<std::unique_ptr<AudioDevice>>::fail(why);
  return Result<std::unique_ptr<AudioDevice>>(std::move(device));
}

AudioHosts list_portaudio() {
  AudioHosts found;
  const Library library;
  found.error = library.error();
  if (!found.error.empty()) return found;
  for (PaHostApiIndex host = 0; host < Pa_GetHostApiCount(); ++host) found.hosts.push_back(host_name(host));
  for (PaDeviceIndex i = 0; i < Pa_GetDeviceCount(); ++i) {
    const auto* info = Pa_GetDeviceInfo(i);
    if (!info || info->maxOutputChannels < 1) continue;
    found.devices.push_back({host_name(info->hostApi), info->name, i, info->maxOutputChannels, info->maxInputChannels,
                             info->defaultSampleRate, i == default_output()});
  }
  return found;
}

}  // namespace hocket
