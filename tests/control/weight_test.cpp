// A program too heavy for the machine is taken back. The machine's time is simulated.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "server/control/offline.h"

using namespace hocket;

namespace {

/// A machine that spends so much of its time on the program with `~heavy` in it, and so much on others.
struct Machine {
  explicit Machine(double light_load = 0.3, double heavy_load = 1.6)
      : samples({[](const std::string&) { return false; }, nullptr}, nullptr),
        offline(
            unit_table(), {}, samples,
            [this](const Report& r) {
              if (r.kind == Report::Kind::error) errors.push_back(r.text);
            },
            settings()),
        light(light_load),
        heavy(heavy_load) {}

  SessionSettings settings() {
    SessionSettings made;
    made.load = [this](const EngineStatus& status) {
      const double load = plays("~heavy") && status.swap_serial >= heavy_from ? heavy : light;
      reading.busy_s += static_cast<double>(status.frame - reading.frame) / 48000 * load + std::exchange(held_up_s, 0);
      reading.overruns += load > 1 ? 1 : 0;
      ++reading.callbacks;
      reading.frame = status.frame;
      return reading;
    };
    return made;
  }

  bool plays(const std::string& name) { return offline.session().program().definitions.contains(name); }
  void eval(const std::string& text) {
    const auto result = offline.session().evaluate(text, "test", false);
    REQUIRE(result.ok);
    heavy_from = result.serial;
  }
  void run(double seconds) {
    for (int i = 0; i < seconds * 48000 / 512; ++i) {
      const auto block = offline.render(512);
      for (std::size_t n = 0; n < block.size(); n += 2) sound.push_back(block[n]);
    }
  }

  std::vector<std::string> errors;
  SampleLibrary samples;
  LoadReading reading;
  std::uint64_t heavy_from = 0;
  double held_up_s = 0;
  Offline offline;
  double light, heavy;
  std::vector<float> sound;
};

const std::string kProgram = "o1: sine 220 * 0.1 # delay 0.2\n";
const std::string kHeavy = "~heavy: mix [saw (100 + k) # lpf 900 # lpf 1k # lpf 2k for k in 1..40] * 0.001\no2: ~heavy\n";

}  // namespace

TEST_CASE("a program too heavy for the machine gives way to the one before, which never stopped") {
  Machine machine, plain;
  for (auto* m : {&machine, &plain}) {
    m->eval(kProgram);
    m->run(1);
  }
  machine.eval(kHeavy);
  CHECK(machine.plays("~heavy"));
  for (auto* m : {&machine, &plain}) m->run(2);
  CHECK_FALSE(machine.plays("~heavy"));
  REQUIRE(machine.errors.size() == 1);
  INFO(machine.errors[0]);
  CHECK(machine.errors[0].starts_with("too heavy for this machine: 160 % of the time there is, "));
  CHECK(machine.errors[0].find(" on ~heavy") != std::string::npos);
  // the last second is that of a machine on which nothing happened, but for what the master's DC blocker still remembers
  float most = 0;
  for (std::size_t i = plain.sound.size() - 48000; i < plain.sound.size(); ++i)
    most = std::max(most, std::fabs(machine.sound[i] - plain.sound[i]));
  CHECK(most < 1e-4F);
  CHECK(machine.offline.session().redo().ok);
  CHECK(machine.plays("~heavy"));
}

TEST_CASE("several changes in a row are taken back together, an undo too") {
  Machine machine;
  machine.eval(kProgram);
  machine.run(1);
  machine.eval(kHeavy);
  machine.run(0.2);
  machine.eval("o3: sine 330 * 0.1");
  machine.heavy_from = 0;
  machine.run(2);
  CHECK_FALSE(machine.plays("~heavy"));
  CHECK_FALSE(machine.plays("o3"));
  CHECK(machine.plays("o1"));

  Machine other(0.3, 0.3);
  other.eval(kProgram);
  other.eval(kHeavy);
  other.run(1);
  other.eval("clear o2\n~heavy: 0\n");
  other.run(11);
  other.heavy = 1.6, other.light = 1.6;
  REQUIRE(other.offline.session().undo().ok);
  other.run(2);
  CHECK_FALSE(other.plays("o2"));
}

TEST_CASE("a callback that the system held up takes nothing back") {
  Machine machine;
  machine.eval(kProgram);
  machine.run(1);
  machine.eval("o2: sine 330 * 0.1");
  for (int i = 0; i < 20; ++i) {
    machine.held_up_s = i % 2 ? 0 : 3;  // every other tenth of a second
    machine.run(0.1);
  }
  CHECK(machine.plays("o2"));
  CHECK(machine.errors.empty());
}

TEST_CASE("what was too much before a change is not the change's doing") {
  Machine machine(1.4, 1.4);
  machine.eval(kProgram);
  machine.run(1);
  REQUIRE(machine.errors.size() == 1);  // told, and left as it is: there was nothing before
  CHECK(machine.plays("o1"));
  machine.eval("o2: sine 330 * 0.1");
  machine.run(2);
  CHECK(machine.plays("o2"));
  CHECK(machine.errors.size() == 1);
}

TEST_CASE("a machine that fails long after a change does not take it back") {
  Machine machine(0.3, 0.3);
  machine.eval(kProgram);
  machine.run(0.5);
  machine.eval("o2: sine 330 * 0.1");
  machine.run(12);
  machine.light = 2;
  machine.run(1);
  CHECK(machine.plays("o2"));
  CHECK(machine.errors.size() == 1);
}
