// The null device: a thread that asks for audio as fast as time goes by, and drops it.
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <thread>
#include <vector>

#include "server/io/audio.h"

namespace hocket {

namespace {

constexpr int kFrames = 256;
constexpr double kMostBehindS = 0.25;  // after a longer stall time is left out, not made up for

class NullDevice final : public AudioDevice {
 public:
  explicit NullDevice(const AudioRequest& request) {
    info_ = {"null",           "no sound",     request.rate > 0 ? request.rate : 48000,
             request.channels, request.inputs, kFrames / (request.rate > 0 ? request.rate : 48000)};
  }
  ~NullDevice() override {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }
  NullDevice(const NullDevice&) = delete;
  NullDevice& operator=(const NullDevice&) = delete;

  const AudioInfo& info() const override { return info_; }
  bool alive() const override { return true; }
  Result<bool> start(AudioTask task) override {
    if (!thread_.joinable()) thread_ = std::thread([this, task] { run(task); });
    return true;
  }

 private:
  void run(AudioTask task) {
    using Clock = std::chrono::steady_clock;
    const auto to_duration = [](double s) { return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(s)); };
    std::vector<float> dropped(static_cast<std::size_t>(kFrames) * static_cast<std::size_t>(info_.channels));
    const std::vector<float> silence(kFrames, 0.F);
    std::vector<float*> out(static_cast<std::size_t>(info_.channels));
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = dropped.data() + i * kFrames;
    const std::vector<const float*> in(static_cast<std::size_t>(info_.inputs), silence.data());
    // Due times are counted from one start, so that rounding does not add up.
    auto start = Clock::now();
    double due_s = 0;
    while (!stopping_) {
      task.run(task.context, out.data(), in.data(), kFrames);
      due_s += kFrames / info_.rate;
      const auto due = start + to_duration(due_s);
      const auto now = Clock::now();
      if (now > due + to_duration(kMostBehindS)) {
        start = now;
        due_s = 0;
      }
      std::this_thread::sleep_until(due);
    }
  }

  AudioInfo info_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace

std::unique_ptr<AudioDevice> open_null_device(const AudioRequest& request) {
  return std::make_unique<NullDevice>(request);
}

std::string to_text(const AudioInfo& info) {
  std::array<char, 96> figures{};
  std::snprintf(figures.data(), figures.size(), ", %.0f Hz, %d channel%s, %.1f ms latency", info.rate, info.channels,
                info.channels == 1 ? "" : "s", info.latency_s * 1000);
  return info.host + ": " + info.device + figures.data();
}

}  // namespace hocket
