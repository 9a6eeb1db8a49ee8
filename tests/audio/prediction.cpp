#include "tests/audio/prediction.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace hocket::test {
namespace {

constexpr int kOrder = Prediction::kOrder, kWindow = Prediction::kWindow;
constexpr int kAway = 3;  // hops: that model's window holds nothing of this hop

const std::array<double, kWindow>& hann() {
  static const auto window = [] {
    std::array<double, kWindow> w{};
    for (int i = 0; i < kWindow; ++i) w[i] = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * (i + 0.5) / kWindow);
    return w;
  }();
  return window;
}

// Levinson's recursion; `a` foretells x[n] as the sum of a[k] x[n-1-k].
void fit(std::span<const double, kOrder + 1> correlation, std::span<double> a) {
  std::fill(a.begin(), a.end(), 0.);
  // A little white noise: without it a pure tone is foretold by huge coefficients, which blow rounding errors up.
  double error = correlation[0] * (1 + 1e-9);
  for (int m = 0; m < kOrder && error > 1e-30; ++m) {
    double sum = correlation[m + 1];
    for (int k = 0; k < m; ++k) sum -= a[k] * correlation[m - k];
    const double reflection = sum / error;
    std::array<double, kOrder> before{};
    std::copy(a.begin(), a.begin() + m, before.begin());
    for (int k = 0; k < m; ++k) a[k] = before[k] - reflection * before[m - 1 - k];
    a[m] = reflection;
    error *= 1 - reflection * reflection;
  }
}

}  // namespace

void Prediction::fit_models() {
  const auto frames = static_cast<std::int64_t>(x_.size());
  std::array<double, kWindow> part{};
  std::array<double, kWindow + kOrder> past{};  // `part` backwards, zeros before its beginning
  std::array<double, kOrder + 1> correlation{};
  for (std::int64_t hop = 0; hop < hops_; ++hop) {
    // Windows stay inside: a signal's end is not a cut in it.
    const std::int64_t from = std::max<std::int64_t>(0, std::min(hop * kHop + kHop / 2 - kWindow / 2, frames - kWindow));
    for (int i = 0; i < kWindow; ++i)
      part[i] = from + i < frames ? hann()[i] * static_cast<double>(x_[static_cast<std::size_t>(from + i)]) : 0.;
    // All lags at once, so that the loop inside has no sum to wait for.
    correlation.fill(0);
    for (int i = 0; i < kWindow; ++i) {
      past[kWindow - 1 - i] = part[i];
      for (int lag = 0; lag <= kOrder; ++lag) correlation[lag] += part[i] * past[kWindow - 1 - i + lag];
    }
    fit(correlation, std::span(models_).subspan(static_cast<std::size_t>(hop) * kOrder, kOrder));
  }
}

Prediction::Prediction(std::span<const float> x) : x_(x), residual_(x.size(), 0.F) {
  const auto frames = static_cast<std::int64_t>(x.size());
  hops_ = (frames + kHop - 1) / kHop;
  models_.resize(static_cast<std::size_t>(hops_) * kOrder);
  fit_models();
  for (std::int64_t hop = 0; hop < hops_; ++hop) {
    const std::int64_t from = std::max<std::int64_t>(kOrder, hop * kHop), count = std::min(frames, (hop + 1) * kHop) - from;
    std::array<double, kHop> nearest{}, e{};
    for (const int away : {0, -kAway, kAway}) {
      errors(model(hop + away), from, std::span(e).first(static_cast<std::size_t>(std::max<std::int64_t>(0, count))));
      for (std::int64_t i = 0; i < count; ++i) {
        const auto at = static_cast<std::size_t>(i);
        if (away == 0 || std::abs(e[at]) < std::abs(nearest[at])) nearest[at] = e[at];
      }
    }
    for (std::int64_t i = 0; i < count; ++i)
      residual_[static_cast<std::size_t>(from + i)] = static_cast<float>(nearest[static_cast<std::size_t>(i)]);
  }
}

std::span<const double> Prediction::model(std::int64_t hop) const {
  return std::span(models_).subspan(static_cast<std::size_t>(std::clamp<std::int64_t>(hop, 0, hops_ - 1)) * kOrder, kOrder);
}

double Prediction::error(std::span<const double> model, std::int64_t frame) const {
  double e = x_[static_cast<std::size_t>(frame)];
  for (int k = 0; k < kOrder; ++k) e -= model[k] * static_cast<double>(x_[static_cast<std::size_t>(frame - 1 - k)]);
  return e;
}

// One coefficient after the other over all frames: no frame waits for its own sum.
void Prediction::errors(std::span<const double> model, std::int64_t from, std::span<double> e) const {
  const auto x = x_.subspan(static_cast<std::size_t>(from) - kOrder);
  for (std::size_t i = 0; i < e.size(); ++i) e[i] = x[i + kOrder];
  for (std::size_t k = 0; k < kOrder; ++k)
    for (std::size_t i = 0; i < e.size(); ++i) e[i] -= model[k] * static_cast<double>(x[i + kOrder - 1 - k]);
}

std::vector<double> Prediction::departure(std::int64_t frame, int frames) const {
  const auto a = model(frame / kHop - kAway);
  std::vector<double> e;
  for (int i = 0; i < frames && frame + i < static_cast<std::int64_t>(x_.size()); ++i) {
    double v = error(a, frame + i);
    for (int k = 0; k < std::min(i, kOrder); ++k) v += a[k] * e[static_cast<std::size_t>(i - 1 - k)];
    e.push_back(v);
  }
  return e;
}

}  // namespace hocket::test
