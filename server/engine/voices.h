// The voices of one instrument: bundles of lanes, when each starts and ends, and whose turn it is to go.
//
// A voice sits in a slot; slot s is lane s % lanes of bundle s / lanes. Which slot a note gets, and so the order of the sum,
// depends on absolute frames alone: a voice is found to have ended only on a grid of kCell frames, and its slot is free for
// others kReuse frames later, as long as the longest run of the engine, so that all is known when a block begins, however time is cut.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

#include "server/dsp/lane_passes.h"
#include "server/engine/node.h"
#include "server/engine/plan.h"

namespace hocket {

inline constexpr int kCell = 64;    ///< frames; runs of voices are cut at its absolute multiples
inline constexpr int kReuse = 256;  ///< frames; the engine renders no more at a time, for each waiting slot costs a lane
inline constexpr int kQuietFrames = 1024;
inline constexpr int kBank = 64;  ///< slots rendered and summed together, whatever the width of the lanes
inline constexpr std::uint32_t kColumnFloats = 2 * kCell * kColumns;  ///< with which a bank's scratch begins: of both channels' sums
/// Floats between buffers of lanes: where buffers begin a multiple of 4096 bytes apart, a read waits for the write before it to another.
inline constexpr std::uint32_t kGap = 400;
inline constexpr int kMaxVoiceWires = kMaxPorts + 1;
inline constexpr int kGlideCell = kGrid;  ///< frames; values that glide take a step at its absolute multiples
inline constexpr int kGlideSteps = 20;    ///< 6.7 ms at 48 kHz: longer than a controller's usual pace, shorter than is felt

/// Where a signal inside a voice lies, and whether it moves: a buffer that a step has just filled may hold one frame for all of
/// them, because nothing that it depends on moves. What moves is told at run time, buffer by buffer.
struct VoiceWire {
  static constexpr std::uint8_t kStill = 0, kMoves = 1, kFirst = 2;
  static constexpr int kBuffers = 128;

