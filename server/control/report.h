// What the control side tells the clients unasked: one sentence, and what it is about.
#pragma once

#include <functional>
#include <string>

namespace hocket {

struct Report {
  enum class Kind { info, warning, error };
  Kind kind = Kind::info;
  std::string text;
};

/// Thread: any
using Reports = std::function<void(const Report&)>;

}  // namespace hocket
