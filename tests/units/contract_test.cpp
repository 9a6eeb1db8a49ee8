// What every unit promises, tried on every unit in the table: no list of names.
#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <set>
#include <span>

#include "tests/units/rig.h"

using namespace hocket;
using namespace hocket::test;

namespace {

/// Long enough for what has memory to be heard again.
int frames_for(const UnitEntry& e) {
  return e.memory ? 5000 : 700;
}

/// Two short samples to play.
const SampleView* samples() {
  static std::vector<float> left, right;
  static SampleView views[2];
  if (left.empty()) {
    Dice dice(9);
    for (int i = 0; i < 333; ++i) left.push_back(dice.within(-1, 1)), right.push_back(dice.within(-1, 1));
    views[0] = {{left.data(), left.data()}, 333, 44100};
    views[1] = {{left.data(), right.data()}, 200, 48000};
  }
  return views;
}

/// A stream that mostly stays where it is and sometimes jumps, as patterns do, or moves all the time, as signals do.
std::vector<float> stream(const Port& p, Dice& dice, int frames, float start) {
  std::vector<float> x;
  const float change = p.unit == PortUnit::signal ? 1.F : dice.unit() < 0.5F ? 0.02F : 1.F;
  float now = start;
  for (int i = 0; i < frames; ++i) {
    if (i > 0 && dice.unit() < (p.unit == PortUnit::gate ? 0.01F : change)) now = value(p, dice);
    x.push_back(now);
  }
  return x;
}

/// Inputs a wire and lane; `moving` tells which ports are streams.
std::vector<Input> inputs(const UnitEntry& e, bool stereo, int lanes, std::uint32_t seed, unsigned moving) {
  std::vector<Input> in;
  for (std::size_t port = 0; port < e.info.ports.size(); ++port) {
    const int wires = stereo && port == 0 ? 2 : 1;
    for (int w = 0; w < wires; ++w) {
      Input input;
      input.stream = (moving >> port & 1U) != 0;
      const int frames = input.stream ? frames_for(e) : 1;
      input.data.resize(static_cast<std::size_t>(frames * lanes));
      for (int k = 0; k < lanes; ++k) {
        Dice dice(seed * 977 + static_cast<std::uint32_t>(port * 31 + w * 7 + static_cast<std::size_t>(k) * 101));
        const std::vector<float> x = stream(e.info.ports[port], dice, frames, value(e.info.ports[port], dice));
        for (int i = 0; i < frames; ++i) input.data[static_cast<std::size_t>(i * lanes + k)] = x[static_cast<std::size_t>(i)];
      }
      in.push_back(std::move(input));
    }
  }
  return in;
}

/// A rig with memory of the largest size, so that constants and streams are comparable.
Rig rig(const UnitEntry& e, const Kernel& k, int lanes, std::vector<Input> in) {
  Rig r(e, k, lanes, std::move(in));
  r.clock.samples = samples();
  r.clock.sample_count = 2;
  r.clock.frame = 123456;
  r.seed(42);
  return r;
}

struct Form {
  Kernel kernel;
  bool stereo;
  int lanes;
  bool scaled = false;
  bool apart = false;
};
Rig rig(const UnitEntry& e, const Form& form, std::vector<Input> in) {
  Rig r = rig(e, form.kernel, form.lanes, std::move(in));
  r.apart = form.apart;
  return r;
}

/// Wirings to try: all constant, only the first port moving, all but the first, all, and some mixtures.
std::vector<unsigned> wirings(const UnitEntry& e) {
  const unsigned all = (1U << e.info.ports.size()) - 1;
  std::set<unsigned> some{0, 1 & all, all & ~1U, all, 2 & all, 5 & all};
  return {some.begin(), some.end()};
}

std::vector<Form> forms(const UnitEntry& e, const UnitTable& t) {
  std::vector<Form> all;
  for (const Form& f : {Form{e.mono, false, 1}, Form{e.stereo, true, 1}, Form{e.voice_mono, false, t.lanes},
                        Form{e.voice_stereo, true, t.lanes}, Form{e.voice_scaled, false, t.lanes, true},
                        Form{apart_form(e, false), false, t.lanes, false, true}, Form{apart_form(e, true), true, t.lanes, false, true}})
    if (f.kernel.run) all.push_back(f);
  return all;
}

/// What a form that is scaled is multiplied by and moved by, a value a lane.
std::vector<Input> scale(int lanes) {
  std::vector<Input> by(2);
  for (int k = 0; k < lanes; ++k) {
    by[0].data.push_back(0.3F + 0.7F * static_cast<float>(k));
    by[1].data.push_back(static_cast<float>(k % 3) - 1.F);
  }
  return by;
}
std::vector<Input> with_scale(std::vector<Input> in, const Form& form) {
  if (form.scaled)
    for (Input& by : scale(form.lanes)) in.push_back(std::move(by));
  return in;
}
std::vector<Input> inputs(const UnitEntry& e, const Form& form, std::uint32_t seed, unsigned moving) {
  return with_scale(inputs(e, form.stereo, form.lanes, seed, moving), form);
}

template <class F>
void for_every_form(F f) {
  for (const UnitTable* t : all_unit_tables()) {
    for (const UnitEntry& e : t->units) {
      for (const Form& form : forms(e, *t)) {
        for (const unsigned moving : wirings(e)) {
          INFO(t->isa << ' ' << e.info.name << (form.stereo ? " stereo" : "") << (form.scaled ? " scaled" : "")
                      << (form.apart ? " apart" : "") << " lanes " << form.lanes << " moving " << moving);
          f(e, form, moving);
        }
      }
    }
  }
}

/// The first table that rounds as this one does.
const UnitTable& simplest_like(const UnitTable& table) {
  for (const UnitTable* t : all_unit_tables()) {
    if (t->fused == table.fused) return *t;
  }
  return table;
}

}  // namespace

