// Lanes that each have a memory of their own: every lane's frames are taken as those of one signal, side by side (see chunk.h).
//
// Where times differ from lane to lane, what the lanes read in one frame lies far apart, and is fetched value by value; what one of them
// reads in some frames lies together.
#pragma once

#include "server/dsp/lane_rows.h"
#include "server/dsp/strand.h"

namespace hocket::dsp {
namespace {

/// A kernel for lanes, made of the one for a single signal, `alone`.
template <template <class> class Unit, bool stereo>
struct Apart {
  using U = Unit<float>;
  using One = State<U, float>;
  static constexpr int kWires = Traits<U, float>::ports + (stereo ? 1 : 0);
  static constexpr int kOuts = stereo || shape_of<U>() == Shape::spread ? 2 : 1;
  static constexpr int kCells = sizeof(One) / sizeof(std::uint32_t);

  template <class Alone>
  static void run(void* state, const Memory& memory, const Wire* in, float* const* out, int frames, Clock clock, Alone alone) RT {
    for (int at = 0; at < frames; at += kMostInChunk) {
      Wire from[kWires];
      for (int w = 0; w < kWires; ++w) from[w] = {in[w].at + at * in[w].step, in[w].step};
      float* to[kOuts];
      for (int c = 0; c < kOuts; ++c) to[c] = out[c] + at * kLanes;
      const int n = least(frames - at, kMostInChunk);
      some(static_cast<std::uint32_t*>(state), memory, static_cast<float>(at), from, to, n, clock, alone);
      clock.frame += n;
    }
  }

 private:
  template <class Alone>
  static void some(std::uint32_t* state, const Memory& memory, float gone, const Wire* in, float* const* out, int frames,
                   const Clock& clock, Alone alone) RT {
    LaneRows<kMostInChunk> ins[kWires], outs[kOuts];
    for (int w = 0; w < kWires; ++w)
      if (in[w].step != 0) ins[w].take(in[w].at, frames);
    for (int k = 0; k < kLanes; ++k) {
      if ((clock.live >> k & 1U) == 0) {
        for (int c = 0; c < kOuts; ++c) __builtin_memset(outs[c].row[k], 0, sizeof(float) * static_cast<unsigned>(frames));
        continue;
      }
      Wire wires[kWires];
      for (int w = 0; w < kWires; ++w) wires[w] = in[w].step != 0 ? Wire{ins[w].row[k], 1} : Wire{in[w].at + k, 0};
      float* rows[2] = {outs[0].row[k], outs[kOuts - 1].row[k]};
      std::uint32_t cells[kCells];
      for (int c = 0; c < kCells; ++c) cells[c] = state[c * kLanes + k];
      Memory own = memory.each[k];
      const float age = own.age ? *own.age + gone : 0;
      if (own.age) own.age = &age;
      alone(cells, own, wires, rows, frames, clock);
      for (int c = 0; c < kCells; ++c) state[c * kLanes + k] = cells[c];
    }
    for (int c = 0; c < kOuts; ++c) outs[c].give(out[c], frames);
  }
};

}  // namespace
}  // namespace hocket::dsp
