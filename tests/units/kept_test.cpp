// What kernels keep from run to run saves work and changes nothing.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/units/rig.h"

using namespace hocket;
using namespace hocket::test;

namespace {

constexpr int kFrames = 6000;  // further than oscillators look ahead

struct Form {
  const char* name;
  Kernel UnitEntry::*kernel;
  int factors;  // more wires than ports
};
constexpr Form kForms[] = {{"voices", &UnitEntry::voice_mono, 0},
                           {"scaled", &UnitEntry::voice_scaled, 2},
                           {"swung", &UnitEntry::voice_swung, 0},
                           {"swung, bounded", &UnitEntry::voice_swung_bounded, 0}};

/// A likely value a lane.
Input each_lane(const Port& p, int lanes, Dice& dice) {
  Input in;
  for (int k = 0; k < lanes; ++k) in.data.push_back(value(p, dice));
  return in;
}

/// All inputs of a form, which stand.
std::vector<Input> standing(const UnitEntry& e, const Form& form, int lanes, std::uint32_t seed) {
  constexpr float kRates[] = {9, 0.8F, 3, 300};  // in lines of 4, 64 and 16 frames, and in none
  const float freq = kRates[seed % 4];
  const Port kSwing[] = {{"in", PortUnit::signal, 0, 0, 0, ""},        {"freq", PortUnit::number, freq, 0, 0, ""},
                         {"phase", PortUnit::cycles, 0, 0, 0, ""},     {"factor", PortUnit::number, 300, 0, 0, ""},
                         {"offset", PortUnit::number, 1200, 0, 0, ""}, {"res", PortUnit::number, 0.4F, 0, 1, ""}};
  Dice dice(seed);
  std::vector<Input> in;
  const bool swings = form.kernel == &UnitEntry::voice_swung || form.kernel == &UnitEntry::voice_swung_bounded;
  for (const Port& p : swings ? std::span<const Port>(kSwing) : e.info.ports) in.push_back(each_lane(p, lanes, dice));
  for (int i = 0; i < form.factors; ++i) in.push_back(each_lane({"", PortUnit::number, 0.5F, 0, 0, ""}, lanes, dice));
  return in;
}

std::vector<int> pieces(std::uint32_t seed) {
  Dice dice(seed);
  std::vector<int> all;
  for (int left = kFrames; left > 0; left -= all.back())
    all.push_back(std::min(left, dice.unit() < 0.5F ? 64 : 1 + static_cast<int>(dice.bits() % 40U)));
  return all;
}

/// Calls f with every kernel that keeps something.
template <class F>
int each_keeper(F f) {
  int found = 0;
  for (const UnitTable* t : all_unit_tables())
    for (const UnitEntry& e : t->units)
      for (const Form& form : kForms) {
        if (!(e.*form.kernel).run || (e.*form.kernel).kept_bytes == 0) continue;
        INFO(t->isa << ' ' << e.info.name << ' ' << form.name);
        f(*t, e, form);
        ++found;
      }
  return found;
}

}  // namespace

TEST_CASE("A kernel that keeps what stands gives what one gives that does not") {
  const int found = each_keeper([](const UnitTable& t, const UnitEntry& e, const Form& form) {
    for (std::uint32_t seed = 1; seed < 6; ++seed) {
      const auto in = standing(e, form, t.lanes, seed);
      Rig plain(e, e.*form.kernel, t.lanes, in), keeps(e, e.*form.kernel, t.lanes, in);
      plain.clock.frame = keeps.clock.frame = 64 * seed + 7 * (seed % 3);
      keeps.keep();
      for (const int frames : pieces(seed)) plain.run(frames), keeps.run(frames);
      CHECK(same_bits(plain.out[0], keeps.out[0]));
      CHECK(plain.state == keeps.state);
    }
  });
  CHECK(found > 5);
}

TEST_CASE("What is kept is forgotten where it is told that values have changed") {
  each_keeper([](const UnitTable& t, const UnitEntry& e, const Form& form) {
    for (const auto& [one, next] : {std::pair{11U, 12U}, {12U, 11U}, {13U, 11U}, {11U, 13U}, {12U, 14U}}) {
      const auto before = standing(e, form, t.lanes, one), after = standing(e, form, t.lanes, next);
      Rig first(e, e.*form.kernel, t.lanes, before), plain(e, e.*form.kernel, t.lanes, after), keeps(e, e.*form.kernel, t.lanes, after);
      first.keep();
      for (const int frames : {64, 64, 10, 54, 128}) first.run(frames);
      plain.state = keeps.state = first.state;
      keeps.keep();
      keeps.kept = first.kept;  // of the values before
      keeps.clock.kept = keeps.kept.data();
      plain.clock.frame = keeps.clock.frame = first.clock.frame;
      for (const int frames : {16, 48, 64, 5}) plain.run(frames), keeps.run(frames);
      CHECK(same_bits(plain.out[0], keeps.out[0]));
    }
  });
}

TEST_CASE("What is kept holds while lanes come to rest") {
  each_keeper([](const UnitTable& t, const UnitEntry& e, const Form& form) {
    const auto in = standing(e, form, t.lanes, 21);
    Rig plain(e, e.*form.kernel, t.lanes, in), keeps(e, e.*form.kernel, t.lanes, in);
    keeps.keep();
    for (int run = 0; run < 12; ++run) {
      keeps.clock.live = run < 6 ? 0xffffU : 0x5U;
      plain.run(64);
      keeps.run(64);
    }
    const auto lanes = static_cast<std::size_t>(t.lanes);
    bool same = true;
    for (std::size_t i = 0; i < plain.out[0].size(); i += lanes)
      for (const std::size_t k : {std::size_t{0}, std::size_t{2}}) same &= plain.out[0][i + k] == keeps.out[0][i + k];
    CHECK(same);
  });
}