TEST_CASE("Every unit describes itself fully") {
  const UnitTable& t = unit_table();
  REQUIRE(!t.units.empty());
  REQUIRE(std::is_sorted(t.units.begin(), t.units.end(), [](const UnitEntry& x, const UnitEntry& y) { return x.info.name < y.info.name; }));
  for (const UnitEntry& e : t.units) {
    INFO(e.info.name);
    CHECK(e.info.doc.size() > 10);
    CHECK(e.info.doc.back() == '.');
    CHECK(e.info.ports.size() <= kMaxPorts);
    CHECK(e.mono.run);
    CHECK(e.voice_mono.run);
    const bool takes_signal = !e.info.ports.empty() && e.info.ports[0].unit == PortUnit::signal;
    CHECK((e.stereo.run != nullptr) == (e.info.shape != Shape::each && takes_signal));
    CHECK((e.voice_stereo.run != nullptr) == (e.stereo.run != nullptr));
    std::set<std::string_view> names;
    for (const Port& p : e.info.ports) {
      INFO(p.name);
      CHECK(names.insert(p.name).second);
      CHECK(std::string_view(p.doc).size() > 3);
      CHECK(p.low <= p.high);
      if (p.low < p.high) {
        CHECK(p.init >= p.low);
        CHECK(p.init <= p.high);
      }
    }
  }
}

TEST_CASE("Every unit gives the same samples however a run is cut") {
  for_every_form([](const UnitEntry& e, const Form& form, unsigned moving) {
    Rig whole = rig(e, form, inputs(e, form, 3, moving));
    Rig pieces = rig(e, form, inputs(e, form, 3, moving));
    whole.run(frames_for(e));
    Dice dice(moving + 5);
    for (int left = frames_for(e); left > 0;) {
      const int n = std::min(left, 1 + static_cast<int>(dice.bits() % (dice.unit() < 0.5F ? 4U : 90U)));
      pieces.run(n);
      left -= n;
    }
    CHECK(same_bits(whole.out[0], pieces.out[0]));
    CHECK(same_bits(whole.out[1], pieces.out[1]));
    CHECK(whole.state == pieces.state);
  });
}

