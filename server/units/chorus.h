// Chorus: copies whose time wanders, other on each side, make one voice many.
#pragma once

#include "server/dsp/chunk.h"
#include "server/dsp/osc.h"
#include "server/dsp/tape.h"

namespace hocket::units {
namespace {

// Two copies a side, 7 to 21 ms behind, on sines a quarter apart.
template <class V>
struct chorus {
  static constexpr Shape shape = Shape::spread;
  static constexpr bool tail = true, chunks = true, wanders = true;
  static constexpr unsigned few = 6, rows = 0b0110;
  static constexpr Port ports[] = {
      {"in", PortUnit::signal, 0, 0, 0, "what is doubled"},
      {"rate", PortUnit::hz, 0.6F, 0, 20, "how fast the copies wander"},
      {"depth", PortUnit::number, 0.4F, 0, 1, "how far: 1 is 7 ms to each side"},
      {"mix", PortUnit::number, 0.5F, 0, 1, "0 only the sound, 1 only the copies"},
  };

  Bits<V> at;

  struct Heads {
    Tape<V> left, right;
  };
  static std::uint32_t memory(const float*, float rate) { return 2 * side(rate); }
  static std::uint32_t side(float rate) { return static_cast<std::uint32_t>(0.023F * rate) + 8; }
  Heads open(Memory memory, const Clock& clock) const {
    const std::uint32_t frames = memory.frames / 2;
    Memory left = memory, right = memory;
    left.frames = right.frames = frames;
    right.data += frames * (lanes_of<V> > 1 ? std::size_t{lanes_of<V>} : memory.stride);
    return {{left, clock.frame}, {right, clock.frame}};
  }

  Stereo<V> tick(V in, V rate, V depth, V mix, Heads& heads, const Clock& clock) {
    return tick(Stereo<V>{in, in}, rate, depth, mix, heads, clock);
  }
  Stereo<V> tick(Stereo<V> in, V rate, V depth, V mix, Heads& heads, const Clock& clock) {
    const V centre = V(0.014F * clock.rate), reach = depth * (0.007F * clock.rate);
    const V sine = reach * sin_turn(phase_cycles<V>(at)), cosine = reach * sin_turn(phase_cycles<V>(at + Bits<V>(1U << 30)));
    const V left = 0.5F * (heads.left.read(centre + sine) + heads.left.read(centre - sine));
    const V right = 0.5F * (heads.right.read(centre + cosine) + heads.right.read(centre - cosine));
    heads.left.write(in.left);
    heads.right.write(in.right);
    at += phase_bits(rate * clock.period);
    return {in.left + mix * (left - in.left), in.right + mix * (right - in.right)};
  }
  /// At a steady rate, frames up to the newest that may be read.
  int chunk(const Chunk<chorus>& chunk, bool stereo, Nothing, Heads& heads, const Clock& clock) {
    const int next = stereo ? 1 : 0;
    const float rate = chunk.template read<1, float>(1 + next, 0);
    int frames = least(chunk.frames, static_cast<int>(0.007F * clock.rate) - 2);
    frames = least(frames, static_cast<int>(heads.left.until_end(0)));
    for (int f = 1; f < frames && chunk.in[1 + next].step != 0; ++f)
      if (chunk.template read<1, float>(1 + next, f) != rate) frames = f;
    if (frames < 1 || !heads.left.in_order()) return 0;
    float in[2][kMostInChunk];
    chunk.copy(0, in[0]);
    chunk.copy(next, in[1]);
    const std::uint32_t by = phase_bits(rate * clock.period), first = at;
    float *const left_to = heads.left.cell(0), *const right_to = heads.right.cell(0);
    side_by_side(frames, [&]<class W>(W, int f) {
      const Bits<W> phase = Bits<W>(first + static_cast<std::uint32_t>(f) * by) + lane_numbers<W>() * Bits<W>(by);
      const W centre(0.014F * clock.rate), reach = chunk.template read<2, W>(2 + next, f) * (0.007F * clock.rate);
      const W mix = chunk.template read<3, W>(3 + next, f);
      const auto side = [&](int channel, const Tape<V>& tape, W away, float* to) {
        const W dry = load<W>(in[channel] + f);
        const W copies = 0.5F * (tape.template read_ahead<W>(centre + away, f) + tape.template read_ahead<W>(centre - away, f));
        store(to + f, dry);
        chunk.write(channel, f, dry + mix * (copies - dry));
      };
      side(0, heads.left, reach * sin_turn(phase_cycles<W>(phase)), left_to);
      side(1, heads.right, reach * sin_turn(phase_cycles<W>(phase + Bits<W>(1U << 30))), right_to);
    });
    heads.left.advance(frames);
    heads.right.advance(frames);
    at = first + static_cast<std::uint32_t>(frames) * by;
    return frames;
  }
};

}  // namespace
}  // namespace hocket::units
