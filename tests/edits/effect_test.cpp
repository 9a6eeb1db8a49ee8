// Effects come, go, change places and change their settings while the sound goes on.
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "server/dsp/kernel.h"
#include "tests/edits/performance.h"

using namespace hocket;
using namespace hocket::test;

namespace {

constexpr std::int64_t kFrames = 2 * 48000 + 24000;
// From silence: an echo set to another time says the program's own beginning again where neither program alone would.
constexpr const char* kTones = "~src: mix [sine 220, sine 277.18, sine 329.63, sine 1318.5] * 0.08 * (\"1\" $ slow 64 # adsr 0.4 0 1 1)\n";
constexpr const char* kOther = "o2: (saw 110 # lpf 900) * 0.08\n";

/// Of `floor`, `sah`, `coarse` and `crush` nothing can be told: what comes out is made of steps.
std::vector<const UnitEntry*> effects() {
  std::vector<const UnitEntry*> found;
  for (const auto& entry : unit_table().units) {
    const auto ports = entry.info.ports;
    const auto name = entry.info.name;
    if (name == "floor" || name == "sah" || name == "coarse" || name == "crush") continue;
    if (!ports.empty() && std::string_view(ports[0].name) == "in") found.push_back(&entry);
  }
  return found;
}

std::string name_of(const UnitEntry& unit) {
  return std::string(unit.info.name);
}

/// Another setting of a port, well away from its default.
double other_setting(const Port& port) {
  const double init = port.init;
  if (port.unit == PortUnit::hz) return init * 1.5;
  if (port.unit == PortUnit::seconds) return init * 1.6 + 0.01;
  if (port.low == port.high) return init + 0.5;
  return init < port.high ? (init + std::min<double>(port.high, init + 4)) / 2 : (init + port.low) / 2;
}

std::string program(const std::string& chain) {
  return std::string(kTones) + "o1: ~src" + chain + "\n" + kOther;
}

std::int64_t random_frame() {
  static std::mt19937 draw(5);
  return std::uniform_int_distribution<std::int64_t>(30000, 60000)(draw);
}

void check_edit(const std::string& from, const std::string& to) {
  const auto at = random_frame();
  INFO("o1: ~src" << from << "   ->   o1: ~src" << to << "   at frame " << at);
  const auto e = play_edit(program(from), "o1: ~src" + to, at, kFrames);
  CHECK(judge(e).text() == "");
  CHECK(judge_untouched(e, "o2").text() == "");
  if (judge_level(e, "o1").faults.empty()) return;
  CHECK(judge_level(e, "o1", end_and_begin(std::string(kTones) + kOther, "~src" + from, "~src" + to, at, kFrames)).text() == "");
}

}  // namespace

TEST_CASE("every effect goes in and out without a click", "[edits]") {
  for (const auto* unit : effects()) {
    check_edit("", " # " + name_of(*unit));
    check_edit(" # " + name_of(*unit), "");
    check_edit(" # hpf 60 # lpf 9k", " # hpf 60 # " + name_of(*unit) + " # lpf 9k");
  }
}

TEST_CASE("every effect changes places with its neighbour without a click", "[edits]") {
  for (const auto* unit : effects()) check_edit(" # " + name_of(*unit) + " # hpf 60", " # hpf 60 # " + name_of(*unit));
}

TEST_CASE("every setting of every effect changes without a click", "[edits]") {
  for (const auto* unit : effects())
    for (const auto& port : unit->info.ports.subspan(1)) {
      if (port.unit == PortUnit::gate) continue;
      char value[32];
      std::snprintf(value, sizeof value, "%.4f", other_setting(port));
      const std::string set = " # " + name_of(*unit) + " " + port.name + "=" + value;
      check_edit(" # " + name_of(*unit), set);
      check_edit(set, " # " + name_of(*unit));
    }
}

TEST_CASE("every effect is exchanged for another without a click", "[edits]") {
  const auto all = effects();
  for (std::size_t i = 0; i < all.size(); ++i) check_edit(" # " + name_of(*all[i]), " # " + name_of(*all[(i + 5) % all.size()]));
}
