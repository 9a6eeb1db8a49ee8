// What every word of the language is, gathered from where it describes itself: for `help`, `units`, completion.
#pragma once

#include <string>
#include <vector>

#include "lang/program.h"
#include "lang/vocabulary.h"

namespace hocket {

class Reference {
 public:
  /// `program`: the session's own definitions count too; may be null. Both must outlive this.
  explicit Reference(const Vocabulary&, const Program* program = nullptr);

  /// Everything known under a name (a unit and a pattern function may share one), or "".
  std::string describe(const std::string& name) const;
  /// Every name, once, in order.
  std::vector<std::string> names() const;
  /// One line a unit: signature and doc.
  std::string units() const;

 private:
  const Vocabulary& vocabulary_;
  const Program* program_;
};

/// `lpf cutoff=1000 res=0`: the first input, where it is a signal, is what stands on the left of `#`.
std::string signature(const UnitInfo&);

}  // namespace hocket
