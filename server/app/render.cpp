// hocket render: a program into a sound file, as fast as the machine goes.
#include <unistd.h>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "server/app/commands.h"
#include "server/app/files.h"
#include "server/app/rational_text.h"
#include "server/control/offline.h"
#include "server/io/loudness.h"
#include "server/io/soundfile.h"

namespace hocket {

namespace {

constexpr const char* kNowhere = "/dev/null";

// A bar on the terminal, or nothing where stderr is none.
class Progress {
 public:
  void show(std::int64_t done, std::int64_t total) {
    if (!terminal_ || total <= 0) return;
    const auto percent = static_cast<int>(done * 100 / total);
    if (percent == last_) return;
    last_ = percent;
    constexpr int kWidth = 40;
    const auto filled = static_cast<std::size_t>(percent * kWidth / 100);
    std::fprintf(stderr, "\r[%s%s] %3d %%", std::string(filled, '#').c_str(), std::string(kWidth - filled, ' ').c_str(), percent);
  }
  ~Progress() {
    if (last_ >= 0) std::fprintf(stderr, "\r%60s\r", "");
  }
  Progress() = default;
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

 private:
  bool terminal_ = ::isatty(STDERR_FILENO) == 1;
  int last_ = -1;
};

SoundFormat format_of(int bits) {
  if (bits == 16) return SoundFormat::pcm16;
  if (bits == 24) return SoundFormat::pcm24;
  if (bits == 32) return SoundFormat::float32;
  throw std::runtime_error("--bits takes 16, 24 or 32 (float)");
}

SoundFileWriter create(const std::string& path, int channels, const RenderOptions& options) {
  auto writer = SoundFileWriter::open(path, channels, options.rate, format_of(options.bits));
  if (!writer) throw std::runtime_error(writer.error);
  return std::move(*writer);
}

std::string stem_path(const std::string& out, const std::string& name) {
  const std::filesystem::path path(out);
  return (path.parent_path() / (path.stem().string() + '.' + name + path.extension().string())).string();
}

// One file being written, with its measurements.
struct Take {
  std::string path;
  SoundFileWriter writer;
  LoudnessMeter meter;

  bool add(std::span<const float> samples) {
    meter.add(samples);
    return writer.write(samples);
  }
  std::string summary(double seconds, double rate) const {
    const auto [peak, lufs] = meter.result();
    char text[160];
    std::snprintf(text, sizeof text, "%.1f s, %.0f Hz, peak %.1f dB, loudness %.1f LUFS", seconds, rate, 20 * std::log10(peak + 1e-30),
                  lufs);
    return path + ": " + (peak > 0 ? text : "silence");
  }
};

MidiFile read_midi(const std::string& path) {
  const auto bytes = read_text(path);
  auto file = read_midi_file({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  if (!file) throw std::runtime_error(path + ": " + file.error);
  if (file->damaged) std::fprintf(stderr, "%s: damaged; what stands before the damage is played\n", path.c_str());
  return std::move(*file);
}

void write_midi(const std::string& path, const MidiScore& score) {
  const auto bytes = write_midi_file(score);
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) throw std::runtime_error(path + " cannot be written");
  std::size_t messages = 0;
  for (const auto& track : score.tracks)  // a file holds no clock
    for (const auto& entry : track.entries) messages += entry.message.on_channel() ? 1 : 0;
  std::printf("%s: %zu messages for %zu ports\n", path.c_str(), messages, score.tracks.size());
}

RenderRequest request_of(const RenderOptions& options) {
  RenderRequest request;
  request.text = read_text(options.file);
  request.name = options.file;
  request.engine = engine_settings(options.sound, options.rate, 2);
  request.session.folder = folder_of(options.file);
  request.seconds = options.seconds;
  if (!options.cycles.empty()) request.cycles = to_rational(options.cycles);
  request.start = to_rational(options.start);
  request.stems = options.stems;
  if (!options.midi.empty()) {
    constexpr double kTail_s = 2;
    request.midi = read_midi(options.midi);
    if (options.seconds == 0 && options.cycles.empty()) request.seconds = request.midi->length_s.to_double() + kTail_s;
  }
  if (options.seconds < 0 || request.cycles <= Rational(0)) throw std::runtime_error("the length must be above 0");
  if (options.rate < 8000 || options.rate > 384000) throw std::runtime_error("--rate stays between 8000 and 384000");
  if (options.sound.block < 1 || options.sound.block > 1024) throw std::runtime_error("--block stays between 1 and 1024");
  return request;
}

}  // namespace

int render(const RenderOptions& options) {
  const auto request = request_of(options);
  const bool kept = options.out != kNowhere;
  SampleLibrary samples(sound_reader(), reports_to_stderr());
  add_sample_folders(samples, options.sound.samples);

  std::vector<Take> takes;  // the main output, then the stems
  Progress progress;
  RenderSink sink;
  sink.begin = [&](const std::vector<std::string>& outputs, std::int64_t) {
    if (outputs.empty()) throw std::runtime_error(options.file + " has no output: add `out: …`");
    if (!kept) return true;
    takes.push_back({options.out, create(options.out, 2, options), {2, options.rate}});
    for (const auto& name : outputs) {
      if (!options.stems) break;
      const auto path = stem_path(options.out, name);
      takes.push_back({path, create(path, 2, options), {2, options.rate}});
    }
    return true;
  };
  sink.main = [&](std::span<const float> block) { return !kept || takes[0].add(block); };
  sink.stem = [&](std::size_t output, std::span<const float> block) { return !kept || takes[output + 1].add(block); };
  sink.progress = [&](std::int64_t done, std::int64_t total) { progress.show(done, total); };

  const auto result = render(request, unit_table(), samples, reports_to_stderr(), sink);
  if (!result.evaluation.diagnostics.empty())
    std::fprintf(stderr, "%s\n", hocket::render(*result.evaluation.source, result.evaluation.diagnostics).c_str());
  if (!result.evaluation.ok) return 1;
  if (!result.finished) throw std::runtime_error(options.out + " cannot be written: is the disk full?");
  const double seconds = static_cast<double>(result.frames) / options.rate;
  for (const auto& take : takes) std::printf("%s\n", take.summary(seconds, options.rate).c_str());
  if (!options.midi_out.empty()) write_midi(options.midi_out, result.midi);
  std::printf("%.2f s for %.1f s: %.1f times real time\n", result.wall_s, seconds, result.wall_s > 0 ? seconds / result.wall_s : 0);
  return 0;
}

}  // namespace hocket
