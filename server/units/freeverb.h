// The public-domain reverb of many servers: eight combs and four all-passes, mono.
#pragma once

#include "server/dsp/chunk.h"
#include "server/dsp/lines.h"

namespace hocket::units {
namespace {

// Structure: Jezar at Dreampoint, "Freeverb", 2000, one channel. Lengths are in frames at 48 kHz and scale with the rate; at
// room 0.5 and damp 0.5 the combs feed back 0.84 and damp 0.2.
template <class V>
struct freeverb {
  static constexpr bool tail = true, chunks = true;
  static constexpr unsigned few = 2;
  static constexpr Port ports[] = {
      {"in", PortUnit::signal, 0, 0, 0, "what is in the room"},
      {"mix", PortUnit::number, 0.33F, 0, 1, "0 only the sound, 1 only the room"},
      {"room", PortUnit::number, 0.5F, 0, 1, "size: feedback 0.7 to 0.98"},
      {"damp", PortUnit::number, 0.5F, 0, 1, "how fast the highs fade"},
  };

  static constexpr int kCombs = 8, kAllPasses = 4;
  static constexpr int kLengths[kCombs + kAllPasses] = {1116, 1188, 1277, 1356, 1422, 1491, 1557, 1617, 556, 441, 341, 225};

  V low[kCombs];

  using Room = Lines<V, kCombs + kAllPasses>;
  static std::uint32_t memory(const float*, float rate) { return Room::frames(kLengths, rate); }
  Room open(Memory memory, const Clock& clock) const { return Room(kLengths, memory, clock); }

  struct Coefs {
    V feedback, damp;
  };
  static Coefs prepare(V room, V damp, const Clock&) { return {0.28F * room + 0.7F, 0.4F * damp}; }

  V tick(V in, V mix, const Coefs& c, Room& room) {
    const V into = in * 0.015F;
    V wet = V(0.F);
    for (int i = 0; i < kCombs; ++i) {
      const V y = room.read(i);
      low[i] = mul_add(c.damp, low[i] - y, y);
      room.write(i, mul_add(c.feedback, low[i], into));
      wet += y;
    }
    for (int i = kCombs; i < kCombs + kAllPasses; ++i) {
      const V y = room.read(i);
      room.write(i, mul_add(V(0.5F), y, wet));
      wet = y - wet;
    }
    room.advance();
    return mul_add(mix, wet - in, in);
  }
  int chunk(const Chunk<freeverb>& chunk, bool, const Coefs& c, Room& room, const Clock&) {
    const int frames = least(chunk.frames, room.straight());
    if (frames == 0) return 0;
    float y[kCombs + kAllPasses][kMostInChunk], damped[kCombs][kMostInChunk];
    for (int i = 0; i < kCombs + kAllPasses; ++i) room.copy(i, y[i], frames);
    for (int f = 0; f < frames; ++f) {
      for (int i = 0; i < kCombs; ++i) damped[i][f] = low[i] = mul_add(c.damp, low[i] - y[i][f], y[i][f]);
    }
    side_by_side(frames, [&]<class W>(W, int f) {
      const W in = chunk.template read<0, W>(0, f), into = in * 0.015F;
      W wet(0.F);
      for (int i = 0; i < kCombs; ++i) {
        store(room.writes(i) + f, mul_add(W(c.feedback), load<W>(damped[i] + f), into));
        wet += load<W>(y[i] + f);
      }
      for (int i = kCombs; i < kCombs + kAllPasses; ++i) {
        const W echo = load<W>(y[i] + f);
        store(room.writes(i) + f, mul_add(W(0.5F), echo, wet));
        wet = echo - wet;
      }
      chunk.write(0, f, mul_add(chunk.template read<1, W>(1, f), wet - in, in));
    });
    room.advance(frames);
    return frames;
  }
};

}  // namespace
}  // namespace hocket::units
