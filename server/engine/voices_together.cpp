// Voices of several nodes that play the same instrument: where each has but a few, they are run side by side in one bundle.
//
// A voice stays where it is: its state is copied out of its own bundle for one cell and back again, and what it gives is summed
// into its own node's output, in the order in which its own bundle would be. Only cells in which nothing begins, ends or glides
// are run so; the others are run as ever. Lanes know nothing of their neighbours, so no sample depends on who shares with whom.
#include <algorithm>
#include <bit>
#include <cstring>

#include "server/engine/lane_form.h"
#include "server/engine/rt.h"
#include "server/engine/voices.h"

namespace hocket {

namespace {

// Sums of streams, as LanePasses::add_columns makes them; what is not there is 0, and none is -0.
float* add(float* a, float* b, int frames) RT {
  if (!a || !b) return a ? a : b;
  for (int i = 0; i < frames; ++i) a[i] += b[i];
  return a;
}
float* sum_of(float* const* column, int frames) RT {
  float* quad[4];
  for (int q = 0; q < 4; ++q) quad[q] = add(add(column[q], column[q + 4], frames), add(column[q + 8], column[q + 12], frames), frames);
  return add(add(quad[0], quad[1], frames), add(quad[2], quad[3], frames), frames);
}

// Of the common bundle: its state with what it keeps, and its wires.
std::size_t state_floats(const VoiceProgram& p) RT {
  return (p.bundle_floats + p.kept_floats + 15U) & ~15U;
}
std::size_t wire_floats(const VoiceProgram& p) RT {
  return (p.wires.size() * (sizeof(Wire) / sizeof(float)) + 15U) & ~std::size_t{15};
}

}  // namespace

/// One cell of all the nodes. Thread: the worker that runs the task
class Voices::Together {
 public:
  Together(const VoicesStep* parts, int count, const Block& block, float* scratch)
      : parts_(parts), count_(count), block_(block), program_(*parts[0].node->program_), scratch_(scratch) {
    float* at = scratch + scratch_floats(program_);
    const auto take = [&](std::size_t floats) RT {
      float* const taken = at;
      at += floats;
      return taken;
    };
    state_ = take(state_floats(program_));
    wires_ = reinterpret_cast<Wire*>(take(wire_floats(program_)));
    product_ = take(kCell * kMaxLanes);
    streams_ = take(kCell * kMaxLanes);
    lay_wires(program_, state_, wires_);
  }

  void run(std::int64_t from, std::int64_t end) RT {
    for (const VoicesStep* part = parts_; part < parts_ + count_; ++part)
      for (int bank = 0; bank < part->node->banks(); ++bank) {
        if (!part->wrote[bank]) continue;
        const int voices = part->node->few_and_steady(bank, block_.commands, end);
        if (voices == 0)
          alone(*part, bank, from, end);
        else
          join(*part, bank, voices, from, end);
      }
    finish(from, end);
  }

 private:
  struct Party {  // of one bank
    const VoicesStep* part;
    int bank, first, voices;  // lanes of the common bundle
  };

  void alone(const VoicesStep& part, int bank, std::int64_t from, std::int64_t end) RT {
    Voices& node = *part.node;
    const Pass pass{block_, part.outer, scratch_, node.one_side_[bank]};
    node.run_bank_cell(bank, pass, part.out + bank * node.channels_, from, end);
  }

  void join(const VoicesStep& part, int bank, int voices, std::int64_t from, std::int64_t end) RT {
    if (lanes_ + voices > program_.lanes) finish(from, end);
    party_[parties_++] = {&part, bank, lanes_, voices};
    const int width = program_.lanes;
    const auto [first, last] = part.node->bundles_of(bank);
    for (int b = first; b < last; ++b)
      for (auto left = part.node->bundle_[b].sounding; left != 0; left &= left - 1) slot_[lanes_++] = b * width + std::countr_zero(left);
  }

  void finish(std::int64_t from, std::int64_t end) RT {
    if (parties_ == 1) {
      alone(*party_[0].part, party_[0].bank, from, end);
    } else if (parties_ > 1) {
      const int frames = static_cast<int>(end - from);
      fetch();
      Given given;
      const Pass pass{block_, nullptr, scratch_, true};
      std::uint32_t resting = 0;
      parts_[0].node->run_program({state_, nullptr, nullptr, (1U << lanes_) - 1, state_ + program_.bundle_floats, false, &resting, wires_},
                                  pass, from, frames, given);
      put_back();
      part_streams(given.of[0][0].from, frames);
      for (int p = 0; p < parties_; ++p) sum(party_[p], from, frames);
    }
    parties_ = lanes_ = 0;
  }

  template <class Do>  // (lane of the common bundle, first float of the voice in its own)
  void each_lane(Do give) RT {
    for (int p = 0; p < parties_; ++p)
      for (int k = party_[p].first; k < party_[p].first + party_[p].voices; ++k)
        give(k, party_[p].part->node->bundle_[slot_[k] / program_.lanes].data + slot_[k] % program_.lanes);
  }

