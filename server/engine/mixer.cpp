#include "server/engine/mixer.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "server/engine/peak.h"
#include "server/engine/steps.h"

namespace hocket {

Mixer::Mixer(const EngineSettings& settings)
    : channels_(settings.channels), stem_frames_(std::max(0, settings.stem_frames)), master_(settings.rate) {
  const auto channels = static_cast<std::size_t>(channels_);
  routed_ = std::make_unique<float[]>(channels * kMaxBlock);
  delay_ = std::make_unique<float[]>(channels * static_cast<std::size_t>(master_.latency()));
  // Untouched pages cost nothing: live, no stem is read, and few are written.
  stems_.reset(static_cast<float*>(std::calloc(kMaxOutputs * 2 * static_cast<std::size_t>(stem_frames_) + 1, sizeof(float))));
}

void Mixer::begin(int frames) RT {
  keeps_ = frames <= stem_frames_;
  rendered_ = keeps_ ? frames : 0;
  outputs_ = 0;
  peak_[0] = peak_[1] = 0;
}

void Mixer::reset() RT {
  master_.reset();
  std::memset(delay_.get(), 0, static_cast<std::size_t>(channels_ * master_.latency()) * sizeof(float));
}

void Mixer::add(const OutputEntry& entry, const Plan& plan, const Block& block, int stem, int from) RT {
  const int frames = block.frames;
  const bool routed = entry.hardware[0] >= 0 || entry.hardware[1] >= 0;
  const bool ramps = entry.from != entry.to && block.since < plan.ramp_frames;
  float gain[kMaxBlock];
  for (int i = 0; ramps && i < frames; ++i)
    gain[i] = entry.from + (entry.to - entry.from) * fade_gain(Fade::in, block.since + i, plan.ramp_frames);
  for (int c = 0; c < 2; ++c) {
    float x[kMaxBlock];
    const Wire in = entry.in[c];
    if (in.step == 1 && !ramps) {
      for (int i = 0; i < frames; ++i) x[i] = in.at[i] * entry.to;
    } else {
      for (int i = 0; i < frames; ++i) x[i] = in.at[i * in.step] * (ramps ? gain[i] : entry.to);
    }
    if (keeps_ && stem < kMaxOutputs) {
      float* const to = stem_at(stem, c) + from;
      if (entry.stem)
        std::memcpy(to, x, static_cast<std::size_t>(frames) * sizeof(float));
      else
        for (int i = 0; i < frames; ++i) to[i] += x[i];
    }
    if (!routed) {
      for (int i = 0; i < frames; ++i) main_[c][i] += x[i];
    } else if (entry.hardware[c] >= 0 && entry.hardware[c] < channels_) {
      float* const to = routed_.get() + entry.hardware[c] * kMaxBlock;
      for (int i = 0; i < frames; ++i) to[i] += x[i];
      any_routed_ = true;
    }
  }
}

void Mixer::write_routed(const Block& block, float* const* out, int from) RT {
  const int latency = master_.latency();
  for (int c = 0; c < channels_; ++c) {
    float* const ring = delay_.get() + c * latency;
    const float* const in = routed_.get() + c * kMaxBlock;
    for (int i = 0; i < block.frames; ++i) {
      float& slot = ring[(block.clock.frame + i) % latency];
      const float x = out[c][from + i] + (std::isfinite(slot) ? slot : 0.F);
      out[c][from + i] = std::clamp(x, -1.F, 1.F);
      slot = any_routed_ ? in[i] : 0.F;
    }
  }
}

void Mixer::run(const Plan& plan, const Block& block, float* const* out, int from) RT {
  const int frames = block.frames;
  const auto bytes = static_cast<std::size_t>(frames) * sizeof(float);
  if (any_routed_)
    for (int c = 0; c < channels_; ++c) std::memset(routed_.get() + c * kMaxBlock, 0, sizeof(float) * kMaxBlock);
  any_routed_ = false;
  for (auto& channel : main_) std::memset(channel, 0, bytes);
  int stem = -1;
  for (const OutputEntry& entry : plan.outputs) {
    if (entry.stem) ++stem;
    add(entry, plan, block, stem, from);
  }
  for (int o = stem + 1; keeps_ && o < outputs_; ++o)  // the output went in the middle of a render
    for (int c = 0; c < 2; ++c) std::memset(stem_at(o, c) + from, 0, bytes);
  for (int o = outputs_; keeps_ && o <= std::min(stem, kMaxOutputs - 1); ++o)  // or came
    for (int c = 0; c < 2; ++c) std::memset(stem_at(o, c), 0, static_cast<std::size_t>(from) * sizeof(float));
  outputs_ = std::max(outputs_, std::min(stem + 1, kMaxOutputs));

  master_.run(main_[0], main_[1], frames);
  for (int c = 0; c < 2; ++c) peak_[c] = std::max(peak_[c], peak(main_[c], frames));
  for (int c = 0; c < channels_; ++c) {
    if (c >= 2) {
      std::memset(out[c] + from, 0, bytes);
    } else if (channels_ == 1) {
      for (int i = 0; i < frames; ++i) out[0][from + i] = 0.5F * (main_[0][i] + main_[1][i]);
    } else {
      std::memcpy(out[c] + from, main_[c], bytes);
    }
  }
  if (any_routed_) routed_until_ = block.clock.frame + frames + master_.latency();
  if (block.clock.frame < routed_until_) write_routed(block, out, from);
}

std::span<const float> Mixer::stem(std::uint32_t output, int channel) const {
  if (!keeps_ || static_cast<int>(output) >= outputs_ || channel < 0 || channel > 1) return {};
  return {stem_at(static_cast<int>(output), channel), static_cast<std::size_t>(rendered_)};
}

}  // namespace hocket
