#include "tests/audio/spectrum.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>

namespace hocket::test {
namespace {

constexpr double kTau = 2 * std::numbers::pi;

double window_at(Window window, std::size_t i, std::size_t size) {
  if (window == Window::none) return 1;
  const double x = kTau * static_cast<double>(i) / static_cast<double>(size);
  return 0.35875 - 0.48829 * std::cos(x) + 0.14128 * std::cos(2 * x) - 0.01168 * std::cos(3 * x);
}

double power_db(double power) {
  return 10 * std::log10(power);
}

double power_around(const Spectrum& s, double hz) {
  const auto centre = static_cast<std::ptrdiff_t>(s.bin(hz));
  double sum = 0;
  for (std::ptrdiff_t b = centre - s.lobe; b <= centre + s.lobe; ++b)
    if (b >= 0 && b < static_cast<std::ptrdiff_t>(s.power.size())) sum += s.power[static_cast<std::size_t>(b)];
  return sum;
}

}  // namespace

void fft(std::span<std::complex<double>> x) {
  const std::size_t n = x.size();
  for (std::size_t i = 1, j = 0; i < n; ++i) {
    std::size_t bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(x[i], x[j]);
  }
  for (std::size_t half = 1; half < n; half *= 2) {
    for (std::size_t k = 0; k < half; ++k) {
      const auto turn = std::polar(1., -std::numbers::pi * static_cast<double>(k) / static_cast<double>(half));
      for (std::size_t i = k; i < n; i += 2 * half) {
        const auto odd = turn * x[i + half];
        x[i + half] = x[i] - odd;
        x[i] += odd;
      }
    }
  }
}

std::size_t Spectrum::bin(double hz) const {
  const double b = std::round(hz * static_cast<double>(size) / rate);
  return b <= 0 ? 0 : std::min(static_cast<std::size_t>(b), power.size() - 1);
}

Spectrum spectrum(std::span<const float> x, double rate, Window window) {
  const std::size_t size = std::bit_floor(std::max<std::size_t>(x.size(), 2));
  const std::size_t from = x.size() > size ? x.size() - size : 0;
  std::vector<std::complex<double>> bins(size);
  double squares = 0;  // of the window: powers of a partial's bins then sum to its power
  for (std::size_t i = 0; i < size; ++i) {
    const double w = window_at(window, i, size);
    squares += w * w;
    bins[i] = from + i < x.size() ? w * static_cast<double>(x[from + i]) : 0.;
  }
  fft(bins);
  Spectrum s;
  s.rate = rate;
  s.size = size;
  s.lobe = window == Window::none ? 0 : 4;
  s.power.resize(size / 2 + 1);
  const double scale = 1 / (squares * static_cast<double>(size));
  for (std::size_t b = 0; b < s.power.size(); ++b) s.power[b] = std::norm(bins[b]) * scale * (b == 0 || b == size / 2 ? 2 : 4);
  return s;
}

double whole_periods(double hz, double rate, std::size_t size) {
  const double periods = 2 * std::round((hz * static_cast<double>(size) / rate - 1) / 2) + 1;
  return std::max(1., periods) * rate / static_cast<double>(size);
}

double partial_db(const Spectrum& s, double hz) {
  return power_db(power_around(s, hz));
}

double band_db(const Spectrum& s, double low, double high) {
  double sum = 0;
  for (std::size_t b = s.bin(low); b <= s.bin(high); ++b) sum += s.power[b];
  return power_db(sum);
}

Alias alias(const Spectrum& s, double freq, double up_to) {
  std::vector<bool> harmonic(s.power.size(), false);
  const auto mark = [&](double hz) {
    const auto centre = static_cast<std::ptrdiff_t>(s.bin(hz));
    for (std::ptrdiff_t b = centre - s.lobe; b <= centre + s.lobe; ++b)
      if (b >= 0 && b < static_cast<std::ptrdiff_t>(harmonic.size())) harmonic[static_cast<std::size_t>(b)] = true;
  };
  for (double hz = 0; hz <= s.rate / 2; hz += freq) mark(hz);
  const double fundamental = power_around(s, freq);
  double sum = 0, most = 0, most_hz = 0;
  for (std::size_t b = 1; b < s.power.size() && s.hz(b) <= up_to; ++b) {
    if (harmonic[b]) continue;
    sum += s.power[b];
    if (s.power[b] > most) most = s.power[b], most_hz = s.hz(b);
  }
  return {power_db(sum / fundamental), power_db(most / fundamental), most_hz};
}

double harmonics_db(const Spectrum& s, double freq) {
  double sum = 0;
  for (double hz = 2 * freq; hz < s.rate / 2; hz += freq) sum += power_around(s, hz);
  return power_db(sum / power_around(s, freq));
}

double response_db(std::span<const float> h, double hz, double rate) {
  std::complex<double> sum = 0;
  for (std::size_t i = 0; i < h.size(); ++i) sum += static_cast<double>(h[i]) * std::polar(1., -kTau * hz / rate * static_cast<double>(i));
  return 20 * std::log10(std::abs(sum));
}

}  // namespace hocket::test