  // Lanes that are left over do as the first does: then nothing happens in them that does not happen anyway.
  void fetch() RT {
    const auto width = static_cast<std::uint32_t>(program_.lanes);
    each_lane([&](int k, const float* from) RT {
      for (std::uint32_t i = 0; i < program_.bundle_floats; i += width) state_[i + static_cast<std::uint32_t>(k)] = from[i];
    });
    for (std::uint32_t i = 0; i < program_.bundle_floats; i += width) std::fill(state_ + i + lanes_, state_ + i + width, state_[i]);
  }
  void put_back() RT {
    const auto width = static_cast<std::uint32_t>(program_.lanes);
    each_lane([&](int k, float* to) RT {
      for (std::uint32_t i = program_.params * width; i < program_.bundle_floats; i += width)
        to[i] = state_[i + static_cast<std::uint32_t>(k)];
    });
  }

  // What each lane gives, by itself.
  void part_streams(const LaneSource& from, int frames) RT {
    const int width = program_.lanes;
    for (int f = 0; f < frames; ++f) {
      const float* const x = from.x.at + f * from.x.step;
      const float* const y = from.y.at ? from.y.at + f * from.y.step : nullptr;
      float* const to = product_ + f * width;
      for (int k = 0; k < width; ++k) to[k] = y ? x[k] * y[k] : x[k];
      for (int k = 0; k < width && from.z.at; ++k) to[k] *= from.z.at[k];
    }
    float* rows[kMaxLanes];
    for (int k = 0; k < width; ++k) rows[k] = k < lanes_ ? streams_ + k * kCell : nullptr;
    lane_form(width).unweave(product_, rows, frames);
  }

  // As LanePasses::add and add_columns do, for few voices.
  void sum(const Party& party, std::int64_t from, int frames) RT {
    Voices& node = *party.part->node;
    const int width = program_.lanes, sides = node.one_side_[party.bank] ? 1 : node.channels_;
    float columns[2][kFew][kCell];
    float* column[2][kColumns] = {};
    int taken = 0;
    for (int k = party.first; k < party.first + party.voices; ++k) {
      const int b = slot_[k] / width, l = slot_[k] % width;
      Bundle& bundle = node.bundle_[b];
      const float* const x = streams_ + k * kCell;
      const int c = slot_[k] % kColumns;
      const bool first = !column[0][c];
      for (int side = 0; side < sides; ++side) {
        if (first) column[side][c] = columns[side][taken];
        float* const to = column[side][c];
        const float gain = side == 0 ? bundle.gains.left[l] : bundle.gains.right[l];
        bundle.peak[l] = std::max(bundle.peak[l], node.passes_->add_one(x, gain, to, first, frames));
      }
      taken += first;
    }
    const auto at = from - block_.clock.frame;
    for (int side = 0; side < sides; ++side) {
      const float* const all = sum_of(column[side], frames);
      std::memcpy(party.part->out[party.bank * node.channels_ + side] + at, all, sizeof(float) * static_cast<unsigned>(frames));
    }
    const auto end = from + frames;
    for (int k = party.first, last = -1; k < party.first + party.voices; ++k) {
      const int b = slot_[k] / width;
      if (b == last) continue;
      last = b;
      if (end % kCell != 0) continue;
      node.drop_faulty(b, block_, end);
      node.find_ended(b, end);
    }
  }

  const VoicesStep* parts_;
  int count_;
  const Block& block_;
  const VoiceProgram& program_;
  float *scratch_, *state_, *product_, *streams_;
  Wire* wires_;
  Party party_[kMaxLanes];
  int slot_[kMaxLanes];  // lane of the common bundle → slot of its own node
  int parties_ = 0, lanes_ = 0;
};

std::size_t Voices::together_floats(const VoiceProgram& p) {
  return scratch_floats(p) + state_floats(p) + wire_floats(p) + std::size_t{2} * kCell * kMaxLanes;
}

// How many voices of a bank sound, if they are few and nothing happens to any of them before `end`; else 0.
int Voices::few_and_steady(int bank, const Command* commands, std::int64_t end) const RT {
  const auto [first, last] = bundles_of(bank);
  int voices = 0;
  for (int b = first; b < last; ++b) {
    const Bundle& bundle = bundle_[b];
    if (bundle.commands.head >= 0 && commands[bundle.commands.head].frame < end) return 0;
    if (bundle.sounding == 0) continue;
    if (bundle.gliding != 0 || bundle.fading != 0 || bundle.next_off < end) return 0;
    voices += std::popcount(bundle.sounding);
  }
  return voices <= kFew ? voices : 0;
}

void run_voices_together(void* self, const Block& block, int worker) RT {
  const auto& step = *static_cast<const VoicesTogetherStep*>(self);
  float* const scratch = block.plan->scratch + static_cast<std::size_t>(worker) * block.plan->scratch_stride;
  for (const VoicesStep* part = step.parts; part < step.parts + step.count; ++part)
    for (int b = 0; b < part->node->banks(); ++b) put_if_new(part->wrote[b], part->node->open_bank(b));
  Voices::Together together(step.parts, step.count, block, scratch);
  const auto end = block.clock.frame + block.frames;
  for (auto at = block.clock.frame; at < end;) {
    const auto until = std::min(end, at / kCell * kCell + kCell);
    together.run(at, until);
    at = until;
  }
  for (const VoicesStep* part = step.parts; part < step.parts + step.count; ++part)
    for (int b = 0; b < part->node->banks(); ++b)
      if (part->wrote[b]) part->node->close_bank(b, part->out + b * part->node->channels(), block.frames);
}

}  // namespace hocket
