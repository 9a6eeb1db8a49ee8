#include "server/control/midi_live_knobs.h"

namespace hocket {

std::optional<double> LiveKnobs::control(const ControlFilter& filter) const {
  const std::lock_guard lock(mutex_);
  return controls_.value(filter);
}

std::optional<KnobMove> LiveKnobs::take(const std::string& port, const MidiMessage& message) {
  const std::lock_guard lock(mutex_);
  return controls_.take(port, message);
}

void LiveKnobs::put(const ControlKey& key, double value) {
  const std::lock_guard lock(mutex_);
  controls_.put(key, value);
}

std::uint64_t LiveKnobs::moves() const {
  const std::lock_guard lock(mutex_);
  return controls_.moves();
}

std::string LiveKnobs::distinction(const ControlKey& key) const {
  const std::lock_guard lock(mutex_);
  return controls_.distinction(key);
}

std::string LiveKnobs::to_text() const {
  const std::lock_guard lock(mutex_);
  return controls_.to_text();
}

Result<int> LiveKnobs::read(const std::string& text) {
  const std::lock_guard lock(mutex_);
  return controls_.read(text);
}

}  // namespace hocket
