// Where the frames of a run go: as they are, or on their way multiplied and moved.
#pragma once

#include "server/dsp/slots.h"

namespace hocket::dsp {
namespace {

/// One channel's frames, `lanes_of<V>` floats each. `scaled`: each becomes itself times `factor` plus `offset`, rounded once where
/// the processor can.
template <class V, bool scaled>
struct Out {
  float* to;
  V made_of(V y) const { return y; }
  template <class Edge>
  slots made_of(slots y, const Edge&) const {  ///< of several frames of one lane, see edges.h
    return y;
  }
  void write(int frame, V y) const { store(to + frame * lanes_of<V>, y); }
};
template <class V>
struct Out<V, true> {
  float* to;
  const float *factor_at, *offset_at;  // a value a lane
  V factor = load<V>(factor_at), offset = load<V>(offset_at);
  V made_of(V y) const { return mul_add(y, factor, offset); }
  template <class Edge>
  slots made_of(slots y, const Edge& edge) const {
    return mul_add(y, edge.of(factor_at), edge.of(offset_at));
  }
  void write(int frame, V y) const { store(to + frame * lanes_of<V>, y); }
};

}  // namespace
}  // namespace hocket::dsp