  enum class Base : std::uint8_t {
    scratch,   ///< lanes buffers of this run
    bundle,    ///< params and rings of the bundle
    constant,  ///< the program's constants
    ring,      ///< in the bundle, one frame for each of kCell: feedback
    kept,      ///< what settled steps gave
  };
  Base base = Base::constant;
  std::uint8_t buffer = kStill;  ///< kStill, kMoves, or the number of a buffer of which it is told
  std::uint32_t offset = 0;      ///< floats
};

/// Floats from a lane's memory of so many frames to the next one's, where each is by itself: an odd number of cache lines, as powers
/// of two would all lie in the same few places of the first cache.
constexpr std::uint32_t apart_floats(std::uint32_t frames) {
  return ((frames + 15) / 16 | 1U) * 16;
}

struct VoiceStep {
  enum class Kind : std::uint8_t { unit, sum, ring };
  Kind kind = Kind::unit;
  bool pure = false;  ///< still inputs give a still output
  Run run = nullptr;
  RunTwo run_two = nullptr;  ///< for two bundles at once; null: gains nothing
  std::uint32_t state = 0;   ///< offset in the bundle, floats. ring: of the ring
  std::int32_t kept = -1;    ///< offset of what its kernel keeps; -1: nothing, or its inputs move unseen
  std::uint32_t memory = 0;  ///< offset in the bundle's memory, floats
  std::uint32_t memory_frames = 0;
  bool apart = false;  ///< its lanes' memories lie one behind the other: see UnitEntry::apart
  std::uint32_t first_wire = 0;
  std::uint32_t wires = 0;
  std::uint32_t first_found = 0;  ///< of VoiceProgram::found
  std::uint32_t found = 0;
  std::uint8_t factors = 0;                                         ///< sum: of products of so many wires each; 0: of wires
  std::uint32_t out[2] = {0, 0};                                    ///< offsets in the scratch
  std::uint8_t buffer[2] = {VoiceWire::kMoves, VoiceWire::kMoves};  ///< the same, as numbers
  bool (*rests)(const void* state, const Wire* in, float* out) RT = nullptr;
  /// Only the gate and steady values lead to it: the frame that it gives at rest may be kept here, until one of them changes. -1: not so
  std::int32_t rest = -1;
  bool parts = false;  ///< its two outputs are the two sides of what the voice gives, and nobody else hears the right one: see Clock::twins
  std::uint32_t rest_bit = 0;  ///< of Bundle::resting
};

/// Seed cells of a unit that draws.
struct VoiceSeed {
  std::uint32_t cells = 0;  ///< offset in the bundle, floats
  std::uint32_t salt = 0;   ///< tells this unit's seed from its neighbours'
};

/// A unit that can tell in which lanes it is done.
struct VoiceEnding {
  std::uint32_t state = 0;  ///< offset in the bundle, floats
  std::uint32_t (*done)(const void* state) RT = nullptr;
};

/// A signal of the graph around the voices, spread over the lanes.
struct OuterSlot {
  std::uint32_t wire = 0;     ///< which of VoicesStep::outer
  std::uint32_t scratch = 0;  ///< offset of its lanes buffer
  std::uint8_t buffer = VoiceWire::kMoves;
};

/// What a voice gives: x, or x times y, or that times z, which stands still; times `factor`.
struct VoiceOutput {
  VoiceWire x[2], y[2], z[2];
  int factors = 1;   ///< x alone, with y, with z
  float factor = 1;  ///< -1..1
};

/// An instrument, compiled. Shared by all its bundles; does not change.
struct VoiceProgram {
  int lanes = 8;
  const LanePasses* passes = nullptr;  ///< for so many lanes
  int channels = 1;
  std::span<const VoiceStep> settled;  ///< run first, where values have changed: one frame of what they alone make, into what is kept
  std::span<const VoiceStep> steps;
  std::span<const VoiceWire> wires;
  std::span<const std::uint32_t> found;  ///< the wires that each run finds anew, step by step: those in the scratch, and rings
  std::span<const OuterSlot> outer;
  std::span<const VoiceSeed> seeds;
  std::span<const VoiceEnding> endings;
  std::span<const float> inits;  ///< of the params
  const float* constants = nullptr;
  std::uint32_t params = 0;         ///< the bundle begins with them
  std::uint32_t bundle_floats = 0;  ///< params, states, rings
  std::uint32_t kept_floats = 0;    ///< behind them in the bundle; nobody's state
  std::size_t memory_floats = 0;    ///< a bundle
  std::uint32_t scratch_floats = 0;
  VoiceOutput out;
  bool hears_fall = true;                    ///< some step, or the fade, begins something in the very frame in which the gate goes off
  bool fades = false;                        ///< hears neither gate nor envelope: faded when its gate goes off
  std::int32_t quiet_frames = kQuietFrames;  ///< released and below -100 dB for so long: over
  std::int32_t done_frames = kCell;          ///< all done and below -100 dB for so long: over
  std::shared_ptr<const void> keep;
};

/// How a note is levelled on its way out.
struct LevelPan {
  float left = 1, right = 1;
};
/// Equal power for a mono voice (0.5: -3 dB a side), balance for a stereo one (0.5: unity); pan below 0: neither.
LevelPan level_pan(float gain, float pan, int voice_channels, int out_channels) RT;

class Voices : public Node {
 public:
  Voices(std::shared_ptr<const VoiceProgram>, int polyphony, int channels, double rate);

  /// A note from `command.frame` on, inside the block to come. False: there was no room. Thread: audio
  bool start(const Command&, CommandPool&) RT;
  /// Fades the voices of a cut group that sound at `frame`. Thread: audio
  void cut(std::int32_t group, std::int64_t frame, CommandPool&) RT;
  /// Ends the gate of the voice with the command's tag, if it sounds here. False: there was no room. Thread: audio
  bool let_go(const Command&, CommandPool&) RT;
  /// Moves the values of the voice with the command's tag to its event's. False: there was no room. Thread: audio
  bool change(const Command&, CommandPool&) RT;
  /// Works out the frames at which gates go off anew, from `now` on, positions moved by `to` - `from`. Thread: audio
  void retime(const TransportAnchor&, std::int64_t now, Position to, Position from) RT;

  /// Renders one bank of slots into out[0..channels): false where it is silent and nothing was written. Thread: audio or worker
  bool run_bank(int bank, const Wire* outer, float* const* out, const Block&, float* scratch) RT;
  /// The same in three: what is to be done before the first cell (false: it is silent), cell by cell, and after the last.
  bool open_bank(int bank) RT;
  void close_bank(int bank, float* const* out, int frames) RT;

