// Sound files written and read back.
#include "server/io/soundfile.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "server/io/loudness.h"

using namespace hocket;
namespace fs = std::filesystem;

namespace {

class Folder {
 public:
  Folder() {
    auto name = (fs::temp_directory_path() / "hocket-files-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

std::vector<float> stereo_sine(std::size_t frames, double rate) {
  std::vector<float> samples;
  for (std::size_t i = 0; i < frames; ++i) {
    const auto x = static_cast<float>(0.5 * std::sin(2 * 3.14159265358979 * 440 * static_cast<double>(i) / rate));
    samples.push_back(x);
    samples.push_back(-x / 2);
  }
  return samples;
}

}  // namespace

TEST_CASE("every kind of file reads back with its rate, length and channels") {
  const Folder folder;
  struct Kind {
    const char* name;
    double rate;
    SoundFormat format;
    double tolerance;
  };
  for (const auto& kind : {Kind{"a.wav", 44100, SoundFormat::float32, 0}, Kind{"b.wav", 96000, SoundFormat::pcm24, 2e-7},
                           Kind{"c.flac", 48000, SoundFormat::float32, 2e-7}, Kind{"d.aiff", 22050, SoundFormat::pcm16, 4e-5},
                           Kind{"e.ogg", 48000, SoundFormat::float32, 0.05}}) {
    const auto samples = stereo_sine(5000, kind.rate);
    {
      auto writer = SoundFileWriter::open(folder / kind.name, 2, kind.rate, kind.format);
      REQUIRE(writer);
      REQUIRE(writer->write(std::span<const float>(samples).first(4000)));
      REQUIRE(writer->write(std::span<const float>(samples).subspan(4000)));
    }
    const auto read = read_sound_file(folder / kind.name, 1 << 20);
    INFO(kind.name << " " << read.error);
    REQUIRE(read);
    CHECK(read->rate == kind.rate);
    REQUIRE(read->left.size() == 5000);
    REQUIRE(read->right.size() == 5000);
    for (std::size_t i = 0; i < 5000; ++i) {
      CHECK(std::fabs(static_cast<double>(read->left[i] - samples[2 * i])) <= kind.tolerance);
      CHECK(std::fabs(static_cast<double>(read->right[i] - samples[2 * i + 1])) <= kind.tolerance);
    }
  }
}

TEST_CASE("a longer file is cut, of many channels two are kept, a non-number becomes silence") {
  const Folder folder;
  {
    auto writer = SoundFileWriter::open(folder / "many.wav", 4, 48000, SoundFormat::float32);
    REQUIRE(writer);
    const std::vector<float> frame{NAN, 0.25F, 0.5F, 0.75F};
    for (int i = 0; i < 100; ++i) REQUIRE(writer->write(frame));
  }
  const auto read = read_sound_file(folder / "many.wav", 60);
  REQUIRE(read);
  CHECK(read->left == std::vector<float>(60, 0.F));
  CHECK(read->right == std::vector<float>(60, 0.25F));
}

TEST_CASE("a file that is none is an error with its name") {
  const Folder folder;
  std::ofstream(folder / "fake.wav") << "RIFFnonsense";
  CHECK(read_sound_file(folder / "fake.wav", 100).error.find("fake.wav") != std::string::npos);
  CHECK(read_sound_file(folder / "none.wav", 100).error.find("none.wav") != std::string::npos);
  CHECK_FALSE(SoundFileWriter::open(folder / "no/such/folder.wav", 2, 48000, SoundFormat::float32));
}

TEST_CASE("a full-scale stereo sine of 997 Hz measures 0 LUFS, silence minus infinity") {
  LoudnessMeter meter(2, 48000);
  std::vector<float> samples;
  for (int i = 0; i < 48000 * 4; ++i) {
    const auto x = static_cast<float>(std::sin(2 * 3.14159265358979 * 997 * i / 48000));
    samples.insert(samples.end(), {x, x});
  }
  meter.add(samples);
  CHECK(meter.result().integrated == Approx(0).margin(0.05));
  CHECK(meter.result().peak == Approx(1).margin(1e-3));
  LoudnessMeter quiet(2, 48000);
  quiet.add(std::vector<float>(96000, 0.F));
  CHECK(std::isinf(quiet.result().integrated));
  CHECK(quiet.result().peak == 0);
}
