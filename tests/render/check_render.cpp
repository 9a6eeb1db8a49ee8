// Renders a program and listens to the result: check_render HOCKET PROGRAM SECONDS [PEAK]
// It must render without a word on the error stream, be finite, audible on both sides, centred, and stay below PEAK (1).
#include <sndfile.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

struct Channel {
  double peak = 0, sum = 0, squares = 0;
  bool finite = true;
};

std::string quoted(const std::string& path) {
  return "'" + path + "'";
}

std::string text_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return std::fprintf(stderr, "check_render HOCKET PROGRAM SECONDS [PEAK]\n"), 2;
  const double seconds = std::atof(argv[3]);
  const double ceiling = argc > 4 ? std::atof(argv[4]) : 1;
  std::string folder = (std::filesystem::temp_directory_path() / "hocket-render-XXXXXX").string();
  if (!mkdtemp(folder.data())) return std::perror("mkdtemp"), 2;
  const std::string wav = folder + "/out.wav", errors = folder + "/errors.txt";
  const std::string command =
      quoted(argv[1]) + " render " + quoted(argv[2]) + " -o " + quoted(wav) + " --seconds " + argv[3] + " 2>" + quoted(errors);
  const int status = std::system(command.c_str());
  const std::string said = text_of(errors);

  SF_INFO info{};
  SNDFILE* file = sf_open(wav.c_str(), SFM_READ, &info);
  std::vector<float> samples(file ? static_cast<std::size_t>(info.frames * info.channels) : 0);
  if (file) sf_readf_float(file, samples.data(), info.frames);
  if (file) sf_close(file);
  std::filesystem::remove_all(folder);

  std::array<Channel, 2> sides;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    Channel& side = sides[i % 2];
    const double x = samples[i];
    side.finite = side.finite && std::isfinite(x);
    side.peak = std::max(side.peak, std::abs(x));
    side.sum += x;
    side.squares += x * x;
  }
  const double frames = static_cast<double>(samples.size()) / 2;
  std::vector<std::string> wrong;
  if (status != 0) wrong.push_back("`hocket render` failed");
  if (!said.empty()) wrong.push_back("it printed to the error stream: " + said);
  if (info.channels != 2) wrong.push_back("it is not stereo");
  if (std::abs(frames - seconds * info.samplerate) > 1) wrong.push_back("it is not as long as was asked for");
  for (std::size_t i = 0; i < 2; ++i) {
    const Channel& side = sides[i];
    const std::string name = i == 0 ? "left" : "right";
    const double level_db = 10 * std::log10(side.squares / frames + 1e-30);
    std::printf("%s: peak %.3f, level %.1f dB\n", name.c_str(), side.peak, level_db);
    if (!side.finite) wrong.push_back(name + " holds something that is not a number");
    if (!(level_db > -50)) wrong.push_back(name + " is silent or nearly so");
    if (!(side.peak < ceiling)) wrong.push_back(name + " peaks at or above " + std::to_string(ceiling));
    if (!(std::abs(side.sum / frames) < 0.01)) wrong.push_back(name + " is off centre");
  }
  for (const std::string& sentence : wrong) std::printf("wrong: %s\n", sentence.c_str());
  return wrong.empty() ? 0 : 1;
}
