// What a bundle of voices computes: the steps of its program, then its share of the sum.
#include <algorithm>
#include <bit>
#include <cstring>

#include "server/engine/steps.h"
#include "server/engine/voices.h"

namespace hocket {

namespace {

constexpr std::int32_t kNotFinite = 0x7f800000;

// Room for a step's wires that is not cleared first: each run would spend as long on it as on a step.
union StepWires {
  StepWires() RT {}
  Wire wire[kMaxVoiceWires];
};

}  // namespace

void Voices::run_steps(int b, const Pass& pass, std::int64_t at, int frames, LaneSource* out) RT {
  // Large memories are not cleared when a voice begins: their units are told how much of them is the voice's own.
  float age[kMaxLanes];
  const int width = program_->lanes;
  if (program_->memory_floats > 0)
    for (int l = 0; l < width; ++l) age[l] = static_cast<float>(std::min<std::int64_t>(at - lane_[b * width + l].began, 1 << 24));
  run_program({bundle_[b].data, bundle_[b].memory, age}, pass, at, frames, out);
}

void Voices::run_program(const States& states, const Pass& pass, std::int64_t at, int frames, LaneSource* out) const RT {
  const VoiceProgram& p = *program_;
  const int width = p.lanes;
  Clock clock = pass.block.clock;
  clock.frame = at;
  const auto ring_at = static_cast<std::uint32_t>(at % kCell) * static_cast<std::uint32_t>(width);
  // in the order of VoiceWire::Base
  const float* const base[] = {pass.scratch, states.data, p.constants, states.data + ring_at};
  std::uint8_t step_of[VoiceWire::kBuffers];
  step_of[VoiceWire::kStill] = 0;
  step_of[VoiceWire::kMoves] = static_cast<std::uint8_t>(width);
  const auto resolved = [&](const VoiceWire& wire) RT -> Wire {
    return {base[static_cast<int>(wire.base)] + wire.offset, step_of[wire.buffer]};
  };

  for (const OuterSlot& slot : p.outer) {
    const Wire from = pass.outer[slot.wire];
    const bool moves = from.step != 0 || slot.buffer == VoiceWire::kMoves;
    passes_->spread({from.at + (at - pass.block.clock.frame) * from.step, from.step}, pass.scratch + slot.scratch, moves ? frames : 1);
    step_of[slot.buffer] = static_cast<std::uint8_t>(moves ? width : 0);
  }
  StepWires room;
  Wire* const in = room.wire;
  const Memory none;
  for (const VoiceStep& step : p.steps) {
    const VoiceWire* const wires = p.wires.data() + step.first_wire;
    int moving = 0;
    for (std::uint32_t i = 0; i < step.wires; ++i) {
      in[i] = resolved(wires[i]);
      moving |= in[i].step;
    }
    if (step.kind == VoiceStep::Kind::ring) {
      passes_->mix(in, 1, states.data + step.state + ring_at, frames);
      continue;
    }
    void* const state = states.data + step.state;
    const bool still = moving == 0 && step.buffer[0] != VoiceWire::kMoves && (step.pure || (step.rests && step.rests(state, in)));
    float* const to[2] = {pass.scratch + step.out[0], pass.scratch + step.out[1]};
    const int count = still ? 1 : frames;
    if (step.kind == VoiceStep::Kind::unit) {
      // Passed by value: one filled just before would be waited for.
      if (step.memory_frames > 0)
        step.run(state, {states.memory + step.memory, step.memory_frames, states.age}, in, to, count, clock);
      else
        step.run(state, none, in, to, count, clock);
    } else
      passes_->mix(in, static_cast<int>(step.wires), to[0], count);
    step_of[step.buffer[0]] = step_of[step.buffer[1]] = static_cast<std::uint8_t>(still ? 0 : width);
  }
  for (int c = 0; c < p.channels; ++c) {
    out[c].x = resolved(p.out.x[c]);
    out[c].y = p.out.product ? resolved(p.out.y[c]) : Wire{};
  }
}

bool Voices::begins_columns(int b) const RT {
  return b * program_->lanes % kBank < kColumns;
}

void Voices::clear_columns(int first, int count, const Pass& pass, int column_frame, int frames) RT {
  for (int c = 0; c < (pass.one_side ? 1 : channels_); ++c) {
    float* const at = pass.scratch + c * kCell * kColumns + column_frame * kColumns + first;
    for (int i = 0; i < frames; ++i) std::memset(at + i * kColumns, 0, sizeof(float) * static_cast<unsigned>(count));
  }
}

void Voices::sum(int b, const Pass& pass, const LaneSource* from, std::int64_t at, int column_frame, int frames) RT {
  Bundle& bundle = bundle_[b];
  const VoiceProgram& p = *program_;
  float envelope[kCell * kMaxLanes];
  bundle.gains.envelope = nullptr;
  if (bundle.fading != 0) {
    bundle.gains.envelope = envelope;
    fill_envelope(b, at, envelope, frames);
  }
  float* const left = pass.scratch + b * p.lanes % kColumns + column_frame * kColumns;
  float* const right = left + kCell * kColumns;
  const bool stereo = p.channels > 1 && channels_ > 1, fresh = begins_columns(b);
  passes_->add(from[0], bundle.gains, bundle.peak, left, stereo || pass.one_side ? nullptr : right, fresh, frames);
  if (stereo) passes_->add_right(from[1], bundle.gains, bundle.peak, right, nullptr, fresh, frames);
}

void Voices::drop_faulty(int b, const Block& block, std::int64_t at) RT {
  Bundle& bundle = bundle_[b];
  std::uint32_t faulty_bits = 0;
  for (const std::int32_t peak : bundle.peak) faulty_bits |= static_cast<std::uint32_t>(peak) + 0x00800000U;  // high from infinity on
  if (faulty_bits < 0x80000000U) return;
  for (int l = 0; l < program_->lanes; ++l) {
    if (bundle.peak[l] < kNotFinite) continue;
    bundle.peak[l] = 0;
    if ((bundle.sounding >> l & 1U) == 0) continue;
    faulty.store(true, std::memory_order_relaxed);
    block.faults->fetch_add(1, std::memory_order_relaxed);
    end(b, l, at);
  }
}

void Voices::fill_envelope(int b, std::int64_t at, float* envelope, int frames) const RT {
  const int width = program_->lanes;
  for (int i = 0; i < frames * width; ++i) envelope[i] = 1;
  const auto fade = [&](int lane, std::int64_t since) RT {
    if (since == kNever) return;
    for (int i = 0; i < frames; ++i) envelope[i * width + lane] *= fade_[std::clamp<std::int64_t>(at + i - since, 0, fade_frames_)];
  };
  for (auto left = bundle_[b].fading; left != 0; left &= left - 1) {
    const int l = std::countr_zero(left);
    fade(l, lane_[b * width + l].release_from);
    fade(l, lane_[b * width + l].fade_from);
  }
}

}  // namespace hocket
