#include "tests/audio/clicks.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "tests/audio/programmes.h"

using namespace hocket::test;

namespace {

constexpr std::int64_t kLong = 2 * 48000;
constexpr std::int64_t kWhere = 51234;

struct Programme {
  const char* name;
  Samples x;
  double least_db = -60;  // smaller clicks drown in what is unpredictable of it
};

std::vector<Programme> predictable() {
  return {{"chord", chord(kLong)},
          {"dark saw", dark_saw(kLong, 82.5), -51},  // its edges' residual is at -64 dB
          {"sine", make(kLong, [](double t) { return 0.5 * sine(55, t); })},
          {"high sine", make(kLong, [](double t) { return 0.3 * sine(3000, t); })}};
}

double level_of(const Samples& x) {
  return std::sqrt(2.) * rms(x);
}

std::string describe(const std::vector<Click>& clicks) {
  std::string text;
  for (const auto& c : clicks)
    text += std::string(to_string(c.kind)) + " at " + std::to_string(c.frame) + ": " + std::to_string(c.level_db) + " dB, " +
            std::to_string(c.prominence_db) + " dB out\n";
  return text;
}

void check_one_click(const Samples& x, std::int64_t where, const std::string& what) {
  INFO(what);
  const auto clicks = find_clicks(x);
  INFO(describe(clicks));
  REQUIRE(clicks.size() == 1);
  CHECK(std::abs(clicks[0].frame - where) <= 2);
}

}  // namespace

TEST_CASE("steps are found down to -60 dB, and measured") {
  for (const auto& programme : predictable())
    for (const double db : {-20., -40., programme.least_db + 1}) {
      Samples x = programme.x;
      const double height = level_of(x) * from_db(db);
      for (std::size_t i = kWhere; i < x.size(); ++i) x[i] += static_cast<float>(height);
      INFO(programme.name << " " << db);
      const auto clicks = find_clicks(x);
      INFO(describe(clicks));
      REQUIRE(clicks.size() == 1);
      CHECK(std::abs(clicks[0].frame - kWhere) <= 1);
      CHECK(clicks[0].level_db == Approx(db).margin(2));
    }
}

TEST_CASE("spikes of one sample are found down to -60 dB, and measured") {
  for (const auto& programme : predictable())
    for (const double db : {-20., -40., programme.least_db + 1}) {
      Samples x = programme.x;
      x[kWhere] += static_cast<float>(level_of(x) * from_db(db));
      INFO(programme.name << " " << db);
      const auto clicks = find_clicks(x);
      INFO(describe(clicks));
      REQUIRE(clicks.size() == 1);
      CHECK(clicks[0].level_db == Approx(db).margin(2));
    }
}

TEST_CASE("a jump of phase is a click at the height of the jump") {
  const std::int64_t at = 51200;  // 352 periods: there the phase matters most
  for (const double turn : {0.4, 0.1, 0.01, 0.001}) {
    const Samples x = make(kLong, [=](double t) { return 0.5 * sine(330, t, t * kRate >= at - 0.5 ? turn : 0); });
    check_one_click(x, at, "turn by " + std::to_string(turn));
  }
}

TEST_CASE("lost, repeated and zeroed blocks click") {
  for (const auto& programme : predictable()) {
    Samples lost = programme.x;
    lost.erase(lost.begin() + kWhere, lost.begin() + kWhere + 61);
    check_one_click(lost, kWhere, std::string("a lost block of ") + programme.name);

    Samples repeated = programme.x;
    std::copy_n(programme.x.begin() + kWhere - 61, 61, repeated.begin() + kWhere);
    INFO("a repeated block of " << programme.name);
    CHECK(!find_clicks(repeated).empty());

    Samples zeroed = programme.x;
    std::fill_n(zeroed.begin() + kWhere, 64, 0.F);
    INFO("a zeroed block of " << programme.name);
    CHECK(!find_clicks(zeroed).empty());
    REQUIRE(find_gaps(zeroed).size() == 1);
    CHECK(find_gaps(zeroed)[0].frame == kWhere);
    CHECK(find_gaps(zeroed)[0].frames == 64);
  }
}

TEST_CASE("a cut from one programme to another clicks") {
  const Samples a = chord(kLong), b = chord(kLong, 1.26);
  const Samples x = crossfade(a, b, kWhere, 0.001, linear);
  CHECK(!find_clicks(x, {}, {.references = {a, b}}).empty());
}

