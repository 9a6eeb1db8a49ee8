// The sample library: folders of sound files by name, loaded in the background, bounded in memory.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "lang/vocabulary.h"
#include "server/control/report.h"
#include "server/dsp/kernel.h"
#include "server/result.h"

namespace hocket {

/// One sound in memory; `right` is empty for mono.
struct SampleData {
  std::vector<float> left, right;
  double rate = 48000;
};

/// How the library reaches files: handed in, so that it needs no library of its own.
struct SoundReader {
  std::function<bool(const std::string& name)> is_sound;
  std::function<Result<SampleData>(const std::string& path, std::int64_t most_frames)> read;
};

struct SampleLimits {
  std::size_t most_bytes = std::size_t{1} << 30;
  std::int64_t most_frames = 48000LL * 600;  ///< of one file; the rest is left out
};

/// Where a sound of the library stands.
struct SampleState {
  enum class Kind { missing, loading, ready, failed };
  Kind kind = Kind::missing;
  std::uint32_t index = 0;  ///< in the engine's table, once ready
  double length_s = 0;
};

/// Folders are read as TidalCycles users keep them: a folder holds one sub-folder a sound, whose files are numbered in the
/// order of their names; a file beside them is a sound of its own. Nothing that was loaded moves or goes while this lives.
/// Thread: any
class SampleLibrary {
 public:
  using Publish = std::function<void(std::uint32_t index, const SampleView&)>;

  SampleLibrary(SoundReader, Reports, SampleLimits = {});
  ~SampleLibrary();
  SampleLibrary(const SampleLibrary&) = delete;
  SampleLibrary& operator=(const SampleLibrary&) = delete;

  /// Scans a folder; its sounds replace those of the same name. The number of sounds found, or why there is none.
  Result<int> add_folder(const std::string& path);
  /// Ordered by name.
  std::vector<SoundFolder> folders() const;

  /// Everything ready so far and from now on goes to `publish`, called one at a time. An engine takes part at a time.
  void publish_to(Publish publish);

  /// File `number` of a sound, counted around its end (-1 is the last). Asks for it to be loaded, if it is not.
  SampleState find(const std::string& sound, std::int64_t number);
  /// Likewise, and waits until it is ready or failed.
  SampleState wait_for(const std::string& sound, std::int64_t number);
  /// Asks for the first files of a sound.
  void prefetch(const std::string& sound);

 private:
  struct File;
  File* file(const std::string& sound, std::int64_t number);
  void want(File&);
  void load();

  SoundReader reader_;
  Reports reports_;
  SampleLimits limits_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::vector<File*>> sounds_;
  std::map<std::string, std::unique_ptr<File>> files_;  // by path
  std::deque<File*> wanted_;
  Publish publish_;
  std::uint32_t count_ = 0;
  std::size_t bytes_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace hocket
