// Registered and non-registered parameters: several control changes that mean one number.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>

namespace hocket {

/// One a channel. Source: MIDI 1.0 Detailed Specification, 1996, "registered and non-registered parameter numbers".
class MidiParameter {
 public:
  struct Change {
    bool registered = false;
    int number = 0;  ///< 14 bits
    int value = 0;   ///< 14 bits; with the coarse byte alone, that byte times 128
    bool fine = false;
  };

  /// `number`, `value`: of a control change. The parameter that it sets, if it sets one.
  std::optional<Change> take(int number, int value) {
    switch (number) {
      case 98:
      case 100:
        select(number == 100, (number_ & ~0x7F) | value);
        return std::nullopt;
      case 99:
      case 101:
        select(number == 101, (number_ & 0x7F) | value << 7);
        return std::nullopt;
      case 6:
        return set(value << 7, false);
      case 38:
        return set((data() & ~0x7F) | value, true);
      case 96:
        return set(std::min(data() + 1, 0x3FFF), true);
      case 97:
        return set(std::max(data() - 1, 0), true);
      default:
        return std::nullopt;
    }
  }

 private:
  static constexpr int kNone = 0x3FFF;

  void select(bool registered, int number) {
    registered_ = registered;
    number_ = number;
  }
  int data() const {
    const auto found = data_.find(key());
    return found == data_.end() ? 0 : found->second;
  }
  int key() const { return number_ | (registered_ ? 1 << 14 : 0); }
  std::optional<Change> set(int value, bool fine) {
    if (number_ == kNone) return std::nullopt;
    data_[key()] = value;
    return Change{registered_, number_, value, fine};
  }

  bool registered_ = true;
  int number_ = kNone;
  std::map<int, int> data_;
};

}  // namespace hocket
