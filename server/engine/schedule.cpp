#include "server/engine/schedule.h"

#include <utility>

namespace hocket {

Schedule::Schedule(std::uint32_t capacity)
    : capacity_(capacity),
      heap_(std::make_unique<Entry[]>(capacity)),
      line_(std::make_unique<Entry[]>(capacity)),
      events_(std::make_unique<TimedEvent[]>(capacity)),
      free_(std::make_unique<std::uint32_t[]>(capacity)),
      free_count_(capacity) {
  for (std::uint32_t i = 0; i < capacity; ++i) free_[i] = capacity - 1 - i;
}

bool Schedule::push(const TimedEvent& event, std::int64_t frame, bool first) RT {
  if (free_count_ == 0) return false;
  const auto slot = free_[--free_count_];
  events_[slot] = event;
  const Entry entry{frame, event.source, order_++, slot, first};
  if (line_count_ == 0 || before(line_[in_line(line_count_ - 1)], entry)) {
    line_[in_line(line_count_++)] = entry;
  } else {
    heap_[count_] = entry;
    sift_up(count_++);
  }
  return true;
}

void Schedule::put_back(const Entry& entry) RT {
  if (line_count_ == 0 || before(entry, line_[line_first_])) {
    line_first_ = line_first_ > 0 ? line_first_ - 1 : capacity_ - 1;
    line_[line_first_] = entry;
    ++line_count_;
  } else {
    heap_[count_] = entry;
    sift_up(count_++);
  }
}

Schedule::Entry Schedule::pop() RT {
  if (line_count_ > 0 && top() == &line_[line_first_]) {
    const Entry next = line_[line_first_];
    line_first_ = in_line(1);
    --line_count_;
    return next;
  }
  const Entry top = heap_[0];
  heap_[0] = heap_[--count_];
  sift_down(0);
  return top;
}

// All into the heap, in no order.
void Schedule::leave_line() RT {
  for (std::uint32_t i = 0; i < line_count_; ++i) heap_[count_++] = line_[in_line(i)];
  line_count_ = 0;
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
