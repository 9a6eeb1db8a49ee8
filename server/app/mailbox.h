// Work handed to the control thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

namespace hocket {

class Mailbox {
 public:
  /// Thread: any
  void post(std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    filled_.notify_one();  // under the lock: the last task may be the one that ends this
  }

  /// Carries out what is there, or the first that comes within `patience`. Thread: control
  void work(std::chrono::milliseconds patience) {
    std::deque<std::function<void()>> tasks;
    {
      std::unique_lock lock(mutex_);
      filled_.wait_for(lock, patience, [&] { return !tasks_.empty(); });
      tasks.swap(tasks_);
    }
    for (auto& task : tasks) task();
  }

 private:
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<std::function<void()>> tasks_;
};

}  // namespace hocket
