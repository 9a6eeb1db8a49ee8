// Onsets through edits of patterns and tempo: every one on the frame that the definitions in force say, none missing, none twice.
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <numeric>
#include <random>

#include "tests/edits/performance.h"

using namespace hocket::test;

namespace {

constexpr std::int64_t kRate48 = 48000;

__extension__ using Wide = __int128;

/// Exact as long as denominators stay small, which the tempos below see to.
struct Exact {
  Wide num = 0, den = 1;
  static Exact of(Wide n, Wide d) {
    Wide a = n < 0 ? -n : n, b = d;
    while (b != 0) std::swap(a, b), b %= a;
    return a == 0 ? Exact{0, 1} : Exact{n / a, d / a};
  }
};
Exact operator+(Exact a, Exact b) {
  return Exact::of(a.num * b.den + b.num * a.den, a.den * b.den);
}
Exact operator-(Exact a, Exact b) {
  return Exact::of(a.num * b.den - b.num * a.den, a.den * b.den);
}
Exact operator*(Exact a, Exact b) {
  return Exact::of(a.num * b.num, a.den * b.den);
}
Exact operator/(Exact a, Exact b) {
  return b.num < 0 ? Exact::of(-a.num * b.den, -a.den * b.num) : Exact::of(a.num * b.den, a.den * b.num);
}
Wide floor_of(Exact a) {
  return a.num >= 0 ? a.num / a.den : -((-a.num + a.den - 1) / a.den);
}
Wide ceil_of(Exact a) {
  return -floor_of({-a.num, a.den});
}

/// Rows of steps, one row a cycle, in turn.
struct Line {
  std::vector<std::vector<bool>> rows;

  std::string text() const {
    std::string all = "s \"<";
    for (const auto& row : rows) {
      all += "[";
      for (const bool step : row) all += step ? "click " : "~ ";
      all.back() = ']';
      all += " ";
    }
    all.back() = '>';
    return all + "\"";
  }
};

template <class Draw>
Line random_line(Draw& draw) {
  const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(draw); };
  Line line;
  line.rows.resize(static_cast<std::size_t>(pick(1, 3)));
  for (auto& row : line.rows) {
    row.resize(static_cast<std::size_t>(pick(1, 16)));
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = pick(0, 2) > 0;
  }
  line.rows[0][0] = true;  // a sound names an instrument
  return line;
}

/// What is in force from `frame` on: at `at` the cycle is `cycle`.
struct Force {
  std::int64_t frame = 0;
  Line lines[2];
  int centi_cps = 50;
  int centi_cps_before = 50;
  Exact cycle;

  Exact cycles_a_frame() const { return Exact::of(centi_cps, 100 * kRate48); }
  Exact cycle_at(std::int64_t f) const { return cycle + Exact{f - frame, 1} * cycles_a_frame(); }
  /// The frame nearest to `at`, halves up, at so many hundredths of a cycle a second.
  std::int64_t frame_at(Exact at, int centi) const {
    return frame + static_cast<std::int64_t>(floor_of((at - cycle) / Exact::of(centi, 100 * kRate48) + Exact::of(1, 2)));
  }
};

using Onsets = std::map<std::int64_t, int>;  // frame → how many

void add_onsets(Onsets& onsets, const Force& force, const Line& line, std::int64_t until) {
  // a frame's cycle span is half a frame to both sides: an onset is rounded once, halves up
  for (Wide c = floor_of(force.cycle_at(force.frame - 1)); c <= ceil_of(force.cycle_at(until + 1)); ++c) {
    if (c < 0) continue;
    const auto& row = line.rows[static_cast<std::size_t>(c % static_cast<Wide>(line.rows.size()))];
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (!row[i]) continue;
      const Exact at = Exact{c, 1} + Exact::of(static_cast<Wide>(i), static_cast<Wide>(row.size()));
      // what was still to come in the tempo before it is now, at the earliest on the first frame
      if (force.frame_at(at, force.centi_cps_before) < force.frame) continue;
      const auto frame = std::max(force.frame, force.frame_at(at, force.centi_cps));
      if (frame < until) ++onsets[frame];
    }
  }
}

Onsets heard(const Sound& stem) {
  Onsets onsets;
  const auto& x = stem.channels.at(0);
  for (std::size_t i = 0; i < x.size(); ++i)
    if (x[i] != 0) onsets[static_cast<std::int64_t>(i)] = static_cast<int>(std::lround(x[i]));
  return onsets;
}

std::string difference(const Onsets& expected, const Onsets& got) {
  std::string text;
  int told = 0;
  const auto tell = [&](std::int64_t frame, int want, int have) {
    if (++told <= 10)
      text += "frame " + std::to_string(frame) + ": " + std::to_string(want) + " expected, " + std::to_string(have) + " heard\n";
  };
  for (const auto& [frame, count] : expected) {
    const auto it = got.find(frame);
    if (it == got.end() || it->second != count) tell(frame, count, it == got.end() ? 0 : it->second);
  }
  for (const auto& [frame, count] : got)
    if (!expected.contains(frame)) tell(frame, 0, count);
  return text.empty() ? text : std::to_string(told) + " differences\n" + text;
}

