// The form in which compiled units meet the engine: plain function pointers over float memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "lang/port.h"

#define RT noexcept  // real-time safe: no allocation, lock, I/O, system call or throw

namespace hocket {

inline constexpr int kMaxPorts = 12;
inline constexpr float kBounded = 10;
/// Signals beyond this, and what is no number, count as silence: one bad frame must not live on in a unit's state.
inline constexpr float kLargest = 1e9F;
inline constexpr int kMaxLanes = 16;
inline constexpr int kGrid =
    16;  ///< frames; at absolute multiples kernels work out what they then follow, and only there a voice's values glide

/// A loaded sound file, de-interleaved, read by sampler voices. Owned by the control side; outlives every plan that may read it.
struct SampleView {
  const float* channel[2] = {nullptr, nullptr};  ///< mono: both the same
  std::uint32_t frames = 0;
  float rate = 48000;
};

/// What time it is, for kernels. Positions are absolute, so nothing depends on how time is cut into blocks.
struct Clock {
  float rate = 48000;          ///< frames a second
  float period = 1.F / 48000;  ///< seconds a frame
  float cycle_s = 2;           ///< seconds a cycle
  std::int64_t frame = 0;      ///< absolute number of this run's first frame
  const SampleView* samples = nullptr;
  std::uint32_t sample_count = 0;
  std::uint32_t live = ~0U;  ///< the lanes that are heard, a bit each: from the others any numbers will do
  void* kept = nullptr;      ///< room for Kernel::kept_bytes at a multiple of 64 bytes, or null
  bool* twins = nullptr;     ///< a kernel with two outputs may set it, where no input moves: they are alike, and only the first was written
  bool same = false;  ///< inputs that stand are as they were in the kernel's last run, up to this frame: what it left in `kept` holds
};

/// One input of a run: frame i starts at `at[i * step]`; step 0 is a constant. With lanes, each frame is `lanes` floats.
struct Wire {
  const float* at = nullptr;
  int step = 0;
};

/// Large memory of one node or of `lanes` side by side (delay rings): `frames` frames, zeroed before first use.
struct Memory {
  float* data = nullptr;
  std::uint32_t frames = 0;
  std::uint32_t stride = 1;      ///< floats from frame to frame, where a kernel of one lane runs; of many: their number
  const float* age = nullptr;    ///< frames since each lane began: what was written before counts as 0. Null: all of it is valid
  const Memory* each = nullptr;  ///< a memory of its own for every lane of many, for UnitEntry::apart_mono
};

/// Runs a unit over `frames` frames. `in`: one wire a port; where the kernel takes a stereo first input, that port has two
/// wires (left, right). `out`: one buffer a channel. Thread: audio.
using Run = void (*)(void* state, Memory, const Wire* in, float* const* out, int frames, const Clock&) RT;

/// The same with two of one unit, which has no memory: states, wires, outputs and clocks of each. Thread: audio.
using RunTwo = void (*)(void* const* state, const Wire* const* in, float* const* const* out, int frames, const Clock* const*) RT;

/// Runs `count` units of one signal, one behind the other, over `frames` frames of `in`, all together; `states`: for each
/// group as many as there are lanes, side by side; the units follow one another from the last lane of the first group down, so
/// that the last of them is in lane 0 of the last group. `constants`: for each group the ports after the first, a value a lane. False: some
/// unit gave what is no number. Thread: audio.
using Series = bool (*)(void* const* states, const float* constants, Wire in, float* out, int count, int frames, const Clock&) RT;
/// By this port comes what coefficients follow (see followed.h), where a series can follow it.
inline constexpr int kFollowedPort = 1;
/// The same where that port moves, and the coefficients follow it: `followed` is a wire a unit, in their order; `constants` are the
/// ports after it, as they were when the states were left. Thread: audio.
using FollowedSeries = bool (*)(void* const* states, const float* constants, const Wire* followed, Wire in, float* out, int count,
                                int frames, const Clock&) RT;
inline constexpr int kMostSeriesGroups = 2;  // measured: more of them in one wave run no faster

/// One compiled form of a unit. State is cells of 4 bytes, `lanes` side by side: lane k of it is a strided copy; all zero
/// bytes are a fresh state.
struct Kernel {
  Run run = nullptr;             ///< null: the unit has no such form
  RunTwo run_two = nullptr;      ///< two at once take less time than one after the other. Null: they do not
  std::uint8_t in_channels = 1;  ///< of the first port, where it is a signal
  std::uint8_t out_channels = 1;
  std::uint32_t state_bytes = 0;
  std::uint32_t kept_bytes = 0;   ///< of what it would keep from run to run beside its state, to save work: see Clock::kept
  std::int32_t seed_offset = -1;  ///< of the 32-bit seed cell(s) in the state, set before the first run; -1: draws nothing
  std::uint32_t (*done)(const void* state) RT = nullptr;  ///< envelopes and players: which lanes have ended and stay at 0, a bit each
  /// Envelopes: while the inputs stay as they are (none moves), the output does too; then it is written, one frame of it. Null: it may
  /// always move.
  bool (*rests)(const void* state, const Wire* in, float* out) RT = nullptr;
};

/// A unit as compiled for one instruction set. Forms: V = float for the graph, V = lanes for voices; `mono` and `stereo` say
/// how many channels the first input has (Shape::each has only `mono`, run once a channel).
struct UnitEntry {
  UnitInfo info;
  bool bounded = false;  ///< gives numbers between -kBounded and kBounded whatever comes: nobody need look
  bool tame = false;     ///< gives numbers, if what comes are numbers up to kLargest
  bool struck = false;   ///< of its gate, its first port, it hears only the rise
  Kernel mono, stereo;
  Kernel voice_mono, voice_stereo;
  /// As voice_mono, with two more wires, which do not move: the output is multiplied by the first, the second is added.
  Kernel voice_scaled;
  /// A filter with a sine that swings its cutoff, see swing.h. Wires: the signal, the sine's ports, what it is multiplied by and moved by,
  /// the filter's other port. The second form takes it that the signal is a number between -kBounded and kBounded.
  Kernel voice_swung, voice_swung_bounded;
  bool swings = false;                                    ///< is the sine to which such filters listen
  Series series[kMostSeriesGroups] = {nullptr, nullptr};  ///< for 1, 2 groups; null: cannot
  /// The same for units of which each is any with the first of these in common; their constants end with `kind`.
  Series kin_series[kMostSeriesGroups] = {nullptr, nullptr};
  FollowedSeries followed_series[kMostSeriesGroups] = {nullptr, nullptr};
  FollowedSeries followed_kin_series[kMostSeriesGroups] = {nullptr, nullptr};
  float kind = 0;
  /// Frames of Memory that one lane needs. `constants[port]` is NaN where the input is not constant. Null: none.
  std::uint32_t (*memory)(const float* constants, float rate) = nullptr;
  std::uint32_t few = 1;  ///< so many of them take as long by themselves as kMaxLanes side by side, about. Measured
  /// Ports that tell where in the memory it reads, a bit each. Lanes read rows, as voice_mono does best, where these are constants, the
  /// same for all, and all began at once if it `wanders`. Otherwise better each reads in a memory by itself: see Memory::each. 0: rows.
  unsigned rows = 0;
  bool wanders = false;
  Run apart_mono = nullptr, apart_stereo = nullptr;
};

struct LanePasses;

/// All units for one instruction set.
struct UnitTable {
  const char* isa = "";
  int lanes = 8;
  bool fused = false;                  ///< rounds x y + z once. Tables that agree in this agree in every bit
  const LanePasses* passes = nullptr;  ///< see lane_passes.h
  std::span<const UnitEntry> units;    ///< ordered by name
};

/// The table for the best instruction set that this CPU runs; `isa` forces one ("x86-64", "x86-64-v3", "x86-64-v4", "generic").
const UnitTable& unit_table(const char* isa = nullptr);
std::span<const UnitTable* const> all_unit_tables();  ///< those that this CPU can run

}  // namespace hocket
