#include "server/engine/schedule.h"

#include <utility>

namespace hocket {

Schedule::Schedule(std::uint32_t capacity)
    : heap_(std::make_unique<Entry[]>(capacity)),
      events_(std::make_unique<TimedEvent[]>(capacity)),
      free_(std::make_unique<std::uint32_t[]>(capacity)),
      free_count_(capacity) {
  for (std::uint32_t i = 0; i < capacity; ++i) free_[i] = capacity - 1 - i;
}

bool Schedule::before(const Entry& a, const Entry& b) RT {
  if (a.frame != b.frame) return a.frame < b.frame;
  if (a.source != b.source) return a.source < b.source;
  return static_cast<std::int32_t>(a.order - b.order) < 0;
}

bool Schedule::push(const TimedEvent& event, std::int64_t frame, bool first) RT {
  if (free_count_ == 0) return false;
  const auto slot = free_[--free_count_];
  events_[slot] = event;
  put_back({frame, event.source, order_++, slot, first});
  return true;
}

void Schedule::put_back(const Entry& entry) RT {
  heap_[count_] = entry;
  sift_up(count_++);
}

Schedule::Entry Schedule::pop() RT {
  const Entry top = heap_[0];
  heap_[0] = heap_[--count_];
  sift_down(0);
  return top;
}

void Schedule::release(const Entry& entry) RT {
  free_[free_count_++] = entry.slot;
}

void Schedule::sift_up(std::uint32_t i) RT {
  while (i > 0) {
    const auto parent = (i - 1) / 2;
    if (!before(heap_[i], heap_[parent])) return;
    std::swap(heap_[i], heap_[parent]);
    i = parent;
  }
}

void Schedule::sift_down(std::uint32_t i) RT {
  while (true) {
    const auto left = 2 * i + 1, right = left + 1;
    auto least = i;
    if (left < count_ && before(heap_[left], heap_[least])) least = left;
    if (right < count_ && before(heap_[right], heap_[least])) least = right;
    if (least == i) return;
    std::swap(heap_[i], heap_[least]);
    i = least;
  }
}

void Schedule::heapify() RT {
  for (auto i = count_ / 2; i-- > 0;) sift_down(i);
}

}  // namespace hocket
