// What was played is what the text plays.
#include "server/control/midi_phrase.h"

#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "lang/lower.h"
#include "lang/pattern/function.h"

using namespace hocket;

namespace {

Pattern pattern(const std::string& text) {
  const auto value = lower_pattern({}, std::make_shared<const Source>(Source{"phrase", text}), {});
  INFO(text);
  for (const auto& d : value.diagnostics) UNSCOPED_INFO(d.message);
  REQUIRE(value.diagnostics.empty());
  return value.pattern;
}

using Heard = std::vector<std::tuple<Rational, Rational, int, int>>;  // on, off, key, velocity

Heard heard(const std::string& text, int cycles) {
  QueryContext context;
  Heard notes;
  for (const auto& e : pattern(text).query({Rational(0), Rational(cycles)}, context)) {
    if (!e.has_onset()) continue;
    const auto& note = e.value.map().at("note");
    const double semis = note.kind() == Value::Kind::word ? *note_from_name(note.text()) : note.number();
    notes.emplace_back(e.whole->begin, e.whole->end, 60 + static_cast<int>(semis),
                       static_cast<int>(std::lround(e.value.map().at("vel").number() * 127)));
  }
  std::sort(notes.begin(), notes.end());
  return notes;
}

Heard played(const std::vector<PlayedNote>& notes) {
  Heard expected;
  for (const auto& n : notes) expected.emplace_back(n.on, n.off, n.key, n.velocity);
  std::sort(expected.begin(), expected.end());
  return expected;
}

}  // namespace

TEST_CASE("an even melody is written as one would type it") {
  const std::vector<PlayedNote> notes{
      {Rational(0), Rational(1, 4), 60, 127}, {Rational(1, 4), Rational(1, 2), 64, 127}, {Rational(1, 2), Rational(1), 67, 127}};
  CHECK(phrase_text(notes, {1, Rational(1, 16)}) == "note \"c4 e4 g4@2\" # vel 1");
}

TEST_CASE("loose playing falls on the grid, also around the phrase's end") {
  const std::vector<PlayedNote> notes{{Rational(-1, 100), Rational(23, 100), 60, 127},
                                      {Rational(51, 100), Rational(74, 100), 64, 64},
                                      {Rational(199, 100), Rational(205, 100), 48, 127}};
  CHECK(heard(phrase_text(notes, {2, Rational(1, 4)}), 2) ==
        Heard{{Rational(0), Rational(1, 4), 48, 127}, {Rational(0), Rational(1, 4), 60, 127}, {Rational(1, 2), Rational(3, 4), 64, 64}});
}

TEST_CASE("nothing played is silence") {
  CHECK(phrase_text({}, {}) == "silence");
}

TEST_CASE("an exact phrase plays every note at its frame again, with its velocity") {
  CHECK(rc::check([] {
    const int cycles = *rc::gen::inRange(1, 5);
    const Rational frames_per_cycle = *rc::gen::element(Rational(96000), Rational(88200), Rational(480000000, 5713));
    const auto frames = (frames_per_cycle * Rational(cycles)).floor();
    std::vector<PlayedNote> notes;
    const int count = *rc::gen::inRange(0, 24);
    for (int i = 0; i < count; ++i) {
      const auto on = *rc::gen::inRange<std::int64_t>(0, frames - 2);
      const auto off = on + 1 + *rc::gen::inRange<std::int64_t>(0, std::min<std::int64_t>(40000, frames - on - 1));
      const int key = *rc::gen::inRange(0, 128);
      const bool same = std::any_of(notes.begin(), notes.end(), [&](const PlayedNote& n) { return n.key == key; });
      if (!same) notes.push_back({Rational(on) / frames_per_cycle, Rational(off) / frames_per_cycle, key, *rc::gen::inRange(1, 128)});
    }
    if (notes.empty()) return;
    RC_ASSERT(heard(phrase_text(notes, {cycles, Rational(0)}), cycles) == played(notes));
  }));
}

TEST_CASE("a knob's way is written in steps") {
  const std::vector<PlayedMove> moves{{Rational(1, 4), 0.3}, {Rational(1, 2), 0.9}, {Rational(9, 16), 1}};
  CHECK(moves_text(moves, 0.5, {1, Rational(1, 4)}) == "\"0.5 0.3 1@2\"");
  CHECK(moves_text({}, 0.25, {2, Rational(0)}) == "\"[0.25]/2\"");
}
