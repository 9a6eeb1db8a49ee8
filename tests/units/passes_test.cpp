// Passes over lanes: what they add up is what single lanes would, in the order that is promised, numbers only.
#include <catch2/catch.hpp>
#include <deque>
#include <limits>

#include "server/dsp/lane_passes.h"
#include "tests/units/rig.h"

using namespace hocket;
using namespace hocket::test;

namespace {

constexpr int kFrames = 37;
constexpr float kInf = std::numeric_limits<float>::infinity(), kNan = std::numeric_limits<float>::quiet_NaN();

enum class Second { none, still, moves, still_third, moves_third };
constexpr Second kSeconds[] = {Second::none, Second::still, Second::moves, Second::still_third, Second::moves_third};

/// A bundle with its levels; some lanes are silent, for what they give must not be heard.
struct Bundle {
  Bundle(int width, Second second, bool enveloped, std::uint32_t seed) : lanes(width) {
    Dice dice(seed);
    const auto fill = [&](std::vector<float>& to, int frames) {
      for (int i = 0; i < frames * lanes; ++i) to.push_back(dice.within(-2, 2));
    };
    fill(x, kFrames);
    const bool moves = second == Second::moves || second == Second::moves_third;
    fill(y, moves ? kFrames : 1);
    fill(z, 1);
    if (enveloped) fill(envelope, kFrames);
    for (int k = 0; k < lanes; ++k) {
      const bool sounds = k % 3 != 2;
      gains.left[k] = sounds ? dice.within(-1, 1) : 0;
      gains.right[k] = sounds ? dice.within(-1, 1) : 0;
      gains.most[k] = sounds ? 0x7f7fffff : -1;
    }
    if (enveloped) gains.envelope = envelope.data();
    source.x = {x.data(), lanes};
    if (second != Second::none) source.y = {y.data(), moves ? lanes : 0};
    if (second == Second::still_third || second == Second::moves_third) source.z = {z.data(), 0};
  }
  Bundle(const Bundle&) = delete;
  Bundle& operator=(const Bundle&) = delete;

  LaneAdd adding(bool watched) { return {source, &gains, peaks, watched}; }

  /// What it adds to a lane's column in a frame.
  float given(int i, int k) const {
    float one = x[static_cast<std::size_t>(i * lanes + k)];
    if (source.y.at) one *= source.y.at[i * source.y.step + k];
    return source.z.at ? one * source.z.at[k] : one;
  }
  float added(float sum, int i, int k, bool right, bool fused) const {
    float one = given(i, k);
    if (!std::isfinite(one) || gains.most[k] < 0) one = 0;
    if (gains.envelope) one *= envelope[static_cast<std::size_t>(i * lanes + k)];
    const float gain = right ? gains.right[k] : gains.left[k];
    return fused ? std::fma(one, gain, sum) : sum + one * gain;
  }

  int lanes;
  std::vector<float> x, y, z, envelope;
  LaneGains gains;
  LaneSource source;
  alignas(64) std::int32_t peaks[kMaxLanes] = {};
};

std::vector<float> columns(std::uint32_t seed) {
  Dice dice(seed);
  std::vector<float> all(kFrames * kColumns);
  for (float& x : all) x = dice.within(-1, 1);
  return all;
}

void check_sum(const UnitTable& t, std::deque<Bundle>& bundles, bool two, bool fresh, bool watched) {
  std::vector<float> left = columns(1), right = columns(2), left_wanted = left, right_wanted = right;
  for (int i = 0; i < kFrames; ++i) {
    for (int k = 0; k < t.lanes; ++k) {
      const auto at = static_cast<std::size_t>(i * kColumns + k);
      if (fresh) left_wanted[at] = right_wanted[at] = 0;
      for (const Bundle& b : bundles) {
        left_wanted[at] = b.added(left_wanted[at], i, k, false, t.fused);
        right_wanted[at] = b.added(right_wanted[at], i, k, true, t.fused);
      }
    }
  }
  std::vector<LaneAdd> adding;
  for (Bundle& b : bundles) adding.push_back(b.adding(watched));
  t.passes->add(adding.data(), static_cast<int>(adding.size()), left.data(), two ? right.data() : nullptr, fresh, kFrames);
  CHECK(left == left_wanted);
  if (two) CHECK(right == right_wanted);
  for (const Bundle& b : bundles) {
    for (int k = 0; k < t.lanes; ++k) {
      bool faulty = false;
      float most = 0;
      for (int i = 0; i < kFrames; ++i) {
        faulty |= !std::isfinite(b.given(i, k));
        most = std::max(most, std::abs(b.given(i, k)));
      }
      float peak = 0;
      std::memcpy(&peak, b.peaks + k, sizeof peak);
      if (faulty) {
        CHECK(!std::isfinite(peak));
      } else if (watched) {
        CHECK(peak == most);
      } else {
        CHECK(std::isfinite(peak));
      }
    }
  }
}

}  // namespace

