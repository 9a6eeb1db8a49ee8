// Where signals lie while a plan is laid out: which buffers a node or a group of lanes writes, and when all have read them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/control/plan_flow.h"
#include "server/control/plan_store.h"
#include "server/control/plan_work.h"

namespace hocket {

/// Everything is taken for the task at hand. Buffers that a task takes from another make it wait for that one.
class Signals {
 public:
  Signals(const Flow&, const Work&, PlanStore&, const EngineSettings&);

  void begin_task(int task) { task_ = task; }
  void end_task();
  void end_stage();

  float* take() { return take(buffers_); }
  float* take_lanes() { return take(lane_buffers_); }
  /// For the item at hand alone: `return_lent` gives these back.
  float* lend();
  float* lend_lanes();
  void return_lent();
  /// As `return_lent`, but what was lent is kept to the end of the block.
  void keep_lent() { lent_.clear(); }

  /// Buffers for what the node, or the group, gives.
  void give_out(std::uint32_t node);
  void give_lanes_out(std::uint32_t group);
  float*& out(int channel, std::uint32_t node) { return out_[channel][node]; }
  float* lanes_out(int channel, std::uint32_t group) const { return lanes_out_[channel][group]; }
  bool is_read(std::uint32_t node) const { return reads_[node].left > 0 || reads_[node].kept; }
  /// What nobody reads is given back.
  void forget_unread(std::uint32_t node);
  void lend_unread_lanes(std::uint32_t group);
  /// An item has read all of its inputs.
  void read_done(const FlowInput&, std::uint32_t item);
  void lanes_read_done(std::uint32_t item);
  void group_read_done(std::uint32_t group, std::uint32_t item);
  /// Buffers that one task writes and another reads within a node.
  void pass(float* at);

  Wire wire(const FlowTerm&, int channel);
  std::string text(Wire) const;
  std::string text(const float*) const;
  /// Several, with spaces between.
  template <class T>
  std::string text(const T* first, std::size_t count) const {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += (i ? " " : "") + text(first[i]);
    return all;
  }

  /// By task, as the work counts them: for which others it waits on account of their buffers.
  const std::vector<std::vector<int>>& waits() const { return waits_; }

 private:
  struct Reads {
    int left = 0;
    int task = -1;      // of all readers, or -2: several
    bool kept = false;  // to the end of the block

    void add(int reader) {
      ++left;
      task = task == -1 || task == reader ? reader : -2;
    }
  };
  void count_reads();
  void count_read(const FlowInput&, int task);
  void count_lanes_reads(const Item&);
  float* take(Buffers&);

  const Flow& flow_;
  const Work& work_;
  PlanStore& store_;
  std::vector<Reads> reads_;        // of a node's own buffers
  std::vector<Reads> lanes_reads_;  // of a group's
  std::vector<float*> out_[2];      // node → buffer a channel
  std::vector<float*> lanes_out_[2];
  Buffers buffers_, lane_buffers_;
  std::vector<float*> lent_, lent_lanes_;
  int task_ = 0;
  const bool in_order_;  // one task after the other: what one leaves serves the next, while it is in the first cache
  std::vector<std::vector<int>> waits_;
};

}  // namespace hocket
