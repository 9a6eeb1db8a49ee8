#include "tests/midi/rig.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

namespace hocket::test {

namespace {

EngineSettings engine_of(int block) {
  EngineSettings settings;
  settings.rate = 48000;
  settings.block = block;
  settings.threads = 1;
  settings.player = PlayerKind::serial;
  settings.channels = 2;
  return settings;
}

SoundReader no_sounds() {
  return {[](const std::string&) { return false; }, [](const std::string&, std::int64_t) { return Result<SampleData>::fail("none"); }};
}

}  // namespace

double hz(double note) {
  return 440 * std::exp2((note - 69) / 12);
}

Performance& Performance::at(std::int64_t frame, const MidiMessage& message) {
  const Rational at_s(frame, 48000);
  const auto after = std::upper_bound(file_.events.begin(), file_.events.end(), at_s, [](Rational t, const auto& e) { return t < e.at_s; });
  file_.events.insert(after, {at_s, Rational(0), message, 0});
  return *this;
}

Performance& Performance::on(std::int64_t frame, int key, int velocity, int channel) {
  return at(frame, midi_message(MidiKind::note_on, channel, key, velocity));
}

Performance& Performance::off(std::int64_t frame, int key, int channel) {
  return at(frame, midi_message(MidiKind::note_off, channel, key, 64));
}

Performance& Performance::cc(std::int64_t frame, int number, int value, int channel) {
  return at(frame, midi_message(MidiKind::control, channel, number, value));
}

Rig::Rig(const std::string& program, const Performance& performance, int block)
    : samples_(no_sounds(), nullptr),
      offline_(std::make_unique<Offline>(unit_table(), engine_of(block), samples_, [this](const Report& r) { said_ += r.text + '\n'; })) {
  evaluate("cps: 1\n" + program);
  offline_->play(performance.file());
}

void Rig::evaluate(const std::string& text) {
  const auto result = offline_->session().evaluate(text, "test", false);
  for (const auto& d : result.diagnostics) said_ += d.message + '\n';
  for (const auto& note : result.notes) said_ += note + '\n';
  INFO(text << '\n' << said_);
  REQUIRE(result.ok);
}

void Rig::run_to(std::int64_t frame) {
  while (static_cast<std::int64_t>(heard_.size()) < frame) {
    const auto frames = static_cast<int>(std::min<std::int64_t>(1024, frame - static_cast<std::int64_t>(heard_.size())));
    offline_->render(frames);
    const auto stem = offline_->engine().stem(0, 0);
    if (stem.size() < static_cast<std::size_t>(frames))
      heard_.resize(heard_.size() + static_cast<std::size_t>(frames), 0.F);
    else
      heard_.insert(heard_.end(), stem.begin(), stem.begin() + frames);
  }
}

std::vector<std::pair<std::int64_t, float>> Rig::steps() const {
  std::vector<std::pair<std::int64_t, float>> steps;
  float last = 0;
  for (std::size_t i = 0; i < heard_.size(); ++i) {
    if (heard_[i] == last) continue;
    steps.emplace_back(static_cast<std::int64_t>(i), heard_[i]);
    last = heard_[i];
  }
  return steps;
}

}  // namespace hocket::test