TEST_CASE("Bundles add up in their order, product by product, on either side") {
  for (const UnitTable* t : all_unit_tables()) {
    for (const Second second : kSeconds) {
      for (const int count : {1, 2, 3, 4}) {
        for (const unsigned how : {0U, 1U, 2U, 3U, 4U, 5U, 6U, 7U}) {
          for (const bool faulty : {false, true}) {
            INFO(t->isa << " second " << static_cast<int>(second) << " bundles " << count << " how " << how << " faulty " << faulty);
            std::deque<Bundle> bundles;
            for (int b = 0; b < count; ++b) bundles.emplace_back(t->lanes, second, false, static_cast<std::uint32_t>(b) + 9);
            if (faulty) {
              bundles.front().x[5] = kNan;  // of the first frame, of a lane that is silent
              bundles.back().x[static_cast<std::size_t>(17 * t->lanes + 3)] = -kInf;
              bundles.back().x[static_cast<std::size_t>(36 * t->lanes)] = kInf;
            }
            check_sum(*t, bundles, (how & 1U) != 0, (how & 2U) != 0, (how & 4U) != 0);
          }
        }
      }
    }
  }
}

TEST_CASE("Bundles of unlike products add up in their order too") {
  for (const UnitTable* t : all_unit_tables()) {
    std::deque<Bundle> bundles;
    for (const Second second : {Second::moves, Second::still, Second::none, Second::still_third})
      bundles.emplace_back(t->lanes, second, false, static_cast<std::uint32_t>(second) + 3);
    for (Bundle* const b : {&bundles[1], &bundles[3]}) {  // a product that stands still
      b->source.x.step = 0;
      for (std::size_t i = static_cast<std::size_t>(t->lanes); i < b->x.size(); ++i) b->x[i] = b->x[i % static_cast<std::size_t>(t->lanes)];
    }
    check_sum(*t, bundles, true, false, true);
  }
}

TEST_CASE("A bundle that fades is multiplied by its envelope") {
  for (const UnitTable* t : all_unit_tables()) {
    for (const Second second : kSeconds) {
      for (const bool faulty : {false, true}) {
        INFO(t->isa << " second " << static_cast<int>(second) << " faulty " << faulty);
        std::deque<Bundle> bundles;
        bundles.emplace_back(t->lanes, second, true, 4U);
        if (faulty) bundles[0].x[static_cast<std::size_t>(9 * t->lanes)] = kNan;
        check_sum(*t, bundles, true, false, true);
      }
    }
  }
}

TEST_CASE("One lane by itself adds up as it does among others") {
  for (const UnitTable* t : all_unit_tables()) {
    std::deque<Bundle> bundles;
    bundles.emplace_back(t->lanes, Second::none, false, 6U);
    Bundle& bundle = bundles[0];
    bundle.x[static_cast<std::size_t>(11 * t->lanes)] = kInf;
    std::vector<float> row, sum = columns(1), wanted, got;
    for (int i = 0; i < kFrames; ++i) {
      row.push_back(bundle.given(i, 0));
      got.push_back(sum[static_cast<std::size_t>(i)]);
      wanted.push_back(bundle.added(got.back(), i, 0, false, t->fused));
    }
    const std::int32_t peak = t->passes->add_one(row.data(), bundle.gains.left[0], got.data(), false, kFrames);
    CHECK(got == wanted);
    CHECK(peak == 0x7f800000);
  }
}

TEST_CASE("Columns add up in the order that is promised") {
  for (const UnitTable* t : all_unit_tables()) {
    INFO(t->isa);
    const std::vector<float> all = columns(7);
    std::vector<float> out(kFrames);
    t->passes->add_columns(all.data(), out.data(), kFrames);
    for (int i = 0; i < kFrames; ++i) {
      const float* const c = all.data() + i * kColumns;
      float q[4];
      for (int k = 0; k < 4; ++k) q[k] = (c[k] + c[k + 4]) + (c[k + 8] + c[k + 12]);
      REQUIRE(out[static_cast<std::size_t>(i)] == (q[0] + q[1]) + (q[2] + q[3]));
    }
  }
}
