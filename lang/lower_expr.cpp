// Expressions → terms.
#include <algorithm>
#include <initializer_list>
#include <utility>

#include "lang/lower_eval.h"
#include "lang/pattern/mini.h"
#include "lang/pattern/tracker.h"

namespace hocket {
namespace {

constexpr int kDeepest = 120;       // nested expressions and calls: the parser allows 200, a call costs several
constexpr int kLongestList = 4096;  // entries of a range or a comprehension

}  // namespace

std::string kind_name(const Term& term) {
  if (term.number() != nullptr) return "a number";
  if (const PatternTerm* p = term.pattern()) return p->sound ? "a sound" : "a pattern";
  if (term.signal() != nullptr) return "a signal";
  if (term.function() != nullptr) return "a function that waits for an input";
  if (term.list() != nullptr) return "a list";
  if (term.map() != nullptr) return "a map";
  return "nothing";
}

Term Evaluator::eval(const ExprPtr& expr) {
  if (!expr) return failed({});
  if (depth_ >= kDeepest) {
    error(expr->span, "this is nested too deep");
    return failed(expr->span);
  }
  ++depth_;
  Term term = std::visit([&](const auto& node) { return eval_node(expr, node); }, expr->node);
  --depth_;
  term.span = expr->span;
  return term;
}

Term Evaluator::eval_node(const ExprPtr& e, const NumberExpr& n) {
  return make(e->span, NumberTerm{n.value, n.exact, n.unit == NumberUnit::cycles});
}

Term Evaluator::eval_node(const ExprPtr& e, const StringExpr& s) {
  Diagnostics found;
  PatternTerm term;
  term.pattern = parse_mini(s.text, s.offset, found);
  term.id = next_id_++;
  term.literal = s;
  const bool bad = has_error(found);
  for (Diagnostic& d : found) {
    d.source = source;
    diagnostics.push_back(std::move(d));
  }
  return bad ? failed(e->span) : make(e->span, std::move(term));
}

Term Evaluator::eval_node(const ExprPtr& e, const NameExpr& n) {
  if (const Term* known = local(n.name)) return *known;
  return call(n.name, e->span, {});
}

Term Evaluator::eval_node(const ExprPtr& e, const BusExpr& b) {
  return bus(b.name, e->span);
}

std::vector<GivenArg> Evaluator::eval_args(const std::vector<NamedArg>& args, std::string_view of) {
  std::vector<GivenArg> given;
  for (const NamedArg& arg : args) {
    if (const auto* text = std::get_if<StringExpr>(&arg.value->node); text != nullptr && is_live_word(of)) {
      given.push_back({arg.name, arg.name_span, make(arg.value->span, PatternTerm{.literal = *text}), arg.value});
      continue;
    }
    // a bare name may be meant as a name (`spread fast [1, 2]`): then it need not stand alone as a value
    given.push_back({arg.name, arg.name_span, eval(arg.value), arg.value});
  }
  return given;
}

Term Evaluator::eval_node(const ExprPtr& e, const CallExpr& c) {
  if (const auto* name = std::get_if<NameExpr>(&c.head->node)) {
    const Term* known = local(name->name);
    if (known == nullptr) return call(name->name, c.head->span, eval_args(c.args, name->name));
    if (c.args.empty()) return *known;
    if (known->function() != nullptr && c.args.size() == 1) return apply(*known->function(), eval(c.args[0].value));
    error(e->span, "`" + name->name + "` is " + kind_name(*known) + " and takes no arguments here");
    return failed(e->span);
  }
  Term head = eval(c.head);
  if (c.args.empty() || head.failed()) return head;
  if (head.function() != nullptr && c.args.size() == 1) return apply(*head.function(), eval(c.args[0].value));
  error(e->span, kind_name(head) + " takes no arguments", "put an operator between them, or brackets around an argument");
  return failed(e->span);
}

Term Evaluator::eval_node(const ExprPtr&, const BinaryExpr& b) {
  const Term left = eval(b.left);
  const Term right = eval(b.right);
  return binary(b.op, b.op_span, left, right);
}

Term Evaluator::eval_node(const ExprPtr& e, const NegateExpr& n) {
  const Term x = eval(n.operand);
  if (const NumberTerm* number = x.number()) return make(e->span, NumberTerm{-number->value, -number->exact, number->cycles});
  return binary("*", e->span, x, make(e->span, NumberTerm{-1, Rational(-1)}));
}

/// What stands right of `#` or `$`: a function where it can be one.
Term Evaluator::right_side(const ExprPtr& expr, char op) {
  const NameExpr* name = std::get_if<NameExpr>(&expr->node);
  std::vector<GivenArg> args;
  Span at = expr->span;
  if (const auto* call = std::get_if<CallExpr>(&expr->node)) {
    name = std::get_if<NameExpr>(&call->head->node);
    if (name != nullptr) {
      args = eval_args(call->args, name->name);
      at = call->head->span;
    }
  }
  if (name == nullptr) return eval(expr);
  if (const Term* known = local(name->name); known != nullptr && known->function() != nullptr) return eval(expr);
  const bool user = meaning_->definition(name->name) != nullptr && meaning_->definition(name->name)->kind == Definition::Kind::function;
  FunctionTerm word{.kind = user ? FunctionTerm::Kind::user : FunctionTerm::Kind::word, .word = name->name, .word_span = at};
  word.first = op == '#';
  word.args = std::move(args);
  return make(expr->span, std::move(word));
}

Term Evaluator::eval_node(const ExprPtr& e, const PipeExpr& p) {
  if (!p.left) return right_side(p.right, p.op);
  const Term left = eval(p.left);
  if (left.failed()) return left;
  if (left.function() != nullptr) {
    // `every 4 rev $ s "bd"`: a value on the right is what the functions on the left are for
    Term right = p.op == '$' ? eval(p.right) : right_side(p.right, p.op);
    if (right.failed()) return right;
    if (right.function() != nullptr) {
      FunctionTerm chain{.kind = FunctionTerm::Kind::chain, .habit = true};
      for (const Term* side : {&left, static_cast<const Term*>(&right)}) {
        const FunctionTerm& f = *side->function();
        if (f.kind == FunctionTerm::Kind::chain && f.habit) {
          chain.chain.insert(chain.chain.end(), f.chain.begin(), f.chain.end());
        } else {
          chain.chain.push_back(std::make_shared<const FunctionTerm>(f));
        }
      }
      return make(e->span, std::move(chain));
    }
    if (left.function()->kind == FunctionTerm::Kind::chain && left.function()->habit) {
      FunctionTerm turned = *left.function();
      std::reverse(turned.chain.begin(), turned.chain.end());
      return apply(turned, right);
    }
    return apply(*left.function(), right);
  }
  const Term right = right_side(p.right, p.op);
  if (right.failed()) return right;
  if (right.function() != nullptr) return apply(*right.function(), left);
  if (p.op == '#' && right.is_sound()) {
    FunctionTerm control{.kind = FunctionTerm::Kind::control, .word = "#", .word_span = p.op_span};
    control.args.push_back({"", {}, right, p.right});
    return apply(control, left);
  }
  error(p.right->span, std::string("right of `") + p.op + "` stands something that takes an input; this is " + kind_name(right));
  return failed(e->span);
}

Term Evaluator::eval_node(const ExprPtr& e, const SectionExpr& s) {
  FunctionTerm section{.kind = FunctionTerm::Kind::section, .word = s.op, .word_span = s.op_span, .wants_right = s.wants_right};
  Term operand = eval(s.operand);
  if (operand.failed()) return operand;
  section.args.push_back({"", {}, std::move(operand), s.operand});
  return make(e->span, std::move(section));
}

Term Evaluator::eval_node(const ExprPtr& e, const ListExpr& l) {
  auto list = std::make_shared<ListTerm>();
  for (const ExprPtr& item : l.items) list->items.push_back(eval(item));
  return {std::shared_ptr<const ListTerm>(std::move(list)), e->span};
}

Term Evaluator::eval_node(const ExprPtr& e, const RangeExpr& r) {
  const Term from = eval(r.from);
  const Term to = eval(r.to);
  if (from.failed() || to.failed()) return failed(e->span);
  if (from.number() == nullptr || to.number() == nullptr) {
    error(e->span, "a range runs between two numbers");
    return failed(e->span);
  }
  const std::int64_t a = from.number()->exact.floor();
  const std::int64_t b = to.number()->exact.floor();
  if (std::abs(b - a) >= kLongestList) {
    error(e->span, "this range has more than " + std::to_string(kLongestList) + " entries");
    return failed(e->span);
  }
  auto list = std::make_shared<ListTerm>();
  for (std::int64_t i = a; a <= b ? i <= b : i >= b; i += a <= b ? 1 : -1) {
    list->items.push_back(make(e->span, NumberTerm{static_cast<double>(i), Rational(i)}));
  }
  return {std::shared_ptr<const ListTerm>(std::move(list)), e->span};
}

Term Evaluator::eval_node(const ExprPtr& e, const ComprehensionExpr& c) {
  const Term over = eval(c.over);
  if (over.failed()) return over;
  if (over.list() == nullptr) {
    error(c.over->span, "`for` runs over a range or a list; this is " + kind_name(over), "`[… for i in 0..7]`");
    return failed(e->span);
  }
  auto list = std::make_shared<ListTerm>();
  const std::shared_ptr<const ListTerm> items = std::get<std::shared_ptr<const ListTerm>>(over.value);
  scopes_.push_back(scopes_.empty() ? std::map<std::string, Term>{} : scopes_.back());
  for (const Term& item : items->items) {
    scopes_.back()[c.variable] = item;
    list->items.push_back(eval(c.body));
    if (list->items.back().failed()) break;
  }
  scopes_.pop_back();
  return {std::shared_ptr<const ListTerm>(std::move(list)), e->span};
}

Term Evaluator::eval_node(const ExprPtr& e, const MapExpr& m) {
  auto map = std::make_shared<MapTerm>();
  for (const MapEntry& entry : m.entries) map->entries.emplace_back(entry.name, eval(entry.value));
  return {std::shared_ptr<const MapTerm>(std::move(map)), e->span};
}

Term Evaluator::eval_node(const ExprPtr& e, const GroupExpr& g) {
  Term inner = eval(g.inner);
  if (inner.function() != nullptr && inner.function()->habit) {
    FunctionTerm settled = *inner.function();
    settled.habit = false;  // brackets settle the order: left to right
    return make(e->span, std::move(settled));
  }
  return inner;
}

Term Evaluator::eval_node(const ExprPtr& e, const TrackerExpr& t) {
  std::int64_t lines = 16;
  for (const NamedArg& option : t.options) {
    const Term value = eval(option.value);
    if (value.failed()) return failed(e->span);
    const NumberTerm* number = value.number();
    if (option.name != "lines" || number == nullptr || number->exact.den() != 1 || number->exact < Rational(1) ||
        number->exact > Rational(kLongestList)) {
      error(option.value->span, "a tracker block takes `lines=`, a whole number from 1 to " + std::to_string(kLongestList),
            "`tracker lines=16 \"\"\" … \"\"\"`");
      return failed(e->span);
    }
    lines = number->exact.num();
  }
  Diagnostics found;
  PatternTerm term;
  term.pattern = parse_tracker(t.block.text, t.block.offset, static_cast<int>(lines), found);
  const bool bad = has_error(found);
  for (Diagnostic& d : found) {
    d.source = source;
    diagnostics.push_back(std::move(d));
  }
  if (bad) return failed(e->span);
  term.sound = true;
  term.id = next_id_++;
  QueryContext context;  // the block is the same in every cycle: one tells all that it plays
  for (const Event& event : term.pattern.query({Rational(0), Rational(1)}, context)) {
    const auto sound = event.value.map().find("s");
    if (sound != event.value.map().end()) term.words.push_back({sound->second.text(), event.where, source});
    term.panned = term.panned || event.value.map().contains("pan");
  }
  return make(e->span, std::move(term));
}

const Term* Evaluator::local(std::string_view name) const {
  if (scopes_.empty()) return nullptr;
  const auto it = scopes_.back().find(std::string(name));
  return it == scopes_.back().end() ? nullptr : &it->second;
}

Term Evaluator::bus(const std::string& name, Span at) {
  if (const auto it = buses_.find(name); it != buses_.end()) return it->second;
  const Definition* definition = meaning_->definition(name);
  if (definition == nullptr) {
    std::vector<std::string> names;
    for (const auto& [defined, _] : meaning_->program.definitions) {
      if (defined.starts_with('~')) names.push_back(defined);
    }
    std::string hint = did_you_mean(nearest(name, names));
    error(at, "no bus is named `" + name + "`", hint.empty() ? "define it with `" + name + ": …`" : hint);
    return failed(at);
  }
  for (Loop& loop : loops_) {
    if (loop.name != name) continue;
    loop.entered = true;
    const auto id = loop_ids_.emplace(name, kLoop + static_cast<std::uint32_t>(loop_ids_.size())).first->second;
    return make(at, SignalTerm{Ref::feedback(id), loop.channels, false});
  }
  return evaluate_bus(*definition, at);
}

/// Evaluates a bus in the main graph, wherever it was met; a bus that hears itself is tried as mono, then as stereo.
Term Evaluator::evaluate_bus(const Definition& definition, Span at) {
  const std::string& name = definition.name;
  if (reads_voice(definition) && voice_ == nullptr && !meaning_->program.settings.muted.contains(name)) {
    error(at, "`" + name + "` reads `freq`, `note`, `vel` or `gate`: it is an instrument, and sounds when notes play it",
          "`s \"" + name + "\" # note \"0 4 7\"`");
    return buses_[name] = failed(at);
  }
  GraphBuilder* const voice = std::exchange(voice_, nullptr);
  auto scopes = std::exchange(scopes_, {});
  const auto reader = std::exchange(source, definition.source);
  const std::string owner = main.owner();
  main.own(definition.owner());

  const GraphBuilder::Mark mark = main.mark();
  const std::size_t buses = bus_order_.size();
  const int voices = static_cast<int>(main.graph.voices.size());
  loops_.push_back({name});
  Term term = value_of(definition);
  if (loops_.back().entered && term.signal() == nullptr && !term.failed()) term = make(term.span, to_signal(term, PortUnit::signal));
  if (loops_.back().entered && term.signal() != nullptr && term.signal()->channels > loops_.back().channels) {
    main.back_to(mark);
    std::erase_if(holds_, [&](const auto& h) { return h.second.ref.index >= mark.nodes; });
    std::erase_if(voice_defs_, [&](const auto& v) { return v.second >= voices; });
    for (std::size_t i = buses; i < bus_order_.size(); ++i) buses_.erase(bus_order_[i]);
    bus_order_.resize(buses);
    loops_.back().channels = 2;
    term = value_of(definition);
    if (term.signal() == nullptr && !term.failed()) term = make(term.span, to_signal(term, PortUnit::signal));
  }
  if (loops_.back().entered && term.signal() != nullptr) loop_ends_[loop_ids_[name]] = term.signal()->ref;
  loops_.pop_back();
  if (auto* pattern = std::get_if<PatternTerm>(&term.value)) pattern->home = definition.owner();
  term = muted(name, std::move(term));

  main.own(owner);
  source = reader;
  scopes_ = std::move(scopes);
  voice_ = voice;
  buses_[name] = term;
  bus_order_.push_back(name);
  return term;
}

Term Evaluator::muted(const std::string& name, Term term) {
  if (!meaning_->program.settings.muted.contains(name)) return term;
  if (const PatternTerm* p = term.pattern()) {
    PatternTerm silent = *p;
    silent.pattern = Pattern();
    return make(term.span, std::move(silent));
  }
  if (const SignalTerm* s = term.signal()) return unit_node("mul", {*s, {Ref::of(0), 1, false}});
  return term;
}

}  // namespace hocket
