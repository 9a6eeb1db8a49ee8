// Sound in memory, and the plain measures of it: level, peak, offset, zero crossings, onsets.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hocket::test {

using Samples = std::vector<float>;

/// Planar sound; all channels are equally long.
struct Sound {
  double rate = 48000;
  std::vector<Samples> channels;

  std::int64_t frames() const { return channels.empty() ? 0 : static_cast<std::int64_t>(channels[0].size()); }
};

/// Any format that libsndfile reads; throws std::runtime_error where it cannot.
Sound read_sound(const std::string& path);

double rms(std::span<const float>);
double peak(std::span<const float>);
/// The mean.
double offset(std::span<const float>);
/// Changes of sign a second.
double zero_crossings(std::span<const float>, double rate);
/// How many samples are not finite.
std::int64_t non_finite(std::span<const float>);

double to_db(double linear);  ///< -inf for 0
double from_db(double db);

/// RMS of `window` samples around each multiple of `hop`, in dB; at the ends of what there is of the window.
std::vector<double> level_track(std::span<const float>, int window, int hop);

/// First frames of what rises to `threshold` (of the absolute value) after at least `quiet` frames below it.
std::vector<std::int64_t> onsets(std::span<const float>, double threshold, std::int64_t quiet);

/// a - b, as long as the shorter one.
Samples difference(std::span<const float> a, std::span<const float> b);

/// First frame at which the two differ in any bit of their value; -1: nowhere in the length of the shorter.
std::int64_t first_difference(std::span<const float> a, std::span<const float> b);

}  // namespace hocket::test
