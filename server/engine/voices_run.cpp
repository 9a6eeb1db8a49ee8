// What voices compute: banks cell by cell, their bundles by the steps of their program, alone or in pairs, and the sum over them.
#include <algorithm>
#include <bit>
#include <cstring>

#include "server/engine/peak.h"
#include "server/engine/rt.h"
#include "server/engine/steps.h"
#include "server/engine/voices.h"

namespace hocket {

namespace {

const Memory kNoMemory;  // passed by value: one filled just before would be waited for

}  // namespace

/// A bundle's run through the steps of its program.
class Voices::Run {
 public:
  Run(const VoiceProgram& program, const LanePasses& passes, const States& states, const Pass& pass, float* scratch, std::int64_t at,
      int frames) RT : program_(program),
                       passes_(passes),
                       states_(states),
                       scratch_(scratch),
                       ring_at_(static_cast<std::uint32_t>(at % kCell) * static_cast<std::uint32_t>(program.lanes)),
                       frames_(frames),
                       clock_(pass.block.clock),
                       base_{scratch, states.data, program.constants, states.data + ring_at_, states.kept} {
    clock_.frame = at;
    clock_.live = states.live;
    clock_.same = states.same;
    step_of_[VoiceWire::kStill] = 0;
    step_of_[VoiceWire::kMoves] = static_cast<std::uint8_t>(program.lanes);
    if (!states.same) *states.resting = 0;
  }

  void spread_outer(const Pass& pass, std::int64_t at) RT {
    for (const OuterSlot& slot : program_.outer) {
      const Wire from = pass.outer[slot.wire];
      const bool moves = from.step != 0 || slot.buffer == VoiceWire::kMoves;
      passes_.spread({from.at + (at - pass.block.clock.frame) * from.step, from.step}, scratch_ + slot.scratch, moves ? frames_ : 1);
      step_of_[slot.buffer] = static_cast<std::uint8_t>(moves ? program_.lanes : 0);
    }
  }

  /// What only values make, where they have changed.
  void settle() RT {
    if (states_.same) return;
    for (const VoiceStep& step : program_.settled) {
      find_wires(step);
      float* const out[] = {states_.kept + step.out[0], nullptr};
      if (step.kind == VoiceStep::Kind::sum)
        sum(step, out[0], 1);
      else
        step.run(nullptr, kNoMemory, in_, out, 1, clock_);
    }
  }

  /// Finds the wires of a step, and whether nothing will move in it.
  void look_at(const VoiceStep& step) RT {
    if ((*states_.resting & step.rest_bit) != 0) {
      std::memcpy(scratch_ + step.out[0], states_.kept + step.rest, static_cast<std::size_t>(program_.lanes) * sizeof(float));
      rests_ = still_ = true;
      return;
    }
    const int moving = find_wires(step);
    state_ = states_.data + step.state;
    out_[0] = scratch_ + step.out[0];
    out_[1] = scratch_ + step.out[1];
    clock_.kept = step.kept >= 0 ? states_.kept + step.kept : nullptr;
    clock_.twins = step.parts ? &twins_ : nullptr;
    const bool may_stand = moving == 0 && step.buffer[0] != VoiceWire::kMoves;
    rests_ = may_stand && step.rests && step.rests(state_, in_, out_[0]);
    still_ = rests_ || (may_stand && step.pure);
    if (!rests_ || step.rest_bit == 0) return;
    std::memcpy(states_.kept + step.rest, out_[0], static_cast<std::size_t>(program_.lanes) * sizeof(float));
    *states_.resting |= step.rest_bit;
  }

  void alone(const VoiceStep& step) RT {
    if (rests_) return tell(step);
    const int count = still_ ? 1 : frames_;
    switch (step.kind) {
      case VoiceStep::Kind::ring:
        return passes_.mix(in_, 1, states_.data + step.state + ring_at_, frames_);
      case VoiceStep::Kind::sum:
        sum(step, out_[0], count);
        break;
      case VoiceStep::Kind::unit:
        if (step.memory_frames > 0)
          with_memory(step, count);
        else
          step.run(state_, kNoMemory, in_, out_, count, clock_);
        break;
    }
    tell(step);
  }
  void with_memory(const VoiceStep& step, int count) RT {
    Memory memory{states_.memory + step.memory, step.memory_frames, 1, states_.age}, each[kMaxLanes];
    if (step.apart) {
      for (int k = 0; k < program_.lanes; ++k)
        each[k] = {memory.data + static_cast<std::size_t>(k) * apart_floats(step.memory_frames), step.memory_frames, 1, states_.age + k};
      memory.each = each;
    }
    step.run(state_, memory, in_, out_, count, clock_);
  }
  /// Two bundles in one kernel. False: one of them stands still.
  static bool together(const VoiceStep& step, Run& one, Run& other) RT {
    if (one.still_ || other.still_) return false;
    void* const states[] = {one.state_, other.state_};
    const Wire* const in[] = {one.in_, other.in_};
    float* const* const out[] = {one.out_, other.out_};
    const Clock* const clocks[] = {&one.clock_, &other.clock_};
    step.run_two(states, in, out, one.frames_, clocks);
    one.tell(step);
    other.tell(step);
    return true;
  }

