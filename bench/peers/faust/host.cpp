// Runs the instances of one workload in blocks of 64 and adds them up: WORKLOAD SECONDS [raw float file].
// Built by faust.py with CLASSES, the generated headers, and VOICES, an expression that makes the instances.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "faust/dsp/dsp.h"
#include "faust/gui/MapUI.h"
#include "faust/gui/meta.h"
#include CLASSES

namespace {

constexpr int kBlock = 64;
constexpr double kRate = 48000;

struct Voice {
  std::unique_ptr<dsp> code;
  std::unique_ptr<MapUI> controls = std::make_unique<MapUI>();
  float* cutoff = nullptr;
  double base = 0, depth = 0, swing = 0;
  long ends = 0;  // W7: the frame at which it is over

  explicit Voice(dsp* d) : code(d) {
    code->init(static_cast<int>(kRate));
    code->buildUserInterface(controls.get());
    for (auto& [path, zone] : controls->getFullpathMap())
      if (path.size() > 7 && path.substr(path.size() - 7) == "/cutoff") cutoff = zone;
  }
  void set(const char* name, double value) { controls->setParamValue(name, static_cast<float>(value)); }
};

std::vector<Voice> voices(int workload) {
  std::vector<Voice> all;
  const int counts[] = {0, 256, 64, 1, 64, 16, 128, 128};
  for (int i = 0; i < counts[workload]; ++i) {
    Voice& v = all.emplace_back(make_voice(i));
    switch (workload) {
      case 1:
        v.set("freq", 55 * std::exp2(i / 64.)), v.set("place", i / 255.);
        v.base = 1500, v.depth = 1000, v.swing = 0.1 + 0.9 * i / 255;
        break;
      case 2:
        v.set("freq", 55 * std::exp2(3 * i / 64.)), v.set("place", i / 63.);
        v.base = 2000, v.depth = 1500, v.swing = 0.1 + 0.9 * i / 63;
        break;
      case 4:
        v.set("speed", 0.51 + 1.5 * i / 64), v.set("offset", i / 64.), v.set("place", i / 63.);
        break;
      case 6:
        v.set("freq", 110 * std::exp2(3 * i / 128.));
        break;
      default:
        break;
    }
  }
  return all;
}

}  // namespace

int main(int count, char** words) {
  const int workload = std::atoi(words[1]);
  const long frames = std::lround(std::atof(words[2]) * kRate);
  FILE* out = count > 3 ? std::fopen(words[3], "wb") : nullptr;
  auto all = voices(workload);
  float left[kBlock], right[kBlock], part[2][kBlock];
  float* parts[] = {part[0], part[1]};
  long note = 0;
  for (long at = 0; at < frames; at += kBlock) {
    for (; workload == 7 && note * 24 < at + kBlock; ++note)
      for (Voice& v : all)
        if (v.ends <= at) {
          v.set("freq", 220 * std::exp2(7 * note % 36 / 12.)), v.set("place", note % 17 / 16.),
              v.set("start", static_cast<double>(note + 1));
          v.ends = at + 2400;
          break;
        }
    for (int i = 0; i < kBlock; ++i) left[i] = right[i] = 0;
    for (Voice& v : all) {
      if (workload == 7 && v.ends <= at) continue;
      if (v.cutoff) *v.cutoff = static_cast<float>(v.base + v.depth * std::sin(2 * M_PI * v.swing * static_cast<double>(at) / kRate));
      v.code->compute(kBlock, nullptr, parts);
      for (int i = 0; i < kBlock; ++i) left[i] += part[0][i], right[i] += part[1][i];
    }
    if (out)
      for (int i = 0; i < kBlock; ++i) std::fwrite(left + i, 4, 1, out), std::fwrite(right + i, 4, 1, out);
  }
  if (out) std::fclose(out);
  return left[0] > 1e9F;  // so that nothing is left out as unused
}
