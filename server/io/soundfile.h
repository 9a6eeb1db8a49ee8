// Sound files in and out, by libsndfile.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "server/result.h"

namespace hocket {

/// A whole file in memory, one or two channels, de-interleaved; of more channels the first two are kept.
struct SoundFileData {
  std::vector<float> left, right;  ///< right is empty for mono
  double rate = 48000;
};

/// Whether the name's ending is one of WAV, FLAC, AIFF, OGG …
bool is_sound_file_name(const std::string& path);

/// `most_frames`: a longer file is cut.
Result<SoundFileData> read_sound_file(const std::string& path, std::int64_t most_frames);

/// The ending decides the container (.wav .flac .aif .ogg); else WAV.
enum class SoundFormat { float32, pcm24, pcm16 };

/// Writes a file as it comes; whole when destroyed.
class SoundFileWriter {
 public:
  static Result<SoundFileWriter> open(const std::string& path, int channels, double rate, SoundFormat);
  ~SoundFileWriter();
  SoundFileWriter(SoundFileWriter&&) noexcept;
  SoundFileWriter& operator=(SoundFileWriter&&) noexcept;

  /// Interleaved. False: the disk is full or gone.
  bool write(std::span<const float> samples);

 private:
  struct File;
  explicit SoundFileWriter(std::unique_ptr<File>);
  std::unique_ptr<File> file_;
};

}  // namespace hocket