TEST_CASE("Every unit hears no difference between a constant and a stream of it") {
  for_every_form([](const UnitEntry& e, const Form& form, unsigned moving) {
    const std::vector<Input> constant = inputs(e, form, 4, moving);
    std::vector<Input> streams = constant;
    for (Input& x : std::span(streams).first(streams.size() - (form.scaled ? 2 : 0))) {
      if (x.stream) continue;
      std::vector<float> repeated;
      for (int i = 0; i < frames_for(e); ++i) repeated.insert(repeated.end(), x.data.begin(), x.data.end());
      x = Input::of(repeated);
    }
    Rig by_constant = rig(e, form, constant);
    Rig by_stream = rig(e, form, streams);
    by_constant.run(frames_for(e));
    by_stream.run(frames_for(e));
    CHECK(same_bits(by_constant.out[0], by_stream.out[0]));
    CHECK(same_bits(by_constant.out[1], by_stream.out[1]));
  });
}

TEST_CASE("Every voice of a bundle is the unit by itself, bit for bit, on every instruction set that rounds alike") {
  for (const UnitTable* t : all_unit_tables()) {
    const UnitTable& plain = simplest_like(*t);
    for (const UnitEntry& e : t->units) {
      const UnitEntry& alone = unit(e.info.name, plain);
      for (const Form& form : forms(e, *t)) {
        if (form.lanes == 1 || form.scaled) continue;
        const bool stereo = form.stereo;
        const Kernel& bundle = form.kernel;
        for (const unsigned moving : wirings(e)) {
          const std::vector<Input> in = inputs(e, stereo, t->lanes, 6, moving);
          Rig voices = rig(e, form, in);
          voices.run(frames_for(e));
          for (int k = 0; k < t->lanes; ++k) {
            INFO(t->isa << ' ' << e.info.name << (stereo ? " stereo" : "") << (form.apart ? " apart" : "") << " lane " << k << " moving "
                        << moving);
            Rig voice = rig(alone, stereo ? alone.stereo : alone.mono, 1, lane_of(in, t->lanes, k));
            voice.run(frames_for(e));
            REQUIRE(same_bits(voice.out[0], lane_of(voices.out[0], t->lanes, k)));
            if (bundle.out_channels == 2) REQUIRE(same_bits(voice.out[1], lane_of(voices.out[1], t->lanes, k)));
            if (bundle.done) REQUIRE(voice.done() == voices.done(k));
          }
        }
      }
    }
  }
}

TEST_CASE("Voices that are heard give the same whoever else is") {
  for_every_form([](const UnitEntry& e, const Form& form, unsigned moving) {
    if (form.lanes == 1) return;
    const std::vector<Input> in = inputs(e, form, 8, moving);
    Rig all = rig(e, form, in), few = rig(e, form, in);
    few.clock.live = 1U << 2 | 1U << (form.lanes - 1);
    all.run(frames_for(e));
    few.run(frames_for(e));
    for (const int lane : {2, form.lanes - 1}) {
      for (int c = 0; c < form.kernel.out_channels; ++c)
        CHECK(same_bits(lane_of(all.out[c], form.lanes, lane), lane_of(few.out[c], form.lanes, lane)));
      for (std::size_t at = static_cast<std::size_t>(lane); at < all.state.size(); at += static_cast<std::size_t>(form.lanes))
        CHECK(all.state[at] == few.state[at]);
    }
    if (!form.apart) CHECK(all.state == few.state);
  });
}

TEST_CASE("What is scaled on its way is what the unit gives, multiplied and moved") {
  for (const UnitTable* t : all_unit_tables()) {
    for (const UnitEntry& e : t->units) {
      if (!e.voice_scaled.run) continue;
      for (const unsigned moving : wirings(e)) {
        INFO(t->isa << ' ' << e.info.name << " moving " << moving);
        const Form form{e.voice_scaled, false, t->lanes, true};
        Rig plain = rig(e, e.voice_mono, t->lanes, inputs(e, false, t->lanes, 6, moving));
        Rig scaled = rig(e, e.voice_scaled, t->lanes, inputs(e, form, 6, moving));
        plain.run(frames_for(e));
        scaled.run(frames_for(e));
        CHECK(plain.state == scaled.state);
        const std::vector<Input> by = scale(t->lanes);
        float worst = 0;
        for (std::size_t i = 0; i < plain.out[0].size(); ++i) {
          const std::size_t k = i % static_cast<std::size_t>(t->lanes);
          worst = std::max(worst, std::abs(scaled.out[0][i] - (plain.out[0][i] * by[0].data[k] + by[1].data[k])) / by[0].data[k]);
        }
        CHECK(worst < 2e-6F);
      }
    }
  }
}

