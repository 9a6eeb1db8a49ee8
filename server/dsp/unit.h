// What every unit's header includes, and what a unit is:
//
//   template <class V> struct NAME {               // V is float, or lanes: several voices side by side
//     static constexpr Port ports[] = {…};         // clamped by the caller to low..high; without a range, never inf or NaN
//     V x, y;                                      // state: only V, Bits<V> and structs of them; all zero is a fresh start
//     V tick(V in, V amount);                      // one frame: the ports in order; gives V or Stereo<V>
//   };
//
// Optional members:
//   tick(Stereo<V> in, …)              two channels into the first port
//   prepare(V cutoff, V res, Clock)    static: what is worked out from the last ports, only when one of them changes; tick gets
//                                      its result in their place
//   start(Mask<V> fresh, V in, …, Clock)  before the first frame, with all ports' values then
//   open(Memory, Clock)                what a run works with beside state, such as where in the memory it begins; tick gets it by
//                                      reference, after the coefficients, and moves it on
//   memory(const float*, float rate)   static: frames of memory that a lane needs, see UnitEntry
//   done()                             which lanes have ended and stay at 0
//   calm(V in, …)                      for how many frames, while no port moves, `glide` does what tick would: no decision is due.
//                                      With glide(), one frame without its inputs, and skip(frames), told after so many of them.
//                                      A unit with `open` has its result and the Clock after the ports, and glide has its result.
//   glides(work, left, right, frames)  of a unit with `open` and two outputs: so many times glide, the frames one behind the other;
//                                      `right` is null where Clock::twins is set
//   sweep(V in, …, Clock, Out, int frames)  all frames of a run while no port moves, to the same bits as tick. May give a bool;
//                                      false: did nothing, they are better taken one by one
//   flow(in&, …, Clock, Moving<m>, Out, int frames)  with `flows` true: all frames of a run in which some port moves, to the same bits
//                                      as tick, or where there is none; each input has now() and next()
//   chunk(Chunk, stereo, coefs, work, Clock)  with `chunks` true, for float: the next frames side by side as lanes, to the same bits as
//                                      tick; gives how many it did, see chunk.h. `stereo`: two wires lead to the first port
//   few                                see UnitEntry
//   rows                               the ports that say where in its memory it reads, a bit each: see UnitEntry
//   wanders                            true: it depends on when it began too
//   Kept                               what `sweep` would rather keep from run to run than work out anew, see Clock::kept
//   rests(V in, …)                     while no port moves, the output does not either: it is what `glide` gives
//   Tangent                            how coefficients follow a moving first parameter: see Followed
//   Kin, kind                          several units as one with a last port that tells which: a wave of different ones of them runs it
//   seed                               Bits<V>: set before the first run
//   shape, pure, tail                  as in UnitInfo
//   scales                             true: voices have a form of it whose output is multiplied and moved on its way, see out.h
//   waits                              true: each frame waits for the one before it, so two bundles of voices are run at once
//   swings                             true: is the oscillator with which swing.h swings filters
//   struck                             true: of its gate it hears only the rise, so no run need end where the gate does
//   takes_anything                     true: inf and NaN do its state no harm, so ports without a range need no guard, and it gives
//                                      numbers between -kBounded and kBounded all the same
//   tame                               true: has no state, and makes numbers of numbers up to kLargest
// tick may take the Clock after all these, and `Moving<m>` after it: bit i of m tells whether port i may change during the run.
#pragma once

#include "lang/port.h"
#include "server/dsp/kernel.h"
#include "server/dsp/math.h"
#include "server/dsp/out.h"

namespace hocket::dsp {
namespace {

/// Both channels of one frame.
template <class V>
struct Stereo {
  V left, right;
};

/// Which of a unit's ports may change during a run: bit i for port i.
template <unsigned mask>
struct Moving {
  static constexpr bool port(int i) { return (mask >> i & 1U) != 0; }
};

}  // namespace
}  // namespace hocket::dsp

namespace hocket::units {
namespace {
using namespace dsp;
}  // namespace
}  // namespace hocket::units
