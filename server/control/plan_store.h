// What a plan's spans and pointers lead to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <vector>

#include "server/control/plan_buffers.h"
#include "server/engine/meter.h"
#include "server/engine/node.h"
#include "server/engine/plan.h"

namespace hocket {

/// Plain values that stay where they are, laid out in the order of asking, and freed together.
class Arena {
 public:
  /// Zeros, on cache lines of their own.
  float* floats(std::size_t count) {
    auto* const at = make<float>(count + 32);
    return reinterpret_cast<float*>((reinterpret_cast<std::uintptr_t>(at) + 63) & ~std::uintptr_t{63});
  }
  template <class T>
  T* make(std::size_t count = 1) {
    static_assert(std::is_trivially_destructible_v<T>);
    auto* const at = static_cast<T*>(take(sizeof(T) * count, alignof(T)));  // NOLINT(bugprone-sizeof-expression): pointers too
    for (std::size_t i = 0; i < count; ++i) new (at + i) T{};
    return at;
  }

 private:
  void* take(std::size_t bytes, std::size_t align) {
    used_ = (used_ + align - 1) / align * align;
    if (chunks_.empty() || used_ + bytes > size_) {
      size_ = std::max<std::size_t>(kChunk, bytes);
      chunks_.push_back(std::make_unique<std::byte[]>(size_));
      used_ = 0;
    }
    void* const at = chunks_.back().get() + used_;
    used_ += bytes;
    return at;
  }
  static constexpr std::size_t kChunk = 1 << 15;
  std::vector<std::unique_ptr<std::byte[]>> chunks_;
  std::size_t used_ = 0, size_ = 0;
};

/// What a step is and does, for people.
struct StepNote {
  std::string what;  ///< "lpf ~bass/lpf#0"
  std::string in, out;
};

struct PlanStore {
  Arena arena;
  std::vector<Stage> stages;
  std::vector<Task> tasks;
  std::vector<Step> steps;
  std::vector<float> task_ns;
  std::vector<Sharing> sharing;
  std::vector<SourceEntry> sources;
  std::vector<Target> targets;
  std::vector<OutputEntry> outputs;
  std::vector<Node*> nodes, gates, curves, voices;
  std::vector<NodeKey> keys;
  std::vector<Inheritance> inheritances;
  std::vector<std::shared_ptr<Node>> objects;
  std::vector<std::shared_ptr<Meter>> meters;
  std::vector<Woven*> woven;
  std::vector<std::uint32_t> turns, waits, first_next, next;  ///< as in Plan
  std::unique_ptr<std::atomic<std::uint32_t>[]> missing;
  std::deque<float> constants;
  BufferStore buffers, lane_buffers;  ///< one signal each; as many as there are lanes, side by side
  std::vector<float> scratch;

  // For the text, where it is wanted.
  bool told = false;
  std::vector<StepNote> notes;
  std::vector<std::string> output_notes, object_notes;
  std::size_t object_bytes = 0;
};

}  // namespace hocket
