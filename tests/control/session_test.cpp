// Text in, samples out: the session over the real language, planner and engine, driven offline.
#include "server/control/session.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <thread>

#include "tests/control/studio.h"

using namespace hocket;
using namespace hocket::test;

TEST_CASE("onsets of a program land on the frames that its text says") {
  const auto rate = GENERATE(44100., 48000., 96000.);
  const auto block = GENERATE(16, 100, 1024);
  const bool odd = GENERATE(false, true);
  const Rational cps = odd ? Rational(5713, 10000) : Rational(1, 2);
  Studio studio(rate, block);
  studio.must(kTick + "cps: " + (odd ? "0.5713" : "0.5") + "\nout: s \"tick(3,8)\" * 0.9");
  const auto cycle = frame_of(Rational(1), cps, rate);
  studio.run(static_cast<int>(cycle * 2 + 1000));
  std::vector<std::int64_t> expected;
  for (int c = 0; c < 2; ++c)
    for (const int step : {0, 3, 6}) expected.push_back(frame_of(Rational(8 * c + step, 8), cps, rate));
  auto heard = studio.clicks();
  REQUIRE(heard.size() >= expected.size());
  heard.resize(expected.size());
  CHECK(heard == expected);
}

TEST_CASE("after a day the frames are as exact as after a second") {
  Studio studio;
  studio.offline.session().start_at(Rational(43200));
  studio.must(kTick + "cps: 0.5713\nout: s \"tick(3,8)\" * 0.9");
  studio.run(100000);
  const auto heard = studio.clicks();
  REQUIRE(heard.size() >= 3);
  const Rational cps(5713, 10000);
  CHECK(heard[0] == 0);
  CHECK(heard[1] == frame_of(Rational(3, 8), cps, 48000));
  CHECK(heard[2] == frame_of(Rational(6, 8), cps, 48000));
}

TEST_CASE("sound that starts later starts at cycle 0, on a frame that is known") {
  Studio studio;
  studio.run(10007);
  studio.must(kTick + "out: s \"tick*4\" * 0.9");
  studio.run(100000);
  const auto start = studio.offline.engine().status().swap_frame;
  const auto heard = studio.clicks();
  REQUIRE(heard.size() >= 4);
  for (std::int64_t i = 0; i < 4; ++i) CHECK(heard[static_cast<std::size_t>(i)] == start + i * 24000);
}

TEST_CASE("an evaluation with an error anywhere changes nothing, to the sample") {
  const std::string program = "~a: saw \"110 165\" # lpf (sine 0.3 * 500 + 900) 0.4 # delay 0.2 0.5\nout: ~a * 0.3 + s \"bd*4 sn\" * 0.5";
  Studio calm;
  calm.must(program);
  calm.run(60000);
  for (const char* bad : {"~a: saw 220\nout: ~a # lfp 300", "~a: silence\nout: ~nowhere", "cps: 2\nout: s \"bd", "out: s \"nosuchsound\"",
                          "hush\n~a: ~a + )", "seed: 5\nsamples \"/nowhere/at/all\"", "out: \"1 2\""}) {
    Studio studio;
    studio.must(program);
    studio.run(20000);
    const auto before = to_text(studio.offline.session().program());
    const auto result = studio.eval(bad);
    INFO(bad);
    CHECK_FALSE(result.ok);
    CHECK(has_error(result.diagnostics));
    CHECK(to_text(studio.offline.session().program()) == before);
    studio.run(40000);
    CHECK(studio.left == calm.left);
  }
}

TEST_CASE("a block of code without an output leaves the outputs alone") {
  Studio studio;
  studio.must(kTick + "~a: s \"tick*2\"\nout: ~a * 0.9");
  studio.run(96000);
  studio.must("~b: s \"tick*8\"");
  studio.run(96000);
  CHECK(studio.clicks() == std::vector<std::int64_t>{0, 48000, 96000, 144000});
  studio.must("~a: s \"tick*4\"");
  studio.run(96000);
  CHECK(studio.clicks().size() == 8);
}

TEST_CASE("a new pattern takes over at the next block, no event lost, doubled or late") {
  Studio studio;
  studio.must(kTick + "out: s \"tick*4\" * 0.9");
  studio.run(30000);
  studio.must("out: s \"tick*8\" * 0.9");
  studio.run(66000);
  // quarters until the change, eighths after it
  CHECK(studio.clicks() == std::vector<std::int64_t>{0, 24000, 36000, 48000, 60000, 72000, 84000});
}

TEST_CASE("evaluating the same program again and again disturbs nothing") {
  const std::string program = "~a: saw \"55 82.5\" # lpf 800 0.4 # reverb 0.4\nout: ~a * 0.3 + s \"bd*4 hh*8\" * 0.4";
  Studio calm;
  calm.must(program);
  calm.run(96000);
  Studio busy;
  busy.must(program);
  for (int i = 0; i < 40; ++i) {
    busy.run(2400);
    busy.must(program);
  }
  CHECK(busy.left == calm.left);
}

