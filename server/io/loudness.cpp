#include "server/io/loudness.h"

#include <ebur128.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace hocket {

struct LoudnessMeter::State {
  ebur128_state* meter = nullptr;
  int channels = 2;
  double peak = 0;
  ~State() {
    if (meter) ebur128_destroy(&meter);
  }
};

LoudnessMeter::LoudnessMeter(int channels, double rate) : state_(std::make_unique<State>()) {
  state_->channels = channels;
  state_->meter = ebur128_init(static_cast<unsigned>(channels), static_cast<unsigned long>(std::lround(rate)), EBUR128_MODE_I);
}
LoudnessMeter::~LoudnessMeter() = default;
LoudnessMeter::LoudnessMeter(LoudnessMeter&&) noexcept = default;
LoudnessMeter& LoudnessMeter::operator=(LoudnessMeter&&) noexcept = default;

void LoudnessMeter::add(std::span<const float> interleaved) {
  for (const float x : interleaved) state_->peak = std::max(state_->peak, std::fabs(static_cast<double>(x)));
  if (state_->meter)
    ebur128_add_frames_float(state_->meter, interleaved.data(), interleaved.size() / static_cast<std::size_t>(state_->channels));
}

Loudness LoudnessMeter::result() const {
  Loudness loudness{state_->peak, -std::numeric_limits<double>::infinity()};
  if (state_->meter) ebur128_loudness_global(state_->meter, &loudness.integrated);
  return loudness;
}

}  // namespace hocket
