// Buffers of one size for a plan's steps, each used again when its readers are done.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <unordered_map>
#include <vector>

namespace hocket {

/// What keeps the buffers. They begin on cache lines, hold zeros, and stay where they are.
class BufferStore {
 public:
  static constexpr std::size_t kChunk = 32;  // buffers

  std::size_t floats = 0;  ///< of one
  std::size_t count = 0;

  float* add() {
    if (count % kChunk == 0) {
      const auto bytes = (kChunk * floats * sizeof(float) + 63) / 64 * 64;
      chunks_.emplace_back(static_cast<float*>(std::aligned_alloc(64, bytes)));
      if (!chunks_.back()) throw std::bad_alloc();
      std::memset(chunks_.back().get(), 0, bytes);
    }
    return chunks_.back().get() + count++ % kChunk * floats;
  }
  /// The number of the buffer in which this lies, or -1.
  int index(const float* at) const {
    for (std::size_t c = 0; c < chunks_.size(); ++c) {
      const float* const first = chunks_[c].get();
      if (at >= first && at < first + kChunk * floats) return static_cast<int>(c * kChunk + static_cast<std::size_t>(at - first) / floats);
    }
    return -1;
  }
  std::size_t bytes() const { return count * floats * sizeof(float); }

 private:
  struct Freed {
    void operator()(float* x) const { std::free(x); }
  };
  std::vector<std::unique_ptr<float, Freed>> chunks_;
};

/// Who has which. A buffer whose readers are all in its own task serves the task again; else it is free from the next stage on,
/// and whoever takes it then must wait for those who used it.
class Buffers {
 public:
  explicit Buffers(BufferStore& store) : store_(store) {}

  /// `wait_for` is called with each other task that must be done before.
  template <class WaitFor>
  float* take(int task, WaitFor wait_for) {
    float* at = nullptr;
    for (auto* list : {&here_, &free_}) {
      if (at || list->empty()) continue;
      at = list->back();
      list->pop_back();
    }
    if (!at) at = store_.add();
    auto& users = users_[at];
    for (const int user : users)
      if (user != task) wait_for(user);
    users = {task};
    return at;
  }
  void use(const float* at, int task) {
    auto& users = users_[at];
    if (users.empty() || users.back() != task) users.push_back(task);
  }
  void give_back(float* at, bool in_own_task) { (in_own_task ? here_ : later_).push_back(at); }
  void end_task() {
    later_.insert(later_.end(), here_.begin(), here_.end());
    here_.clear();
  }
  void end_stage() {
    free_.insert(free_.end(), later_.begin(), later_.end());
    later_.clear();
  }

 private:
  BufferStore& store_;
  std::vector<float*> free_, here_, later_;
  std::unordered_map<const float*, std::vector<int>> users_;  // tasks
};

}  // namespace hocket
