// Known signals for the kit's own tests: music-like programmes, and ways to damage them.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <numbers>

#include "tests/audio/signal.h"

namespace hocket::test {

inline constexpr double kRate = 48000;

inline Samples make(std::int64_t frames, const std::function<double(double)>& of_time) {
  Samples x(static_cast<std::size_t>(frames));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(of_time(static_cast<double>(i) / kRate));
  return x;
}

inline double sine(double freq, double t, double phase = 0) {
  return std::sin(2 * std::numbers::pi * (freq * t + phase));
}

/// Four sines that share no period.
inline Samples chord(std::int64_t frames, double tune = 1) {
  return make(frames, [=](double t) {
    return 0.2 * (sine(tune * 220, t) + sine(tune * 277.18, t, 0.3) + sine(tune * 329.63, t, 0.1) + sine(tune * 1318.5, t, 0.7));
  });
}

/// A saw of `freq`, all its partials below 16 kHz, as low-passes of 24 dB an octave from 1 kHz leave them.
inline Samples dark_saw(std::int64_t frames, double freq) {
  return make(frames, [=](double t) {
    double sum = 0;
    for (int k = 1; k * freq < 16000; ++k) sum += sine(k * freq, t) / k / (1 + std::pow(k * freq / 1000, 4));
    return 0.4 * sum;
  });
}

/// White noise, -1..1, the same each time. Source: Marsaglia, "Xorshift RNGs", 2003.
inline Samples noise(std::int64_t frames, double gain, std::uint32_t seed = 1) {
  Samples x(static_cast<std::size_t>(frames));
  for (float& v : x) {
    seed ^= seed << 13, seed ^= seed >> 17, seed ^= seed << 5;
    v = static_cast<float>(gain * (seed / 2147483648. - 1));
  }
  return x;
}

/// Blips of a decaying sine, one each quarter of a second, with an attack of `attack` seconds.
inline Samples blips(std::int64_t frames, double attack) {
  return make(frames, [=](double t) {
    const double u = std::fmod(t + 0.11, 0.25);
    return 0.5 * sine(523, u) * std::min(1., u / attack) * std::exp(-18 * u);
  });
}

inline Samples sum(const Samples& a, const Samples& b) {
  Samples x(a);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += b[i];
  return x;
}

/// How far a fade has come, 0..1: smooth at both ends, or linear.
inline double smooth(double t) {
  t = t < 0 ? 0 : t > 1 ? 1 : t;
  return t * t * (3 - 2 * t);
}
inline double linear(double t) {
  return t < 0 ? 0 : t > 1 ? 1 : t;
}

/// From `a` to `b` at `at`, over `frames`.
inline Samples crossfade(const Samples& a, const Samples& b, std::int64_t at, double frames, double (*shape)(double)) {
  Samples x(a);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double w = shape(static_cast<double>(static_cast<std::int64_t>(i) - at) / frames);
    x[i] = static_cast<float>((1 - w) * static_cast<double>(a[i]) + w * static_cast<double>(b[i]));
  }
  return x;
}

}  // namespace hocket::test
