// What live patterns are given to read: one note as it is struck, or all that are held.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "lang/pattern/live.h"
#include "server/control/midi_controls.h"
#include "server/control/midi_notes.h"

namespace hocket {

inline bool note_fits(const NoteFilter& filter, const MidiNote& note, const std::string& port) {
  return (filter.channel == 0 || filter.channel == note.channel) && note.key >= filter.low && note.key <= filter.high &&
         port_fits(port, filter.port);
}

/// The key's velocity along the filter's curve.
inline double velocity_of(const MidiNote& note, const NoteFilter& filter) {
  const double vel = static_cast<double>(note.vel);
  return filter.curve == 1 ? vel : std::pow(vel, filter.curve);
}

/// The event with the key's velocity, where the pattern says none itself.
inline Event with_velocity(const Event& e, double velocity) {
  if (e.value.kind() != Value::Kind::controls) return e;
  const auto& map = e.value.map();
  if (map.contains("vel") || map.contains("velocity")) return e;
  auto controls = map;
  controls.emplace("vel", Value(velocity));
  Event changed = e;
  changed.value = Value::controls(std::move(controls));
  return changed;
}

/// A filter that let a note through is remembered under the note's mark: it says how the note is read.
class StruckNote final : public LiveInput {
 public:
  StruckNote(const LiveInput& knobs, const MidiNote& note, const std::string& port, TimeSpan whole)
      : knobs_(knobs), note_(note), port_(port), whole_(whole) {}

  std::vector<LiveNote> notes(const NoteFilter& filter, const TimeSpan& span) const override {
    if (!note_fits(filter, note_, port_) || !overlap(whole_, span)) return {};
    const auto known = std::find(filters_.begin(), filters_.end(), filter);
    const auto index = static_cast<std::uint32_t>(known - filters_.begin());
    if (known == filters_.end()) filters_.push_back(filter);
    return {{whole_, static_cast<double>(note_.key - 60), {kLiveMark + index, kLiveMark + index}}};
  }
  std::optional<double> control(const ControlFilter& filter) const override { return knobs_.control(filter); }

  const NoteFilter& filter_of(Span mark) const { return filters_.at(mark.begin - kLiveMark); }

 private:
  const LiveInput& knobs_;
  const MidiNote& note_;
  const std::string& port_;
  TimeSpan whole_;
  mutable std::vector<NoteFilter> filters_;
};

/// A chord a cycle long, in every cycle, the lowest first.
class HeldNotes final : public LiveInput {
 public:
  struct Held {
    MidiNote note;
    std::string port;
  };
  HeldNotes(const LiveInput& knobs, std::vector<Held> held) : knobs_(knobs), held_(std::move(held)) {
    std::stable_sort(held_.begin(), held_.end(), [](const Held& a, const Held& b) { return a.note.key < b.note.key; });
  }

  std::vector<LiveNote> notes(const NoteFilter& filter, const TimeSpan& span) const override {
    std::vector<LiveNote> notes;
    constexpr std::int64_t kMostCycles = 4096;
    const auto first = span.begin.floor();
    const auto last = std::clamp(span.end.ceil(), first + 1, first + kMostCycles);
    for (const Held& h : held_) {
      if (!note_fits(filter, h.note, h.port)) continue;
      const auto mark = kLiveMark + static_cast<std::uint32_t>(marks_.size());
      marks_.emplace_back(&h.note, filter);
      for (auto cycle = first; cycle < last; ++cycle)
        notes.push_back({{Rational(cycle), Rational(cycle + 1)}, static_cast<double>(h.note.key - 60), {mark, mark}});
    }
    return notes;
  }
  std::optional<double> control(const ControlFilter& filter) const override { return knobs_.control(filter); }

  const MidiNote* note_of(Span mark) const { return marks_.at(mark.begin - kLiveMark).first; }
  const NoteFilter& filter_of(Span mark) const { return marks_.at(mark.begin - kLiveMark).second; }

 private:
  const LiveInput& knobs_;
  std::vector<Held> held_;
  mutable std::vector<std::pair<const MidiNote*, NoteFilter>> marks_;
};

}  // namespace hocket
