// Chorus: copies whose time wanders, other on each side, make one voice many.
#pragma once

#include "server/dsp/osc.h"
#include "server/dsp/tape.h"

namespace hocket::units {
namespace {

// Two copies a side, 7 to 21 ms behind, on sines a quarter apart.
template <class V>
struct chorus {
  static constexpr Shape shape = Shape::spread;
  static constexpr bool tail = true;
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
    const std::size_t stride = lanes_of<V> > 1 ? lanes_of<V> : memory.stride;
    Memory left = memory, right = memory;
    left.frames = right.frames = frames;
    right.data += frames * stride;
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
};

}  // namespace
}  // namespace hocket::units
