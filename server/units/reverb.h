// Reverb: a stereo room of eight echoes that feed one another.
#pragma once

#include "server/dsp/chunk.h"
#include "server/dsp/lines.h"

namespace hocket::units {
namespace {

// A feedback delay network: all-passes diffuse the sound, eight lines of mutually prime lengths feed back through a Hadamard
// matrix, each with a gain for the same decay and a low-pass. Sources: Jot, Chaigne, "Digital delay networks for designing artificial
// reverberators", 1991; Schroeder, "Natural sounding artificial reverberation", 1962.
template <class V>
struct reverb {
  static constexpr Shape shape = Shape::spread;
  static constexpr bool tail = true, chunks = true;
  static constexpr unsigned few = 5;
  static constexpr Port ports[] = {
      {"in", PortUnit::signal, 0, 0, 0, "what is in the room"},
      {"mix", PortUnit::number, 0.3F, 0, 1, "0 only the sound, 1 only the room"},
      {"room", PortUnit::number, 0.5F, 0, 1, "size: it fades by 60 dB in 0.3 s at 0, 1.9 s at 0.5, 12 s at 1"},
      {"damp", PortUnit::number, 0.4F, 0, 1, "how much faster the highs fade"},
  };

  static constexpr int kEchoes = 8, kDiffusers = 4;
  // frames at 48 kHz; primes, so that echoes seldom fall together. Two diffusers a side, then the eight lines
  static constexpr int kLengths[2 * kDiffusers + kEchoes] = {149,  211,  293,  421,  163,  223,  311,  397,
                                                             1433, 1601, 1867, 2053, 2251, 2399, 2617, 2797};

  V low[kEchoes];

  using Room = Lines<V, 2 * kDiffusers + kEchoes>;
  static std::uint32_t memory(const float*, float rate) { return Room::frames(kLengths, rate); }
  Room open(Memory memory, const Clock& clock) const { return Room(kLengths, memory, clock); }

  struct Coefs {
    V damp;
    V gain[kEchoes];
  };
  static Coefs prepare(V room, V damp, const Clock&) {
    Coefs c;
    c.damp = 0.85F * damp;
    // 60 dB in t seconds: a line of d seconds has the gain 2^(-9.966 d / t); t = 0.3 * 40^room
    const V rate = -9.96578428F / 48000.F * exp2(1.73696559F - 5.32192809F * room);
    for (int i = 0; i < kEchoes; ++i) c.gain[i] = exp2(rate * static_cast<float>(kLengths[2 * kDiffusers + i]));
    return c;
  }

  int chunk(const Chunk<reverb>& chunk, bool stereo, const Coefs& c, Room& room, const Clock&) {
    const int frames = least(chunk.frames, room.straight());
    if (frames == 0) return 0;
    constexpr int kMost = kMostInChunk;
    float in[2][kMost], into[2][kMost], y[kEchoes][kMost], x[kEchoes][kMost];
    chunk.copy(0, in[0]);
    chunk.copy(stereo ? 1 : 0, in[1]);
    for (int i = 0; i < kEchoes; ++i) room.copy(2 * kDiffusers + i, y[i], frames);
    for (int side = 0; side < 2; ++side) {
      side_by_side(frames, [&]<class W>(W, int f) {
        W thick = load<W>(in[side] + f);
        for (int i = side * kDiffusers; i < (side + 1) * kDiffusers; ++i)
          thick = diffused(thick, load<W>(room.reads(i) + f), room.writes(i) + f);
        store(into[side] + f, thick);
      });
    }
    for (int f = 0; f < frames; ++f) {
      for (int i = 0; i < kEchoes; ++i) x[i][f] = low[i] = mul_add(c.damp, low[i] - y[i][f], y[i][f]);
    }
    side_by_side(frames, [&]<class W>(W, int f) {
      W echo[kEchoes], wet[2] = {W(0.F), W(0.F)};
      for (int i = 0; i < kEchoes; ++i) {
        echo[i] = W(c.gain[i]) * load<W>(x[i] + f);
        add_echo(wet, i, load<W>(y[i] + f));
      }
      spread_out(echo);
      for (int i = 0; i < kEchoes; ++i) store(room.writes(2 * kDiffusers + i) + f, fed_back(load<W>(into[i & 1] + f), echo[i]));
      const W mix = chunk.template read<1, W>(stereo ? 2 : 1, f);
      for (int side = 0; side < 2; ++side) {
        const W dry = load<W>(in[side] + f);
        chunk.write(side, f, mul_add(mix, wet[side] - dry, dry));
      }
    });
    room.advance(frames);
    return frames;
  }

  template <class W>
  static W diffused(W x, W y, float* line) {
    const W in = mul_add(W(0.6F), y, x);
    store(line, in);
    return mul_add(W(-0.6F), in, y);
  }
  template <class W>
  static void add_echo(W (&wet)[2], int i, W y) {
    wet[i & 1] += i & 2 ? -y : y;
  }
  /// A Hadamard matrix, not yet normalised.
  template <class W>
  static void spread_out(W (&x)[kEchoes]) {
    for (int half = 1; half < kEchoes; half *= 2) {
      for (int i = 0; i < kEchoes; ++i) {
        if (i & half) continue;
        const W sum = x[i] + x[i + half], difference = x[i] - x[i + half];
        x[i] = sum;
        x[i + half] = difference;
      }
    }
  }
  template <class W>
  static W fed_back(W into, W x) {
    return mul_add(W(0.5F), into, 0.353553391F * x);
  }

  V diffuse(V x, int first, Room& room) {
    for (int i = first; i < first + kDiffusers; ++i) x = diffused(x, room.read(i), room.writes(i));
    return x;
  }

  Stereo<V> tick(V in, V mix, const Coefs& c, Room& room) { return tick(Stereo<V>{in, in}, mix, c, room); }
  Stereo<V> tick(Stereo<V> in, V mix, const Coefs& c, Room& room) {
    const V into[2] = {diffuse(in.left, 0, room), diffuse(in.right, kDiffusers, room)};
    V x[kEchoes];
    V wet[2] = {V(0.F), V(0.F)};
    for (int i = 0; i < kEchoes; ++i) {
      const V y = room.read(2 * kDiffusers + i);
      low[i] = mul_add(c.damp, low[i] - y, y);
      x[i] = c.gain[i] * low[i];
      add_echo(wet, i, y);
    }
    spread_out(x);
    for (int i = 0; i < kEchoes; ++i) room.write(2 * kDiffusers + i, fed_back(into[i & 1], x[i]));
    room.advance();
    return {mul_add(mix, wet[0] - in.left, in.left), mul_add(mix, wet[1] - in.right, in.right)};
  }
};

}  // namespace
}  // namespace hocket::units
