// Short-time linear prediction: what the next sample would be if all went on as it does.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tests/audio/signal.h"

namespace hocket::test {

/// All-pole models of a signal, one for each kHop frames, fitted to the kWindow frames around them (Hann window,
/// autocorrelation method). Each frame is foretold by three: that of its own hop, and those of a window before and after it; the
/// nearest counts, so that the neighbours of a click do not suffer from a model that the click has spoilt. Sources: see clicks.h.
class Prediction {
 public:
  static constexpr int kOrder = 32, kHop = 256, kWindow = 1024;

  /// Reads `x` as long as it lives.
  explicit Prediction(std::span<const float> x);

  /// e[i] = x[i] minus its prediction; 0 for the first kOrder frames.
  const Samples& residual() const { return residual_; }

  /// What x holds, from `frame` on, besides what the model made of the frames before it would have gone on to give.
  std::vector<double> departure(std::int64_t frame, int frames) const;

 private:
  void fit_models();
  std::span<const double> model(std::int64_t hop) const;
  double error(std::span<const double> model, std::int64_t frame) const;
  void errors(std::span<const double> model, std::int64_t from, std::span<double>) const;

  std::span<const float> x_;
  std::int64_t hops_ = 0;
  std::vector<double> models_;  // kOrder coefficients each
  Samples residual_;
};

}  // namespace hocket::test
