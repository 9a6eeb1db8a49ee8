// Random performances under the real-time guard: programs, edits, hushes, undo, tempo, mistakes, samples that load, MIDI notes and knobs.
//
// The test suite plays a quarter of a minute with each player. The whole hour: scripts/soak 3600 (see there).
#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>

#include "server/control/offline.h"
#include "tests/edits/performer.h"

using namespace hocket;
using namespace hocket::test;

namespace {

constexpr int kThreads = 3;

struct PlayerName {
  PlayerKind kind;
  const char* name;
};
constexpr PlayerName kPlayers[] = {{PlayerKind::serial, "serial"}, {PlayerKind::staged, "staged"}, {PlayerKind::dataflow, "dataflow"}};

EngineSettings settings_of(PlayerKind kind) {
  EngineSettings settings;
  settings.player = kind;
  settings.threads = kind == PlayerKind::serial ? 1 : kThreads;
  settings.stem_frames = 0;
  return settings;
}

/// Errors that the server reported by itself, from any thread.
class Faults {
 public:
  Reports reports() {
    return [this](const Report& r) {
      const std::lock_guard lock(mutex_);
      if (r.kind == Report::Kind::error) list_.push_back(r.text);
    };
  }
  std::vector<std::string> list() const {
    const std::lock_guard lock(mutex_);
    return list_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> list_;
};

/// What went out, in short: equal for equal samples.
struct Heard {
  std::uint64_t hash = 0xcbf29ce484222325U;
  std::int64_t bad = 0;  ///< samples that are not finite, or above full level

  void hear(float x) {
    bad += std::isfinite(x) && std::fabs(x) <= 1.F ? 0 : 1;
    std::uint32_t bits = 0;
    std::memcpy(&bits, &x, sizeof bits);
    hash = (hash ^ bits) * 0x100000001b3U;
  }
};

/// Evaluates until something of a program to begin with makes sense.
void begin(Session& session, Performer& performer) {
  EvalResult first;
  for (int tries = 0; tries < 20 && !first.ok; ++tries) first = session.evaluate(performer.start(), "start", true);
  INFO(render(*first.source, first.diagnostics));
  REQUIRE(first.ok);
}

struct Evening {
  int edits = 0, accepted = 0;
  double early_mb = 0;  ///< of the heap after a quarter

  void edit(Session& session, Performer& performer) {
    const auto text = performer.edit();
    accepted += session.evaluate(text, "edit", performer.replaces).ok ? 1 : 0;
    ++edits;
  }
  void check(const EngineStatus& status, const Heard& heard, const Faults& faults) const {
    CHECK(accepted > edits / 2);
    CHECK(heard.bad == 0);
    CHECK(status.late_events == 0);
    CHECK(status.dropped_events == 0);
    CHECK(status.nonfinite == 0);
    CHECK(faults.list() == std::vector<std::string>{});
    CHECK(heap_mb() < early_mb * 1.5 + 20);
  }
};

/// The samples that it gave.
std::uint64_t perform(const PlayerName& player, unsigned seed, double seconds) {
  const SoundFolders folders;
  Performer performer(seed, folders.path);
  Faults faults;
  SampleLibrary samples(sound_reader(), faults.reports());
  const auto settings = settings_of(player.kind);
  Offline offline(unit_table(), settings, samples, faults.reports());
  offline.play(played_by_hand(performer, seconds));
  begin(offline.session(), performer);
  const auto end = static_cast<std::int64_t>(seconds * settings.rate);
  std::int64_t next_edit = 0;
  Evening evening;
  Heard heard;
  while (offline.engine().status().frame < end) {
    const auto now = offline.engine().status().frame;
    if (now >= next_edit) {
      evening.edit(offline.session(), performer);
      next_edit = now + performer.pick(200, 24000);
    }
    for (const float x : offline.render(performer.pick(1, 700))) heard.hear(x);
    if (evening.early_mb == 0 && now > end / 4) evening.early_mb = heap_mb();
  }
  INFO(player.name << ", seed " << seed << ", " << evening.edits << " edits, " << evening.accepted << " accepted");
  evening.check(offline.engine().status(), heard, faults);
  std::printf("soak: %s, seed %u, %.0f s, %d edits, heap from %.1f to %.1f MB\n", player.name, seed, seconds, evening.edits,
              evening.early_mb, heap_mb());
  return heard.hash;
}

/// The same with every thread of a live server: audio with its workers, sequencer, MIDI, loader, control. No clock: the audio goes on
/// as soon as the sequencer has been round.
class Stage {
 public:
  Stage(const EngineSettings& settings, Faults& faults)
      : samples_(sound_reader(), faults.reports()),
        engine_(settings),
        live_(
            {}, [this](const TimedEvent& event) { return engine_.give_live(event); }, &out_, &samples_, faults.reports()),
        sequencer_(
            {}, [this](const TimedEvent& event) { return engine_.give(event); }, &samples_, faults.reports()),
        session_(unit_table(), engine_, sequencer_, samples_, nullptr, faults.reports(), {}, {&live_, &out_, nullptr, nullptr}) {
    samples_.publish_to([this](std::uint32_t index, const SampleView& view) { engine_.give_sample(index, view); });
    sequencer_.connect(&live_.knobs(), [this](const OutsideEvent& event) { out_.give(event); });
  }
  ~Stage() {
    end();
    samples_.publish_to(nullptr);
  }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  Session& session() { return session_; }
  Engine& engine() { return engine_; }
  Sequencer& sequencer() { return sequencer_; }
  const Heard& heard() const { return heard_; }