TEST_CASE("programmes as they are have no clicks and no gaps") {
  for (const auto& programme : predictable()) {
    INFO(programme.name << "\n" << describe(find_clicks(programme.x)));
    CHECK(find_clicks(programme.x).empty());
    CHECK(find_gaps(programme.x).empty());
  }
  for (const double freq : {41.2, 110., 1760.}) {
    const Samples x = make(kLong, [=](double t) { return 0.5 - std::fmod(freq * t, 1.); });
    INFO("a saw of " << freq << "\n" << describe(find_clicks(x)));
    CHECK(find_clicks(x).empty());
  }
  CHECK(find_clicks(noise(10 * 48000, 0.5)).empty());
  CHECK(find_clicks(Samples(kLong, 0.F)).empty());
}

TEST_CASE("smooth crossfades of 10 to 20 ms are clean") {
  const std::vector<Programme> all = predictable();
  for (const auto& from : all)
    for (const auto& to : all)
      for (const double frames : {480., 720., 960.}) {
        const Samples x = crossfade(from.x, to.x, kWhere, frames, smooth);
        INFO(from.name << " to " << to.name << " over " << frames << "\n" << describe(find_clicks(x)));
        CHECK(find_clicks(x).empty());
      }
}

TEST_CASE("a linear crossfade of 15 ms stays below -55 dB: it has corners, no steps") {
  const std::vector<Programme> all = predictable();
  for (const auto& from : all)
    for (const auto& to : all) {
      const Samples x = crossfade(from.x, to.x, kWhere, 720, linear);
      const auto clicks = find_clicks(x, {.level_db = -55});
      INFO(from.name << " to " << to.name << "\n" << describe(clicks));
      CHECK(clicks.empty());
    }
}

TEST_CASE("ramps of gain are clean, jumps of gain are not") {
  for (const auto& programme : predictable()) {
    const Samples quiet = [&] {
      Samples x = programme.x;
      for (float& v : x) v *= 0.3F;
      return x;
    }();
    INFO(programme.name);
    CHECK(find_clicks(crossfade(programme.x, quiet, kWhere, 240, smooth)).empty());
    CHECK(find_clicks(crossfade(programme.x, quiet, kWhere, 1440, linear)).empty());
    CHECK(!find_clicks(crossfade(programme.x, quiet, kWhere, 0.001, linear)).empty());
    CHECK(!find_clicks(crossfade(programme.x, quiet, kWhere, 8, linear)).empty());
  }
}

TEST_CASE("a change of gain by a tenth of a dB at once is a click") {
  Samples x = chord(kLong);
  for (std::size_t i = kWhere + 7; i < x.size(); ++i) x[i] *= static_cast<float>(from_db(0.1));
  CHECK(find_clicks(x).size() == 1);
}

TEST_CASE("the attacks of percussive notes belong to the music that holds them") {
  const Samples x = blips(kLong, 0.0005);
  CHECK(!find_clicks(x).empty());  // by the signal alone they are clicks
  CHECK(find_clicks(x, {}, {.references = {x}}).empty());
  CHECK(find_gaps(x, 16, {}, {.references = {x}}).empty());

  Samples damaged = x;
  damaged[kWhere] += static_cast<float>(level_of(x) * from_db(-50));
  const auto clicks = find_clicks(damaged, {}, {.references = {x}});
  REQUIRE(clicks.size() == 1);
  CHECK(clicks[0].frame == kWhere);
}

TEST_CASE("known onsets are no clicks") {
  const Samples x = blips(kLong, 0.0005);
  std::vector<std::int64_t> frames;
  for (int n = 0; n < 9; ++n) frames.push_back(static_cast<std::int64_t>((0.14 + 0.25 * n) * kRate));
  CHECK(find_clicks(x, {}, {.onsets = frames}).empty());
}

TEST_CASE("a click in noise is found where it stands out of it") {
  const Samples x = noise(kLong, 0.1);
  Samples loud = x, soft = x;
  loud[kWhere] += static_cast<float>(rms(x) * from_db(26));
  soft[kWhere] += static_cast<float>(rms(x));
  CHECK(find_clicks(loud).size() == 1);
  CHECK(find_clicks(soft).empty());
}

TEST_CASE("what is small against the programme is measured in a difference of two runs") {
  // Noise hides it; the difference to the run without the edit does not.
  const Samples a = noise(kLong, 0.1);
  Samples b = a;
  const double height = level_of(a) * from_db(-55);
  for (std::size_t i = kWhere; i < b.size(); ++i) b[i] += static_cast<float>(height);
  CHECK(find_clicks(b).empty());
  const auto clicks = find_clicks(difference(b, a), {}, {.programme = b});
  REQUIRE(clicks.size() == 1);
  CHECK(clicks[0].level_db == Approx(-55).margin(2));
}
