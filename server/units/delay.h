// Echo: repeats the sound after `time`, up to 8 s, again and again with feedback.
#pragma once

#include "server/dsp/tape.h"

namespace hocket::units {
namespace {

// Cubic interpolation between frames. A time that moves by less than 4 frames a frame is followed, as a tape would; when it jumps, the echo
// fades over to the new time, and on along with it, within 20 ms.
template <class V>
struct delay {
  static constexpr bool tail = true;
  static constexpr Port ports[] = {
      {"in", PortUnit::signal, 0, 0, 0, "what is repeated"},
      {"time", PortUnit::seconds, 0.25F, 0, 8, "to the first repeat; 3/16c follows the tempo. At least two frames"},
      {"feedback", PortUnit::number, 0.4F, -0.999F, 0.999F, "level of each repeat against the one before it"},
      {"mix", PortUnit::number, 0.4F, 0, 1, "0 only the sound, 1 only its repeats"},
  };

  V now, next;  // frames of delay, and of what it fades over to
  V fade;       // above 0 while it does: 1 at the end

  static std::uint32_t memory(const float* constants, float rate) {
    const float time = constants[1] == constants[1] ? dsp::max(dsp::min(constants[1], 8.F), 2.F) : 8.F;
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

 private:
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
