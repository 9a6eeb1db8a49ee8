// The files of this folder, each a list of rows, and what their bodies share.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "lang/pattern/combinators.h"
#include "lang/pattern/function.h"

namespace hocket {

using Args = std::span<const Arg>;
using Rows = std::span<const FunctionRow>;

Rows time_rows();       // faster, later, backwards, parts of the cycle
Rows loop_rows();       // cycles repeated, turned round, stretched
Rows feel_rows();       // events moved within their spans: swing, press, ply
Rows condition_rows();  // functions in some cycles, places or steps
Rows layer_rows();      // a pattern together with itself
Rows sequence_rows();   // several patterns in turn or together
Rows rhythm_rows();     // structures and masks
Rows pick_rows();       // patterns chosen by an index
Rows harmony_rows();    // scales, chords, arpeggios
Rows number_rows();     // arithmetic, ranges, generated numbers
Rows operator_rows();   // add, sub.out, mul.squeeze …
Rows chance_rows();     // random removal, choice and order
Rows control_rows();    // sounds: parts of samples, stereo, echoes
Rows step_rows();       // patterns as rows of steps: take, drop, expand

/// Words for a check that failed: "`who` has no mode `upp`; did you mean `up`?", or "" where `word` is among `known`.
std::string unless_known(const std::string& what, const std::string& word, const std::vector<std::string>& known);
/// Every word constant of an argument: itself where it is one, else those of its text.
std::vector<std::string> words_of(const Pattern&);

/// The number of a list's entry: a Rational, or a constant pattern.
Rational constant_of(const Arg&);
std::vector<Pattern> patterns_of(const ArgList&);
/// Entries of the form [pattern, weight] or [weight, pattern]; one alone weighs 1.
struct WeightedEntry {
  Pattern pattern;
  Rational weight{1};
};
std::vector<WeightedEntry> weighted_of(const ArgList&, bool weight_first);

}  // namespace hocket
