// How a node begins where another of its kind stood: state and memory.
#include <algorithm>
#include <cstring>

#include "server/engine/node.h"

namespace hocket {

namespace {

// A tape's cell is its frame's number modulo its length: what is as far back lies elsewhere on another length.
void copy_memory(const Memory& to, const Memory& from, std::int64_t frame) RT {
  if (from.frames == 0) return;
  if (to.frames == from.frames && to.stride == 1 && from.stride == 1) {
    std::memcpy(to.data, from.data, from.frames * sizeof(float));
    return;
  }
  std::int64_t a = 0, b = 0, count = from.frames;
  if (to.frames != from.frames) {
    count = std::min({std::int64_t{to.frames}, count, frame});
    a = (frame - count) % from.frames;
    b = (frame - count) % to.frames;
  }
  for (std::int64_t i = 0; i < count; ++i) {
    to.data[b * to.stride] = from.data[a * from.stride];
    a = a + 1 == from.frames ? 0 : a + 1;
    b = b + 1 == to.frames ? 0 : b + 1;
  }
}

// Of a longer memory only what the old one held is its own.
std::int64_t valid_from(const UnitNode& to, const UnitNode& from, std::int64_t frame) RT {
  if (to.memory[0].frames == from.memory[0].frames || from.valid_from == kNever) return from.valid_from;
  return std::max(from.valid_from, frame - std::int64_t{from.memory[0].frames});
}

}  // namespace

void inherit(const Inheritance& heir, std::int64_t frame) RT {
  UnitNode& to = *heir.to;
  const UnitNode& from = *heir.from;
  for (int c = 0; c < to.states; ++c) {
    const int source = std::min(c, from.states - 1);
    std::memcpy(to.state[c], from.state[source], to.kernel.state_bytes);
    if (source != c && to.kernel.seed_offset >= 0)
      std::memcpy(static_cast<char*>(to.state[c]) + to.kernel.seed_offset, &to.seed[c], sizeof to.seed[c]);
    copy_memory(to.memory[c], from.memory[source], frame);
  }
  if (from.memory[0].frames > 0) to.valid_from = valid_from(to, from, frame);
}

}  // namespace hocket