TEST_CASE("a quantised change waits for its cycle") {
  Studio studio;
  studio.must(kTick + "quant: 1\nout: s \"tick*4\" * 0.9");
  studio.run(30000);
  const auto result = studio.eval("out: s \"tick*8\" * 0.9");
  REQUIRE(result.ok);
  REQUIRE(result.at);
  CHECK(*result.at == Rational(1));
  studio.run(114000);
  std::vector<std::int64_t> expected{0, 24000, 48000, 72000};
  for (std::int64_t f = 96000; f < 144000; f += 12000) expected.push_back(f);
  CHECK(studio.clicks() == expected);
}

TEST_CASE("of several changes before a quantised cycle the last program counts, whole") {
  Studio studio;
  studio.must(kTick + "quant: 1\nout: s \"tick*4\" * 0.9");
  studio.run(20000);
  studio.must("~a: s \"tick*3\"");
  studio.must("out: ~a * 0.9");
  studio.run(124000);
  CHECK(studio.clicks() == std::vector<std::int64_t>{0, 24000, 48000, 72000, 96000, 128000});
}

TEST_CASE("a tempo change keeps the position and moves what is queued") {
  Studio studio;
  studio.must(kTick + "out: s \"tick*4\" * 0.9");
  studio.run(36000);  // cycle 3/8
  studio.must("cps: 1");
  studio.run(60000);
  const auto at = studio.offline.engine().status().swap_frame;
  const auto heard = studio.clicks();
  REQUIRE(heard.size() >= 4);
  CHECK(heard[0] == 0);
  CHECK(heard[1] == 24000);
  // position at the change is at/96000; from there a cycle is 48000 frames
  const auto due = [&](Rational cycle) {
    return (Rational(at) + (cycle - Rational(at, 96000)) * Rational(48000) + Rational(1, 2)).floor();
  };
  CHECK(heard[2] == due(Rational(1, 2)));
  CHECK(heard[3] == due(Rational(3, 4)));
}

TEST_CASE("hush fades everything out and forgets the outputs, and the next sound starts at cycle 0") {
  Studio studio;
  studio.must("~a: saw 110\nout: ~a * 0.5");
  studio.run(20000);
  REQUIRE(studio.offline.session().hush().ok);
  studio.run(20000);
  CHECK(studio.loudest(30000) < 1e-3F);
  CHECK(studio.offline.session().program().definitions.contains("~a"));
  CHECK_FALSE(studio.offline.session().program().definitions.contains("out"));
  studio.must(kTick + "out: s \"tick\" * 0.9");
  studio.run(2000);
  CHECK(studio.loudest(40000) > 0.5F);
}

TEST_CASE("panic is silent at once") {
  Studio studio;
  studio.must("out: saw 110 * 0.5 # reverb 0.8 0.9");
  studio.run(20000);
  REQUIRE(studio.offline.session().panic().ok);
  studio.run(20000);
  CHECK(studio.loudest(20000 + 64 + static_cast<std::size_t>(studio.offline.engine().latency_frames())) == 0);
}

TEST_CASE("panic does not wait for a quantised change") {
  Studio studio;
  studio.must("quant: 4\nout: saw 110 * 0.5");
  studio.run(20000);
  studio.must("out: saw 220 * 0.5");
  REQUIRE(studio.offline.session().panic().ok);
  studio.run(200000);
  CHECK(studio.loudest(21000) == 0);
}

TEST_CASE("replace drops what the text does not name") {
  Studio studio;
  studio.must("~a: saw 110\n~b: saw 220\no1: ~b * 0.2\nout: ~a * 0.2");
  REQUIRE(studio.eval("~a: saw 110\nout: ~a * 0.2", true).ok);
  CHECK(studio.offline.session().program().definitions.size() == 2);
}

TEST_CASE("a muted output is silent, soloed ones sound alone") {
  Studio studio;
  studio.must("o1: sine 100 * 0.2\no2: sine 3000 * 0.5");
  studio.run(10000);
  const auto both = studio.loudest(5000);
  studio.must("mute o2");
  studio.run(20000);
  CHECK(studio.loudest(20000) == Approx(0.2).margin(0.02));
  studio.must("unmute o2\nsolo o2");
  studio.run(20000);
  CHECK(studio.loudest(40000) == Approx(0.5).margin(0.02));
  studio.must("unsolo");
  studio.run(20000);
  CHECK(studio.loudest(60000) == Approx(both).margin(0.02));
}

TEST_CASE("the same seed gives the same samples, another seed others") {
  const auto take = [](const std::string& seed) {
    Studio studio;
    studio.must("seed: " + seed + "\nout: s \"hh*8?\" # gain (rand $ range 0.2 0.9)");
    studio.run(96000);
    return studio.left;
  };
  CHECK(take("3") == take("3"));
  CHECK(take("3") != take("4"));
}

