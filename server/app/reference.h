// What every word of the language is, gathered from where it describes itself: for `help`, `units`, completion.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "lang/pattern/function.h"
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
/// `every cycles:number change:function`: its parameters, the pattern that it works on aside.
std::string signature(const FunctionRow&);

struct StatementDoc {
  const char* name;
  const char* form;
  const char* doc;
};
struct ControlDoc {
  const char* name;
  const char* doc;
};
std::span<const StatementDoc> statement_docs();
std::span<const ControlDoc> control_docs();

/// The whole of it as Markdown: what `docs/reference.md` holds.
std::string reference_page(const Vocabulary&);

}  // namespace hocket