  void begin(const MidiFile& file, unsigned seed) {
    threads_[0] = std::thread([this, seed] { play(seed); });
    threads_[1] = std::thread([this] { sequence(); });
    threads_[2] = std::thread([this, file] { play_by_hand(file); });
  }
  void end() {
    stopping_ = true;
    for (auto& thread : threads_)
      if (thread.joinable()) thread.join();
  }

 private:
  void play(unsigned seed) {
    std::mt19937 draw(seed);
    std::vector<float> planes[2];
    for (auto& plane : planes) plane.resize(700);
    float* const out[2] = {planes[0].data(), planes[1].data()};
    for (std::uint64_t turn = 0; !stopping_;) {
      const auto round = rounds_.load();
      if (round == turn) {
        std::this_thread::yield();
        continue;
      }
      turn = round;
      const int frames = std::uniform_int_distribution<int>(1, 700)(draw);
      engine_.render(out, nullptr, frames);
      for (const auto& plane : planes)
        for (int i = 0; i < frames; ++i) heard_.hear(plane[static_cast<std::size_t>(i)]);
    }
  }
  void sequence() {
    while (!stopping_) {
      sequencer_.advance(engine_.status());
      rounds_.fetch_add(1);
      std::this_thread::yield();
    }
  }
  void play_by_hand(const MidiFile& file) {
    live_.join(0, "keys");
    for (std::size_t next = 0; !stopping_;) {
      const auto status = engine_.status();
      for (; next < file.events.size() && file.events[next].at_s.to_double() * engine_.settings().rate < static_cast<double>(status.frame);
           ++next)
        live_.take(0, file.events[next].message, status.frame);
      live_.advance(status, status.frame);
      out_.due(status, status.frame);
      std::this_thread::yield();
    }
  }

  SampleLibrary samples_;
  Engine engine_;
  MidiOut out_;
  LivePlayer live_;
  Sequencer sequencer_;
  Session session_;
  Heard heard_;
  std::atomic<std::uint64_t> rounds_{0};
  std::atomic<bool> stopping_{false};
  std::array<std::thread, 3> threads_;
};

void perform_live(const PlayerName& player, unsigned seed, double seconds) {
  const SoundFolders folders;
  Performer performer(seed, folders.path);
  Faults faults;
  const auto settings = settings_of(player.kind);
  Stage stage(settings, faults);
  begin(stage.session(), performer);
  stage.begin(played_by_hand(performer, seconds), seed);
  const auto end = static_cast<std::int64_t>(seconds * settings.rate);
  std::int64_t next_edit = 0;
  Evening evening;
  for (std::int64_t now = 0; now < end; now = stage.engine().status().frame) {
    if (now >= next_edit) {
      evening.edit(stage.session(), performer);
      next_edit = now + performer.pick(200, 24000);
    }
    stage.session().tick();
    if (evening.early_mb == 0 && now > end / 4) evening.early_mb = heap_mb();
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  stage.end();
  INFO("live, " << player.name << ", seed " << seed << ", " << evening.edits << " edits, " << evening.accepted << " accepted");
  evening.check(stage.engine().status(), stage.heard(), faults);
  CHECK(stage.sequencer().counts().skipped == 0);
  std::printf("soak: live, %s, seed %u, %.0f s, %d edits, heap from %.1f to %.1f MB\n", player.name, seed, seconds, evening.edits,
              evening.early_mb, heap_mb());
}

double asked_seconds() {
  const char* const seconds = std::getenv("SOAK_SECONDS");
  return seconds ? std::strtod(seconds, nullptr) : 3600;
}

unsigned asked_seed() {
  const char* const seed = std::getenv("SOAK_SEED");
  return seed ? static_cast<unsigned>(std::strtoul(seed, nullptr, 10)) : 1;
}

bool is_asked(const PlayerName& player) {
  const char* const name = std::getenv("SOAK_PLAYER");
  return !name || std::string(name) == player.name;
}

}  // namespace

TEST_CASE("a random performance neither breaks off nor grows, and sounds the same with every player", "[edits]") {
  const auto samples = perform(kPlayers[0], 1, 15);
  CHECK(perform(kPlayers[1], 1, 15) == samples);
  CHECK(perform(kPlayers[2], 1, 15) == samples);
}

TEST_CASE("a random performance with every thread of a live server neither breaks off nor grows", "[edits]") {
  for (const auto& player : kPlayers) perform_live(player, 1, 10);
}

TEST_CASE("a random performance of SOAK_SECONDS from SOAK_SEED on, with each player or SOAK_PLAYER", "[.][soak]") {
  std::vector<std::uint64_t> samples;
  for (const auto& player : kPlayers)
    if (is_asked(player)) samples.push_back(perform(player, asked_seed(), asked_seconds()));
  for (const auto hash : samples) CHECK(hash == samples[0]);
}

TEST_CASE("a random performance of SOAK_SECONDS with every thread of a live server", "[.][soak][live]") {
  for (const auto& player : kPlayers)
    if (is_asked(player)) perform_live(player, asked_seed(), asked_seconds());
}
