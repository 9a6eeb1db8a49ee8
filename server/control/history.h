// What an evaluation can go back to: the programs before it, and after an undo those ahead.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lang/program.h"

namespace hocket {

/// Definitions share their trees, so a program kept here costs a map of pointers. Thread: control.
class History {
 public:
  static constexpr std::size_t kMost = 200;  ///< steps back; older ones are forgotten

  /// `before` was in force until `text` was evaluated; what had been undone is forgotten.
  void add(Program before, std::string text);
  /// The program to go back to (or forward again); `now` is kept for the way back. None: nothing there.
  std::optional<Program> undo(Program now);
  std::optional<Program> redo(Program now);

  /// The evaluated texts, oldest first; `undone` counts those at the end that an undo took back.
  struct List {
    std::vector<std::string> texts;
    std::size_t undone = 0;
  };
  List list() const;

 private:
  struct Step {
    Program program;
    std::string text;
  };
  std::deque<Step> past_;
  std::vector<Step> future_;  // next to redo last
};

}  // namespace hocket
