// Plays every instrument of the built-in kit alone: check_kit HOCKET KIT.hk
// Each must be heard at a sensible level, stay below full scale, and fall silent by itself once its event is over.
#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

constexpr double kSeconds = 8;  // the event takes the first, the longest decay five

struct Sound {
  double peak = 0, last_peak = 0;  // of all, and of the last second
  bool finite = true;
};

Sound listen(const std::string& wav) {
  Sound sound;
  SF_INFO info{};
  SNDFILE* file = sf_open(wav.c_str(), SFM_READ, &info);
  if (!file) return sound;
  std::vector<float> samples(static_cast<std::size_t>(info.frames * info.channels));
  sf_readf_float(file, samples.data(), info.frames);
  sf_close(file);
  const auto last_second = samples.size() - static_cast<std::size_t>(info.samplerate * info.channels);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double x = std::abs(static_cast<double>(samples[i]));
    sound.finite = sound.finite && std::isfinite(x);
    sound.peak = std::max(sound.peak, x);
    if (i >= last_second) sound.last_peak = std::max(sound.last_peak, x);
  }
  return sound;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "check_kit HOCKET KIT.hk\n"), 2;
  std::string folder = (std::filesystem::temp_directory_path() / "hocket-kit-XXXXXX").string();
  if (!mkdtemp(folder.data())) return std::perror("mkdtemp"), 2;
  std::ifstream kit(argv[2]);
  int heard = 0, wrong = 0;
  for (std::string line; std::getline(kit, line);) {
    if (!line.starts_with("synth ")) continue;
    const std::string name = line.substr(6, line.find_first_of(" :", 6) - 6);
    if (name == "sampler" || name == "click") continue;  // wants samples; is one frame of full scale
    const std::string program = folder + "/one.hk", wav = folder + "/one.wav";
    std::ofstream(program) << "cps: 0.1\nout: s \"" << name << " ~!9\"\n";
    const std::string command =
        "'" + std::string(argv[1]) + "' render '" + program + "' -o '" + wav + "' --seconds " + std::to_string(kSeconds) + " >/dev/null";
    const bool rendered = std::system(command.c_str()) == 0;
    const Sound sound = listen(wav);
    ++heard;
    if (rendered && sound.finite && sound.peak > 0.3 && sound.peak < 0.97 && sound.last_peak < 1e-4) continue;
    std::printf("%s: rendered %d, finite %d, peak %.3f, %.6f after %g s\n", name.c_str(), rendered, sound.finite, sound.peak,
                sound.last_peak, kSeconds - 1);
    ++wrong;
  }
  std::filesystem::remove_all(folder);
  std::printf("%d instruments, %d wrong\n", heard, wrong);
  return heard > 20 && wrong == 0 ? 0 : 1;
}
