#include "lang/resolve.h"

#include <cctype>

namespace hocket {
namespace {

/// Words of a string that a sound could play.
void collect_words(const std::string& text, std::set<std::string>& words) {
  std::size_t i = 0;
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '\''; };
  while (i < text.size()) {
    const bool bus = text[i] == '~' && i + 1 < text.size() && std::isalpha(static_cast<unsigned char>(text[i + 1])) != 0;
    if (!bus && !is_word(text[i])) {
      ++i;
      continue;
    }
    const std::size_t begin = i++;
    while (i < text.size() && is_word(text[i])) ++i;
    words.insert(text.substr(begin, i - begin));
  }
}

class Walk {
 public:
  References found;
  bool voice = false;

  void expr(const ExprPtr& e) {
    if (e) std::visit([this](const auto& node) { visit(node); }, e->node);
  }
  void bind(const std::string& name) { bound_.insert(name); }

 private:
  std::multiset<std::string> bound_;

  void name(const std::string& n, bool bare) {
    if (bound_.contains(n)) return;
    found.names.insert(n);
    if (bare && (n == "freq" || n == "note" || n == "vel" || n == "gate")) voice = true;
  }
  void visit(const NumberExpr&) {}
  void visit(const StringExpr& e) { collect_words(e.text, found.words); }
  void visit(const NameExpr& e) { name(e.name, true); }
  void visit(const BusExpr& e) { name(e.name, true); }
  void visit(const CallExpr& e) {
    if (const auto* head = std::get_if<NameExpr>(&e.head->node)) {
      name(head->name, e.args.empty());
    } else {
      expr(e.head);
    }
    for (const NamedArg& arg : e.args) expr(arg.value);
  }
  void visit(const BinaryExpr& e) {
    expr(e.left);
    expr(e.right);
  }
  void visit(const NegateExpr& e) { expr(e.operand); }
  void visit(const PipeExpr& e) {
    expr(e.left);
    // `# note`, `# vel` name a control, never the voice's value
    if (const auto* right = e.right ? std::get_if<NameExpr>(&e.right->node) : nullptr) {
      name(right->name, false);
    } else {
      expr(e.right);
    }
  }
  void visit(const SectionExpr& e) { expr(e.operand); }
  void visit(const ListExpr& e) {
    for (const ExprPtr& item : e.items) expr(item);
  }
  void visit(const RangeExpr& e) {
    expr(e.from);
    expr(e.to);
  }
  void visit(const ComprehensionExpr& e) {
    expr(e.over);
    const auto here = bound_.insert(e.variable);
    expr(e.body);
    bound_.erase(here);
  }
  void visit(const MapExpr& e) {
    for (const MapEntry& entry : e.entries) expr(entry.value);
  }
  void visit(const GroupExpr& e) { expr(e.inner); }
  void visit(const TrackerExpr& e) {
    for (const NamedArg& option : e.options) expr(option.value);
    collect_words(e.block.text, found.words);
  }
};

Walk walk(const Definition& definition) {
  Walk w;
  if (const auto* define = std::get_if<DefineStatement>(&definition.statement.node)) {
    w.expr(define->value);
  } else if (const auto* function = std::get_if<FunctionStatement>(&definition.statement.node)) {
    for (const Parameter& p : function->params) {
      w.expr(p.init);
      w.bind(p.name);
    }
    w.expr(function->body);
  }
  return w;
}

}  // namespace

References references(const Definition& definition) {
  return walk(definition).found;
}

bool reads_voice(const Definition& definition) {
  return walk(definition).voice;
}

const Definition* Prints::find(const std::string& name) const {
  if (const auto it = program_.definitions.find(name); it != program_.definitions.end()) return &it->second;
  if (kit_ != nullptr) {
    if (const auto it = kit_->definitions.find(name); it != kit_->definitions.end()) return &it->second;
  }
  return nullptr;
}

std::uint64_t Prints::of(const std::string& owner) {
  const std::string name = owner.substr(0, owner.find('@'));
  if (const auto it = known_.find(name); it != known_.end()) return it->second;
  const Definition* definition = find(name);
  if (definition == nullptr) return 0;
  known_[name] = definition->print;  // what a cycle sees of itself
  std::uint64_t print = hash_mix(definition->print, static_cast<std::uint64_t>(definition->generation));
  if (definition->fading != nullptr) {
    print = hash_mix(print, definition->fading->print);
    print = hash_mix(print, hash_text(to_string(definition->transition.from)));
  }
  const References refs = references(*definition);
  for (const std::string& n : refs.names) print = hash_mix(print, of(n));
  for (const std::string& w : refs.words) print = hash_mix(print, of(w));
  return known_[name] = print;
}

std::uint64_t hash_text(std::string_view text, std::uint64_t seed) {
  for (const char c : text) seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return seed;
}

std::uint64_t hash_mix(std::uint64_t a, std::uint64_t b) {
  for (int byte = 0; byte < 8; ++byte) a = (a ^ ((b >> (8 * byte)) & 0xffU)) * 0x100000001b3U;
  return a;
}

}  // namespace hocket
