// Distortion: a soft clipper (tanh) with drive, at twice the rate.
#pragma once

#include "server/dsp/chunk.h"
#include "server/dsp/oversample.h"

namespace hocket::units {
namespace {

template <class V>
struct dist {
  static constexpr bool chunks = true;
  static constexpr unsigned few = 3;
  static constexpr Port ports[] = {
      {"in", PortUnit::signal, 0, 0, 0, "what is distorted"},
      {"drive", PortUnit::number, 4, 0, 1000, "gain before the clipper; below 1 it stays nearly clean"},
  };

  Doubled<V> rate;

  V tick(V in, V drive) {
    const auto two = rate.up(in * drive);
    return rate.down(tanh(two.first), tanh(two.second));
  }
  int chunk(const Chunk<dist>& chunk, bool, Nothing, Nothing, const Clock&) {
    const int frames = chunk.frames;
    float in[kMostInChunk], first[kMostInChunk], second[kMostInChunk];
    side_by_side(frames, [&]<class W>(W, int f) { store(in + f, chunk.template read<0, W>(0, f) * chunk.template read<1, W>(1, f)); });
    auto filters = rate;
    for (int f = 0; f < frames; ++f) {
      const auto two = filters.up(in[f]);
      first[f] = two.first, second[f] = two.second;
    }
    side_by_side(frames, [&]<class W>(W, int f) {
      store(first + f, tanh(load<W>(first + f)));
      store(second + f, tanh(load<W>(second + f)));
    });
    for (int f = 0; f < frames; ++f) chunk.write(0, f, filters.down(first[f], second[f]));
    rate = filters;
    return frames;
  }
};

}  // namespace
}  // namespace hocket::units
