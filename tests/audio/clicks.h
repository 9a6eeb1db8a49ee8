// The click detector: where a signal does not go on as it went, against the programme's own level.
//
// Method. Music is locally predictable: over some twenty milliseconds an all-pole model of order 32, fitted anew every 256
// frames by the autocorrelation method, foretells the next sample from the last 32. The prediction residual of a click stands
// out of the residual around it. A candidate is a frame whose residual is `prominence_db` above the highest residuals that are
// usual on either side of it (the median of the maxima of 20 ms blocks, left and right apart, the higher counts), so that the
// edges of a saw, which are unpredictable too but come again, are the programme's own. The level of a click is the prediction's
// error in its first frame against the programme's level: the RMS within half a second on either side, times the root of two
// (a sine's peak), at least 30 dB below that of the whole. For a *step* (the signal jumps and goes on from there: cuts, phase
// jumps, gaps) and a *spike* (one sample is off) that is the height, for a *corner* (the slope jumps: a linear ramp's end) the
// slope a frame. What the signal does for a millisecond more, against what the model would have made of the past, tells which
// of them it is, as far as can be told: on high tones a corner may read as a step.
//
// Limits. A click below the programme's own unpredictable part is not found, nor heard: in white noise what stands less than
// about 20 dB above the RMS, in a saw what is smaller than its edges' residual. What music does on purpose, the attack of a
// percussive note, is a click by any measure of the signal alone: hand over `references` that hold the same attack (the old
// programme going on, the new one by itself), or the frames of the onsets. A corner has, some kilohertz up, the spectrum of a
// step of its slope: a linear fade of 15 ms from full level is a corner of -57 dB, a smooth one none. Frames next to the ends
// (32 at the beginning) are not judged.
//
// Sources: Vaseghi, "Advanced Digital Signal Processing and Noise Reduction", 4th edition, 2008, chapter 13 (impulsive noise:
// detection on the residual of linear prediction); Godsill and Rayner, "Digital Audio Restoration", 1998, chapter 5; Makhoul,
// "Linear prediction: a tutorial review", 1975 (autocorrelation method, Levinson's recursion).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tests/audio/signal.h"

namespace hocket::test {

/// e[i] = x[i] minus its prediction from the 32 samples before it.
Samples prediction_residual(std::span<const float>);

struct Click {
  enum class Kind { step, spike, corner };
  std::int64_t frame = 0;
  Kind kind = Kind::step;
  double level_db = 0;       ///< height (corner: slope a frame) against the programme's level
  double prominence_db = 0;  ///< residual against the usual residual around it
};
const char* to_string(Click::Kind);

struct ClickLimits {
  double rate = 48000;
  double level_db = -60;      ///< steps and spikes above this are clicks
  double corner_db = -50;     ///< corners above this are
  double prominence_db = 12;  ///< measured: the highest of ten minutes of pink and white noise stays below 9
  double reference_db = -6;   ///< a reference's residual this much below the candidate's excuses it
  std::int64_t apart = 96;    ///< frames: what is nearer to a reference's residual, an onset or another click belongs to it
};

/// What the music does by itself.
struct Expected {
  std::vector<std::span<const float>> references;  ///< in step with the signal
  std::vector<std::span<const float>> residuals;   ///< of further references, where they are known already
  std::vector<std::int64_t> onsets;                ///< frames
  std::span<const float> programme;                ///< levels are measured against it; empty: against the signal itself
};

/// In the order of their frames.
std::vector<Click> find_clicks(std::span<const float>, const ClickLimits& = {}, const Expected& = {});

/// A run of (near) silence in the middle of sound.
struct Gap {
  std::int64_t frame = 0;
  std::int64_t frames = 0;
};

/// Runs of at least `frames` frames that stay 80 dB below the level within 20 ms on both sides. A rest of `references` that
/// covers the run, all but fewer frames than make a gap, excuses it.
std::vector<Gap> find_gaps(std::span<const float>, std::int64_t frames = 16, const ClickLimits& = {}, const Expected& = {});

}  // namespace hocket::test
