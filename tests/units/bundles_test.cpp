// Forms of units that only voices have: two bundles in one run, and filters that swing by themselves.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/units/rig.h"

using namespace hocket;
using namespace hocket::test;

namespace {

constexpr int kFrames = 700;
constexpr std::int64_t kFirst = 123456;

/// A port's values for each lane: likely ones, which move in some lanes at some frames.
Input likely(const Port& p, int lanes, bool moves, std::uint32_t seed) {
  Input in;
  in.stream = moves;
  Dice dice(seed);
  const float change = p.unit == PortUnit::signal ? 1.F : 0.01F;
  std::vector<float> now(static_cast<std::size_t>(lanes));
  for (float& x : now) x = value(p, dice);
  for (int i = 0; i < (moves ? kFrames : 1); ++i) {
    for (float& x : now)
      if (i > 0 && dice.unit() < change) x = value(p, dice);
    in.data.insert(in.data.end(), now.begin(), now.end());
  }
  return in;
}

std::vector<Input> likely(const UnitEntry& e, int lanes, unsigned moving, std::uint32_t seed) {
  std::vector<Input> in;
  for (std::size_t p = 0; p < e.info.ports.size(); ++p)
    in.push_back(likely(e.info.ports[p], lanes, (moving >> p & 1U) != 0, seed * 31 + static_cast<std::uint32_t>(p)));
  return in;
}

/// Both kernels' runs over inputs that are theirs alone, in pieces.
struct Pair {
  std::vector<float> out[2];
  std::vector<std::uint32_t> state[2];
};
Pair run_two(const Kernel& k, int lanes, const std::vector<Input> (&in)[2], const std::vector<int>& pieces, bool keeps) {
  Pair pair;
  Clock clock[2];
  std::vector<KeptRoom> kept[] = {kept_room(k), kept_room(k)};
  for (int b = 0; b < 2; ++b) {
    clock[b].frame = kFirst;
    if (keeps) clock[b].kept = kept[b].data();
  }
  std::vector<float> out[2];
  for (int b = 0; b < 2; ++b) pair.state[b].assign(k.state_bytes / 4 + 1, 0);
  int at = 0;
  for (const int frames : pieces) {
    std::vector<Wire> wires[2];
    float* to[2][2] = {};
    for (int b = 0; b < 2; ++b) {
      for (const Input& x : in[b]) wires[b].push_back({x.data.data() + (x.stream ? at * lanes : 0), x.stream ? lanes : 0});
      out[b].assign(static_cast<std::size_t>(frames * lanes), 77.F);
      to[b][0] = out[b].data();
    }
    void* const states[] = {pair.state[0].data(), pair.state[1].data()};
    const Wire* const ins[] = {wires[0].data(), wires[1].data()};
    float* const* const outs[] = {to[0], to[1]};
    const Clock* const clocks[] = {&clock[0], &clock[1]};
    k.run_two(states, ins, outs, frames, clocks);
    for (int b = 0; b < 2; ++b) {
      pair.out[b].insert(pair.out[b].end(), out[b].begin(), out[b].end());
      clock[b].frame += frames;
      clock[b].same = keeps;
    }
    at += frames;
  }
  return pair;
}

std::vector<int> some_pieces(std::uint32_t seed) {
  Dice dice(seed);
  std::vector<int> pieces;
  for (int left = kFrames; left > 0; left -= pieces.back())
    pieces.push_back(std::min(left, 1 + static_cast<int>(dice.bits() % (dice.unit() < 0.5F ? 5U : 90U))));
  return pieces;
}

/// `keeps`: they keep what stands from run to run.
void check_two(const UnitEntry& e, const Kernel& k, int lanes, const std::vector<Input> (&in)[2], std::uint32_t seed, bool keeps = false) {
  const Pair pair = run_two(k, lanes, in, some_pieces(seed), keeps);
  for (int b = 0; b < 2; ++b) {
    INFO("bundle " << b);
    UnitEntry plain = e;
    plain.memory = nullptr;
    Rig alone(plain, k, lanes, in[b]);
    alone.clock.frame = kFirst;
    alone.run(kFrames);
    CHECK(same_bits(alone.out[0], pair.out[b]));
    CHECK(alone.state == pair.state[b]);
  }
}

/// The wires of a filter that swings, a value a lane but for the signal.
struct Swung {
  std::vector<float> freq, phase, factor, offset, res;

  std::vector<Input> inputs(int lanes, std::uint32_t seed) const {
    std::vector<Input> in = {likely({"in", PortUnit::signal, 0, 0, 0, ""}, lanes, true, seed)};
    for (const auto* x : {&freq, &phase, &factor, &offset, &res}) in.push_back({*x, false});
    return in;
  }
  Swung of(int lane) const {  // that lane's values in all
    Swung all = *this;
    for (auto* x : {&all.freq, &all.phase, &all.factor, &all.offset, &all.res})
      std::fill(x->begin(), x->end(), (*x)[static_cast<std::size_t>(lane)]);
    return all;
  }
};
/// From a slow swing to audio rate, shallow and deep, upright and upside down.
Swung swings(int lanes, float fastest_hz) {
  Swung s;
  for (int k = 0; k < lanes; ++k) {
    const float share = static_cast<float>(k) / static_cast<float>(lanes - 1);
    s.freq.push_back(0.1F * std::pow(fastest_hz / 0.1F, share));
    s.phase.push_back(0.13F * static_cast<float>(k));
    s.factor.push_back(k % 5 == 4 ? -700.F : 250.F * static_cast<float>(1 + k % 4));
    s.offset.push_back(k % 7 == 6 ? 300.F : 1500.F);
    s.res.push_back(k % 3 == 0 ? 0.F : 0.66526F);
  }
  return s;
}

}  // namespace

