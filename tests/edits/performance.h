// Performances without a device: a program, edits at chosen frames, and what was heard.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "server/engine/engine.h"
#include "tests/audio/clicks.h"
#include "tests/audio/signal.h"

namespace hocket::test {

/// Text that is evaluated just before `frame` is rendered.
struct Moment {
  std::int64_t frame = 0;
  std::string text;
  bool replace = false;
};

struct Take {
  Sound main;                          ///< what the device would get; the master's look-ahead is left out
  std::map<std::string, Sound> stems;  ///< by output, while the outputs are those of the first program
  std::vector<std::int64_t> taken;     ///< for each moment, the first frame of its change; -1: nothing to hear changed
  EngineStatus status;                 ///< at the end
  std::string complaint;               ///< the first error, of evaluations and of the server's reports
};

/// Evaluates `program`, plays `frames` frames with the moments in their order, under the real-time guard, at most `most` at a
/// time (two changes that are taken within one such run are seen as one).
Take play(const std::string& program, const std::vector<Moment>& moments, std::int64_t frames, const EngineSettings& = {}, int most = 512);

/// What is wrong with an edit, in a sentence each; empty: it was clean.
struct Judgement {
  std::vector<std::string> faults;
  std::string text() const;
  void add(const std::string& fault) { faults.push_back(fault); }
};

/// An edit and the runs that tell what the music does by itself.
struct Edited {
  Take edited;          ///< the edit at its moment
  Take before;          ///< the old program, going on
  Take after;           ///< the new program, from the start
  Take earlier;         ///< the same edit 52 ms earlier: what the new program does where its phases began with the edit
  std::int64_t at = 0;  ///< first changed frame
};
Edited play_edit(const std::string& program, const std::string& edit, std::int64_t at, std::int64_t frames);

/// No click, no gap, nothing before its frame. `onsets`: of notes that neither of the other runs plays. `asked`, by output: sound whose
/// rests are no gaps (`end_and_begin`).
Judgement judge(const Edited&, const std::vector<std::int64_t>& onsets = {}, const std::map<std::string, Sound>& asked = {});

/// That output is the same, sample for sample, with and without the edit.
Judgement judge_untouched(const Edited&, const std::string& output);

/// What an edit of output o1 asks for where the two programs have nothing in common but `around`, which has a bus `~src`: the old
/// one ends and rings out, the new one begins, and the two are summed. `from`, `to`: what stands after `o1:`.
Sound end_and_begin(const std::string& around, const std::string& from, const std::string& to, std::int64_t at, std::int64_t frames);

/// The level (of 50 ms, about what the ear takes together) stays, around the edit, within 1 dB of the range from what it was before
/// to what it is after, or of what the two programs give at that moment by themselves, or of what was asked for.
Judgement judge_level(const Edited&, const std::string& output, const Sound& asked = {});

}  // namespace hocket::test