TEST_CASE("A product and a sum rounded once or twice: every unit sounds the same to -90 dB of its level") {
  const UnitTable& twice = *all_unit_tables().front();
  for (const UnitTable* t : all_unit_tables()) {
    if (t->fused == twice.fused) continue;
    for (const UnitEntry& e : t->units) {
      for (const unsigned moving : wirings(e)) {
        INFO(t->isa << ' ' << e.info.name << " moving " << moving);
        const std::vector<Input> in = inputs(e, false, 1, 6, moving);
        Rig a = rig(e, e.mono, 1, in), b = rig(unit(e.info.name, twice), unit(e.info.name, twice).mono, 1, in);
        a.run(frames_for(e));
        b.run(frames_for(e));
        double level = 0, difference = 0;
        for (std::size_t i = 0; i < a.out[0].size(); ++i) {
          const double x = static_cast<double>(a.out[0][i]), y = static_cast<double>(b.out[0][i]);
          level += y * y;
          difference += (x - y) * (x - y);
        }
        CHECK(difference <= 1e-9 * level);
      }
    }
  }
}

TEST_CASE("Every unit starts afresh from zeroed state and memory") {
  for_every_form([](const UnitEntry& e, const Form& form, unsigned moving) {
    Rig first = rig(e, form, inputs(e, form, 7, moving));
    first.run(frames_for(e));
    Rig again = rig(e, form, inputs(e, form, 7, moving));
    again.state = first.state;
    again.memory = first.memory;
    std::fill(again.state.begin(), again.state.end(), 0U);
    std::fill(again.memory.begin(), again.memory.end(), 0.F);
    again.seed(42);
    again.run(frames_for(e));
    CHECK(same_bits(first.out[0], again.out[0]));
    CHECK(same_bits(first.out[1], again.out[1]));
  });
}

TEST_CASE("Every unit hears nothing of what was in its memory before it began") {
  for (const UnitTable* t : all_unit_tables()) {
    for (const UnitEntry& e : t->units) {
      if (!e.memory) continue;
      for (const Form& form : forms(e, *t)) {
        INFO(t->isa << ' ' << e.info.name << (form.stereo ? " stereo" : "") << (form.scaled ? " scaled" : "")
                    << (form.apart ? " apart" : "") << " lanes " << form.lanes);
        Rig clean = rig(e, form, inputs(e, form, 12, 1));
        Rig used = rig(e, form, inputs(e, form, 12, 1));
        std::fill(used.memory.begin(), used.memory.end(), 0.7F);
        used.age.assign(static_cast<std::size_t>(form.lanes), 0.F);
        for (int left = frames_for(e); left > 0; left -= 100) {
          clean.run(std::min(left, 100));
          used.run(std::min(left, 100));
        }
        CHECK(same_bits(clean.out[0], used.out[0]));
        CHECK(same_bits(clean.out[1], used.out[1]));
      }
    }
  }
}

TEST_CASE("Every unit with state survives what is no number") {
  const float inf = std::numeric_limits<float>::infinity();
  const float bad[] = {std::nanf(""), inf, -inf, 3e38F, -3e38F, 1e-40F, -1e-42F, 0.F, -0.F, 1e30F};
  for (const UnitTable* t : all_unit_tables()) {
    for (const UnitEntry& e : t->units) {
      if (e.info.pure) continue;
      for (const Form& form : forms(e, *t)) {
        INFO(t->isa << ' ' << e.info.name << (form.stereo ? " stereo" : "") << (form.scaled ? " scaled" : "")
                    << (form.apart ? " apart" : "") << " lanes " << form.lanes);
        constexpr int kLong = 6000;
        std::vector<Input> in;
        Dice dice(11);
        for (std::size_t port = 0; port < e.info.ports.size() + (form.stereo ? 1 : 0); ++port) {
          const Port& p = e.info.ports[form.stereo && port > 0 ? port - 1 : port];
          std::vector<float> x;
          for (int i = 0; i < kLong * form.lanes; ++i)
            x.push_back(i < kLong * form.lanes / 2 && dice.unit() < 0.7F ? bad[dice.bits() % 10] : value(p, dice));
          in.push_back(Input::of(std::move(x)));
        }
        Rig r = rig(e, form, with_scale(std::move(in), form));
        r.run(kLong);
        for (int c = 0; c < form.kernel.out_channels; ++c) {
          const float most = !e.bounded ? 1e5F : form.scaled ? 200.F : 10.F;
          CHECK(std::all_of(r.out[c].begin(), r.out[c].end(), [most](float y) { return std::isfinite(y) && std::abs(y) < most; }));
        }
      }
    }
  }
}

