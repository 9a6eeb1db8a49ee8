// From the plan's outputs to the device's channels: gains, routes, stems, the master.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>

#include "server/engine/master.h"
#include "server/engine/plan.h"
#include "server/engine/settings.h"

namespace hocket {

inline constexpr int kMaxOutputs = 66;

/// Thread: audio
class Mixer {
 public:
  explicit Mixer(const EngineSettings&);

  /// A new `render` begins: stems are written from their start.
  void begin(int frames) RT;
  /// Mixes one block into out[channel][from..from + block.frames).
  void run(const Plan&, const Block&, float* const* out, int from) RT;
  void reset() RT;

  int latency() const RT { return master_.latency(); }
  std::span<const float> stem(std::uint32_t output, int channel) const;
  const float* peaks() const RT { return peak_; }  ///< of the last `render`

 private:
  void add(const OutputEntry&, const Plan&, const Block&, int stem, int from) RT;
  void write_routed(const Block&, float* const* out, int from) RT;

  struct Freed {
    void operator()(float* x) const { std::free(x); }
  };
  float* stem_at(int output, int channel) const RT {
    return stems_.get() +
           (static_cast<std::size_t>(output) * 2 + static_cast<std::size_t>(channel)) * static_cast<std::size_t>(stem_frames_);
  }

  int channels_, stem_frames_;
  Master master_;
  float main_[2][kMaxBlock];
  float peak_[2] = {0, 0};
  std::unique_ptr<float[]> routed_;  // a block a channel
  std::unique_ptr<float[]> delay_;   // routed channels wait as long as the master does
  std::int64_t routed_until_ = 0;    // frame at which the delay has run empty
  bool any_routed_ = false;
  std::unique_ptr<float, Freed> stems_;
  int rendered_ = 0, outputs_ = 0;
  bool keeps_ = false;
};

}  // namespace hocket