std::string cps_text(int centi) {
  return "cps: " + std::to_string(centi) + "/100\n";
}

/// Plays random edits and compares two tracks' onsets with what was in force. `apart`: frames between edits.
void audit(unsigned seed, int edits, int least_apart, int most_apart) {
  std::mt19937 draw(seed);
  const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(draw); };
  Force now;
  for (auto& line : now.lines) line = random_line(draw);
  const std::string program = cps_text(now.centi_cps) + "o1: " + now.lines[0].text() + "\no2: " + now.lines[1].text() + "\n";

  std::vector<Moment> moments;
  std::vector<Force> wished;
  std::int64_t frame = 0;
  Force next = now;
  for (int i = 0; i < edits; ++i) {
    frame += pick(least_apart, most_apart);
    std::string text;
    const int kind = pick(0, 9);
    if (kind < 6) next.lines[0] = random_line(draw), text += "o1: " + next.lines[0].text() + "\n";
    if (kind == 6) next.lines[1] = random_line(draw), text += "o2: " + next.lines[1].text() + "\n";
    if (kind >= 5 && kind < 9) next.centi_cps = pick(20, 300), text += cps_text(next.centi_cps);
    if (kind == 9) text += "~unused: sine " + std::to_string(pick(100, 900)) + "\n";
    moments.push_back({frame, text});
    wished.push_back(next);
  }
  const std::int64_t frames = frame + kRate48;
  const auto take = play(program, moments, frames, {}, 64);
  REQUIRE(take.complaint == "");
  CHECK(take.status.late_events == 0);
  CHECK(take.status.dropped_events == 0);

  Onsets expected[2];
  const auto carry_to = [&](std::int64_t until) {
    for (int track = 0; track < 2; ++track) add_onsets(expected[track], now, now.lines[track], until);
  };
  for (std::size_t i = 0; i < moments.size(); ++i) {
    const auto taken = take.taken[i];
    if (taken < 0) continue;  // nothing to hear has changed
    INFO("edit " << i << ", at frame " << moments[i].frame << ":\n" << moments[i].text);
    REQUIRE(taken >= moments[i].frame);
    REQUIRE(taken < moments[i].frame + 4800);                            // at once, or as soon as the transition before it is over
    if (i + 1 < moments.size() && take.taken[i + 1] == taken) continue;  // fell together with the next
    carry_to(taken);
    Force then = wished[i];
    then.cycle = now.cycle_at(taken);
    then.centi_cps_before = now.centi_cps;
    then.frame = taken;
    now = then;
  }
  carry_to(frames);
  for (int track = 0; track < 2; ++track) {
    INFO("track o" << track + 1 << ", seed " << seed);
    CHECK(expected[track].size() > static_cast<std::size_t>(edits) / 20);
    CHECK(difference(expected[track], heard(take.stems.at(track == 0 ? "o1" : "o2"))) == "");
  }
}

}  // namespace

TEST_CASE("onsets through edits are those of the definitions in force", "[edits]") {
  for (unsigned seed = 1; seed <= 4; ++seed) audit(seed, 100, 1200, 3600);
}

TEST_CASE("twenty edits a second and more do not disturb the beat", "[edits]") {
  audit(21, 200, 2400, 2400);
  audit(22, 200, 100, 1500);
}

TEST_CASE("the onset at which the tempo falls is played there, once", "[edits]") {
  // Cycle 2 is nearest to frame 137143, a seventh of a frame before it: two frames of the tempo that begins there.
  const std::string program = "cps: 7/10\nquant: 1\no1: s \"click*2\"\n";
  for (const std::string edit : {"cps: 1/20", "cps: 1/20\no1: s \"click*4\""}) {
    INFO(edit);
    const auto take = play(program, {{100000, edit}}, 200000);
    REQUIRE(take.complaint == "");
    REQUIRE(take.taken[0] == 137143);
    CHECK(take.status.late_events == 0);
    CHECK(heard(take.stems.at("o1")) == Onsets{{0, 1}, {34286, 1}, {68571, 1}, {102857, 1}, {137143, 1}});
  }
}

TEST_CASE("a tempo that rises a hundredfold finds its onsets waiting", "[edits]") {
  const auto take = play("cps: 1/20\no1: s \"click\"\n", {{48000, "cps: 5"}}, 4 * 48000, {}, 1024);
  REQUIRE(take.complaint == "");
  CHECK(take.status.late_events == 0);
  CHECK(heard(take.stems.at("o1")).size() == 16);  // cycles 0 to 15
}

TEST_CASE("onsets through ten thousand edits are those of the definitions in force", "[.][slow][edits]") {
  for (unsigned seed = 100; seed < 110; ++seed) audit(seed, 1000, 200, 4800);
}
