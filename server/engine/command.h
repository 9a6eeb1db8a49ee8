// What a block's events ask of the nodes, frame by frame.
#pragma once

#include <cstdint>
#include <memory>

#include "server/bridge/event.h"
#include "server/dsp/kernel.h"

namespace hocket {

/// One thing to do at an exact frame. `event` lives until the block is over.
struct Command {
  enum class Kind : std::uint8_t { start, fade, release, change };
  std::int64_t frame = 0;  ///< inside the block
  std::int64_t from = 0;   ///< of the event, as its position says: may lie before the block
  std::int64_t until = 0;  ///< gate off, the line's end; kNever: none
  const TimedEvent* event = nullptr;
  std::int32_t next = -1;  ///< in the same list
  std::uint16_t slot = 0;  ///< of a voice
  Kind kind = Kind::start;
};

/// Commands of one node in the order of their frames: indices into the pool.
struct CommandList {
  std::int32_t head = -1;
  std::int32_t tail = -1;
};

/// Room for one block's commands. Thread: audio
class CommandPool {
 public:
  explicit CommandPool(int capacity) : cells_(std::make_unique<Command[]>(static_cast<std::size_t>(capacity))), capacity_(capacity) {}

  bool append(CommandList& list, const Command& command) RT {
    if (count_ == capacity_) return false;
    cells_[count_] = command;
    cells_[count_].next = -1;
    (list.tail < 0 ? list.head : cells_[list.tail].next) = count_;
    list.tail = count_++;
    return true;
  }
  int room() const RT { return capacity_ - count_; }
  void clear() RT { count_ = 0; }
  const Command* cells() const RT { return cells_.get(); }

 private:
  std::unique_ptr<Command[]> cells_;
  int capacity_;
  int count_ = 0;
};

}  // namespace hocket