  class Together;
  /// Scratch that a node of this program needs to run, and that several need to run together.
  static std::size_t scratch_floats(const VoiceProgram& p) {
    return kColumnFloats + static_cast<std::size_t>(bundles_at_once(p)) * room_of_bundle(p);
  }
  static std::size_t together_floats(const VoiceProgram&);
  /// The wires of a bundle with this data that do not depend on where and when it runs.
  static void lay_wires(const VoiceProgram&, const float* data, Wire* to) RT;

  int banks() const RT { return (slots_ + kBank - 1) / kBank; }
  int channels() const RT { return channels_; }
  int polyphony() const { return polyphony_; }
  const VoiceProgram& program() const RT { return *program_; }
  std::uint32_t sounding() const RT;
  bool idle() const RT;  ///< nothing sounds and nothing is asked for
  std::uint64_t stolen() const RT { return stolen_; }
  std::uint64_t refused() const RT { return refused_; }
  std::size_t bytes() const;

 private:
  struct Slot {  // as far as it is known ahead
    std::int64_t off = kNever;
    std::int64_t fade_from = kNever;
    std::uint64_t order = 0;
    Position until{0, 0};
    std::int32_t nudge = 0;
    std::int32_t cut = 0;
    std::uint64_t tag = 0;
  };
  struct Lane {  // as it sounds
    std::int64_t began = 0;
    std::int64_t off = kNever;
    std::int64_t release_from = kNever;
    std::int64_t fade_from = kNever;
    std::uint64_t order = 0;
    std::int32_t glides = 0;  // steps still to be taken
  };
  struct alignas(128) Bundle {
    float* data = nullptr;
    Wire* wires = nullptr;   // of all steps
    float* goals = nullptr;  // a glide's end and its step, a value: params by lanes each
    std::uint32_t gliding = 0;
    float* memory = nullptr;
    std::uint32_t sounding = 0;
    std::uint32_t held = 0;     // their gates are on
    std::uint32_t watched = 0;  // of this cell's beginning on: they end when they are quiet
    std::uint32_t fading = 0;
    std::uint32_t sided = 0;    // left and right differ
    std::uint32_t resting = 0;  // the steps of which the last run knew, a bit each
    std::int64_t next_off = kNever;
    std::int64_t same_at = kNever;  // the frame up to which it has run with values as they are
    CommandList commands;
    LaneGains gains;
    alignas(64) std::int32_t peak[kMaxLanes] = {};
    alignas(64) std::int32_t quiet[kMaxLanes] = {};  // frames
  };
  struct Pass {  // one bank's work in one block
    const Block& block;
    const Wire* outer;
    float* scratch;  // begins with the columns of the sum, kCell frames of each channel
    bool one_side;
  };

  struct States {  // of one bundle
    float* data;
    float* memory;
    const float* age;  // by lane, where there is memory
    std::uint32_t live;
    float* kept;
    bool same;  // as in Clock
    std::uint32_t* resting;
    Wire* wires;
  };
  struct Bundles {
    int first, last;
  };
  Bundles bundles_of(int bank) const RT { return {bank * per_bank_, std::min((bank + 1) * per_bank_, bundles_)}; }
  static constexpr int kFew = 8;  // voices of one bank that may run in a bundle with others

