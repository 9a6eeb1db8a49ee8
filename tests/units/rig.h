// Runs one kernel with given inputs, as the engine would, for the tests of units.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "server/dsp/kernel.h"

namespace hocket::test {

inline const UnitEntry& unit(std::string_view name, const UnitTable& table = unit_table()) {
  for (const UnitEntry& e : table.units) {
    if (e.info.name == name) return e;
  }
  throw std::string("no unit named ") + std::string(name);
}

/// What a wire carries: one value, or one a frame; with lanes, `lanes` floats each.
struct Input {
  std::vector<float> data;
  bool stream = false;

  static Input constant(float x) { return {{x}, false}; }
  static Input of(std::vector<float> x) { return {std::move(x), true}; }
};

/// Room for what kernels keep, as they want it.
struct alignas(64) KeptRoom {
  float x[16];
};
inline std::vector<KeptRoom> kept_room(const Kernel& k) {
  return std::vector<KeptRoom>((k.kept_bytes + sizeof(KeptRoom) - 1) / sizeof(KeptRoom));
}

/// One lane of inputs, as a mono kernel takes them.
inline std::vector<Input> lane_of(const std::vector<Input>& in, int lanes, int lane) {
  std::vector<Input> one;
  for (const Input& x : in) {
    Input y{{}, x.stream};
    for (std::size_t i = static_cast<std::size_t>(lane); i < x.data.size(); i += static_cast<std::size_t>(lanes))
      y.data.push_back(x.data[i]);
    one.push_back(std::move(y));
  }
  return one;
}
inline std::vector<float> lane_of(const std::vector<float>& x, int lanes, int lane) {
  return lane_of({Input::of(x)}, lanes, lane)[0].data;
}

/// The form for lanes whose memories lie apart; without `run` where there is none.
inline Kernel apart_form(const UnitEntry& e, bool stereo) {
  Kernel k = stereo ? e.voice_stereo : e.voice_mono;
  k.run = stereo ? e.apart_stereo : e.apart_mono;
  return k;
}

/// One kernel with its state and memory. Inputs are given for all frames to come; `run` takes the next ones.
class Rig {
 public:
  Rig(const UnitEntry& entry, const Kernel& kernel, int lanes, std::vector<Input> inputs, float rate = 48000)
      : kernel_(kernel), lanes_(lanes), inputs_(std::move(inputs)) {
    clock.rate = rate;
    clock.period = 1 / rate;
    state.assign(kernel.state_bytes / 4 + 1, 0);
    if (entry.memory) {
      std::vector<float> constants;
      const std::size_t extra = inputs_.size() - entry.info.ports.size();
      for (std::size_t i = extra; i < inputs_.size(); ++i)
        constants.push_back(inputs_[i].stream || lanes > 1 ? std::nanf("") : inputs_[i].data[0]);
      const std::uint32_t frames = entry.memory(constants.data(), rate);
      memory.assign(std::size_t{frames} * static_cast<std::size_t>(lanes), 0.F);
      memory_frames_ = frames;
    }
  }

  /// The mono float form with constants, or streams where a vector is given.
  static Rig mono(std::string_view name, std::vector<Input> inputs, float rate = 48000) {
    const UnitEntry& e = unit(name);
    for (std::size_t i = inputs.size(); i < e.info.ports.size(); ++i) inputs.push_back(Input::constant(e.info.ports[i].init));
    return Rig(e, e.mono, 1, std::move(inputs), rate);
  }
  static Rig stereo(std::string_view name, std::vector<Input> inputs, float rate = 48000) {
    const UnitEntry& e = unit(name);
    for (std::size_t i = inputs.size(); i < e.info.ports.size() + 1; ++i) inputs.push_back(Input::constant(e.info.ports[i - 1].init));
    return Rig(e, e.stereo, 1, std::move(inputs), rate);
  }

