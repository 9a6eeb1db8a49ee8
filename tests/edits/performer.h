// A random performer, and what it needs: sounds to load, a player at the keys.
#pragma once

#include <malloc.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <utility>

#include "server/control/midi_file.h"
#include "server/control/samples.h"

namespace hocket::test {

inline constexpr int kFolders = 6;

/// Megabytes in use on the heap: large blocks are mapped by themselves.
inline double heap_mb() {
#if defined(__GLIBC__)
  const auto info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd) / 1e6;
#else
  return 0;
#endif
}

/// Draws what one would type. The same seed types the same.
class Performer {
 public:
  Performer(unsigned seed, std::filesystem::path folders) : folders_(std::move(folders)), draw_(seed) {}

  bool replaces = false;

  int pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(draw_); }
  bool chance(int percent) { return pick(1, 100) <= percent; }

  /// `replaces` says afterwards whether it is a program of its own.
  std::string edit() {
    replaces = false;
    const int kind = pick(0, 99);
    if (kind < 4) return "hush";
    if (kind < 5) return (replaces = true, start());
    if (kind < 12) return "undo";
    if (kind < 16) return "redo";
    if (kind < 26) return "cps: " + std::to_string(pick(20, 200)) + "/100";
    if (kind < 29) return "out: ~bus1 # nosuch 3";
    if (kind < 31) return "~bus1: ((";
    if (kind < 34) return std::string(chance(50) ? "mute" : "unmute") + " o" + std::to_string(pick(1, 4));
    if (kind < 35) return std::string(chance(30) ? "solo" : "unsolo") + (chance(50) ? " o" + std::to_string(pick(1, 4)) : "");
    if (kind < 36) return "quant: " + std::to_string(pick(0, 1));
    if (kind < 37) return "resetCycles";
    if (kind < 38) return "nudge 0.0" + std::to_string(pick(1, 9));
    if (kind < 39) return "panic";
    if (kind < 45) return synth();
    if (kind < 60) return "~bus" + std::to_string(pick(1, 3)) + ": " + sound();
    if (kind < 63) return "clear o" + std::to_string(pick(1, 4));
    if (kind < 65) return folder();
    if (kind < 66) return "seed: " + std::to_string(pick(0, 9));
    if (kind < 67) return "o4: " + notes() + " # midiout \"far\" " + std::to_string(pick(1, 16));
    if (kind < 68) return "route o" + std::to_string(pick(1, 4)) + ": " + std::to_string(pick(1, 2));
    std::string text = "o" + std::to_string(pick(1, 4)) + ": (" + sound() + ")";
    if (chance(20)) text += " + ~bus" + std::to_string(pick(1, 3));
    return text + " * 0.1";
  }

  std::string start() {
    std::string text = folder() + "\n" + synth() + "\n";
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
    switch (pick(0, 5)) {
      case 0:
        return "(cc " + std::to_string(pick(1, 20)) + " " + number(low, high) + " " + number(low, high) + ")";
      case 1:
        return "(sine " + number(0.1, 8) + " * " + number(0, (high - low) / 2) + " + " + number((low + high) / 2, high) + ")";
      case 2:
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
        return "delay " + (chance(30) ? std::to_string(pick(1, 7)) + "/16c" : value(0.01, 0.6)) + " " + number(0, 0.8) + " 0.4";
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
        text = "s \"bd*" + std::to_string(pick(1, 8)) + " sn take:" + std::to_string(pick(0, 3)) + " [~ clap]\"";
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
  std::string folder() { return "samples \"" + (folders_ / std::to_string(pick(0, kFolders - 1))).string() + "\""; }
  std::string synth() {
    return "synth soft bright=" + std::to_string(pick(300, 3000)) + ": (" + (chance(50) ? "saw" : "tri") + " freq # lpf bright " +
           number(0, 0.7) + ") * adsr " + number(0.001, 0.1) + " 0.2 0.6 " + number(0.05, 0.6);
  }

  std::filesystem::path folders_;
  std::mt19937 draw_;
};

/// Folders named by their numbers, each with sounds of the same names, for as long as it lives.
struct SoundFolders {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("hocket_soak_" + std::to_string(::getpid()));
  SoundFolders() {
    for (int f = 0; f < kFolders; ++f)
      for (const char* sound : {"take", "clap"}) {
        const auto in = path / std::to_string(f) / sound;
        std::filesystem::create_directories(in);
        for (int n = 0; n < 1 + f % 3; ++n) std::ofstream(in / (std::to_string(n) + ".wav")) << "sound";
      }
  }
  ~SoundFolders() { std::filesystem::remove_all(path); }
  SoundFolders(const SoundFolders&) = delete;
  SoundFolders& operator=(const SoundFolders&) = delete;
};

/// What is in a file follows from its name: a tenth of a second to a second, some of them stereo.
inline SoundReader sound_reader() {
  return {[](const std::string& name) { return name.ends_with(".wav"); },
          [](const std::string& path, std::int64_t) {
            const auto end = path.substr(path.size() - 12);  // take/0.wav and its folder
            unsigned draw = 0;
            for (const char c : end) draw = draw * 31 + static_cast<unsigned char>(c);
            SampleData data;
            const int frames = 4800 + static_cast<int>(draw % 43200);
            for (int i = 0; i < frames; ++i) data.left.push_back(0.3F * std::sin(static_cast<float>(i) * 0.03F));
            if (draw % 3 == 0) data.right = data.left;
            return Result<SampleData>(data);
          }};
}

/// Notes, knobs and bends from a port.
inline MidiFile played_by_hand(Performer& performer, double seconds) {
  MidiFile file;
  for (double at = 0; at < seconds; at += performer.pick(20, 400) / 1000.) {
    const int note = performer.pick(40, 80), kind = performer.pick(0, 9);
    const auto message = kind < 3   ? midi_message(MidiKind::control, 1, performer.pick(1, 20), performer.pick(0, 127))
                         : kind < 4 ? midi_message(MidiKind::bend, 1, performer.pick(0, 127), performer.pick(0, 127))
                         : kind < 7 ? midi_message(MidiKind::note_on, 1, note, 90)
                                    : midi_message(MidiKind::note_off, 1, note, 90);
    file.events.push_back({Rational::near(at), Rational::near(at), message, 0});
  }
  return file;
}

}  // namespace hocket::test
