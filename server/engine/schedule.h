// Events that wait for their frame.
#pragma once

#include <cstdint>
#include <memory>

#include "server/bridge/event.h"
#include "server/dsp/kernel.h"

namespace hocket {

/// A bounded heap, ordered by frame, then source, then the order of giving. Thread: audio
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
  bool push(const TimedEvent&, std::int64_t frame, bool first) RT;
  /// The next one, or null.
  const Entry* top() const RT { return count_ > 0 ? heap_.get() : nullptr; }
  const TimedEvent& event(const Entry& e) const RT { return events_[e.slot]; }
  /// Takes the next one out; its event stays until `release`.
  Entry pop() RT;
  void release(const Entry&) RT;
  /// Puts an entry that was taken out back.
  void put_back(const Entry&) RT;

  /// Works every frame out anew.
  template <class FrameOf>
  void retime(FrameOf frame_of) RT {
    for (std::uint32_t i = 0; i < count_; ++i) heap_[i].frame = frame_of(events_[heap_[i].slot]);
    heapify();
  }
  /// Forgets the entries for which `goes` holds.
  template <class Goes>
  void drop(Goes goes) RT {
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
  static bool before(const Entry& a, const Entry& b) RT;
  void sift_up(std::uint32_t) RT;
  void sift_down(std::uint32_t) RT;
  void heapify() RT;

  std::unique_ptr<Entry[]> heap_;
  std::unique_ptr<TimedEvent[]> events_;
  std::unique_ptr<std::uint32_t[]> free_;
  std::uint32_t count_ = 0, free_count_, order_ = 0;
};

}  // namespace hocket
