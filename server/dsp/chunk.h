// Frames of one signal side by side as lanes: for units that hear of their own past only what is older than the frames in hand.
#pragma once

#include "server/dsp/running.h"

namespace hocket::dsp {
namespace {

inline constexpr int kMostInChunk = 64;

/// f(V, i) for every frame i: V is `lanes` for as many at once as there are lanes of it, float for the rest.
template <class F>
inline void side_by_side(int frames, F f) {
  int i = 0;
  for (; i + kLanes <= frames; i += kLanes) f(lanes{}, i);
  for (; i < frames; ++i) f(float{}, i);
}

/// Some frames of a run, up to kMostInChunk. U over float; no prepared port moves.
template <class U>
struct Chunk {
  const Wire* in;
  float* const* out;
  int first, frames;

  /// Port `port`, which wire `wire` leads to, in frame `i` and those after it.
  template <int port, class W>
  W read(int wire, int i) const {
    const Wire& from = in[wire];
    return held<U, port>(from.step == 0 ? W(*from.at) : load<W>(from.at + first + i));
  }
  /// Port 0, all frames: outputs may lie where inputs do.
  void copy(int wire, float* to) const {
    side_by_side(frames, [&]<class W>(W, int i) { store(to + i, read<0, W>(wire, i)); });
  }
  template <class W>
  void write(int channel, int i, W x) const {
    store(out[channel] + first + i, x);
  }
};

}  // namespace
}  // namespace hocket::dsp
