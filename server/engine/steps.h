// The steps of the main graph. Each `run_…` has the form of Step::run and works on the struct named beside it.
#pragma once

#include <cstdint>
#include <span>

#include "server/engine/node.h"
#include "server/engine/plan.h"

namespace hocket {

/// One kernel of a unit.
struct UnitStep {
  Run run = nullptr;
  void* state = nullptr;
  Memory memory;
  const Wire* in = nullptr;
  float* out[2] = {nullptr, nullptr};
  int outs = 1;
  UnitNode* node = nullptr;
  bool first = true;  ///< of its node's steps: wakes it when it has been muted long enough
};
void run_unit(void*, const Block&, int) RT;

/// How a term comes or goes over a transition. Equal gain for signals that are alike, equal power for those that are not.
enum class Fade : std::uint8_t { none, in, out, in_power, out_power };

struct Term {
  Wire wire[2];
  Fade fade = Fade::none;
  std::int32_t frames = 0;       ///< that the fade lasts
  std::int32_t wait = 0;         ///< frames before it begins
  const bool* silent = nullptr;  ///< where it points to true, the term is all zeros in this block
};

/// The sum of its terms, in order: mixes, crossfades, ramps.
struct BlendStep {
  const Term* terms = nullptr;
  int count = 0;
  float* out[2] = {nullptr, nullptr};
  int outs = 1;
};
void run_blend(void*, const Block&, int) RT;

struct HoldStep {
  HoldNode* node = nullptr;
  float* out = nullptr;
  bool steps = false;  ///< to the value of another pattern at once, where it would glide
};
void run_hold(void*, const Block&, int) RT;

struct CurveStep {
  CurveNode* node = nullptr;
  float* out = nullptr;
  bool steps = false;  ///< as a hold's
};
void run_curve(void*, const Block&, int) RT;

struct GateStep {
  GateNode* node = nullptr;
  float* out = nullptr;
};
void run_gate(void*, const Block&, int) RT;

struct InputStep {
  int channel = 0;  ///< from 0
  float* out = nullptr;
};
void run_input(void*, const Block&, int) RT;

/// Reads and writes the same ring; the plan puts the write after the read.
struct LateStep {
  LateNode* node = nullptr;
  float* out[2] = {nullptr, nullptr};
  Wire in[2];
  int channels = 1;
};
void run_late_read(void*, const Block&, int) RT;
void run_late_write(void*, const Block&, int) RT;

/// Watches the end of a node that rings out.
struct TailStep {
  UnitNode* node = nullptr;
  Wire in[2];
  int channels = 1;
  std::int64_t quiet_frames = 0;  ///< below -100 dB for so long: silent
  std::int64_t most_frames = 0;   ///< after so long: overdue
};
void run_tail(void*, const Block&, int) RT;

/// Gain of a fade `i` frames after it began.
float fade_gain(Fade, std::int64_t i, std::int32_t frames) RT;
bool all_finite(const float*, int count) RT;
/// sin(x * pi / 2) for x in [0, 1], to 1e-9, the same on every machine.
double sine_of_quarter(double x) RT;

}  // namespace hocket