  bool fade(int slot, std::int64_t frame, CommandPool&) RT;
  int slot_of(std::uint64_t tag, std::int64_t frame) const RT;
  void begin_glide(int bundle, int lane, const Command&) RT;
  void glide(int bundle) RT;
  void free_from(int slot, std::int64_t frame) RT;
  int find_slot(std::int64_t frame) RT;
  bool make_room(std::int64_t frame, CommandPool&) RT;
  int few_and_steady(int bank, const Command*, std::int64_t end) const RT;
  void run_bank_cell(int bank, const Pass&, float* const* out, std::int64_t from, std::int64_t end) RT;
  void run_cell(int bundle, const Pass&, std::int64_t from, std::int64_t end) RT;
  void obey(int bundle, const Command&) RT;
  void begin(int bundle, int lane, const Command&) RT;
  void release(int bundle, std::int64_t at) RT;
  void watch_gates(int bundle) RT;
  // How many bundles run before they are summed: four where what they write stays in the first cache.
  static constexpr int kMostAtOnce = 4;
  static std::size_t room_of_bundle(const VoiceProgram& p) { return p.scratch_floats - kColumnFloats; }
  static int bundles_at_once(const VoiceProgram& p) RT {
    return p.scratch_floats - kColumnFloats <= 3U * (kCell * kMaxLanes + kGap) ? kMostAtOnce : 2;
  }
  union Given {    // what bundles give, by channel, each in its room
    Given() RT {}  // not cleared first
    LaneAdd of[2][kMostAtOnce];
  };
  class Run;
  States states_of(int bundle, std::int64_t at, float* age) const RT;
  void ran(int bundle, std::int64_t until) RT { bundle_[bundle].same_at = until; }
  bool runs_smoothly(int bundle, const Pass&, std::int64_t end) const RT;
  void run_steps(int bundle, const Pass&, std::int64_t at, int frames, Given&) RT;
  /// Two neighbours in one go, in the places `room` and the next of the scratch.
  void run_two(int bundle, int room, const Pass&, std::int64_t at, int frames, Given&) RT;
  void end_cell(int bundle, const Pass&, std::int64_t at) RT;
  void run_program(const States&, const Pass&, std::int64_t at, int frames, Given&) const RT;
  void drop_faulty(int bundle, const Block&, std::int64_t at) RT;
  bool begins_columns(int bundle) const RT;  ///< is the first of its bank to write its columns; then nobody has cleared them
  void clear_columns(int first, int count, const Pass&, int column_frame, int frames) RT;
  void complete(int bundle, LaneAdd&) RT;
  void sum(int bundle, const Pass&, Given&, int room, std::int64_t at, int column_frame, int frames) RT;
  void sum_several(int bundle, int count, const Pass&, Given&, std::int64_t at, int frames) RT;
  void fill_envelope(int bundle, std::int64_t at, float* envelope, int frames) const RT;
  void find_ended(int bundle, std::int64_t at) RT;
  std::uint32_t done(int bundle) const RT;
  void watch_ends(int bundle, std::uint32_t done) RT;
  void end(int bundle, int lane, std::int64_t at) RT;

  std::shared_ptr<const VoiceProgram> program_;
  const LanePasses* passes_;
  int polyphony_, channels_, slots_, bundles_, per_bank_, fade_frames_;
  double rate_;
  std::uint64_t order_ = 0, stolen_ = 0, refused_ = 0;
  int used_ = 0;                                 // the slots from here on are free
  int alive_most_ = 0;                           // no more voices than these count
  std::unique_ptr<std::int64_t[]> free_at_;      // frame from which a slot may be taken
  std::unique_ptr<std::int64_t[]> soonest_;      // by row of kColumns slots: none of them is free before
  std::unique_ptr<std::int64_t[]> alive_until_;  // frame from which its voice no longer counts
  std::unique_ptr<Slot[]> slot_;
  std::unique_ptr<Lane[]> lane_;
  std::unique_ptr<Bundle[]> bundle_;
  std::unique_ptr<Wire[]> wires_;
  std::unique_ptr<bool[]> one_side_;  // by bank: left and right are the same in this block, only the left is summed
  std::unique_ptr<float[]> data_, memory_, goals_;
  std::unique_ptr<float[]> fade_;  // gain by frames since a fade began, to 0
  std::int32_t quiet_bits_;        // what the output's peak is below when it counts as quiet
};

/// The banks first, first + stride, … of a node, each into its own buffers. One task.
struct VoicesStep {
  Voices* node = nullptr;
  const Wire* outer = nullptr;
  float* const* out = nullptr;  ///< bank by bank, its channels
  bool* wrote = nullptr;        ///< by bank
  int first = 0;
  int stride = 1;
};
void run_voices(void*, const Block&, int worker) RT;

/// All banks of several nodes that play one mono instrument, which reads nothing around it and has no memory. One task.
struct VoicesTogetherStep {
  const VoicesStep* parts = nullptr;
  int count = 0;
};
void run_voices_together(void*, const Block&, int worker) RT;

/// The banks summed in order; the node's output.
struct VoicesSumStep {
  Voices* node = nullptr;
  float* const* in = nullptr;
  const bool* wrote = nullptr;
  float* out[2] = {nullptr, nullptr};
  bool* silent = nullptr;  ///< told whether this block is all zeros
  bool ghost = false;      ///< no source plays it: tells when its last voice has ended
};
void run_voices_sum(void*, const Block&, int) RT;

}  // namespace hocket
