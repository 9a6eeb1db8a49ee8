// What a sound is made of: magnitudes by frequency, for the tests of quality.
#pragma once

#include <cmath>
#include <complex>
#include <vector>

namespace hocket::test {

inline constexpr double kPi = 3.14159265358979323846;

inline double db(double x) {
  return 20 * std::log10(std::max(x, 1e-12));
}

/// In place, size a power of two.
inline void fft(std::vector<std::complex<double>>& x) {
  const std::size_t n = x.size();
  for (std::size_t i = 1, j = 0; i < n; ++i) {
    std::size_t bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(x[i], x[j]);
  }
  for (std::size_t len = 2; len <= n; len *= 2) {
    const std::complex<double> turn = std::polar(1.0, -2 * kPi / static_cast<double>(len));
    for (std::size_t i = 0; i < n; i += len) {
      std::complex<double> w = 1;
      for (std::size_t k = 0; k < len / 2; ++k, w *= turn) {
        const std::complex<double> a = x[i + k], b = x[i + k + len / 2] * w;
        x[i + k] = a + b;
        x[i + k + len / 2] = a - b;
      }
    }
  }
}

/// Amplitudes of the sines in x, a bin each, seen through a Blackman-Harris window (side lobes -92 dB, main lobe 4 bins either way).
/// x is cut to a power of two.
inline std::vector<double> spectrum(const std::vector<float>& x) {
  std::size_t n = 1;
  while (n * 2 <= x.size()) n *= 2;
  std::vector<std::complex<double>> y(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double p = 2 * kPi * static_cast<double>(i) / static_cast<double>(n);
    const double window = 0.35875 - 0.48829 * std::cos(p) + 0.14128 * std::cos(2 * p) - 0.01168 * std::cos(3 * p);
    y[i] = window * static_cast<double>(x[i]);
  }
  fft(y);
  std::vector<double> amplitude(n / 2);
  for (std::size_t i = 0; i < n / 2; ++i) amplitude[i] = 2 * std::abs(y[i]) / (0.35875 * static_cast<double>(n));
  return amplitude;
}

/// The amplitude of one frequency in x, whole cycles of it assumed.
inline double amplitude_at(const std::vector<float>& x, double cycles_per_frame, std::size_t from = 0) {
  std::complex<double> sum = 0;
  for (std::size_t i = from; i < x.size(); ++i)
    sum += static_cast<double>(x[i]) * std::polar(1.0, -2 * kPi * cycles_per_frame * static_cast<double>(i));
  return 2 * std::abs(sum) / static_cast<double>(x.size() - from);
}

}  // namespace hocket::test
