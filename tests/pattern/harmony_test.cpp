// Notes, chords and scales by name.
#include "lang/pattern/harmony.h"

#include "tests/pattern/query.h"

using namespace hocket;
using test::given;

TEST_CASE("note names are scientific, c4 is 0") {
  CHECK(note_from_name("c4") == 0.0);
  CHECK(note_from_name("a4") == 9.0);
  CHECK(note_from_name("eb3") == -9.0);
  CHECK(note_from_name("g#5") == 20.0);
  CHECK(note_from_name("cs2") == -23.0);
  CHECK(note_from_name("bf1") == -26.0);
  CHECK(note_from_name("c") == 0.0);
  CHECK(note_from_name("C5") == 12.0);
  CHECK(note_from_name("c-1") == -60.0);
  CHECK(note_from_name("e##4") == 6.0);
  for (const char* word : {"", "h", "bd", "c4x", "4", "cx", "c44", "sn", " ", "c'maj"}) CHECK_FALSE(note_from_name(word));
}

TEST_CASE("chord names give their notes, inverted, open, dropped and ranged") {
  using Notes = std::vector<double>;
  CHECK(chord_from_name("c'maj") == Notes{0, 4, 7});
  CHECK(chord_from_name("c'major7") == Notes{0, 4, 7, 11});
  CHECK(chord_from_name("e3'min7") == Notes{-8, -5, -1, 2});
  CHECK(chord_from_name("c'maj'i") == Notes{4, 7, 12});
  CHECK(chord_from_name("e'min'ii") == Notes{11, 16, 19});
  CHECK(chord_from_name("c'maj7'o") == Notes{-12, -5, 4, 11});
  CHECK(chord_from_name("c'maj7'd1") == Notes{-1, 0, 4, 7});
  CHECK(chord_from_name("c'maj'5") == Notes{0, 4, 7, 12, 16});
  CHECK(chord_from_name("c'maj'2") == Notes{0, 4});
  CHECK(chord_from_name("c'min'5'i") == Notes{3, 7, 12, 15, 12});
  CHECK(chord_from_name("5'maj") == Notes{5, 9, 12});
  CHECK(chord_from_name("c'i") == Notes{4, 7, 12});
  for (const char* word : {"c", "c'", "c'nope", "bd'maj", "c'maj'x", "c'maj'0", "c'maj'100000"}) CHECK_FALSE(chord_from_name(word));
}

TEST_CASE("scales repeat at the octave in both directions") {
  const std::vector<double>& major = find_scale("major")->semitones;
  CHECK(scale_note(major, 7) == 12);
  CHECK(scale_note(major, -1) == -1);
  CHECK(scale_note(major, -7) == -12);
  CHECK(scale_note(major, 15) == 26);
  CHECK(scale_note(major, 0.5) == 1);
}

TEST_CASE("every scale begins at its root and rises") {
  for (const std::string& name : scale_names()) {
    INFO(name);
    const std::vector<double>& semitones = find_scale(name)->semitones;
    CHECK(semitones.front() == 0);
    CHECK(semitones.back() < 12);
    CHECK(std::is_sorted(semitones.begin(), semitones.end(), std::less_equal<>()));
  }
}

TEST_CASE("a scale may name its root") {
  CHECK(given(R"("0 2 4" $ scale "d:minor")") == "0..1/3 2 | 1/3..2/3 5 | 2/3..1 9");
  CHECK(given(R"("0 1" $ scale "eb3:dorian")") == "0..1/2 -9 | 1/2..1 -7");
  CHECK(given(R"("0 1" $ scale "<major minor>")", 0, 2) == "0..1/2 0 | 1/2..1 2 | 1..3/2 0 | 3/2..2 2");
  CHECK(given(R"("0 1" $ scale "rast" |+ 0.5)") == "0..1/2 0.5 | 1/2..1 2.5");
}

TEST_CASE("unknown scales, chords and arpeggios are named with their nearest") {
  using Catch::Matchers::Contains;
  CHECK_THROWS_WITH(test::expression(R"("0" $ scale "minr")"), Contains("`minr`") && Contains("`minor`"));
  CHECK_THROWS_WITH(test::expression(R"("0" $ scale "<major h:minor>")"), Contains("`h` is no note"));
  CHECK_THROWS_WITH(test::expression(R"("0" $ arp "upp")"), Contains("`upp`") && Contains("`up`"));
  CHECK_THROWS_WITH(test::expression(R"("0" $ chord "majr")"), Contains("`majr`") && Contains("`maj`"));
}

TEST_CASE("chords are played note by note and rolled") {
  CHECK(given(R"("c'maj e'min" $ arp "updown")") ==
        "0..1/8 0 | 1/8..1/4 4 | 1/4..3/8 7 | 3/8..1/2 4 | 1/2..5/8 4 | 5/8..3/4 7 | 3/4..7/8 11 | 7/8..1 7");
  CHECK(given(R"("c'maj" $ rolledBy -0.5)") == "0..1 7 | 1/6..1 4 | 1/3..1 0");
}

TEST_CASE("a note control reads names and chords, a number stays as it is") {
  CHECK(given(R"(note "c4 c'maj 7.5")") ==
        "0..1/3 {note: 0} | 1/3..2/3 {note: 0} | 1/3..2/3 {note: 4} | 1/3..2/3 {note: 7} | 2/3..1 {note: 7.5}");
  CHECK(test::events(as_notes(test::mini("c4 bd e'min'i 3"))) == "0..1/4 0 | 1/2..3/4 7 | 1/2..3/4 11 | 1/2..3/4 16 | 3/4..1 3");
}
