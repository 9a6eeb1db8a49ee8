// The session's dictionary of definitions, and what an evaluation makes of it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lang/ast.h"
#include "lang/diagnostic.h"
#include "lang/pattern/time.h"
#include "lang/vocabulary.h"

namespace hocket {

/// How a redefinition comes in, `cycles` long, from cycle `from` on. `xfade`: one fades into the other. `jump`: the new one
/// starts when the time is up. `clutch`: event by event the new one replaces the old. `anticipate`: the old one's echoes
/// draw together, then the new one starts.
struct Transition {
  enum class Kind : std::uint8_t { none, xfade, jump, clutch, anticipate };
  Kind kind = Kind::none;
  Rational cycles = 0;
  Rational from = 0;
};

/// One name's meaning: a bus `~drums`, an output `out` or `o3`, a `fn`, or a `synth`.
struct Definition {
  enum class Kind : std::uint8_t { bus, output, function, synth };
  Kind kind = Kind::bus;
  std::string name;
  Statement statement;
  std::shared_ptr<const Source> source;
  std::uint64_t print = 0;  ///< of its text, spaces and comments aside
  Rational from = 0;        ///< `once`: the cycle at which its one cycle is played
  Transition transition;
  std::shared_ptr<const Definition> fading;  ///< what it was, while a transition lasts
  int generation = 0;                        ///< counts transitions: the new one's nodes are not the old one's

  /// What its nodes' keys start with.
  std::string owner() const { return generation == 0 ? name : name + "@" + std::to_string(generation); }
};

struct Settings {
  Rational cps{1, 2};
  Rational quant{0};
  std::uint64_t seed = 0;
  std::map<std::string, std::vector<int>> routes;  ///< output → hardware channels, from 1
  std::set<std::string> muted;                     ///< buses and outputs
  std::set<std::string> soloed;                    ///< not empty: only these are heard
  std::vector<std::string> sample_dirs;

  friend bool operator==(const Settings&, const Settings&) = default;
};

struct Program {
  std::map<std::string, Definition> definitions;
  Settings settings;
};

/// The output that `once` plays.
inline constexpr const char* kOnce = "once";

/// Something for the session to do besides: `hush`, `panic`, `undo`, `redo`, `record` with its words.
struct Command {
  std::string name;
  std::vector<std::string> args;
};

struct Evaluation {
  Program program;
  std::vector<Command> commands;
  std::vector<std::string> changed;  ///< names that the text defines
  Transition transition;             ///< for what `changed` redefines; the session knows from when on
  bool retimed = false;              ///< the tempo is another one now
  std::optional<Rational> cycle;     ///< `resetCycles`, `setCycle`: where the transport is to go
  std::optional<Rational> nudge_s;   ///< `nudge`: everything comes this many seconds later
  Diagnostics diagnostics;
};

/// Reads `source` into a copy of `before`: what it names is replaced, all or nothing (with an error in it, `program` equals
/// `before`). `replace` drops the definitions that the text does not name. Names and kinds are checked by `lower`.
Evaluation evaluate(const Program& before, std::shared_ptr<const Source> source, const Vocabulary&, bool replace);

/// Whether `name` is an output: `out`, `o1` … `o64`.
bool is_output(std::string_view name);

/// Whether a bus ends in `midiout`: it plays without an output, and `hush` forgets it like one.
bool plays_outside(const Definition&);

/// As `hocket show program` prints it: every definition with its kind, what it refers to, and whether that is a cycle.
std::string to_text(const Program&);

}  // namespace hocket
