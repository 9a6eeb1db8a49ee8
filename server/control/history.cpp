#include "server/control/history.h"

#include <utility>

namespace hocket {

void History::add(Program before, std::string text) {
  past_.push_back({std::move(before), std::move(text)});
  if (past_.size() > kMost) past_.pop_front();
  future_.clear();
}

std::optional<Program> History::undo(Program now) {
  if (past_.empty()) return std::nullopt;
  Step step = std::move(past_.back());
  past_.pop_back();
  future_.push_back({std::move(now), std::move(step.text)});
  return std::move(step.program);
}

std::optional<Program> History::redo(Program now) {
  if (future_.empty()) return std::nullopt;
  Step step = std::move(future_.back());
  future_.pop_back();
  past_.push_back({std::move(now), std::move(step.text)});
  return std::move(step.program);
}

History::List History::list() const {
  List list;
  for (const Step& step : past_) list.texts.push_back(step.text);
  for (auto step = future_.rbegin(); step != future_.rend(); ++step) list.texts.push_back(step->text);
  list.undone = future_.size();
  return list;
}

}  // namespace hocket