  void give(Given& given, int room) const RT {
    for (int c = 0; c < program_.channels; ++c) {
      LaneSource& from = given.of[c][room].from;
      from.x = resolved(program_.out.x[twins_ ? 0 : c]);
      from.y = program_.out.factors > 1 ? resolved(program_.out.y[c]) : Wire{};
      from.z = program_.out.factors > 2 ? resolved(program_.out.z[c]) : Wire{};
    }
  }

 private:
  /// Does any of them move?
  int find_wires(const VoiceStep& step) RT {
    in_ = states_.wires + step.first_wire;
    int moving = 0;
    for (std::uint32_t i = step.first_found; i < step.first_found + step.found; ++i) {
      const std::uint32_t w = program_.found[i];
      states_.wires[w] = resolved(program_.wires[w]);
      moving |= states_.wires[w].step;
    }
    return moving;
  }
  void sum(const VoiceStep& step, float* out, int frames) const RT {
    const auto wires = static_cast<int>(step.wires);
    if (step.factors == 0) return passes_.mix(in_, wires, out, frames);
    passes_.blend(in_, wires / step.factors, step.factors, out, frames);
  }
  Wire resolved(const VoiceWire& wire) const RT { return {base_[static_cast<int>(wire.base)] + wire.offset, step_of_[wire.buffer]}; }
  void tell(const VoiceStep& step) RT {
    step_of_[step.buffer[0]] = step_of_[step.buffer[1]] = static_cast<std::uint8_t>(still_ ? 0 : program_.lanes);
  }

