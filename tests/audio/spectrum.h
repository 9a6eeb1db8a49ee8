// Spectra for tests: levels of partials, and what is there besides them.
#pragma once

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace hocket::test {

/// In place; the size is a power of two. Source: Cooley, Tukey, "An algorithm for the machine calculation of complex Fourier
/// series", 1965.
void fft(std::span<std::complex<double>>);

/// Power by bin: a full-scale sine on a bin gives 1 there (0 dB).
struct Spectrum {
  double rate = 48000;
  std::size_t size = 0;       ///< samples that went in
  int lobe = 0;               ///< bins on either side over which a partial spreads
  std::vector<double> power;  ///< size / 2 + 1 bins

  double hz(std::size_t bin) const { return static_cast<double>(bin) * rate / static_cast<double>(size); }
  std::size_t bin(double hz) const;
};

enum class Window {
  none,            ///< for signals that repeat exactly in `size` samples: no leakage at all
  blackman_harris  ///< any signal: side lobes at -92 dB. Source: Harris, "On the use of windows for harmonic analysis", 1978
};

/// Of the last power of two of samples.
Spectrum spectrum(std::span<const float>, double rate, Window = Window::blackman_harris);

/// The frequency nearest to `hz` of which an odd number of periods fills `size` samples: Window::none then suits it, and its
/// aliases fall between its harmonics.
double whole_periods(double hz, double rate, std::size_t size);

/// Level of the partial at `hz`, all its bins summed, in dB (0: a full-scale sine).
double partial_db(const Spectrum&, double hz);
/// Level of everything from `low` to `high` Hz.
double band_db(const Spectrum&, double low, double high);

/// What lies away from the harmonics of `freq` (and from 0 Hz) below `up_to` Hz, against the fundamental, in dB: `sum` of it
/// all, and the strongest `partial`.
struct Alias {
  double sum_db = 0;
  double partial_db = 0;
  double partial_hz = 0;
};
Alias alias(const Spectrum&, double freq, double up_to);

/// Harmonics 2 and up below half the rate, against the fundamental: total harmonic distortion, in dB.
double harmonics_db(const Spectrum&, double freq);

/// Gain of a linear system at `hz` from its impulse response, in dB.
double response_db(std::span<const float> impulse_response, double hz, double rate);

}  // namespace hocket::test
