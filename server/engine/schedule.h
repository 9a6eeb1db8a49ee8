// Events that wait for their frame.
#pragma once

#include <cstdint>
#include <memory>

#include "server/bridge/event.h"
#include "server/dsp/kernel.h"

namespace hocket {

/// A bounded queue, ordered by frame, then source, then the order of giving. What comes in order, as nearly all does, stands in
/// line and costs no search; the rest is a heap beside it. Thread: audio
class Schedule {
 public:
  struct Entry {
    std::int64_t frame = 0;
    std::uint32_t source = 0;
    std::uint32_t order = 0;
    std::uint32_t slot = 0;
    bool first = false;  ///< came with a swap
  };

  explicit Schedule(std::uint32_t capacity);

  std::uint32_t room() const RT { return free_count_; }
  /// False: full.
  bool push(const TimedEvent& event, std::int64_t frame, bool first) RT;
  /// The next one, or null.
  const Entry* top() const RT {
    if (line_count_ == 0) return count_ > 0 ? heap_.get() : nullptr;
    const Entry* const next = &line_[line_first_];
    return count_ > 0 && before(heap_[0], *next) ? heap_.get() : next;
  }
  const TimedEvent& event(const Entry& e) const RT { return events_[e.slot]; }
  /// Takes the next one out; its event stays until `release`.
  Entry pop() RT;
  void release(const Entry& entry) RT { free_[free_count_++] = entry.slot; }
  /// Puts an entry that was taken out back.
  void put_back(const Entry&) RT;

  /// Works every frame out anew.
  template <class FrameOf>
  void retime(FrameOf frame_of) RT {
    leave_line();
    for (std::uint32_t i = 0; i < count_; ++i) heap_[i].frame = frame_of(events_[heap_[i].slot]);
    heapify();
  }
  /// Forgets the entries for which `goes` holds.
  template <class Goes>
  void drop(Goes goes) RT {
    leave_line();
    std::uint32_t kept = 0;
    for (std::uint32_t i = 0; i < count_; ++i) {
      if (goes(events_[heap_[i].slot]))
        release(heap_[i]);
      else
        heap_[kept++] = heap_[i];
    }
    count_ = kept;
    heapify();
  }

 private:
  static bool before(const Entry& a, const Entry& b) RT {
    if (a.frame != b.frame) return a.frame < b.frame;
    if (a.source != b.source) return a.source < b.source;
    return static_cast<std::int32_t>(a.order - b.order) < 0;
  }
  std::uint32_t in_line(std::uint32_t i) const RT {
    const auto at = line_first_ + i;
    return at < capacity_ ? at : at - capacity_;
  }
  void leave_line() RT;
  void sift_up(std::uint32_t) RT;
  void sift_down(std::uint32_t) RT;
  void heapify() RT;

  std::uint32_t capacity_;
  std::unique_ptr<Entry[]> heap_, line_;  // the line is a ring
  std::unique_ptr<TimedEvent[]> events_;
  std::unique_ptr<std::uint32_t[]> free_;
  std::uint32_t count_ = 0, line_first_ = 0, line_count_ = 0, free_count_, order_ = 0;
};

}  // namespace hocket