TEST_CASE("Every unit that can end is silent from then on") {
  for (const UnitTable* t : all_unit_tables()) {
    for (const UnitEntry& e : t->units) {
      if (!e.mono.done) continue;
      INFO(t->isa << ' ' << e.info.name);
      std::vector<Input> in;
      for (const Port& p : e.info.ports) {
        if (p.unit == PortUnit::gate) {
          std::vector<float> gate(48000, 0.F);
          std::fill(gate.begin() + 10, gate.begin() + 2000, 1.F);
          in.push_back(Input::of(gate));
        } else {
          in.push_back(Input::constant(p.unit == PortUnit::seconds ? 0.05F : p.init));
        }
      }
      Rig r = rig(e, e.mono, 1, in);
      CHECK(!r.done());
      int frames = 0;
      while (!r.done() && frames < 40000) r.run(16), frames += 16;
      REQUIRE(r.done());
      const std::size_t ended = r.out[0].size();
      r.run(5000);
      for (int c = 0; c < e.mono.out_channels; ++c) {
        CHECK(std::all_of(r.out[c].begin() + static_cast<std::ptrdiff_t>(ended), r.out[c].end(), [](float y) { return y == 0.F; }));
      }
    }
  }
}

TEST_CASE("A voice goes on the same after it moved to another lane") {
  for (const UnitTable* t : all_unit_tables()) {
    for (const UnitEntry& e : t->units) {
      if (e.memory) continue;
      INFO(t->isa << ' ' << e.info.name);
      std::vector<Input> in = inputs(e, false, t->lanes, 8, 0);
      Rig stays = rig(e, e.voice_mono, t->lanes, in);
      stays.run(100);
      for (Input& x : in) x.data[1] = x.data[3];
      Rig moves = rig(e, e.voice_mono, t->lanes, in);
      moves.clock = stays.clock;
      moves.state = stays.state;
      for (std::size_t cell = 0; cell + 1 < stays.state.size(); cell += static_cast<std::size_t>(t->lanes))
        moves.state[cell + 1] = moves.state[cell + 3];
      stays.out[0].clear();
      stays.run(100);
      moves.run(100);
      CHECK(same_bits(lane_of(stays.out[0], t->lanes, 3), lane_of(moves.out[0], t->lanes, 1)));
    }
  }
}

TEST_CASE("Every unit works at any usual rate") {
  for (const UnitEntry& e : unit_table().units) {
    for (const float rate : {8000.F, 44100.F, 88200.F, 192000.F}) {
      for (const unsigned moving : {0U, ~0U}) {
        INFO(e.info.name << " at " << rate << " moving " << moving);
        Rig r(e, e.mono, 1, inputs(e, false, 1, 9, moving), rate);
        r.clock.samples = samples();
        r.clock.sample_count = 2;
        r.clock.frame = 987654321;
        r.run(frames_for(e));
        for (int c = 0; c < e.mono.out_channels; ++c)
          CHECK(std::all_of(r.out[c].begin(), r.out[c].end(), [](float y) { return std::isfinite(y); }));
      }
    }
  }
}

TEST_CASE("Units that draw numbers draw others from another seed") {
  for (const UnitEntry& e : unit_table().units) {
    CHECK(e.info.random == (e.mono.seed_offset >= 0));
    if (!e.info.random) continue;
    INFO(e.info.name);
    Rig one = rig(e, e.mono, 1, inputs(e, false, 1, 3, 0)), other = rig(e, e.mono, 1, inputs(e, false, 1, 3, 0));
    other.seed(43);
    one.run(frames_for(e));
    other.run(frames_for(e));
    CHECK(!same_bits(one.out[0], other.out[0]));
  }
}
