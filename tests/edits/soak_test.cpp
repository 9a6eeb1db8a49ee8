// A random performance under the real-time guard: programs, edits, hushes, undo, tempo, mistakes, samples, MIDI notes and knobs.
//
// The test suite plays a quarter of a minute. The whole hour: scripts/soak 3600 (see there).
#include <malloc.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "server/control/midi_file.h"
#include "server/control/offline.h"

using namespace hocket;

namespace {

// Bytes in use on the heap: large blocks are mapped by themselves.
double heap_mb() {
#if defined(__GLIBC__)
  const auto info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd) / 1e6;
#else
  return 0;
#endif
}

class Performer {
 public:
  explicit Performer(unsigned seed) : draw_(seed) {}

  int pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(draw_); }
  bool chance(int percent) { return pick(1, 100) <= percent; }

  std::string edit() {
    const int kind = pick(0, 99);
    if (kind < 4) return "hush";
    if (kind < 12) return "undo";
    if (kind < 16) return "redo";
    if (kind < 26) return "cps: " + std::to_string(pick(20, 200)) + "/100";
    if (kind < 29) return "out: ~bus1 # nosuch 3";
    if (kind < 31) return "~bus1: ((";
    if (kind < 34) return std::string(chance(50) ? "mute" : "unmute") + " o" + std::to_string(pick(1, 4));
    if (kind < 36) return "quant: " + std::to_string(pick(0, 1));
    if (kind < 37) return "resetCycles";
    if (kind < 38) return "nudge 0.0" + std::to_string(pick(1, 9));
    if (kind < 39) return "panic";
    if (kind < 45) return synth();
    if (kind < 60) return "~bus" + std::to_string(pick(1, 3)) + ": " + sound();
    if (kind < 63) return "clear o" + std::to_string(pick(1, 4));
    std::string text = "o" + std::to_string(pick(1, 4)) + ": (" + sound() + ")";
    if (chance(20)) text += " + ~bus" + std::to_string(pick(1, 3));
    return text + " * 0.1";
  }

  std::string start() {
    std::string text = synth() + "\n";
    for (int b = 1; b <= 3; ++b) text += "~bus" + std::to_string(b) + ": " + sound() + "\n";
    return text + "out: (" + sound() + ") * 0.1\no1: ~bus1 * 0.1\n";
  }

 private:
  std::string number(double low, double high) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", std::uniform_real_distribution<double>(low, high)(draw_));
    return text;
  }
  std::string notes() {
    static constexpr const char* kWords[] = {"c4", "e4", "g4", "~", "[c5 d5]", "<f4 a4>", "b3*2", "[c4,e4]", "g3?"};
    std::string text = "\"";
    for (int n = pick(1, 8); n > 0; --n) text += std::string(kWords[pick(0, 8)]) + (n > 1 ? " " : "");
    return text + "\"";
  }
  std::string value(double low, double high) {
    switch (pick(0, 3)) {
      case 0:
        return "(sine " + number(0.1, 8) + " * " + number(0, (high - low) / 2) + " + " + number((low + high) / 2, high) + ")";
      case 1:
        return "\"" + number(low, high) + " " + number(low, high) + "\"";
      default:
        return number(low, high);
    }
  }
  std::string effect() {
    switch (pick(0, 9)) {
      case 0:
        return "lpf " + value(200, 4000) + " " + number(0, 0.8);
      case 1:
        return "hpf " + value(40, 900);
      case 2:
        return "delay " + number(0.01, 0.6) + " " + number(0, 0.8) + " 0.4";
      case 3:
        return "reverb " + number(0, 0.6);
      case 4:
        return "chorus";
      case 5:
        return "pan " + value(0, 1);
      case 6:
        return "dist " + number(1, 6);
      case 7:
        return "gain " + value(0.1, 1);
      case 8:
        return "freeverb";
      default:
        return "crush " + std::to_string(pick(4, 12));
    }
  }
  std::string sound() {
    static constexpr const char* kSources[] = {"sine", "saw", "square", "tri"};
    std::string text;
    switch (pick(0, 5)) {
      case 0:
        text = std::string(kSources[pick(0, 3)]) + " " + value(60, 900);
        break;
      case 1:
        text = "noise * 0.3";
        break;
      case 2:
        text = "s \"bd*" + std::to_string(pick(1, 8)) + " sn take\"";
        break;
      case 3:
        text = "midi # soft";
        break;
      default:
        text = notes() + " # " + (chance(50) ? "soft" : "pluck");
    }
    for (int n = pick(0, 3); n > 0; --n) text += " # " + effect();
    return text;
  }
  std::string synth() {
    return "synth soft bright=" + std::to_string(pick(300, 3000)) + ": (" + (chance(50) ? "saw" : "tri") + " freq # lpf bright " +
           number(0, 0.7) + ") * adsr " + number(0.001, 0.1) + " 0.2 0.6 " + number(0.05, 0.6);
  }

  std::mt19937 draw_;
};

