// Controls become voices and values.
#include "server/control/note_event.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "server/control/tempo.h"

using namespace hocket;

namespace {

constexpr double kC4Hz = 261.6255653005986;

VoiceDef voice(const std::string& name, std::vector<VoiceParam> own = {}) {
  VoiceDef def;
  def.name = name;
  def.params = {{"freq", kC4Hz}, {"note", 60}, {"vel", 1}, {"gate", 0}};
  def.params.insert(def.params.end(), own.begin(), own.end());
  return def;
}

PlayedSource source() {
  PlayedSource played;
  played.def.key = "~lead/sound";
  played.def.kind = SourceKind::sound;
  played.id = 7;
  played.voices = {voice("pluck", {{"decay", 0.3}}), voice("tape", {{"speed", 1}})};
  return played;
}

Event event(Controls controls, Rational begin = 1, Rational end = Rational(5, 4)) {
  const TimeSpan span{begin, end};
  return {span, span, Value::controls(std::move(controls)), {}};
}

TimedEvent play(Controls controls, const NoteContext& context = {}) {
  const auto note = make_note(source(), event(std::move(controls)), 0, context);
  INFO(note.problem);
  REQUIRE(note.event);
  return *note.event;
}

Value pluck() {
  return Value::word("pluck");
}

}  // namespace

TEST_CASE("an event plays the voice that its word names, at its exact time") {
  const auto e = play({{"s", Value::word("tape")}});
  CHECK(e.voice == 1);
  CHECK(e.source == 7);
  CHECK(to_rational(e.at) == Rational(1));
  CHECK(to_rational(e.until) == Rational(5, 4));
  CHECK(e.count == 5);
}

TEST_CASE("notes are semitones from c4, and words are note names") {
  CHECK(play({{"s", pluck()}}).values[0] == Approx(kC4Hz));
  CHECK(play({{"s", pluck()}, {"note", 12.0}}).values[0] == Approx(2 * kC4Hz));
  CHECK(play({{"s", pluck()}, {"note", 12.0}}).values[1] == Approx(72));
  CHECK(play({{"s", pluck()}, {"note", Value::word("a4")}}).values[0] == Approx(440));
  CHECK(play({{"s", pluck()}, {"note", Value::note(9)}}).values[0] == Approx(440));
  CHECK(play({{"s", pluck()}, {"n", 12.0}}).values[1] == Approx(72));
}

TEST_CASE("speed transposes an instrument that has no speed of its own") {
  const auto e = play({{"s", pluck()}, {"speed", 2.0}});
  CHECK(e.values[0] == Approx(2 * kC4Hz));
  CHECK(e.values[1] == Approx(72));
  const auto own = play({{"s", Value::word("tape")}, {"speed", 2.0}});
  CHECK(own.values[0] == Approx(kC4Hz));
  CHECK(own.values[4] == 2);
}

TEST_CASE("an instrument's parameters come from the controls of their names, else from their defaults") {
  CHECK(play({{"s", pluck()}}).values[4] == Approx(0.3));
  CHECK(play({{"s", pluck()}, {"decay", 1.5}}).values[4] == Approx(1.5));
}

TEST_CASE("the gate lasts as long as the event, legato times that, or sustain seconds") {
  CHECK(to_rational(play({{"s", pluck()}, {"legato", 0.5}}).until) == Rational(9, 8));
  CHECK(to_rational(play({{"s", pluck()}, {"sustain", 0.1}}).until) == Rational(21, 20));
  CHECK(to_rational(play({{"s", pluck()}, {"legato", -1.0}}).until) == Rational(1));
}

TEST_CASE("gain, pan, cut and nudge go with the event, within their ranges") {
  const auto e = play({{"s", pluck()}, {"gain", 0.5}, {"pan", 1.5}, {"cut", 3.0}, {"nudge", 0.02}});
  CHECK(e.gain == 0.5F);
  CHECK(e.pan == 1.F);
  CHECK(e.cut == 3);
  CHECK(e.nudge_s == Approx(0.02));
  const auto plain = play({{"s", pluck()}, {"gain", -2.0}});
  CHECK(plain.gain == 0.F);
  CHECK(plain.pan < 0);
}

TEST_CASE("numbers that are none do not reach a voice") {
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL, 1e300}) {
    const auto e = play({{"s", pluck()}, {"decay", bad}, {"gain", bad}, {"pan", bad}, {"cut", bad}, {"legato", bad}, {"note", bad}});
    for (int i = 2; i < e.count; ++i) CHECK(std::isfinite(e.values[i]));
    CHECK(std::isfinite(e.gain));
  }
}

TEST_CASE("an unknown sound is a problem with its name, a rest is none") {
  const auto unknown = make_note(source(), event({{"s", Value::word("plukc")}}), 0, {});
  CHECK_FALSE(unknown.event);
  CHECK(unknown.problem.find("plukc") != std::string::npos);
  const auto rest = make_note(source(), event({{"s", Value::word("~")}}), 0, {});
  CHECK_FALSE(rest.event);
  CHECK(rest.problem.empty());
}

TEST_CASE("a voice's seed is a function of onset, source, ordinal and program") {
  const auto seed = voice_seed(Rational(1, 8), "a", 0, 0);
  CHECK(seed == voice_seed(Rational(2, 16), "a", 0, 0));
  CHECK(seed != voice_seed(Rational(1, 4), "a", 0, 0));
  CHECK(seed != voice_seed(Rational(1, 8), "b", 0, 0));
  CHECK(seed != voice_seed(Rational(1, 8), "a", 1, 0));
  CHECK(seed != voice_seed(Rational(1, 8), "a", 0, 1));
}

TEST_CASE("a sample plays once through unless something holds it, its speed bent by the note") {
  SampleLibrary library({[](const std::string&) { return true; },
                         [](const std::string&, std::int64_t) -> Result<SampleData> {
                           return SampleData{std::vector<float>(24000), {}, 48000};
                         }},
                        nullptr);
  REQUIRE(library.add_folder(HOCKET_SOURCE_DIR "/tests/control"));
  const auto folder = library.folders().front().name;
  auto played = source();
  played.voices = {voice("sampler", {{"sample", 0}, {"speed", 1}, {"begin", 0}, {"end", 1}})};
  NoteContext context{Rational(1, 2), 0, &library, true};
  const auto note = [&](Controls controls) {
    controls.emplace("s", Value::word(folder));
    const auto made = make_note(played, event(std::move(controls)), 0, context);
    REQUIRE(made.event);
    return *made.event;
  };
  CHECK(note({}).until.den == 0);
  CHECK(to_rational(note({{"legato", 1.0}}).until) == Rational(5, 4));
  CHECK(note({}).values[5] == 1);
  CHECK(note({{"note", 12.0}, {"speed", -1.0}}).values[5] == Approx(-2));
  CHECK(note({{"begin", 0.25}, {"end", 0.5}}).values[6] == Approx(0.25));
  // half a second of sound at half a cycle a second: once through in one cycle is a quarter of its own speed
  CHECK(note({{"unit", Value::word("c")}}).values[5] == Approx(0.25));
  CHECK(note({{"unit", Value::word("c")}, {"speed", 8.0}}).values[5] == Approx(2));
}
