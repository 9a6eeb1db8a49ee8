#include "server/io/soundfile.h"

#include <sndfile.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <filesystem>

namespace hocket {

namespace {

std::string ending(const std::string& path) {
  auto text = std::filesystem::path(path).extension().string();
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

struct Close {
  void operator()(SNDFILE* file) const { sf_close(file); }
};
using Handle = std::unique_ptr<SNDFILE, Close>;

int format_of(const std::string& path, SoundFormat format) {
  const auto end = ending(path);
  if (end == ".ogg") return SF_FORMAT_OGG | SF_FORMAT_VORBIS;
  const int container = end == ".flac" ? SF_FORMAT_FLAC : end == ".aif" || end == ".aiff" ? SF_FORMAT_AIFF : SF_FORMAT_WAV;
  const int sample = format == SoundFormat::pcm16                                  ? SF_FORMAT_PCM_16
                     : format == SoundFormat::pcm24 || container == SF_FORMAT_FLAC ? SF_FORMAT_PCM_24
                                                                                   : SF_FORMAT_FLOAT;
  return container | sample;
}

}  // namespace

bool is_sound_file_name(const std::string& path) {
  static constexpr std::array<std::string_view, 9> kEndings{".wav", ".flac", ".aif", ".aiff", ".ogg", ".oga", ".w64", ".caf", ".mp3"};
  return std::find(kEndings.begin(), kEndings.end(), ending(path)) != kEndings.end();
}

Result<SoundFileData> read_sound_file(const std::string& path, std::int64_t most_frames) {
  SF_INFO info{};
  const Handle file(sf_open(path.c_str(), SFM_READ, &info));
  if (!file) return Result<SoundFileData>::fail(path + ": " + sf_strerror(nullptr));
  if (info.channels < 1 || info.samplerate < 1) return Result<SoundFileData>::fail(path + ": holds no sound");
  SoundFileData data;
  data.rate = info.samplerate;
  const auto channels = static_cast<std::size_t>(info.channels);
  // The header's length is not believed: a broken file may claim any.
  std::vector<float> chunk(4096 * channels);
  std::int64_t total = 0;
  while (total < most_frames) {
    const auto got = sf_readf_float(file.get(), chunk.data(), 4096);
    if (got <= 0) break;
    const auto take = std::min<std::int64_t>(got, most_frames - total);
    for (std::int64_t i = 0; i < take; ++i) {
      const auto at = static_cast<std::size_t>(i) * channels;
      // A float file may hold anything; a non-number would spread through every filter behind it.
      data.left.push_back(std::isfinite(chunk[at]) ? chunk[at] : 0.F);
      if (channels > 1) data.right.push_back(std::isfinite(chunk[at + 1]) ? chunk[at + 1] : 0.F);
    }
    total += take;
  }
  if (data.left.empty()) return Result<SoundFileData>::fail(path + ": holds no sound");
  data.left.shrink_to_fit();
  data.right.shrink_to_fit();
  return data;
}

struct SoundFileWriter::File {
  Handle handle;
  int channels;
};

SoundFileWriter::SoundFileWriter(std::unique_ptr<File> file) : file_(std::move(file)) {}
SoundFileWriter::~SoundFileWriter() = default;
SoundFileWriter::SoundFileWriter(SoundFileWriter&&) noexcept = default;
SoundFileWriter& SoundFileWriter::operator=(SoundFileWriter&&) noexcept = default;

Result<SoundFileWriter> SoundFileWriter::open(const std::string& path, int channels, double rate, SoundFormat format) {
  SF_INFO info{};
  info.channels = channels;
  info.samplerate = static_cast<int>(std::lround(rate));
  info.format = format_of(path, format);
  Handle handle(sf_open(path.c_str(), SFM_WRITE, &info));
  if (!handle) return Result<SoundFileWriter>::fail(path + ": " + sf_strerror(nullptr));
  sf_command(handle.get(), SFC_SET_CLIPPING, nullptr, SF_TRUE);
  sf_command(handle.get(), SFC_SET_ADD_PEAK_CHUNK, nullptr, SF_FALSE);  // it holds the time of day: equal programs, equal files
  return SoundFileWriter(std::make_unique<File>(File{std::move(handle), channels}));
}

bool SoundFileWriter::write(std::span<const float> samples) {
  const auto frames = static_cast<sf_count_t>(samples.size()) / file_->channels;
  return sf_writef_float(file_->handle.get(), samples.data(), frames) == frames;
}

}  // namespace hocket
