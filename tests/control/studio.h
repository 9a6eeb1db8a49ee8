// A session with its engine, driven offline, and what was heard of it.
#pragma once

#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "server/control/offline.h"
#include "server/control/session.h"
#include "server/control/tempo.h"

namespace hocket::test {

struct Studio {
  explicit Studio(double rate = 48000, int block = 64)
      : samples({[](const std::string&) { return false; }, nullptr}, nullptr),
        offline(unit_table(), settings(rate, block), samples, [this](const Report& r) { reports.push_back(r.text); }) {}

  static EngineSettings settings(double rate, int block) {
    EngineSettings s;
    s.rate = rate;
    s.block = block;
    s.threads = 1;
    return s;
  }
  EvalResult eval(const std::string& code, bool replace = false) { return offline.session().evaluate(code, "test", replace); }
  void must(const std::string& code) {
    const auto result = eval(code);
    INFO(render(*result.source, result.diagnostics));
    REQUIRE(result.ok);
  }
  // The left channel of the next frames, appended to all so far.
  void run(int frames) {
    const auto block = offline.render(frames);
    for (std::size_t i = 0; i < block.size(); i += 2) left.push_back(block[i]);
  }
  std::int64_t frame() { return offline.engine().status().frame; }
  // Frames at which a click is heard, the master's look-ahead taken off.
  std::vector<std::int64_t> clicks() {
    std::vector<std::int64_t> frames;
    for (std::size_t i = 0; i < left.size(); ++i)
      if (std::fabs(left[i]) > 0.5F) frames.push_back(static_cast<std::int64_t>(i) - offline.engine().latency_frames());
    return frames;
  }
  float loudest(std::size_t from) const {
    float most = 0;
    for (std::size_t i = from; i < left.size(); ++i) most = std::max(most, std::fabs(left[i]));
    return most;
  }

  std::vector<std::string> reports;
  SampleLibrary samples;
  Offline offline;
  std::vector<float> left;
};

// A sound of one frame.
inline const std::string kTick = "synth tick: impulse 0\n";

inline std::int64_t frame_of(Rational cycles, Rational cps, double rate) {
  return (cycles * frames_per_cycle(cps, rate) + Rational(1, 2)).floor();
}

}  // namespace hocket::test
