// Envelopes: stages that begin at a gate's edge or where the last one ended, and take exactly as many frames as they should.
#pragma once

#include "server/dsp/unit.h"

namespace hocket::dsp {
namespace {

/// What an envelope is doing. A fresh one waits: it has not ended.
enum Stage : std::uint32_t { kWaits, kAttacks, kDecays, kHolds, kReleases, kEnded };

/// A level on its way to a goal. Every frame adds c - k * level: a straight line where k is 0, else the curve of a capacitor. It is told
/// from the level two frames before, so that even frames do not wait for odd ones.
/// A stage of n frames that begins at frame i is at its goal, exactly, at frame i + n; n may be 0. Times are read when a stage
/// begins. Levels go on from where they are, so nothing that interrupts a stage makes a click.
template <class V>
struct Envelope {
  V level, next, goal;
  V c, k;  ///< of two frames
  V left;  ///< frames until the goal; -1: at rest
  V gate;
  Bits<V> stage;

  /// True where the gate rose, fell, or a stage came to its end: then the unit decides what is next.
  struct Edges {
    Mask<V> rise, fall;
    bool any_change;
  };
  Edges edges(V new_gate) {
    const Mask<V> up = new_gate > 0.F, was_up = gate > 0.F;
    gate = new_gate;
    const Mask<V> rise = up & (!was_up), fall = was_up & (!up);
    return {rise, fall, any(rise | fall | at_end())};
  }

  Mask<V> at_end_of(Stage s) const { return (stage == Bits<V>(s)) & (left == 0.F); }

  void line(Mask<V> which, Stage s, V to, V seconds, const Clock& clock) {
    if (!any(which)) return;
    const V frames = begin(which, s, to, seconds, clock);
    go(which, (to - level) / frames, V(0.F));
  }
  /// Aimed so far beyond the goal that it gets there in time: it covers e-fold four times, the curve -4 of other servers.
  void curve(Mask<V> which, Stage s, V to, V seconds, const Clock& clock) {
    if (!any(which)) return;
    const V frames = begin(which, s, to, seconds, clock);
    const V aim = to + (to - level) * 0.0186573604F;  // e^-4 / (1 - e^-4)
    const V rate = -exp2_less_one(max(-5.77078016F / frames, V(-1.F)));
    go(which, aim * rate, rate);
  }
  /// The goal is reached: stay there.
  void rest(Mask<V> which, Stage s) {
    level = select(which, goal, level);
    go(which, V(0.F), V(0.F));
    left = select(which, V(-1.F), left);
    stage = select(which, Bits<V>(s), stage);
  }

  /// This frame's level; then one frame on.
  V advance() {
    const V now = glide();
    left = dsp::max(left - 1.F, V(-1.F));
    return now;
  }

  /// For how many frames a gate that stays at `new_gate` asks for no decision; then `glide` and `skip` do for them.
  int calm(V new_gate) const {
    if (any((new_gate > 0.F) != (gate > 0.F))) return 0;
    return static_cast<int>(least(select(left < 0.F, V(1e6F), left)));
  }
  V glide() {
    const V now = level;
    level = next;
    next = now + mul_add(-k, now, c);  // in this order: now + c first would round the same way every frame, and drift
    return now;
  }
  void skip(int frames) { left = dsp::max(left - static_cast<float>(frames), V(-1.F)); }
  /// Stays where it is while the gate does.
  bool rests(V new_gate) const {
    return !any((new_gate > 0.F) != (gate > 0.F)) && all((left < 0.F) & (next == level) & (level + mul_add(-k, level, c) == level));
  }

 private:
  /// By so much a frame from here on.
  void go(Mask<V> which, V by, V rate) {
    next = select(which, level + mul_add(-rate, level, by), next);
    c = select(which, by * (2.F - rate), c);
    k = select(which, rate * (2.F - rate), k);
  }
  V begin(Mask<V> which, Stage s, V to, V seconds, const Clock& clock) {
    const V frames = floor(min(seconds * clock.rate, V(16e6F)) + 0.5F);
    level = select(which & at_end(), goal, level);
    goal = select(which, to, goal);
    left = select(which, frames, left);
    stage = select(which, Bits<V>(s), stage);
    return max(frames, V(1.F));
  }
  Mask<V> at_end() const { return left == 0.F; }
};

}  // namespace
}  // namespace hocket::dsp
