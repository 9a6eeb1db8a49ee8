// Many frames of samples at once, where all lanes go on steadily.
//
// What one lane reads in some frames lies together, what the lanes read in one frame does not: where it pays, each lane's frames
// are read side by side, and then turned over into lanes.
#pragma once

#include "server/dsp/lane_rows.h"
#include "server/dsp/player.h"

namespace hocket::dsp {
namespace {

// What it takes, in clocks, measured: a lane's row, turning rows over, and a frame of all lanes.
inline constexpr int kRow = 22, kTurn = 80, kFrame = 48;

/// One frame of all lanes after the other. Where the lanes read is found some frames ahead: it waits long enough for the frame before.
inline void play_in_lanes(const Loaded<lanes>& loaded, Place<lanes>& place, lane_mask sounding, float* left, float* right, int frames) {
  struct Spot {
    alignas(64) typename Loaded<lanes>::Four at[2];
    lanes part;
  };
  constexpr int kAhead = 4;
  Spot spots[kAhead];
  const int sides = loaded.stereo ? 2 : 1;
  const auto find = [&](Spot& spot) {
    const lane_bits first = select(sounding, place.whole - lane_bits(1U), lane_bits(0U));
    for (int c = 0; c < sides; ++c) find_four(loaded.four_from[c], first, spot.at[c]);
    spot.part = place.fraction();
    place.move(loaded.step);
  };
  const auto side = [&](const Spot& spot, int c) {
    lanes y[4];
    read_four(spot.at[c], y);
    return select(sounding, cubic(y, spot.part), lanes(0.F));
  };
  for (int i = 0; i < kAhead && i < frames; ++i) find(spots[i]);
  for (int i = 0; i < frames; ++i) {
    Spot& spot = spots[i % kAhead];
    const lanes one = side(spot, 0), other = sides == 2 ? side(spot, 1) : one;
    store(left + i * kLanes, one);
    if (right) store(right + i * kLanes, other);
    if (i + kAhead < frames) find(spot);
  }
}

/// The four neighbours of one lane's place and of those after it, `frames` of them, wherever they are.
inline void read_far(const float* from, Place<float> place, const Place<float>& step, int frames, lanes (&y)[4]) {
  const float* at[kLanes];
  for (int i = 0; i < kLanes; ++i) {
    at[i] = i < frames ? from + (place.whole - 1U) : at[0];
    place.move(step);
  }
  read_four(at, y);
}

/// Up to kLanes frames of each lane in `set`, a bit each; the others are silent.
inline void play_in_rows(const Loaded<lanes>& loaded, Place<lanes>& place, std::uint32_t set, float* left, float* right, int frames) {
  using P = Place<lanes>;
  // While a lane takes less than 3 frames a frame, all of its way is one number of 32 bits. Frames are counted from kBack before the first,
  // so that none of them is negative.
  constexpr std::uint32_t kBack = 64;
  const lane_bits by = (loaded.step.whole << P::kPartBits) + loaded.step.part, start = place.part + lane_bits(kBack * P::kWhole);
  const lane_bits last = (start + by * lane_bits(static_cast<std::uint32_t>(frames - 1))) >> P::kPartBits;
  const lane_bits low = sooner(last, lane_bits(kBack)), first = place.whole - lane_bits(1U + kBack) + low;
  const auto is_far = beyond(loaded.step.whole + lane_bits(3U), lane_bits(5U)) |
                      beyond(later(last, lane_bits(kBack)) - low, lane_bits(kNear)) |
                      beyond(first + lane_bits(2 * kLanes), load<lane_bits>(loaded.length));
  const std::uint32_t far = lane_set(is_far);
  std::uint32_t start_of[kLanes], by_of[kLanes], low_of[kLanes];
  store(start_of, start);
  store(by_of, by);
  store(low_of, low);
  LaneRows<kLanes> rows[2];
  const auto put = [&](int c, int k, lane_bits way, const lanes(&y)[4]) {
    store(rows[c].row[k], cubic(y, P{way, way & lane_bits(P::kWhole - 1)}.fraction()));
  };
  const auto way_of = [&](int k) { return lane_bits(start_of[k]) + lane_numbers<lanes>() * lane_bits(by_of[k]); };
  const int sides = loaded.stereo ? 2 : 1;
  for (int c = 0; c < sides; ++c) {
    Loaded<lanes>::Four from;
    find_four(loaded.four_from[c], first, from);
    for (std::uint32_t left_over = set & ~far; left_over != 0; left_over &= left_over - 1) {
      const int k = __builtin_ctz(left_over);
      const lane_bits way = way_of(k);
      lanes y[4];
      read_near(from[k], (way >> P::kPartBits) - lane_bits(low_of[k]), y);
      put(c, k, way, y);
    }
    for (int k = 0; k < kLanes; ++k)
      if ((set >> k & 1U) == 0) store(rows[c].row[k], lanes(0.F));
  }
  if ((set & far) != 0) {
    std::uint32_t whole_of[kLanes], step_of[kLanes], part_of[kLanes];
    store(whole_of, place.whole);
    store(step_of, loaded.step.whole);
    store(part_of, loaded.step.part);
    for (std::uint32_t left_over = set & far; left_over != 0; left_over &= left_over - 1) {
      const int k = __builtin_ctz(left_over);
      for (int c = 0; c < sides; ++c) {
        lanes y[4];
        read_far(loaded.four_from[c][k], {whole_of[k], start_of[k] & (P::kWhole - 1)}, {step_of[k], part_of[k]}, frames, y);
        put(c, k, way_of(k), y);
      }
    }
  }
  rows[0].give(left, frames);
  if (right) rows[sides - 1].give(right, frames);
  place.move(loaded.step, static_cast<std::uint32_t>(frames));
}

/// `right` may be null, where nobody hears it.
inline void play_frames(const Loaded<lanes>& loaded, Place<lanes>& place, lane_mask sounding, float* left, float* right, int frames) {
  const std::uint32_t set = lane_set(sounding) & loaded.live;
  const int count = __builtin_popcount(set);
  for (int i = 0; i < frames;) {
    const int n = least(frames - i, kLanes);
    float *const to = left + i * kLanes, *const other = right ? right + i * kLanes : nullptr;
    const bool pays = kRow * count + kTurn <= kFrame * n;
    if (pays)
      play_in_rows(loaded, place, set, to, other, n);
    else
      play_in_lanes(loaded, place, sounding, to, other, n);
    i += n;
  }
}

}  // namespace
}  // namespace hocket::dsp
