// Compares a live recording (raw interleaved stereo floats) with an offline render: same_samples LIVE.raw OFFLINE.wav SECONDS
// The first sample that is not zero aligns them; from there on every sample must be the same, for at least SECONDS.
#include <sndfile.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <vector>

namespace {

constexpr std::size_t kChannels = 2;

std::vector<float> read_raw(const char* path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  std::vector<float> samples(static_cast<std::size_t>(std::max<std::streamoff>(file.tellg(), 0)) / sizeof(float));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(samples.data()), static_cast<std::streamsize>(samples.size() * sizeof(float)));
  return samples;
}

std::vector<float> read_wav(const char* path, int& rate) {
  SF_INFO info{};
  SNDFILE* file = sf_open(path, SFM_READ, &info);
  if (!file || info.channels != static_cast<int>(kChannels)) return {};
  std::vector<float> samples(static_cast<std::size_t>(info.frames) * kChannels);
  samples.resize(static_cast<std::size_t>(sf_readf_float(file, samples.data(), info.frames)) * kChannels);
  sf_close(file);
  rate = info.samplerate;
  return samples;
}

std::size_t first_sound(const std::vector<float>& samples) {
  const auto at = std::find_if(samples.begin(), samples.end(), [](float x) { return x != 0; });
  return static_cast<std::size_t>(at - samples.begin()) / kChannels;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return std::fprintf(stderr, "same_samples LIVE.raw OFFLINE.wav SECONDS\n"), 2;
  int rate = 0;
  const auto live = read_raw(argv[1]);
  const auto offline = read_wav(argv[2], rate);
  const std::size_t live_start = first_sound(live), offline_start = first_sound(offline);
  const std::size_t live_frames = live.size() / kChannels, offline_frames = offline.size() / kChannels;
  const std::size_t frames = std::min(live_frames - live_start, offline_frames - offline_start);
  std::printf("live sounds from frame %zu of %zu, offline from %zu of %zu: %zu to compare\n", live_start, live_frames, offline_start,
              offline_frames, frames);
  if (static_cast<double>(frames) < std::atof(argv[3]) * rate || rate == 0) return std::printf("too short to say\n"), 1;

  std::size_t different = 0, first = 0;
  float worst = 0;
  for (std::size_t i = 0; i < frames * kChannels; ++i) {
    const float a = live[live_start * kChannels + i], b = offline[offline_start * kChannels + i];
    if (a == b) continue;
    if (different++ == 0) first = i / kChannels;
    worst = std::max(worst, std::abs(a - b));
  }
  if (different == 0) return std::printf("the same, sample for sample\n"), 0;
  std::printf("%zu samples differ, first at frame %zu after the start, by up to %g\n", different, first, static_cast<double>(worst));
  return 1;
}
