// Recordings hold what was played, from the moment they were started to the moment they were stopped.
#include "server/control/recorder.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <thread>

using namespace hocket;
namespace fs = std::filesystem;

namespace {

struct Tape {
  explicit Tape(bool broken = false) {
    auto name = (fs::temp_directory_path() / "hocket-record-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    folder = name;
    recorder = std::make_unique<Recorder>(
        [this, broken](const std::string& path, int, double) -> Result<SoundSink> {
          opened.push_back(path);
          return SoundSink{[this, broken](std::span<const float> samples) {
            written.insert(written.end(), samples.begin(), samples.end());
            return !broken;
          }};
        },
        folder, 2, 1000, [this](const Report&) { ++reports; });
  }
  ~Tape() {
    recorder.reset();
    fs::remove_all(folder);
  }
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  // Plays frames whose samples count on: left n, right -n.
  void play(int frames) {
    std::vector<float> left, right;
    for (int i = 0; i < frames; ++i, ++next) {
      left.push_back(static_cast<float>(next));
      right.push_back(-static_cast<float>(next));
    }
    const float* planes[] = {left.data(), right.data()};
    recorder->take(planes, frames);
  }

  std::string folder;
  std::vector<std::string> opened;
  std::vector<float> written;
  std::atomic<int> reports{0};
  int next = 0;
  std::unique_ptr<Recorder> recorder;
};

}  // namespace

TEST_CASE("a recording holds every frame between start and stop, in order") {
  Tape tape;
  tape.play(100);
  const auto path = tape.recorder->start("take.wav");
  REQUIRE(path);
  CHECK(fs::path(*path).filename() == "take.wav");
  for (int i = 0; i < 90; ++i) {
    tape.play(64);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  REQUIRE(tape.recorder->stop());
  tape.play(100);
  REQUIRE(tape.written.size() == 2 * 90 * 64);
  for (std::size_t i = 0; i < tape.written.size(); i += 2) {
    CHECK(tape.written[i] == static_cast<float>(100 + i / 2));
    CHECK(tape.written[i + 1] == -tape.written[i]);
  }
}

TEST_CASE("one recording at a time, under a plain name; stopping none is an error") {
  Tape tape;
  CHECK(tape.recorder->stop().error.find("nothing") != std::string::npos);
  CHECK_FALSE(tape.recorder->start("../away.wav"));
  CHECK_FALSE(tape.recorder->start("/tmp/away.wav"));
  CHECK_FALSE(tape.recorder->start(".hidden"));
  CHECK_FALSE(tape.recorder->start(""));
  REQUIRE(tape.recorder->start("a"));
  CHECK(tape.recorder->start("b").error.find("record stop") != std::string::npos);
  CHECK(tape.opened.size() == 1);
  CHECK(tape.opened[0].ends_with("/a.wav"));
}

TEST_CASE("a disk that fails is reported once, and the player is not stopped") {
  Tape tape(true);
  REQUIRE(tape.recorder->start("a.wav"));
  for (int i = 0; i < 40; ++i) {
    tape.play(64);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  CHECK(tape.recorder->stop());
  CHECK(tape.reports == 1);
}

TEST_CASE("what the ring cannot hold is left out and said") {
  Tape tape;
  REQUIRE(tape.recorder->start("a.wav"));
  for (int i = 0; i < 200; ++i) tape.play(64);  // twelve seconds at once
  REQUIRE(tape.recorder->stop());
  CHECK(tape.reports == 1);
  CHECK(tape.written.size() < 2 * 200 * 64);
}
