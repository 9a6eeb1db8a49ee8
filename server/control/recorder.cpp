#include "server/control/recorder.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <filesystem>

namespace hocket {

namespace {

constexpr double kRingS = 4;
constexpr auto kPause = std::chrono::milliseconds(50);

}  // namespace

Recorder::Recorder(OpenSink open, std::string folder, int channels, double rate, Reports reports)
    : open_(std::move(open)),
      folder_(std::move(folder)),
      channels_(channels),
      rate_(rate),
      reports_(std::move(reports)),
      ring_(std::bit_ceil(static_cast<std::size_t>(std::ceil(rate * kRingS))) * static_cast<std::size_t>(channels)),
      thread_([this] { write_out(); }) {}

Recorder::~Recorder() {
  if (recording()) stop();
  stopping_ = true;
  thread_.join();
}

Result<std::string> Recorder::start(const std::string& name) {
  namespace fs = std::filesystem;
  if (recording()) return Result<std::string>::fail("already recording to " + path_ + ": `record stop` ends it");
  const fs::path file(name);
  if (name.empty() || file.filename() != file || name.front() == '.')
    return Result<std::string>::fail("record takes a file name without folders: recordings are kept in " + folder_);
  std::error_code error;
  fs::create_directories(folder_, error);
  auto path = fs::path(folder_) / file;
  if (!path.has_extension()) path += ".wav";
  for (int i = 2; fs::exists(path, error) && i < 1000; ++i)  // a take is never written over
    path = fs::path(folder_) / (file.stem().string() + '-' + std::to_string(i) + path.extension().string());
  auto sink = open_(path.string(), channels_, rate_);
  if (!sink) return Result<std::string>::fail(sink.error);
  const std::lock_guard lock(mutex_);
  sink_ = std::move(*sink);
  path_ = path.string();
  failed_ = false;
  lost_ = 0;
  read_ = written_.load();
  on_ = true;
  return path_;
}

Result<std::string> Recorder::stop() {
  if (!recording()) return Result<std::string>::fail("nothing is being recorded");
  on_ = false;
  const std::lock_guard lock(mutex_);
  drain();
  sink_ = {};
  if (lost_ > 0 && reports_)
    reports_({Report::Kind::warning, "record: the disk was too slow, " + std::to_string(lost_.load()) + " frames are missing in " + path_});
  return path_;
}

void Recorder::take(const float* const* out, int frames) RT {
  if (!on_.load(std::memory_order_relaxed)) return;
  const auto channels = static_cast<std::size_t>(channels_);
  const auto capacity = ring_.size() / channels;
  const auto at = written_.load(std::memory_order_relaxed);
  const auto room = capacity - static_cast<std::size_t>(at - read_.load(std::memory_order_acquire));
  if (room < static_cast<std::size_t>(frames)) {
    lost_.fetch_add(static_cast<std::uint64_t>(frames), std::memory_order_relaxed);
    return;
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) {
    float* frame = ring_.data() + ((at + i) & (capacity - 1)) * channels;
    for (std::size_t c = 0; c < channels; ++c) frame[c] = out[c][i];
  }
  written_.store(at + static_cast<std::uint64_t>(frames), std::memory_order_release);
}

void Recorder::write_out() {
  while (!stopping_) {
    std::this_thread::sleep_for(kPause);
    const std::lock_guard lock(mutex_);
    if (sink_.write) drain();
  }
}

// With the mutex held.
bool Recorder::drain() {
  const auto channels = static_cast<std::size_t>(channels_);
  const auto capacity = ring_.size() / channels;
  auto at = read_.load(std::memory_order_relaxed);
  const auto end = written_.load(std::memory_order_acquire);
  while (at < end) {
    const auto begin = static_cast<std::size_t>(at & (capacity - 1));
    const auto count = std::min<std::size_t>(static_cast<std::size_t>(end - at), capacity - begin);
    if (!failed_ && !sink_.write(std::span<const float>(ring_).subspan(begin * channels, count * channels))) {
      failed_ = true;
      if (reports_) reports_({Report::Kind::error, "record: " + path_ + " cannot be written any more: is the disk full?"});
    }
    at += count;
    read_.store(at, std::memory_order_release);
  }
  return !failed_;
}

}  // namespace hocket