  const VoiceProgram& program_;
  const LanePasses& passes_;
  const States& states_;
  float* const scratch_;
  const std::uint32_t ring_at_;
  const int frames_;
  Clock clock_;
  const float* const base_[5];  // in the order of VoiceWire::Base
  std::uint8_t step_of_[VoiceWire::kBuffers];
  const Wire* in_ = nullptr;  // of the step
  float* out_[2];
  void* state_ = nullptr;
  bool still_ = false, rests_ = false;
  bool twins_ = false;  // the step of both sides' outputs wrote the left, and the right is the same
};

// Large memories are not cleared when a voice begins: their units are told how much of them is the voice's own.
Voices::States Voices::states_of(int b, std::int64_t at, float* age) const RT {
  const int width = program_->lanes;
  if (program_->memory_floats > 0)
    for (int l = 0; l < width; ++l) age[l] = static_cast<float>(std::min<std::int64_t>(at - lane_[b * width + l].began, 1 << 24));
  Bundle& bundle = bundle_[b];
  return {bundle.data,          bundle.memory,   age,         bundle.sounding, bundle.data + program_->bundle_floats,
          bundle.same_at == at, &bundle.resting, bundle.wires};
}

void Voices::run_steps(int b, const Pass& pass, std::int64_t at, int frames, Given& given) RT {
  float age[kMaxLanes];
  run_program(states_of(b, at, age), pass, at, frames, given);
  ran(b, at + frames);
}

void Voices::run_program(const States& states, const Pass& pass, std::int64_t at, int frames, Given& given) const RT {
  Run run(*program_, *passes_, states, pass, pass.scratch, at, frames);
  run.spread_outer(pass, at);
  run.settle();
  for (const VoiceStep& step : program_->steps) {
    run.look_at(step);
    run.alone(step);
  }
  run.give(given, 0);
}

void Voices::run_two(int b, int room, const Pass& pass, std::int64_t at, int frames, Given& given) RT {
  float age[2][kMaxLanes];
  const States states[] = {states_of(b, at, age[0]), states_of(b + 1, at, age[1])};
  float* const scratch = pass.scratch + static_cast<std::size_t>(room) * room_of_bundle(*program_);
  Run one(*program_, *passes_, states[0], pass, scratch, at, frames);
  Run other(*program_, *passes_, states[1], pass, scratch + room_of_bundle(*program_), at, frames);
  one.spread_outer(pass, at);
  other.spread_outer(pass, at);
  one.settle();
  other.settle();
  for (const VoiceStep& step : program_->steps) {
    one.look_at(step);
    other.look_at(step);
    if (step.run_two && Run::together(step, one, other)) continue;
    one.alone(step);
    other.alone(step);
  }
  one.give(given, room);
  other.give(given, room + 1);
  ran(b, at + frames);
  ran(b + 1, at + frames);
}

bool Voices::open_bank(int bank) RT {
  const auto [first, last] = bundles_of(bank);
  bool awake = false, changes = false;
  std::uint32_t sided = 0;
  for (int b = first; b < last; ++b) {
    changes |= bundle_[b].commands.head >= 0;
    awake |= bundle_[b].sounding != 0;
    sided |= bundle_[b].sounding & bundle_[b].sided;
  }
  put_if_new(one_side_[bank], channels_ == 1 || (program_->channels == 1 && sided == 0 && !changes));
  return awake || changes;
}

void Voices::close_bank(int bank, float* const* out, int frames) RT {
  const auto [first, last] = bundles_of(bank);
  for (int c = 1; c < channels_ && one_side_[bank]; ++c) std::memcpy(out[c], out[0], sizeof(float) * static_cast<unsigned>(frames));
  for (int b = first; b < last; ++b)
    if (bundle_[b].commands.tail >= 0) bundle_[b].commands = {};
}

bool Voices::run_bank(int bank, const Wire* outer, float* const* out, const Block& block, float* scratch) RT {
  if (!open_bank(bank)) return false;
  const Pass pass{block, outer, scratch, one_side_[bank]};
  const auto end = block.clock.frame + block.frames;
  for (auto at = block.clock.frame; at < end;) {
    const auto until = std::min(end, at / kCell * kCell + kCell);
    run_bank_cell(bank, pass, out, at, until);
    at = until;
  }
  close_bank(bank, out, block.frames);
  return true;
}

void Voices::run_bank_cell(int bank, const Pass& pass, float* const* out, std::int64_t from, std::int64_t end) RT {
  const auto [first, last] = bundles_of(bank);
  const int frames = static_cast<int>(end - from), sums = pass.one_side ? 1 : channels_;
  const int most = bundles_at_once(*program_);
  for (int b = first; b < last;) {
    int count = 0;
    while (count < most && b + count < last && runs_smoothly(b + count, pass, end)) ++count;
    count = count < 4 ? count & ~1 : 4;
    if (count == 0) {
      run_cell(b++, pass, from, end);
      continue;
    }
    Given given;
    for (int k = 0; k < count; k += 2) run_two(b + k, k, pass, from, frames, given);
    sum_several(b, count, pass, given, from, frames);
    for (; count > 0; --count) end_cell(b++, pass, end);
  }
  if (const int written = (last - first) * program_->lanes; written < kColumns) clear_columns(written, kColumns - written, pass, 0, frames);
  for (int c = 0; c < sums; ++c)
    passes_->add_columns(pass.scratch + c * kCell * kColumns, out[c] + (from - pass.block.clock.frame), frames);
}

// Part of a cell of the grid, or all of it. Cut at starts, fades and gates' ends, so that each run sees lanes that do not change.
void Voices::run_cell(int b, const Pass& pass, std::int64_t from, std::int64_t end) RT {
  Bundle& bundle = bundle_[b];
  const Command* const commands = pass.block.commands;
  auto& next = bundle.commands.head;
  const auto silent = [&](std::int64_t at, std::int64_t until) RT {
    if (begins_columns(b))
      clear_columns(b * program_->lanes % kColumns, program_->lanes, pass, static_cast<int>(at - from), static_cast<int>(until - at));
  };
  if (bundle.sounding == 0 && (next < 0 || commands[next].frame >= end)) return silent(from, end);
  for (auto at = from; at < end;) {
    for (; next >= 0 && commands[next].frame <= at; next = commands[next].next) obey(b, commands[next]);
    release(b, at);
    if (bundle.gliding != 0 && at % kGlideCell == 0) glide(b);
    auto until = next >= 0 ? std::min(end, commands[next].frame) : end;
    if (bundle.gliding != 0) until = std::min(until, at / kGlideCell * kGlideCell + kGlideCell);
    if (bundle.sounding == 0) {
      silent(at, until);
      at = until;
      continue;
    }
    if (program_->hears_fall) until = std::min(until, bundle.next_off);
    const int frames = static_cast<int>(until - at);
    Given given;
    run_steps(b, pass, at, frames, given);
    sum(b, pass, given, 0, at, static_cast<int>(at - from), frames);
    at = until;
  }
  end_cell(b, pass, end);
}

void Voices::end_cell(int b, const Pass& pass, std::int64_t at) RT {
  if (at % kCell != 0) return;
  release(b, at - 1);  // where no run ended for it
  drop_faulty(b, pass.block, at);
  find_ended(b, at);
}

// Something sounds, and up to `end` nothing begins, glides, or lets go of a gate.
bool Voices::runs_smoothly(int b, const Pass& pass, std::int64_t end) const RT {
  const Bundle& bundle = bundle_[b];
  const auto next = bundle.commands.head;
  if (program_->hears_fall && bundle.next_off < end) return false;
  return bundle.sounding != 0 && bundle.gliding == 0 && (next < 0 || pass.block.commands[next].frame >= end);
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

void Voices::complete(int b, LaneAdd& adding) RT {
  adding.gains = &bundle_[b].gains;
  adding.peaks = bundle_[b].peak;
  adding.watched = bundle_[b].watched != 0;
}

void Voices::sum(int b, const Pass& pass, Given& given, int room, std::int64_t at, int column_frame, int frames) RT {
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
  const auto same = [](Wire x, Wire y) RT { return x.at == y.at && x.step == y.step; };
  const LaneSource &one = given.of[0][room].from, &other = given.of[1][room].from;
  const bool twins = p.channels > 1 && same(one.x, other.x) && same(one.y, other.y) && same(one.z, other.z);
  const bool stereo = p.channels > 1 && channels_ > 1 && !twins, fresh = begins_columns(b);
  complete(b, given.of[0][room]);
  passes_->add(&given.of[0][room], 1, left, stereo || pass.one_side ? nullptr : right, fresh, frames);
  if (!stereo) return;
  complete(b, given.of[1][room]);
  passes_->add_right(given.of[1][room], right, fresh, frames);
}

void Voices::sum_several(int b, int count, const Pass& pass, Given& given, std::int64_t at, int frames) RT {
  bool plain = program_->channels == 1 && program_->lanes == kColumns;
  for (int k = 0; k < count; ++k) plain &= bundle_[b + k].fading == 0;
  if (!plain) {
    for (int k = 0; k < count; ++k) sum(b + k, pass, given, k, at, 0, frames);
    return;
  }
  for (int k = 0; k < count; ++k) {
    bundle_[b + k].gains.envelope = nullptr;
    complete(b + k, given.of[0][k]);
  }
  float* const left = pass.scratch;
  passes_->add(given.of[0], count, left, pass.one_side ? nullptr : left + kCell * kColumns, begins_columns(b), frames);
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

void run_voices(void* self, const Block& block, int worker) RT {
  const auto& step = *static_cast<const VoicesStep*>(self);
  Voices& node = *step.node;
  float* const scratch = block.plan->scratch + static_cast<std::size_t>(worker) * block.plan->scratch_stride;
  for (int b = step.first; b < node.banks(); b += step.stride)
    put_if_new(step.wrote[b], node.run_bank(b, step.outer, step.out + b * node.channels(), block, scratch));
}

void run_voices_sum(void* self, const Block& block, int) RT {
  const auto& step = *static_cast<const VoicesSumStep*>(self);
  const int channels = step.node->channels();
  bool any = false;
  for (int b = 0; b < step.node->banks(); ++b) {
    if (!step.wrote[b]) continue;
    for (int c = 0; c < channels; ++c) {
      float* const __restrict out = step.out[c];
      const float* const __restrict in = step.in[b * channels + c];
      for (int i = 0; i < block.frames; ++i) out[i] = any ? out[i] + in[i] : in[i];
    }
    any = true;
  }
  put_if_new(*step.silent, !any);
  if (any) return;
  for (int c = 0; c < channels; ++c) std::memset(step.out[c], 0, static_cast<std::size_t>(block.frames) * sizeof(float));
  if (step.ghost && step.node->idle()) step.node->ghost.store(Ghost::silent, std::memory_order_relaxed);
}

}  // namespace hocket
