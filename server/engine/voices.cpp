#include "server/engine/voices.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "server/engine/peak.h"
#include "server/engine/steps.h"

namespace hocket {

namespace {

constexpr double kFade_s = 0.003;  // of stolen and cut voices
constexpr float kQuiet = 1e-5F;    // -100 dB
constexpr std::int32_t kNothing = -1;
constexpr std::size_t kPage = 1024;   // floats
constexpr std::uint32_t kGate = 3;    // of the params: see kVoiceParams
constexpr int kSpareWithMemory = 16;  // slots for fading voices where each costs a delay line

int whole_rows(int slots) {
  return (slots + kColumns - 1) / kColumns * kColumns;
}

// Source: Ettinger, "Hash prospector" (lowbias32), 2018.
std::uint32_t scrambled(std::uint32_t x) RT {
  x ^= x >> 16;
  x *= 0x7feb352dU;
  x ^= x >> 15;
  x *= 0x846ca68bU;
  return x ^ (x >> 16);
}

std::unique_ptr<float[]> zeros(std::size_t count) {
  return std::unique_ptr<float[]>(new float[count + 16]());
}

float* aligned(float* x) {
  return reinterpret_cast<float*>((reinterpret_cast<std::uintptr_t>(x) + 63) & ~std::uintptr_t{63});
}

}  // namespace

LevelPan level_pan(float gain, float pan, int voice_channels, int out_channels) RT {
  if (!(pan >= 0) || out_channels < 2) return {gain, gain};
  const double p = std::min(pan, 1.F);
  auto left = sine_of_quarter(1 - p), right = sine_of_quarter(p);
  if (voice_channels > 1) {
    left = std::min(1., left * 1.4142135623730951);
    right = std::min(1., right * 1.4142135623730951);
  }
  return {static_cast<float>(gain * left), static_cast<float>(gain * right)};
}

Voices::Voices(std::shared_ptr<const VoiceProgram> program, int polyphony, int channels, double rate)
    : program_(std::move(program)), polyphony_(std::max(1, polyphony)), channels_(channels), rate_(rate) {
  const VoiceProgram& p = *program_;
  slots_ = whole_rows(polyphony_ + (p.memory_floats > 0 ? kSpareWithMemory : std::max(kColumns, polyphony_)));
  passes_ = p.passes;
  quiet_bits_ = std::bit_cast<std::int32_t>(p.out.factor == 0 ? std::numeric_limits<float>::max() : kQuiet / std::fabs(p.out.factor));
  bundles_ = slots_ / p.lanes;
  per_bank_ = kBank / p.lanes;
  fade_frames_ = std::max(1, static_cast<int>(kFade_s * rate));
  fade_ = std::make_unique<float[]>(static_cast<std::size_t>(fade_frames_) + 1);
  for (int i = 0; i <= fade_frames_; ++i) fade_[static_cast<std::size_t>(i)] = fade_gain(Fade::out, i, fade_frames_);
  free_at_ = std::make_unique<std::int64_t[]>(static_cast<std::size_t>(slots_));
  alive_until_ = std::make_unique<std::int64_t[]>(static_cast<std::size_t>(slots_));
  std::fill_n(free_at_.get(), slots_, INT64_MIN);
  std::fill_n(alive_until_.get(), slots_, INT64_MIN);
  soonest_ = std::make_unique<std::int64_t[]>(static_cast<std::size_t>(slots_ / kColumns));
  std::fill_n(soonest_.get(), slots_ / kColumns, INT64_MIN);
  slot_ = std::make_unique<Slot[]>(static_cast<std::size_t>(slots_));
  lane_ = std::make_unique<Lane[]>(static_cast<std::size_t>(slots_));
  bundle_ = std::make_unique<Bundle[]>(static_cast<std::size_t>(bundles_));
  one_side_ = std::make_unique<bool[]>(static_cast<std::size_t>(banks()));
  const std::size_t floats = (p.bundle_floats + p.kept_floats + 15U) & ~std::size_t{15},
                    memory = (p.memory_floats + 15U) & ~std::size_t{15};
  // Banks may be run by several workers: a page between them, as what fetches ahead would take lines that another writes.
  const auto gap_before = [&](int bundle) { return static_cast<std::size_t>(bundle * p.lanes / kBank) * kPage; };
  data_ = zeros(floats * static_cast<std::size_t>(bundles_) + gap_before(bundles_));
  memory_ = zeros(memory * static_cast<std::size_t>(bundles_));
  const auto goals = std::size_t{2} * p.params * static_cast<std::size_t>(p.lanes);
  goals_ = zeros(goals * static_cast<std::size_t>(bundles_));
  wires_ = std::make_unique<Wire[]>(p.wires.size() * static_cast<std::size_t>(bundles_));
  for (int b = 0; b < bundles_; ++b) {
    bundle_[b].data = aligned(data_.get()) + floats * static_cast<std::size_t>(b) + gap_before(b);
    bundle_[b].wires = wires_.get() + p.wires.size() * static_cast<std::size_t>(b);
    lay_wires(p, bundle_[b].data, bundle_[b].wires);
    bundle_[b].memory = aligned(memory_.get()) + memory * static_cast<std::size_t>(b);
    bundle_[b].goals = goals_.get() + goals * static_cast<std::size_t>(b);
    std::fill_n(bundle_[b].gains.most, kMaxLanes, kNothing);
  }
}

void Voices::lay_wires(const VoiceProgram& p, const float* data, Wire* to) RT {
  for (std::size_t w = 0; w < p.wires.size(); ++w) {
    const VoiceWire& wire = p.wires[w];
    if (wire.base == VoiceWire::Base::bundle) to[w] = {data + wire.offset, 0};
    if (wire.base == VoiceWire::Base::constant) to[w] = {p.constants + wire.offset, 0};
    if (wire.base == VoiceWire::Base::kept) to[w] = {data + p.bundle_floats + wire.offset, 0};
  }
}

std::size_t Voices::bytes() const {
  const auto bundles = static_cast<std::size_t>(bundles_);
  return bundles * (sizeof(Bundle) + program_->wires.size() * sizeof(Wire) +
                    (program_->bundle_floats + program_->kept_floats + program_->memory_floats) * sizeof(float)) +
         static_cast<std::size_t>(slots_) * (sizeof(Slot) + sizeof(Lane));
}

// ---- who sits where

void Voices::free_from(int slot, std::int64_t frame) RT {
  free_at_[slot] = frame;
  soonest_[slot / kColumns] = std::min(soonest_[slot / kColumns], frame);
}

// The first that is free.
int Voices::find_slot(std::int64_t frame) RT {
  for (int row = 0; row < used_; row += kColumns) {
    auto& soonest = soonest_[row / kColumns];
    if (soonest > frame) continue;
    soonest = kNever;
    for (int s = row; s < std::min(row + kColumns, used_); ++s) {
      soonest = std::min(soonest, free_at_[s]);
      if (free_at_[s] <= frame) return s;
    }
  }
  return used_ < slots_ ? used_++ : -1;
}

bool Voices::fade(int slot, std::int64_t frame, CommandPool& pool) RT {
  Command command;
  command.kind = Command::Kind::fade;
  command.frame = frame;
  command.slot = static_cast<std::uint16_t>(slot);
  if (!pool.append(bundle_[slot / program_->lanes].commands, command)) return false;
  slot_[slot].fade_from = frame;
  alive_until_[slot] = frame;
  free_from(slot, frame + fade_frames_);
  --alive_most_;
  return true;
}

// The oldest released voice goes first, else the oldest. How many are alive is counted when it may be too many.
bool Voices::make_room(std::int64_t frame, CommandPool& pool) RT {
  while (used_ > 0 && free_at_[used_ - 1] <= frame) --used_;
  if (alive_most_ < polyphony_) return true;
  alive_most_ = 0;
  for (int s = 0; s < used_; ++s) alive_most_ += alive_until_[s] > frame;
  if (alive_most_ < polyphony_) return true;
  int victim = -1;
  bool released = false;
  for (int s = 0; s < used_; ++s) {
    if (alive_until_[s] <= frame) continue;
    const bool off = slot_[s].off <= frame;
    if (victim >= 0 && released && !off) continue;
    if (victim < 0 || (off && !released) || slot_[s].order < slot_[victim].order) {
      victim = s;
      released = off;
    }
  }
  ++stolen_;
  return fade(victim, frame, pool);
}

bool Voices::start(const Command& command, CommandPool& pool) RT {
  const TimedEvent& event = *command.event;
  if (!make_room(command.frame, pool)) return false;
  const int s = find_slot(command.frame);
  Command begin = command;
  begin.kind = Command::Kind::start;
  begin.slot = static_cast<std::uint16_t>(std::max(s, 0));
  if (s < 0 || !pool.append(bundle_[s / program_->lanes].commands, begin)) {
    ++refused_;
    return false;
  }
  Slot& slot = slot_[s];
  slot = {};
  free_at_[s] = alive_until_[s] = kNever;
  ++alive_most_;
  slot.off = command.until;
  slot.order = ++order_;
  slot.until = event.until;
  slot.nudge = static_cast<std::int32_t>(std::lround(static_cast<double>(event.nudge_s) * rate_));
  slot.cut = event.cut;
  slot.tag = event.tag;
  return true;
}

int Voices::slot_of(std::uint64_t tag, std::int64_t frame) const RT {
  for (int s = 0; s < slots_; ++s)
    if (slot_[s].tag == tag && free_at_[s] > frame) return s;
  return -1;
}

bool Voices::let_go(const Command& command, CommandPool& pool) RT {
  const int s = slot_of(command.event->tag, command.frame);
  if (s < 0) return true;
  slot_[s].off = command.frame;
  slot_[s].until = {0, 0};
  Command release = command;
  release.slot = static_cast<std::uint16_t>(s);
  return pool.append(bundle_[s / program_->lanes].commands, release);
}

bool Voices::change(const Command& command, CommandPool& pool) RT {
  const int s = slot_of(command.event->tag, command.frame);
  if (s < 0) return true;
  Command change = command;
  change.slot = static_cast<std::uint16_t>(s);
  return pool.append(bundle_[s / program_->lanes].commands, change);
}

void Voices::cut(std::int32_t group, std::int64_t frame, CommandPool& pool) RT {
  for (int s = 0; s < slots_; ++s)
    if (slot_[s].cut == group && alive_until_[s] > frame) fade(s, frame, pool);
}

void Voices::retime(const TransportAnchor& anchor, std::int64_t now, Position to, Position from) RT {
  const bool moved = to.num != from.num || to.den != from.den;
  for (int s = 0; s < slots_; ++s) {
    Slot& slot = slot_[s];
    if (free_at_[s] != kNever || slot.until.den <= 0 || slot.off <= now) continue;
    if (moved) slot.until = shifted(slot.until, to, from);
    slot.off = std::max(now, frame_at(anchor, slot.until) + slot.nudge);
    if (lane_[s].order == slot.order) lane_[s].off = slot.off;
  }
  for (int b = 0; b < bundles_; ++b) watch_gates(b);
}

// ---- what sounds

std::uint32_t Voices::sounding() const RT {
  std::uint32_t count = 0;
  for (int b = 0; b < bundles_; ++b) count += static_cast<std::uint32_t>(std::popcount(bundle_[b].sounding));
  return count;
}

bool Voices::idle() const RT {
  for (int b = 0; b < bundles_; ++b)
    if (bundle_[b].sounding != 0 || bundle_[b].commands.head >= 0) return false;
  return true;
}

void Voices::obey(int b, const Command& command) RT {
  const int l = command.slot % program_->lanes;
  Lane& lane = lane_[command.slot];
  switch (command.kind) {
    case Command::Kind::start:
      return begin(b, l, command);
    case Command::Kind::fade:
      lane.fade_from = command.frame;
      bundle_[b].fading |= 1U << l;
      return;
    case Command::Kind::release:
      lane.off = std::max(command.frame, lane.began + 1);
      return watch_gates(b);
    case Command::Kind::change:
      return begin_glide(b, l, command);
  }
}

void Voices::begin_glide(int b, int l, const Command& command) RT {
  Bundle& bundle = bundle_[b];
  const VoiceProgram& p = *program_;
  if ((bundle.sounding & (1U << l)) == 0) return;
  const auto width = static_cast<std::uint32_t>(p.lanes);
  for (std::uint32_t i = 0; i < p.params; ++i) {
    const float now = bundle.data[i * width + static_cast<std::uint32_t>(l)];
    float goal = i < command.event->count && i < kMaxVoiceValues && i != kGate ? command.event->values[i] : now;
    if (!std::isfinite(goal)) goal = now;
    float* const to = bundle.goals + 2 * i * width + l;
    to[0] = goal;
    to[width] = (goal - now) / kGlideSteps;
  }
  lane_[command.slot].glides = kGlideSteps;
  bundle.gliding |= 1U << l;
}

void Voices::glide(int b) RT {
  Bundle& bundle = bundle_[b];
  bundle.same_at = kNever;
  const auto width = static_cast<std::uint32_t>(program_->lanes);
  for (auto left = bundle.gliding; left != 0; left &= left - 1) {
    const auto l = static_cast<std::uint32_t>(std::countr_zero(left));
    const bool last = --lane_[static_cast<std::uint32_t>(b) * width + l].glides == 0;
    for (std::uint32_t i = 0; i < program_->params; ++i) {
      if (i == kGate) continue;
      const float* const to = bundle.goals + 2 * i * width + l;
      float& value = bundle.data[i * width + l];
      value = last ? to[0] : value + to[width];
    }
    if (last) bundle.gliding &= ~(1U << l);
  }
}

void Voices::begin(int b, int l, const Command& command) RT {
  Bundle& bundle = bundle_[b];
  const VoiceProgram& p = *program_;
  const TimedEvent& event = *command.event;
  const auto width = static_cast<std::uint32_t>(p.lanes);
  float* const data = bundle.data + l;
  for (std::uint32_t i = p.params * width; i < p.bundle_floats; i += width) data[i] = 0;
  for (std::uint32_t i = 0; i < p.params; ++i) {
    const float value = i < event.count && i < kMaxVoiceValues ? event.values[i] : p.inits[i];
    data[i * width] = std::isfinite(value) ? value : p.inits[i];
  }
  data[kGate * width] = 1;
  for (const auto& [cells, salt] : p.seeds) {
    const std::uint32_t seed = scrambled(event.seed ^ scrambled(salt));
    std::memcpy(data + cells, &seed, 4);
  }
  const auto level = level_pan(event.gain, event.pan, p.channels, channels_);
  Lane lane;
  lane.began = command.frame;
  lane.off = std::max(command.until, command.frame + 1);
  lane.order = slot_[command.slot].order;
  lane_[command.slot] = lane;
  const float left = level.left * p.out.factor, right = level.right * p.out.factor;
  bundle.gains.left[l] = std::isfinite(left) ? left : 0;
  bundle.gains.right[l] = std::isfinite(right) ? right : 0;
  bundle.gains.most[l] = kNotFinite - 1;
  bundle.peak[l] = bundle.quiet[l] = 0;
  bundle.same_at = kNever;  // and whoever rests is asked anew
  const auto bit = 1U << l;
  bundle.sounding |= bit;
  bundle.held |= bit;
  bundle.watched &= ~bit;
  bundle.gliding &= ~bit;
  bundle.fading &= ~bit;
  bundle.sided = bundle.gains.left[l] == bundle.gains.right[l] ? bundle.sided & ~bit : bundle.sided | bit;
  bundle.next_off = std::min(bundle.next_off, lane.off);
}

// Finds the frame of the next gate that goes off.
void Voices::watch_gates(int b) RT {
  Bundle& bundle = bundle_[b];
  bundle.next_off = kNever;
  for (auto left = bundle.held; left != 0; left &= left - 1)
    bundle.next_off = std::min(bundle.next_off, lane_[b * program_->lanes + std::countr_zero(left)].off);
}

void Voices::release(int b, std::int64_t at) RT {
  if (bundle_[b].next_off > at) return;
  bundle_[b].resting = 0;
  for (auto left = bundle_[b].held; left != 0; left &= left - 1) {
    const int l = std::countr_zero(left);
    Lane& lane = lane_[b * program_->lanes + l];
    if (lane.off > at) continue;
    bundle_[b].held &= ~(1U << l);
    if (program_->fades) {
      lane.release_from = at;
      bundle_[b].fading |= 1U << l;
    }
    bundle_[b].data[kGate * static_cast<std::uint32_t>(program_->lanes) + static_cast<std::uint32_t>(l)] = 0;
  }
  watch_gates(b);
}

void Voices::find_ended(int b, std::int64_t at) RT {
  Bundle& bundle = bundle_[b];
  const VoiceProgram& p = *program_;
  const std::int32_t least = !p.endings.empty() ? std::min(p.quiet_frames, p.done_frames) : p.quiet_frames;
  std::int32_t longest = 0;
  if (bundle.watched != 0) {
    for (int l = 0; l < kMaxLanes; ++l) {
      const bool quiet = (bundle.peak[l] < quiet_bits_) & (bundle.gains.most[l] != kNothing);
      bundle.quiet[l] = quiet ? bundle.quiet[l] + kCell : 0;
      longest = std::max(longest, bundle.quiet[l]);
    }
  }
  std::memset(bundle.peak, 0, sizeof bundle.peak);
  const std::uint32_t may_end = bundle.fading | (longest < least ? 0U : bundle.watched);
  const std::uint32_t done = (may_end | bundle.held) != 0 ? this->done(b) : 0;
  for (auto left = may_end; left != 0; left &= left - 1) {
    const int l = std::countr_zero(left);
    const Lane& lane = lane_[b * p.lanes + l];
    const bool faded = (lane.fade_from != kNever && lane.fade_from + fade_frames_ <= at) ||
                       (lane.release_from != kNever && lane.release_from + fade_frames_ <= at);
    const auto one_of = [l](std::uint32_t set) RT { return (set >> l & 1U) != 0; };
    const bool rung_out = !one_of(bundle.held) && bundle.quiet[l] >= p.quiet_frames;
    const bool quiet = rung_out || (one_of(done) && bundle.quiet[l] >= p.done_frames);
    if (faded || (one_of(bundle.watched) && quiet)) end(b, l, at);
  }
  watch_ends(b, done);
}

// What is held and not done cannot end by itself: nobody need hear how loud it is.
void Voices::watch_ends(int b, std::uint32_t done) RT {
  Bundle& bundle = bundle_[b];
  const std::uint32_t watched = bundle.sounding & (~bundle.held | done);
  for (auto fresh = watched & ~bundle.watched; fresh != 0; fresh &= fresh - 1) bundle.quiet[std::countr_zero(fresh)] = 0;
  bundle.watched = watched;
}

// The lanes in which every step that can be done is; none where no step can.
std::uint32_t Voices::done(int b) const RT {
  std::uint32_t all = program_->endings.empty() ? 0 : ~0U;
  for (const auto& [state, is_done] : program_->endings) all &= is_done(bundle_[b].data + state);
  return all;
}

// A slot that has a new owner already (the voice was fading) is not this voice's to free.
void Voices::end(int b, int l, std::int64_t at) RT {
  Bundle& bundle = bundle_[b];
  const auto others = ~(1U << l);
  bundle.sounding &= others;
  bundle.held &= others;
  bundle.watched &= others;
  bundle.gliding &= others;
  bundle.fading &= others;
  bundle.gains.most[l] = kNothing;
  bundle.gains.left[l] = bundle.gains.right[l] = 0;
  const int s = b * program_->lanes + l;
  if (slot_[s].order == lane_[s].order && slot_[s].fade_from == kNever) {
    alive_until_[s] = at + kReuse;
    free_from(s, at + kReuse);
  }
}

}  // namespace hocket
