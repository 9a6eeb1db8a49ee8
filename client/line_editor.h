// A line of input with history, where stdin is a terminal; else plain lines.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hocket {

class LineEditor {
 public:
  /// `history`: a file kept between runs; empty: none. `words`: what may follow what has been typed, for the Tab key.
  LineEditor(const std::string& history, std::function<std::vector<std::string>(const std::string&)> words);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  /// The next line without its end; none at the end of input.
  std::optional<std::string> read(const std::string& prompt);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hocket
