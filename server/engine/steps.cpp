#include "server/engine/steps.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "server/engine/peak.h"

namespace hocket {

namespace {

using Bits4 [[gnu::vector_size(16)]] = std::uint32_t;

constexpr float kQuiet = 1e-5F;  // -100 dB
constexpr float kMuted_s = 0.1F;
constexpr float kGlide_s = 0.01F;

void fill(float* out, int frames, float x) RT {
  for (int i = 0; i < frames; ++i) out[i] = x;
}

// -0 becomes 0, so that it makes no difference whether a sum begins with a term that is silent.
void copy(float* __restrict out, Wire in, int frames) RT {
  if (in.step == 0) return fill(out, frames, *in.at + 0.F);
  const float* __restrict x = in.at;
  for (int i = 0; i < frames; ++i) out[i] = x[i] + 0.F;
}

void add(float* __restrict out, Wire in, int frames) RT {
  if (in.step == 0) {
    const float x = *in.at;
    for (int i = 0; i < frames; ++i) out[i] += x;
  } else {
    const float* __restrict x = in.at;
    for (int i = 0; i < frames; ++i) out[i] += x[i];
  }
}

// Four signals onto a sum, one after the other: the sum is read and written once.
void add_four(float* __restrict out, const Term* const* terms, int channel, int frames) RT {
  const float* __restrict const a = terms[0]->wire[channel].at;
  const float* __restrict const b = terms[1]->wire[channel].at;
  const float* __restrict const c = terms[2]->wire[channel].at;
  const float* __restrict const d = terms[3]->wire[channel].at;
  for (int i = 0; i < frames; ++i) out[i] = (((out[i] + a[i]) + b[i]) + c[i]) + d[i];
}

bool is_plain_signal(const Term& term) RT {
  return term.fade == Fade::none && term.wire[0].step == 1 && term.wire[1].step == 1;
}

// The first term of a blend overwrites, the others add.
void put(float* __restrict out, Wire in, const float* __restrict gain, int frames, bool first) RT {
  for (int i = 0; i < frames; ++i) {
    const float x = in.at[i * in.step] * gain[i];
    out[i] = first ? x + 0.F : out[i] + x;
  }
}

void mute(const UnitStep& step, const Block& block) RT {
  for (int c = 0; c < step.outs; ++c) fill(step.out[c], block.frames, 0);
}

}  // namespace

void reset_state(UnitNode& node) RT {
  const auto cells = node.kernel.state_bytes / 4;
  for (int c = 0; c < node.states; ++c) {
    if (cells > 0) std::memset(node.state[c], 0, cells * 4U);
    if (node.kernel.seed_offset >= 0) std::memcpy(static_cast<char*>(node.state[c]) + node.kernel.seed_offset, &node.seed[c], 4);
  }
}

void fault(UnitNode& node, const Block& block) RT {
  reset_state(node);
  node.muted_until = block.clock.frame + static_cast<std::int64_t>(kMuted_s * block.clock.rate);
  node.faulty.store(true, std::memory_order_relaxed);
  block.faults->fetch_add(1, std::memory_order_relaxed);
}

bool keeps_muted(UnitNode& node, const Block& block) RT {
  if (node.muted_until == UnitNode::kAlways) return false;
  if (block.clock.frame < node.muted_until) return true;
  node.muted_until = UnitNode::kAlways;
  node.valid_from = node.memory[0].frames > 0 ? kNever : UnitNode::kAlways;
  return false;
}

float memory_age(UnitNode& node, const Block& block) RT {
  constexpr std::int64_t kOld = 1 << 24;
  if (node.valid_from == UnitNode::kAlways) return static_cast<float>(kOld);
  if (node.valid_from == kNever) node.valid_from = block.clock.frame;
  const auto age = block.clock.frame - node.valid_from;
  if (age >= node.memory[0].frames) node.valid_from = UnitNode::kAlways;
  return static_cast<float>(std::min(kOld, age));
}

float Glide::at(std::int64_t frame, const Clock& clock) const RT {
  return rest == 0 ? 0 : rest * fade_gain(Fade::out, frame - from, static_cast<std::int32_t>(kGlide_s * clock.rate));
}

void retime(GateNode& node, const TransportAnchor& anchor, std::int64_t now, Position to, Position from) RT {
  for (int h = 0; h < node.count; ++h) {
    GateNode::Held& held = node.held[h];
    if (held.until.den <= 0 || held.off <= now) continue;
    held.until = shifted(held.until, to, from);
    held.off = std::max(now, frame_at(anchor, held.until) + held.nudge);
  }
}

void retime(CurveNode& node, const TransportAnchor& anchor, Position to, Position from) RT {
  if (node.at.den <= 0 || node.until.den <= 0) return;
  node.at = shifted(node.at, to, from);
  node.until = shifted(node.until, to, from);
  node.from = frame_at(anchor, node.at);
  node.to = frame_at(anchor, node.until);
}

bool all_finite(const float* x, int count) RT {
  constexpr int kAtOnce = 16;
  // Beyond the largest number the sign bit shows.
  const auto shown = [](Magnitudes m) RT { return __builtin_bit_cast(Bits4, m) + (0x80000000U - static_cast<std::uint32_t>(kNotFinite)); };
  Bits4 bad = {};
  int i = 0;
  for (; i + kAtOnce <= count; i += kAtOnce) {
    Floats some[kAtOnce / 4];
    std::memcpy(some, x + i, sizeof some);
    bad |= (shown(magnitude(some[0])) | shown(magnitude(some[1]))) | (shown(magnitude(some[2])) | shown(magnitude(some[3])));
  }
  for (; i < count; ++i) bad |= shown(magnitude(Floats{x[i], 0, 0, 0}));
  return ((bad[0] | bad[1] | bad[2] | bad[3]) >> 31) == 0;
}

double sine_of_quarter(double x) RT {
  const double a = x * 1.5707963267948966, b = a * a;
  return a * (1 + b * (-1. / 6 + b * (1. / 120 + b * (-1. / 5040 + b * (1. / 362880 + b * (-1. / 39916800 + b / 6227020800.))))));
}

float fade_gain(Fade fade, std::int64_t i, std::int32_t frames) RT {
  if (fade == Fade::none) return 1;
  const double t = frames <= 0 || i >= frames ? 1 : static_cast<double>(std::max<std::int64_t>(0, i)) / frames;
  const double s = t * t * (3 - 2 * t);  // no kink at either end
  switch (fade) {
    case Fade::in:
      return static_cast<float>(s);
    case Fade::out:
      return static_cast<float>(1 - s);
    case Fade::in_power:
      return static_cast<float>(sine_of_quarter(s));
    default:
      return static_cast<float>(sine_of_quarter(1 - s));
  }
}

void run_unit(void* self, const Block& block, int) RT {
  const auto& step = *static_cast<const UnitStep*>(self);
  if (step.first ? keeps_muted(*step.node, block) : step.node->muted_until != UnitNode::kAlways) return mute(step, block);
  if (step.memory.frames > 0 && step.node->valid_from != UnitNode::kAlways) {
    const float age = memory_age(*step.node, block);
    step.run(step.state, {step.memory.data, step.memory.frames, step.memory.stride, &age}, step.in, step.out, block.frames, block.clock);
  } else {  // passed as it lies there: one made up just before would be waited for
    step.run(step.state, step.memory, step.in, step.out, block.frames, block.clock);
  }
  bool finite = true;
  for (int c = 0; c < step.outs; ++c) finite &= all_finite(step.out[c], block.frames);
  if (finite) return;
  fault(*step.node, block);
  mute(step, block);
}

void run_blend(void* self, const Block& block, int) RT {
  const auto& step = *static_cast<const BlendStep*>(self);
  const int frames = block.frames;
  bool first = true;
  const Term* four[4];
  int waiting = 0;
  const auto add_waiting = [&]() RT {
    for (int c = 0; c < step.outs; ++c)
      for (int w = 0; w < waiting; ++w) add(step.out[c], four[w]->wire[c], frames);
    waiting = 0;
  };
  for (int t = 0; t < step.count; ++t) {
    const Term& term = step.terms[t];
    if (term.silent && *term.silent) continue;
    if (!first && is_plain_signal(term)) {
      four[waiting++] = &term;
      if (waiting < 4) continue;
      for (int c = 0; c < step.outs; ++c) add_four(step.out[c], four, c, frames);
      waiting = 0;
      continue;
    }
    add_waiting();
    if (term.fade == Fade::none) {
      for (int c = 0; c < step.outs; ++c) (first ? copy : add)(step.out[c], term.wire[c], frames);
    } else {
      float gain[kMaxBlock];
      for (int i = 0; i < frames; ++i) gain[i] = fade_gain(term.fade, block.since - term.wait + i, term.frames);
      for (int c = 0; c < step.outs; ++c) put(step.out[c], term.wire[c], gain, frames, first);
    }
    first = false;
  }
  add_waiting();
  if (first)
    for (int c = 0; c < step.outs; ++c) fill(step.out[c], frames, 0);
}

void run_hold(void* self, const Block& block, int) RT {
  const auto& step = *static_cast<const HoldStep*>(self);
  HoldNode& node = *step.node;
  const auto put_value = [&](int from, int to) RT {
    if (node.glide.rest == 0) {
      for (int f = from; f < to; ++f) step.out[f] = node.value;
    } else {
      for (int f = from; f < to; ++f) step.out[f] = node.value + node.glide.at(block.clock.frame + f, block.clock);
    }
  };
  int i = 0;
  for (auto c = node.commands.head; c >= 0; c = block.commands[c].next) {
    const Command& command = block.commands[c];
    const int at = static_cast<int>(command.frame - block.clock.frame);
    put_value(i, at);
    i = std::max(i, at);
    const float value = command.event->values[0];
    if (!std::isfinite(value)) continue;
    const bool glides = command.kind == Command::Kind::change && !step.steps && node.begun < command.frame;
    node.glide = {glides ? node.value + node.glide.at(command.frame, block.clock) - value : 0.F, command.frame};
    node.value = value;
    node.begun = std::min(node.begun, command.frame);
  }
  node.commands = {};
  put_value(i, block.frames);
}

void run_curve(void* self, const Block& block, int) RT {
  const auto& step = *static_cast<const CurveStep*>(self);
  CurveNode& node = *step.node;
  auto next = node.commands.head;
  const auto start = block.clock.frame;
  const auto line = [&](std::int64_t at) RT {
    if (at >= node.to || node.to <= node.from) return node.last;
    const auto t = static_cast<float>(static_cast<double>(at - node.from) / static_cast<double>(node.to - node.from));
    return node.first + (node.last - node.first) * t;
  };
  for (int i = 0; i < block.frames; ++i) {
    const std::int64_t at = start + i;
    while (next >= 0 && block.commands[next].frame <= at) {
      const Command& command = block.commands[next];
      const TimedEvent& event = *command.event;
      if (std::isfinite(event.values[0]) && std::isfinite(event.values[1])) {
        const bool glides = command.kind == Command::Kind::change && !step.steps && node.begun < at;
        const float before = line(at) + node.glide.at(at, block.clock);
        node.at = event.at;
        node.until = event.until;
        node.from = command.from;
        node.to = command.until;
        node.first = event.values[0];
        node.last = event.count > 1 ? event.values[1] : event.values[0];
        if (glides) node.glide = {before - line(at), at};
        node.begun = std::min(node.begun, at);
      }
      next = command.next;
    }
    step.out[i] = node.glide.rest == 0 ? line(at) : line(at) + node.glide.at(at, block.clock);
  }
  node.commands = {};
}

void run_gate(void* self, const Block& block, int) RT {
  const auto& step = *static_cast<const GateStep*>(self);
  GateNode& node = *step.node;
  auto next = node.commands.head;
  const auto start = block.clock.frame, end = start + block.frames;
  float before = node.before;
  for (auto at = start; at < end;) {
    int kept = 0;
    for (int h = 0; h < node.count; ++h)
      if (node.held[h].off > at) node.held[kept++] = node.held[h];
    node.count = kept;
    bool onset = false;
    for (; next >= 0 && block.commands[next].frame <= at; next = block.commands[next].next) {
      const Command& command = block.commands[next];
      if (command.kind == Command::Kind::release) {
        for (int h = 0; h < node.count; ++h)
          if (node.held[h].tag == command.event->tag) node.held[h].off = std::max(at, node.held[h].from + 1);
        continue;
      }
      if (node.count == GateNode::kMost) {
        std::move(node.held + 1, node.held + node.count, node.held);
        --node.count;
      }
      const auto nudge = static_cast<std::int32_t>(command.event->nudge_s * block.clock.rate);
      const auto off = std::max(command.until, at + 1);
      node.held[node.count++] = {command.event->until, off, nudge, command.event->values[0], command.event->tag, at};
      onset = true;
    }
    const float level = node.count > 0 ? node.held[node.count - 1].value : 0;
    // Low before each onset, where the onset was known a frame ahead; else in its place.
    std::int64_t low = node.low_at_end ? end - 1 : kNever;
    if (next >= 0 && block.commands[next].kind == Command::Kind::start) low = std::min(low, block.commands[next].frame - 1);
    if (at == low || (onset && before > 0)) {
      step.out[at - start] = before = 0;
      ++at;
      continue;
    }
    auto until = std::min(end, low);
    if (next >= 0) until = std::min(until, block.commands[next].frame);
    for (int h = 0; h < node.count; ++h) until = std::min(until, node.held[h].off);
    for (; at < until; ++at) step.out[at - start] = level;
    before = level;
  }
  node.before = before;
  node.low_at_end = false;
  node.commands = {};
}

void run_input(void* self, const Block& block, int) RT {
  const auto& step = *static_cast<const InputStep*>(self);
  const float* const in = step.channel < block.inputs ? block.in[step.channel] : nullptr;
  if (in) {
    copy(step.out, {in, 1}, block.frames);
    if (all_finite(step.out, block.frames)) return;
  }
  fill(step.out, block.frames, 0);
}

// The engine cuts blocks at multiples of its block length, so a run never wraps.
void run_late_read(void* self, const Block& block, int) RT {
  const auto& step = *static_cast<const LateStep*>(self);
  const auto at = block.clock.frame % step.node->length;
  for (int c = 0; c < step.channels; ++c) copy(step.out[c], {step.node->channel[c] + at, 1}, block.frames);
}

void run_late_write(void* self, const Block& block, int) RT {
  const auto& step = *static_cast<const LateStep*>(self);
  const auto at = block.clock.frame % step.node->length;
  for (int c = 0; c < step.channels; ++c) copy(step.node->channel[c] + at, step.in[c], block.frames);
}

void run_tail(void* self, const Block& block, int) RT {
  const auto& step = *static_cast<const TailStep*>(self);
  UnitNode& node = *step.node;
  float peak = 0;
  for (int c = 0; c < step.channels; ++c)
    for (int i = 0; i < block.frames; ++i) peak = std::max(peak, std::fabs(step.in[c].at[i * step.in[c].step]));
  const auto quiet = peak < kQuiet ? node.quiet_frames.load(std::memory_order_relaxed) + block.frames : 0;
  const auto age = node.ghost_frames.load(std::memory_order_relaxed) + block.frames;
  node.quiet_frames.store(quiet, std::memory_order_relaxed);
  node.ghost_frames.store(age, std::memory_order_relaxed);
  if (quiet >= step.quiet_frames)
    node.ghost.store(Ghost::silent, std::memory_order_relaxed);
  else if (age >= step.most_frames)
    node.ghost.store(Ghost::overdue, std::memory_order_relaxed);
}

}  // namespace hocket
