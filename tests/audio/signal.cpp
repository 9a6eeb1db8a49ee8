#include "tests/audio/signal.h"

#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace hocket::test {

Sound read_sound(const std::string& path) {
  SF_INFO info{};
  SNDFILE* file = sf_open(path.c_str(), SFM_READ, &info);
  if (!file) throw std::runtime_error(path + ": " + sf_strerror(nullptr));
  Samples all(static_cast<std::size_t>(info.frames) * static_cast<std::size_t>(info.channels));
  const sf_count_t got = sf_readf_float(file, all.data(), info.frames);
  sf_close(file);
  Sound sound;
  sound.rate = info.samplerate;
  sound.channels.assign(static_cast<std::size_t>(info.channels), Samples(static_cast<std::size_t>(got)));
  for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i)
    for (std::size_t c = 0; c < sound.channels.size(); ++c) sound.channels[c][i] = all[i * sound.channels.size() + c];
  return sound;
}

double rms(std::span<const float> x) {
  if (x.empty()) return 0;
  double sum = 0;
  for (const float v : x) sum += static_cast<double>(v) * v;
  return std::sqrt(sum / static_cast<double>(x.size()));
}

double peak(std::span<const float> x) {
  double most = 0;
  for (const float v : x) most = std::max(most, std::abs(static_cast<double>(v)));
  return most;
}

double offset(std::span<const float> x) {
  double sum = 0;
  for (const float v : x) sum += v;
  return x.empty() ? 0 : sum / static_cast<double>(x.size());
}

double zero_crossings(std::span<const float> x, double rate) {
  std::int64_t count = 0;
  for (std::size_t i = 1; i < x.size(); ++i) count += (x[i] < 0) != (x[i - 1] < 0);
  return x.size() < 2 ? 0 : static_cast<double>(count) * rate / static_cast<double>(x.size() - 1);
}

std::int64_t non_finite(std::span<const float> x) {
  return std::count_if(x.begin(), x.end(), [](float v) { return !std::isfinite(v); });
}

double to_db(double linear) {
  return 20 * std::log10(linear);
}

double from_db(double db) {
  return std::pow(10., db / 20);
}

std::vector<double> level_track(std::span<const float> x, int window, int hop) {
  std::vector<double> track;
  const auto frames = static_cast<std::int64_t>(x.size());
  for (std::int64_t at = 0; at < frames; at += hop) {
    const std::int64_t from = std::max<std::int64_t>(0, at - window / 2), to = std::min(frames, at + window - window / 2);
    track.push_back(to_db(rms(x.subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)))));
  }
  return track;
}

std::vector<std::int64_t> onsets(std::span<const float> x, double threshold, std::int64_t quiet) {
  std::vector<std::int64_t> found;
  std::int64_t below = quiet;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::abs(static_cast<double>(x[i])) < threshold) {
      ++below;
      continue;
    }
    if (below >= quiet) found.push_back(static_cast<std::int64_t>(i));
    below = 0;
  }
  return found;
}

Samples difference(std::span<const float> a, std::span<const float> b) {
  Samples d(std::min(a.size(), b.size()));
  for (std::size_t i = 0; i < d.size(); ++i) d[i] = a[i] - b[i];
  return d;
}

std::int64_t first_difference(std::span<const float> a, std::span<const float> b) {
  const std::size_t frames = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < frames; ++i)
    if (!(a[i] == b[i])) return static_cast<std::int64_t>(i);
  return -1;
}

}  // namespace hocket::test