TEST_CASE("a result says what was defined and how long each part took") {
  Studio studio;
  const auto result = studio.eval("~a: saw 110\nout: ~a * 0.2");
  CHECK(result.changed == std::vector<std::string>{"~a", "out"});
  CHECK(result.serial == 1);
  CHECK(result.timings.lower_ms > 0);
  CHECK(result.timings.plan_ms > 0);
  CHECK(result.timings.publish_ms > 0);
}

TEST_CASE("many changes between two blocks fall together into one") {
  Studio studio;
  studio.must(kTick + "out: s \"tick*4\" * 0.9");
  studio.run(1000);
  for (int i = 0; i < 30; ++i) studio.must("out: s \"tick*" + std::to_string(i + 2) + "\" * 0.9");
  studio.must("out: s \"tick*2\" * 0.9");
  studio.run(95000);
  CHECK(studio.clicks() == std::vector<std::int64_t>{0, 48000});
  CHECK_FALSE(studio.offline.session().waiting());
}

TEST_CASE("rendering has the length asked for and starts with the program's first frame") {
  SampleLibrary samples({[](const std::string&) { return false; }, nullptr}, nullptr);
  RenderRequest request;
  request.text = kTick + "o1: s \"tick\" * 0.9\nout: s \"~ tick\" * 0.9";
  request.engine.threads = 1;
  request.cycles = Rational(3, 4);
  request.stems = true;
  std::vector<float> main;
  std::vector<std::vector<float>> stems;
  RenderSink sink;
  sink.begin = [&](const std::vector<std::string>& outputs, std::int64_t frames) {
    CHECK(frames == 72000);
    stems.resize(outputs.size());
    return true;
  };
  sink.main = [&](std::span<const float> block) {
    main.insert(main.end(), block.begin(), block.end());
    return true;
  };
  sink.stem = [&](std::size_t output, std::span<const float> block) {
    stems[output].insert(stems[output].end(), block.begin(), block.end());
    return true;
  };
  const auto result = render(request, unit_table(), samples, nullptr, sink);
  REQUIRE(result.finished);
  CHECK(result.frames == 72000);
  REQUIRE(main.size() == 144000);
  CHECK(std::fabs(main[0]) > 0.5F);
  CHECK(std::fabs(main[96000]) > 0.5F);
  REQUIRE(stems.size() == 2);
  for (const auto& stem : stems) CHECK(stem.size() == 144000);
  CHECK(std::fabs(stems[0][0]) > 0.5F);
  CHECK(std::fabs(stems[1][96000]) > 0.5F);
  CHECK(stems[0][96000] == 0.F);
}

TEST_CASE("a sample still loading is waited for, and played as it is") {
  std::vector<float> sound;
  for (int i = 0; i < 200; ++i) sound.push_back(i % 2 == 0 ? 0.5F : -0.25F);
  SampleLibrary samples({[](const std::string& name) { return name.ends_with("_test.cpp"); },
                         [&](const std::string&, std::int64_t) -> Result<SampleData> {
                           std::this_thread::sleep_for(std::chrono::milliseconds(100));
                           return SampleData{sound, {}, 48000};
                         }},
                        nullptr);
  RenderRequest request;
  request.text = "samples \"tests\"\nout: s \"control\" # begin 0";
  request.session.folder = HOCKET_SOURCE_DIR;
  request.engine.threads = 1;
  request.seconds = 0.1;
  std::vector<float> left;
  RenderSink sink;
  sink.main = [&](std::span<const float> block) {
    for (std::size_t i = 0; i < block.size(); i += 2) left.push_back(block[i]);
    return true;
  };
  const auto result = render(request, unit_table(), samples, nullptr, sink);
  INFO(render(*result.evaluation.source, result.evaluation.diagnostics));
  REQUIRE(result.finished);
  float most = 0;
  for (const float x : left) most = std::max(most, std::fabs(x));
  CHECK(most > 0.2F);
  CHECK(std::all_of(left.begin() + 400, left.end(), [](float x) { return std::fabs(x) < 0.02F; }));
}

TEST_CASE("a folder of samples that is not there is an error at its evaluation, and changes nothing") {
  Studio studio;
  const auto result = studio.eval("~a: saw 1\nsamples \"/no/such/folder\"");
  CHECK_FALSE(result.ok);
  CHECK(render(*result.source, result.diagnostics).find("/no/such/folder") != std::string::npos);
  CHECK(studio.offline.session().program().definitions.empty());
}

TEST_CASE("a render that a sink ends is not finished") {
  SampleLibrary samples({[](const std::string&) { return false; }, nullptr}, nullptr);
  RenderRequest request;
  request.text = "out: saw 110 * 0.1";
  request.engine.threads = 1;
  RenderSink sink;
  int blocks = 0;
  sink.main = [&](std::span<const float>) { return ++blocks < 3; };
  const auto result = render(request, unit_table(), samples, nullptr, sink);
  CHECK(result.evaluation.ok);
  CHECK_FALSE(result.finished);
  CHECK(blocks == 3);
}
