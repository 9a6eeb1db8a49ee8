// A session that follows another's clock: tempo, phase and jumps, on a clock that is exact.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <vector>

#include "server/control/session.h"
#include "server/control/tempo.h"

using namespace hocket;

namespace {

/// The server without devices, beside a sender whose beats and tempo the test sets.
struct Follower {
  EngineSettings settings;
  SampleLibrary samples{
      {[](const std::string&) { return false; }, [](const std::string&, std::int64_t) { return Result<SampleData>::fail("none"); }},
      nullptr};
  Engine engine;
  Sequencer sequencer;
  ClockState sender;
  std::string followed = "nobody";
  Session session;

  explicit Follower(SessionFile* file = nullptr)
      : settings([] {
          EngineSettings s;
          s.rate = 48000;
          s.threads = 1;
          s.player = PlayerKind::serial;
          s.channels = 2;
          return s;
        }()),
        engine(settings),
        sequencer(
            {}, [this](const TimedEvent& e) { return engine.give(e); }, &samples, nullptr),
        session(unit_table(), engine, sequencer, samples, nullptr, nullptr, {},
                {nullptr, nullptr, [this](const std::string& port, bool on) { followed = on ? port : "nobody"; },
                 [this] {
                   auto now = sender;
                   now.at_frame = engine.status().frame;
                   if (now.running) now.beats += static_cast<double>(now.at_frame - sender.at_frame) / 48000 * sender.beats_per_s;
                   return now;
                 }}) {
    if (file) session.resume(*file);
    if (file) return;
    REQUIRE(session.evaluate("cps: 0.5\nout: sine 220 * 0.1\nclockin \"drum\"", "test", false).ok);
  }

  /// The sender is at this beat now, and goes on with this tempo.
  void sender_at(double beats, double bpm, bool running = true) {
    sender.locked = true;
    sender.running = running;
    sender.beats = beats;
    sender.beats_per_s = bpm / 60;
    sender.at_frame = engine.status().frame;
    ++sender.jumps;
  }
  void run(double seconds) {
    std::vector<float> left(480), right(480);
    float* out[] = {left.data(), right.data()};
    for (int i = 0; i < static_cast<int>(seconds * 100); ++i) {
      session.tick();
      sequencer.advance(engine.status());
      engine.render(out, nullptr, 480);
    }
  }
  double bpm() const { return 240 * session.status().cps.to_double(); }
  /// How far our beats are behind the sender's.
  double behind_s() const {
    const auto status = engine.status();
    const double beats = sender.beats + static_cast<double>(status.frame - sender.at_frame) / 48000 * sender.beats_per_s;
    return (beats - 4 * to_rational(position_at(status.transport, status.frame)).to_double()) / sender.beats_per_s;
  }
};

}  // namespace

TEST_CASE("tempo and phase become the sender's") {
  const double bpm = GENERATE(70., 120., 132., 187.5);
  Follower follower;
  follower.run(1);
  follower.sender_at(9.3, bpm);
  follower.run(12);
  CHECK(std::fabs(follower.bpm() - bpm) < 0.1);
  CHECK(std::fabs(follower.behind_s()) < 0.001);
}

TEST_CASE("a small difference in phase is made up for without a jump") {
  Follower follower;
  follower.sender_at(0, 120);
  follower.run(5);
  follower.sender_at(4 * follower.session.status().cycle.to_double() + 0.1, 120);  // 50 ms
  follower.run(1);
  CHECK(follower.behind_s() > 0.02);
  CHECK(std::fabs(follower.bpm() - 120) < 3);
  follower.run(10);
  CHECK(std::fabs(follower.behind_s()) < 0.003);
  CHECK(std::fabs(follower.bpm() - 120) < 0.1);
}

TEST_CASE("a change of tempo is taken over within a second, and the beats fall together again") {
  Follower follower;
  follower.sender_at(0, 120);
  follower.run(5);
  follower.sender_at(10, 140);
  follower.run(1);
  CHECK(follower.bpm() == Approx(140).margin(3));
  follower.run(10);
  CHECK(follower.bpm() == Approx(140).margin(0.1));
  CHECK(std::fabs(follower.behind_s()) < 0.003);
}

TEST_CASE("a start and a song position are jumped to") {
  Follower follower;
  follower.sender_at(0, 120);
  follower.run(5.1);
  follower.sender_at(64, 120);
  follower.run(1);
  CHECK(std::fabs(follower.behind_s()) < 0.003);
  follower.sender_at(0, 120);
  follower.run(1);
  CHECK(std::fabs(follower.behind_s()) < 0.003);
}

TEST_CASE("while the sender stands still its tempo counts and its place does not") {
  Follower follower;
  follower.sender_at(0, 120);
  follower.run(2);
  const double before = follower.session.status().cycle.to_double();
  follower.sender_at(0, 130, false);
  follower.run(4);
  CHECK(follower.bpm() == Approx(130).margin(0.01));
  CHECK(follower.session.status().cycle.to_double() == Approx(before + 4 * 130 / 240.).margin(0.02));
}

TEST_CASE("whose clock is followed is taken up again with the session") {
  const auto path = (std::filesystem::temp_directory_path() / ("hocket_follow_" + std::to_string(::getpid()))).string();
  std::filesystem::remove(path);
  {
    auto file = SessionFile::open(path);
    REQUIRE(file);
    Follower follower(&*file);
    CHECK(follower.followed == "nobody");
    for (const char* text : {"clockin \"keys\"", "out: sine 220 * 0.1\nclockin \"drum\"", "undo"})
      CHECK(follower.session.evaluate(text, "test", false).ok);
  }
  {
    auto file = SessionFile::open(path);
    REQUIRE(file);
    Follower follower(&*file);
    CHECK(follower.followed == "drum");
    CHECK(follower.session.evaluate("clockin stop", "test", false).ok);
  }
  auto file = SessionFile::open(path);
  REQUIRE(file);
  CHECK(Follower(&*file).followed == "nobody");
  std::filesystem::remove(path);
}