  void seed(std::uint32_t x) {
    if (kernel_.seed_offset >= 0)
      for (int k = 0; k < lanes_; ++k) state[static_cast<std::size_t>(kernel_.seed_offset / 4 + k)] = x;
  }

  /// From now on it has room for what it keeps, and all that stands goes on standing.
  void keep() {
    kept = kept_room(kernel_);
    clock.kept = kept.data();
    clock.same = false;
  }

  /// Appends `frames` frames to `out`.
  void run(int frames) {
    std::vector<Wire> wires;
    for (const Input& in : inputs_) {
      const int step = in.stream ? lanes_ : 0;
      wires.push_back({in.data.data() + static_cast<std::ptrdiff_t>(at_) * step, step});
    }
    std::vector<float> block[2];
    float* buffers[2] = {nullptr, nullptr};
    for (int c = 0; c < kernel_.out_channels; ++c) {
      block[c].assign(static_cast<std::size_t>(frames * lanes_), 77.F);
      buffers[c] = block[c].data();
    }
    Memory all{memory.data(), memory_frames_, 1, age.empty() ? nullptr : age.data()};
    std::vector<Memory> each;
    for (std::size_t k = 0; apart && k < static_cast<std::size_t>(lanes_); ++k)
      each.push_back({memory.data() + k * memory_frames_, memory_frames_, 1, age.empty() ? nullptr : &age[k]});
    if (apart) all.each = each.data();
    kernel_.run(state.data(), all, wires.data(), buffers, frames, clock);
    for (int c = 0; c < kernel_.out_channels; ++c) out[c].insert(out[c].end(), block[c].begin(), block[c].end());
    clock.frame += frames;
    clock.same = clock.kept != nullptr;
    for (float& x : age) x += static_cast<float>(frames);
    at_ += frames;
  }
  const std::vector<float>& render(int frames) {
    run(frames);
    return out[0];
  }
  bool done(int lane = 0) const { return (kernel_.done(state.data()) >> lane & 1U) != 0; }

  Clock clock;
  std::vector<float> out[2];
  std::vector<std::uint32_t> state;
  std::vector<float> memory;
  std::vector<KeptRoom> kept;
  bool apart = false;      ///< each lane's memory by itself
  std::vector<float> age;  ///< of each lane, in frames; empty: the memory is all its own

 private:
  Kernel kernel_;
  int lanes_;
  std::vector<Input> inputs_;
  std::uint32_t memory_frames_ = 0;
  int at_ = 0;
};

/// Small noise of its own, so that tests need no unit to feed another.
class Dice {
 public:
  explicit Dice(std::uint32_t seed = 1) : x_(seed * 2654435761U + 12345U) {}
  std::uint32_t bits() {
    x_ ^= x_ << 13;
    x_ ^= x_ >> 17;
    x_ ^= x_ << 5;
    return x_;
  }
  float unit() { return static_cast<float>(bits() >> 8) / 16777216.F; }
  float within(float low, float high) { return low + (high - low) * unit(); }

 private:
  std::uint32_t x_;
};

/// A likely value for a port.
inline float value(const Port& p, Dice& dice) {
  if (p.low < p.high && dice.unit() < 0.3F) return dice.within(p.low, std::min(p.high, p.low + 1));
  switch (p.unit) {
    case PortUnit::gate:
      return dice.unit() < 0.5F ? 0.F : 1.F;
    case PortUnit::hz:
      return std::exp2(dice.within(3, 13));
    case PortUnit::seconds:
      return std::exp2(dice.within(-12, 0));
    case PortUnit::signal:
      return dice.within(-1, 1);
    default:
      return std::string_view(p.name) == "sample" ? std::floor(dice.within(0, 2.5F)) : p.init + dice.within(-1, 1);
  }
}

inline bool same_bits(const std::vector<float>& x, const std::vector<float>& y) {
  return x.size() == y.size() && (x.empty() || std::memcmp(x.data(), y.data(), x.size() * sizeof(float)) == 0);
}

}  // namespace hocket::test
