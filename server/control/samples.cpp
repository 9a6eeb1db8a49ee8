#include "server/control/samples.h"

#include <algorithm>
#include <filesystem>

namespace hocket {

namespace fs = std::filesystem;

struct SampleLibrary::File {
  std::string path;
  SampleState state;
  SampleData data;
  SampleView view;
};

SampleLibrary::SampleLibrary(SoundReader reader, Reports reports, SampleLimits limits)
    : reader_(std::move(reader)), reports_(std::move(reports)), limits_(limits), thread_([this] { load(); }) {}

SampleLibrary::~SampleLibrary() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Result<int> SampleLibrary::add_folder(const std::string& path) {
  std::error_code error;
  fs::directory_iterator top(path, fs::directory_options::skip_permission_denied, error);
  if (error) return Result<int>::fail("samples: " + path + " cannot be read: " + error.message());
  std::map<std::string, std::vector<std::string>> found;
  for (; top != fs::directory_iterator(); top.increment(error)) {
    if (error) break;
    const auto& entry = *top;
    const auto name = entry.path().filename().string();
    if (name.empty() || name.front() == '.') continue;
    std::error_code unreadable;
    if (entry.is_directory(unreadable)) {
      for (fs::directory_iterator in(entry.path(), unreadable), end; !unreadable && in != end; in.increment(unreadable))
        if (const auto file = in->path().filename().string(); file.front() != '.' && reader_.is_sound(file))
          found[name].push_back(in->path().string());
    } else if (reader_.is_sound(name)) {
      found[entry.path().stem().string()].push_back(entry.path().string());
    }
  }
  if (found.empty())
    return Result<int>::fail("samples: " + path +
                             " holds no sounds: one sub-folder a sound is expected, with WAV, FLAC, AIFF or OGG files");
  const std::lock_guard lock(mutex_);
  for (auto& [name, paths] : found) {
    std::sort(paths.begin(), paths.end());
    auto& sound = sounds_[name];
    sound.clear();
    for (const auto& p : paths) {
      auto& file = files_[p];
      if (!file) {
        file = std::make_unique<File>();
        file->path = p;
      }
      sound.push_back(file.get());
    }
  }
  return static_cast<int>(found.size());
}

std::vector<SoundFolder> SampleLibrary::folders() const {
  const std::lock_guard lock(mutex_);
  std::vector<SoundFolder> list;
  for (const auto& [name, files] : sounds_) list.push_back({name, static_cast<int>(files.size())});
  return list;
}

void SampleLibrary::publish_to(Publish publish) {
  const std::lock_guard lock(mutex_);
  publish_ = std::move(publish);
  if (!publish_) return;
  std::vector<const File*> ready(count_);
  for (const auto& [path, file] : files_)
    if (file->state.kind == SampleState::Kind::ready) ready[file->state.index] = file.get();
  for (const auto* file : ready) publish_(file->state.index, file->view);
}

SampleLibrary::File* SampleLibrary::file(const std::string& sound, std::int64_t number) {
  const auto found = sounds_.find(sound);
  if (found == sounds_.end() || found->second.empty()) return nullptr;
  const auto count = static_cast<std::int64_t>(found->second.size());
  return found->second[static_cast<std::size_t>(((number % count) + count) % count)];
}

void SampleLibrary::want(File& file) {
  if (file.state.kind != SampleState::Kind::missing) return;
  file.state.kind = SampleState::Kind::loading;
  wanted_.push_back(&file);
  changed_.notify_all();
}

SampleState SampleLibrary::find(const std::string& sound, std::int64_t number) {
  const std::lock_guard lock(mutex_);
  auto* found = file(sound, number);
  if (!found) return {};
  want(*found);
  return found->state;
}

SampleState SampleLibrary::wait_for(const std::string& sound, std::int64_t number) {
  std::unique_lock lock(mutex_);
  auto* found = file(sound, number);
  if (!found) return {};
  want(*found);
  changed_.wait(lock, [&] { return stopping_ || found->state.kind != SampleState::Kind::loading; });
  return found->state;
}

void SampleLibrary::prefetch(const std::string& sound) {
  constexpr std::size_t kMost = 32;
  const std::lock_guard lock(mutex_);
  const auto found = sounds_.find(sound);
  if (found == sounds_.end()) return;
  for (std::size_t i = 0; i < std::min(kMost, found->second.size()); ++i) want(*found->second[i]);
}

void SampleLibrary::load() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || !wanted_.empty(); });
    if (stopping_) return;
    auto& file = *wanted_.front();
    wanted_.pop_front();
    const bool full = bytes_ >= limits_.most_bytes;
    lock.unlock();
    auto data = full ? Result<SampleData>::fail(file.path + " is not loaded: the memory for samples is full (" +
                                                std::to_string(limits_.most_bytes >> 20) + " MB)")
                     : reader_.read(file.path, limits_.most_frames);
    if (!data && reports_) reports_({Report::Kind::warning, "samples: " + data.error});
    lock.lock();
    if (data) {
      file.data = std::move(*data);
      const auto& [left, right, rate] = file.data;
      bytes_ += (left.size() + right.size()) * sizeof(float);
      file.view = {
          {left.data(), right.empty() ? left.data() : right.data()}, static_cast<std::uint32_t>(left.size()), static_cast<float>(rate)};
      file.state = {SampleState::Kind::ready, count_++, static_cast<double>(left.size()) / rate};
      if (publish_) publish_(file.state.index, file.view);
    } else {
      file.state.kind = SampleState::Kind::failed;
    }
    changed_.notify_all();
  }
}

}  // namespace hocket
