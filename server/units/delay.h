// Echo: repeats the sound after `time`, up to 8 s, again and again with feedback.
#pragma once

#include "server/dsp/chunk.h"
#include "server/dsp/tape.h"

namespace hocket::units {
namespace {

// Cubic interpolation between frames. A time that moves by less than 4 frames a frame is followed, as a tape would; when it jumps, the echo
// fades over to the new time, and on along with it, within 20 ms.
template <class V>
struct delay {
  static constexpr bool tail = true, chunks = true;
  static constexpr unsigned few = 5, rows = 0b0010;
  static constexpr Port ports[] = {
      {"in", PortUnit::signal, 0, 0, 0, "what is repeated"},
      {"time", PortUnit::seconds, 0.25F, 0, 8, "to the first repeat; 3/16c follows the tempo. At least two frames"},
      {"feedback", PortUnit::number, 0.4F, -0.999F, 0.999F, "level of each repeat against the one before it"},
      {"mix", PortUnit::number, 0.4F, 0, 1, "0 only the sound, 1 only its repeats"},
  };

  V now, next;  // frames of delay, and of what it fades over to
  V fade;       // above 0 while it does: 1 at the end

  static std::uint32_t memory(const float* constants, float rate) {
    const float t = constants[1] == constants[1] ? dsp::min(constants[1], 8.F) : 8.F;
    const float time = dsp::max(t, dsp::min(dsp::max(2.F * t, 0.5F), 2.F));  // one that is set longer mostly needs no new memory
    return static_cast<std::uint32_t>(time * rate) + 8;
  }
  Tape<V> open(Memory memory, const Clock& clock) const { return {memory, clock.frame}; }

  static V frames(V time, const Clock& clock) { return dsp::max(time * clock.rate, V(2.F)); }
  void start(Mask<V> fresh, V, V time, V, V, const Clock& clock) { now = select(fresh, frames(time, clock), now); }

  V tick(V in, V time, V feedback, V mix, Tape<V>& tape, const Clock& clock) {
    const V goal = dsp::min(frames(time, clock), V(tape.longest()));
    if (any((goal != now) | (fade > 0.F))) move(goal, tape.longest(), clock);
    V wet = tape.read(now);
    if (any(fade > 0.F)) {
      const V share = fade * fade * (3.F - 2.F * fade);  // no corner at either end
      wet = select(fade > 0.F, wet + share * (tape.read(dsp::max(next, V(2.F))) - wet), wet);
    }
    tape.write(mul_add(feedback, wet, in));
    return mul_add(mix, wet - in, in);
  }
  /// While the time does not jump, frames up to the newest that is read.
  int chunk(const Chunk<delay>& chunk, bool, Nothing, Tape<V>& tape, const Clock& clock) {
    if (!tape.in_order() || fade > 0.F) return 0;
    return chunk.in[1].step == 0 ? standing(chunk, tape, clock) : moving(chunk, tape, clock);
  }

 private:
  int standing(const Chunk<delay>& chunk, Tape<V>& tape, const Clock& clock) {
    if (dsp::min(frames(chunk.template read<1, float>(1, 0), clock), tape.longest()) != now) return 0;
    const float part = now - floor(now);
    const auto whole = static_cast<std::uint32_t>(now);
    int frames = least(chunk.frames, static_cast<int>(whole) - 1);
    for (const std::uint32_t n : {0U, whole - 1, whole, whole + 1, whole + 2}) frames = least(frames, static_cast<int>(tape.until_end(n)));
    const float* const from[] = {tape.cell(whole - 1), tape.cell(whole), tape.cell(whole + 1), tape.cell(whole + 2)};
    float* const to = tape.cell(0);
    side_by_side(frames, [&]<class W>(W, int f) {
      W y[4];
      for (std::uint32_t k = 0; k < 4; ++k) y[k] = tape.valid_ahead(load<W>(from[k] + f), W(static_cast<float>(whole - 1 + k)), f);
      repeat(chunk, f, part == 0.F ? y[1] : cubic(y, W(part)), to);
    });
    tape.advance(frames);
    return frames;
  }
  int moving(const Chunk<delay>& chunk, Tape<V>& tape, const Clock& clock) {
    const int most = least(chunk.frames, static_cast<int>(tape.until_end(0)));
    float* const to = tape.cell(0);
    // `times` in frames: those before, in the end these
    const auto some = [&]<class W>(W& times, int f) {
      const W time = dsp::min(dsp::max(chunk.template read<1, W>(1, f) * clock.rate, W(2.F)), W(tape.longest()));
      constexpr auto kNewest = static_cast<float>(lanes_of<W> + 1);
      if (any((dsp::abs(time - previous_lane(times, time)) > 4.F) | (time < kNewest))) return false;
      times = time;
      repeat(chunk, f, tape.read_ahead(time, f), to);
      return true;
    };
    int frames = 0;
    lanes times(now);
    while (frames + kLanes <= most && some(times, frames)) frames += kLanes;
    now = last_lane(times);
    while (frames < most && some(now, frames)) ++frames;
    tape.advance(frames);
    return frames;
  }
  template <class W>
  static void repeat(const Chunk<delay>& chunk, int f, W wet, float* to) {
    const W in = chunk.template read<0, W>(0, f);
    store(to + f, mul_add(chunk.template read<2, W>(2, f), wet, in));
    chunk.write(0, f, mul_add(chunk.template read<3, W>(3, f), wet - in, in));
  }
  // While it fades, both taps follow a time that goes on moving; one that jumps again has to wait.
  void move(V goal, float longest, const Clock& clock) {
    const V step = clock.period * 50.F;
    const Mask<V> fading = fade > 0.F;
    const V way = goal - select(fading, next, now);
    const Mask<V> near = dsp::abs(way) <= 4.F;
    const V along = dsp::max(dsp::min(now + way, V(longest)), V(2.F));
    now = select(near, select(fading, along, goal), dsp::min(now, V(longest)));
    next = select(near | (!fading), goal, next);
    fade = select(fading, fade + step, select(near, V(0.F), step));
    const Mask<V> arrived = fade >= 1.F;
    now = select(arrived, next, now);
    fade = select(arrived, V(0.F), fade);
  }
};

}  // namespace
}  // namespace hocket::units
