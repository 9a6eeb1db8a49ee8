#include "server/app/audio_output.h"

#include <chrono>

namespace hocket {

namespace {

constexpr auto kLookEvery = std::chrono::seconds(5);

}  // namespace

AudioOutput::AudioOutput(const AudioRequest& request, bool null_only) : request_(request) {
  if (null_only) {
    use_null("");
    return;
  }
  auto opened = open_portaudio(request);
  if (opened) {
    device_ = std::move(*opened);
    line_ = to_text(device_->info());
  } else {
    use_null(opened.error);
    looking_wanted_ = true;
  }
}

AudioOutput::~AudioOutput() {
  stop_looking();
}

void AudioOutput::stop() {
  stop_looking();
  task_.reset();
  device_.reset();
}

void AudioOutput::use_null(const std::string& why) {
  lost_xruns_ = xruns();
  device_.reset();
  device_ = open_null_device(request_);
  line_ = why.empty() ? "no device: time goes on without sound" : why + ": time goes on without sound";
}

void AudioOutput::start(AudioTask task) {
  task_ = task;
  // From here on the engine's form is fixed: another device must take it.
  request_.rate = device_->info().rate;
  request_.channels = device_->info().channels;
  if (const auto started = device_->start(task); !started) {
    use_null(started.error);
    device_->start(task);
  } else if (device_->info().host != "null") {
    line_ = to_text(device_->info());
  }
  if (looking_wanted_) looking_ = std::thread([this] { look_for_device(); });
}

std::optional<std::string> AudioOutput::tick() {
  if (!task_) return std::nullopt;
  if (!device_->alive()) {
    use_null(device_->info().device + " has gone away, a restart will look for it again");
    device_->start(*task_);
    return line_;
  }
  std::unique_ptr<AudioDevice> found;
  {
    const std::lock_guard lock(mutex_);
    found = std::move(found_);
  }
  if (!found) return std::nullopt;
  stop_looking();
  lost_xruns_ = xruns();
  device_ = std::move(found);
  if (const auto started = device_->start(*task_); !started) {
    use_null(started.error);
    device_->start(*task_);
  } else {
    line_ = to_text(device_->info());
  }
  return line_;
}

void AudioOutput::look_for_device() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kLookEvery, [&] { return stop_; })) {
    lock.unlock();
    auto opened = open_portaudio(request_);
    const bool fits = opened && (*opened)->info().channels == request_.channels && (*opened)->info().rate == request_.rate;
    lock.lock();
    if (!fits) continue;
    found_ = std::move(*opened);
    return;
  }
}

void AudioOutput::stop_looking() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  if (looking_.joinable()) looking_.join();
}

}  // namespace hocket
