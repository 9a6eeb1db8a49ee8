// Which names a definition refers to, found by walking its tree.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "lang/ast.h"
#include "lang/program.h"

namespace hocket {

/// Names, buses and words that could be names (in strings: `~pluck`, `bd`), each once, parameters left out.
struct References {
  std::set<std::string> names;
  std::set<std::string> words;  ///< of strings: instruments, when a sound's pattern says them
};
References references(const Definition&);

/// Whether the tree reads what only a voice has: freq, note (as a bare name), vel, gate.
bool reads_voice(const Definition&);

/// Hash of a definition's own text and of all that it refers to, through any number of steps: equal prints mean the same.
class Prints {
 public:
  explicit Prints(const Program& program, const Program* kit = nullptr) : program_(program), kit_(kit) {}
  std::uint64_t of(const std::string& name);

 private:
  const Definition* find(const std::string& name) const;
  const Program& program_;
  const Program* kit_;
  std::map<std::string, std::uint64_t> known_;
};

/// FNV-1a, 64 bits. Source: Fowler, Noll, Vo, "FNV hash".
std::uint64_t hash_text(std::string_view, std::uint64_t seed = 0xcbf29ce484222325U);
/// Order matters: mixes one hash into another.
std::uint64_t hash_mix(std::uint64_t a, std::uint64_t b);

}  // namespace hocket