TEST_CASE("Two bundles at once give what each gives by itself") {
  int found = 0;
  for (const UnitTable* t : all_unit_tables())
    for (const UnitEntry& e : t->units) {
      if (!e.voice_mono.run_two) continue;
      ++found;
      const unsigned all = (1U << e.info.ports.size()) - 1;
      for (const unsigned first : {0U, 1U, 2U, all}) {
        for (const unsigned second : {0U, 1U, all}) {
          INFO(t->isa << ' ' << e.info.name << " moving " << first << " and " << second);
          const std::vector<Input> in[] = {likely(e, t->lanes, first, 3), likely(e, t->lanes, second, 4)};
          check_two(e, e.voice_mono, t->lanes, in, first * 8 + second);
        }
      }
    }
  CHECK(found > 0);
}

TEST_CASE("Two filters that swing give what each gives by itself, however their runs are cut") {
  for (const UnitTable* t : all_unit_tables())
    for (const UnitEntry& e : t->units) {
      if (!e.voice_swung.run) continue;
      for (const float fastest : {2.F, 900.F}) {
        INFO(t->isa << ' ' << e.info.name << " up to " << fastest << " Hz");
        const std::vector<Input> in[] = {swings(t->lanes, fastest).inputs(t->lanes, 5), swings(t->lanes, 3).inputs(t->lanes, 6)};
        check_two(e, e.voice_swung, t->lanes, in, 9);
        check_two(e, e.voice_swung_bounded, t->lanes, in, 10);
        check_two(e, e.voice_swung, t->lanes, in, 11, true);
      }
    }
}

TEST_CASE("A filter that swings gives the same whether or not it is told that its signal is bounded") {
  const UnitTable& t = unit_table();
  for (const UnitEntry& e : t.units) {
    if (!e.voice_swung.run) continue;
    INFO(e.info.name);
    const std::vector<Input> in = swings(t.lanes, 60).inputs(t.lanes, 5);
    Rig any(e, e.voice_swung, t.lanes, in), bounded(e, e.voice_swung_bounded, t.lanes, in);
    CHECK(same_bits(any.render(kFrames), bounded.render(kFrames)));
  }
}

TEST_CASE("A voice whose filter swings hears nothing of its neighbours") {
  for (const UnitTable* t : all_unit_tables())
    for (const UnitEntry& e : t->units) {
      if (!e.voice_swung.run) continue;
      const Swung mixed = swings(t->lanes, 900);
      std::vector<Input> in = mixed.inputs(t->lanes, 7);
      for (int i = 0; i < kFrames; ++i)  // one signal for all
        for (int k = 1; k < t->lanes; ++k)
          in[0].data[static_cast<std::size_t>(i * t->lanes + k)] = in[0].data[static_cast<std::size_t>(i * t->lanes)];
      Rig together(e, e.voice_swung, t->lanes, in);
      together.clock.frame = kFirst;
      together.run(kFrames);
      for (int k = 0; k < t->lanes; ++k) {
        INFO(t->isa << ' ' << e.info.name << " lane " << k);
        std::vector<Input> own = mixed.of(k).inputs(t->lanes, 7);
        own[0] = in[0];
        Rig alone(e, e.voice_swung, t->lanes, own);
        alone.clock.frame = kFirst;
        alone.run(kFrames);
        bool same = true;
        for (std::size_t i = static_cast<std::size_t>(k); i < together.out[0].size(); i += static_cast<std::size_t>(t->lanes))
          same &= together.out[0][i] == alone.out[0][i];
        CHECK(same);
      }
    }
}

TEST_CASE("A filter that swings sounds as a sine and a filter do, to -90 dB") {
  const UnitTable& t = unit_table();
  const auto lanes = static_cast<std::size_t>(t.lanes);
  for (const UnitEntry& e : t.units) {
    if (!e.voice_swung.run) continue;
    const Swung s = swings(t.lanes, 60);
    const std::vector<Input> in = s.inputs(t.lanes, 8);
    Rig swung(e, e.voice_swung, t.lanes, in);
    const UnitEntry& sine = unit("sine");
    Rig lfo(sine, sine.voice_scaled, t.lanes, {in[1], in[2], in[3], in[4]});
    lfo.run(kFrames);
    Rig filter(e, e.voice_mono, t.lanes, {in[0], Input::of(lfo.out[0]), in[5]});
    filter.run(kFrames);
    swung.run(kFrames);
    for (std::size_t k = 0; k < lanes; ++k) {
      double apart = 0, all = 0;
      for (std::size_t i = k; i < swung.out[0].size(); i += lanes) {
        const auto x = static_cast<double>(swung.out[0][i]), y = static_cast<double>(filter.out[0][i]);
        apart += (x - y) * (x - y);
        all += y * y;
      }
      INFO(e.info.name << " lane " << k << ", " << s.freq[k] << " Hz");
      CHECK(10 * std::log10(apart / all) < -90);
    }
  }
}