/// A folder with one sound.
struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("hocket_soak_" + std::to_string(::getpid()));
  Folder() {
    std::filesystem::create_directories(path / "take");
    std::ofstream(path / "take" / "0.wav") << "sound";
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

SoundReader reader() {
  return {[](const std::string& name) { return name.ends_with(".wav"); },
          [](const std::string&, std::int64_t) {
            SampleData data;
            for (int i = 0; i < 20000; ++i) data.left.push_back(0.3F * std::sin(static_cast<float>(i) * 0.03F));
            return Result<SampleData>(data);
          }};
}

MidiFile playing(Performer& performer, double seconds) {
  MidiFile file;
  for (double at = 0; at < seconds; at += performer.pick(20, 400) / 1000.) {
    const int note = performer.pick(40, 80);
    const bool knob = performer.chance(30);
    const auto message = knob ? midi_message(MidiKind::control, 1, performer.pick(1, 20), performer.pick(0, 127))
                              : midi_message(performer.chance(50) ? MidiKind::note_on : MidiKind::note_off, 1, note, 90);
    file.events.push_back({Rational::near(at), Rational::near(at), message, 0});
  }
  return file;
}

void perform(unsigned seed, double seconds) {
  const Folder folder;
  Performer performer(seed);
  std::vector<std::string> faults;
  SampleLibrary samples(reader(), {});
  EngineSettings settings;
  settings.threads = 2;
  Offline offline(unit_table(), settings, samples, [&](const Report& r) {
    if (r.kind == Report::Kind::error) faults.push_back(r.text);
  });
  auto& session = offline.session();
  offline.play(playing(performer, seconds));
  EvalResult first;
  for (int tries = 0; tries < 20 && !first.ok; ++tries)  // what is drawn may make no sense
    first = session.evaluate("samples \"" + folder.path.string() + "\"\n" + performer.start(), "start", true);
  INFO(render(*first.source, first.diagnostics));
  REQUIRE(first.ok);
  const auto end = static_cast<std::int64_t>(seconds * settings.rate);
  std::int64_t next_edit = 0, bad = 0;
  int edits = 0, accepted = 0;
  double early_mb = 0;
  while (offline.engine().status().frame < end) {
    const auto now = offline.engine().status().frame;
    if (now >= next_edit) {
      const auto text = performer.edit();
      const auto result = session.evaluate(text, "edit", false);
      ++edits;
      accepted += result.ok ? 1 : 0;
      next_edit = now + performer.pick(200, 24000);
    }
    for (const float x : offline.render(performer.pick(1, 700))) bad += std::isfinite(x) && std::fabs(x) <= 1.F ? 0 : 1;
    if (early_mb == 0 && now > end / 4) early_mb = heap_mb();
  }
  const auto status = offline.engine().status();
  INFO("seed " << seed << ", " << edits << " edits, " << accepted << " accepted, heap from " << early_mb << " to " << heap_mb() << " MB");
  CHECK(accepted > edits / 2);
  CHECK(bad == 0);
  CHECK(status.late_events == 0);
  CHECK(status.dropped_events == 0);
  CHECK(faults == std::vector<std::string>{});
  CHECK(heap_mb() < early_mb * 1.5 + 20);
  std::printf("soak: seed %u, %.0f s, %d edits, heap from %.1f to %.1f MB\n", seed, seconds, edits, early_mb, heap_mb());
}

}  // namespace

TEST_CASE("a random performance neither breaks off nor grows", "[edits]") {
  perform(1, 15);
}

TEST_CASE("a random performance of SOAK_SECONDS from SOAK_SEED on", "[.][soak]") {
  const char* const seconds = std::getenv("SOAK_SECONDS");
  const char* const seed = std::getenv("SOAK_SEED");
  perform(seed ? static_cast<unsigned>(std::strtoul(seed, nullptr, 10)) : 1, seconds ? std::strtod(seconds, nullptr) : 3600);
}
