// A played phrase as text: mini-notation that plays the same notes again.
#pragma once

#include <string>
#include <vector>

#include "lang/pattern/time.h"

namespace hocket {

/// Times in cycles from the phrase's beginning.
struct PlayedNote {
  Rational on;
  Rational off;
  int key = 60;
  int velocity = 100;  ///< 1..127
};

struct PlayedMove {
  Rational at;
  double value = 0;
};

struct PhraseForm {
  int cycles = 1;
  Rational grid{1, 16};  ///< of a cycle; 0: exact, to the frame
};

/// `note "[c4@3 e4]/2" # vel 0.8`: an expression whose events are the notes, at exactly their times, or at the nearest points
/// of the grid (a note just before the beginning counts as on it, and lasts one step at least). Notes last until the phrase's
/// end at most. What sounds together without being one chord becomes lines of a `stack`. `silence` where nothing was played.
std::string phrase_text(std::vector<PlayedNote>, const PhraseForm&);

/// `"[0.5@3 0.62]/2"`: a knob's way as steps, from `before` on. Always on a grid: 1/64 where the form says none.
std::string moves_text(const std::vector<PlayedMove>&, double before, const PhraseForm&);

}  // namespace hocket
