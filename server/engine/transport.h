// The transport: cycles to frames and back, exactly, through changes of tempo.
#pragma once

#include <cstdint>

#include "server/dsp/kernel.h"
#include "server/engine/engine.h"

namespace hocket {

/// 128 bits: products of two positions fit.
__extension__ using Wide = __int128;

inline constexpr std::int64_t kNever = INT64_MAX;

/// num / den in lowest terms where its denominator is at most 2^32, else the nearest multiple of 2^-32: an error of at most
/// 1.2e-10 cycles, far below a frame, so that denominators stay bounded through any number of tempo changes.
Position fine_position(Wide num, Wide den) RT;

/// a + b - c, exactly or to the fine grid.
Position shifted(Position a, Position b, Position c) RT;

/// The anchor from `frame` on, where the tempo changes and the position does not.
TransportAnchor retimed(const TransportAnchor&, std::int64_t frame, Position frames_per_cycle) RT;

/// Valid for the arithmetic here: positive denominators, a positive tempo.
TransportAnchor sane(TransportAnchor) RT;

inline double seconds_per_cycle(const TransportAnchor& a, double rate) RT {
  return static_cast<double>(a.frames_per_cycle.num) / static_cast<double>(a.frames_per_cycle.den) / rate;
}

}  // namespace hocket
