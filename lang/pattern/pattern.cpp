// The pattern type itself: nodes, queries, walks.
#include "lang/pattern/pattern.h"

#include <algorithm>
#include <unordered_set>

namespace hocket {

struct Pattern::Node {
  Append body;
  std::vector<Pattern> parts;
  std::optional<Rational> steps;
  std::optional<Value> constant;
  std::optional<ControlOf> control;
  std::optional<SetOf> set;
  Span where;
  bool atom = false;
  bool steady = false;
  Live live;
  int depth = 1;
};

Pattern::Pattern() = default;

Pattern::Pattern(Append body, std::vector<Pattern> parts, std::optional<Rational> steps) {
  auto node = std::make_shared<Node>();
  for (const Pattern& part : parts) {
    if (!part.node_) continue;
    node->depth = std::max(node->depth, part.node_->depth + 1);
    node->live = {node->live.knobs || part.node_->live.knobs, node->live.notes || part.node_->live.notes};
  }
  if (node->depth > kMaxPatternDepth) {
    *this = exhausting();
    return;
  }
  node->body = std::move(body);
  node->parts = std::move(parts);
  node->steps = steps;
  node_ = std::move(node);
}

Pattern::Pattern(Body body, std::vector<Pattern> parts)
    : Pattern(Append([body = std::move(body)](const TimeSpan& span, QueryContext& context, Events& out) {
                Events events = body(span, context);
                std::move(events.begin(), events.end(), std::back_inserter(out));
              }),
              std::move(parts)) {}

Pattern Pattern::control(std::string name, const Pattern& maps, const Pattern& values) {
  if (!maps.node_) return maps;
  auto node = std::make_shared<Node>(*maps.node_);
  node->control = ControlOf{std::move(name), values};
  Pattern result;
  result.node_ = std::move(node);
  return result;
}

const Pattern::ControlOf* Pattern::as_control() const {
  return node_ && node_->control ? &*node_->control : nullptr;
}

Pattern Pattern::set(const Pattern& made, const Pattern& base, const Pattern& constants) {
  if (!made.node_) return made;
  auto node = std::make_shared<Node>(*made.node_);
  node->set = SetOf{base, constants};
  Pattern result;
  result.node_ = std::move(node);
  return result;
}

const Pattern::SetOf* Pattern::as_set() const {
  return node_ && node_->set ? &*node_->set : nullptr;
}

Pattern Pattern::steady(bool is) const {
  if (!node_ || node_->steady == is) return *this;
  auto node = std::make_shared<Node>(*node_);
  node->steady = is;
  Pattern result;
  result.node_ = std::move(node);
  return result;
}

bool Pattern::is_steady() const {
  return node_ && node_->steady;
}

Pattern Pattern::exhausting() {
  static const Pattern shared(Append([](const TimeSpan&, QueryContext& context, Events&) { context.exhausted = true; }));
  return shared;
}

void Pattern::query(const TimeSpan& span, QueryContext& context, Events& out) const {
  if (!node_ || !context.toil()) return;
  if (context.depth >= kMaxPatternDepth) {
    context.exhausted = true;
    return;
  }
  ++context.depth;
  node_->body(span, context, out);
  --context.depth;
}

Events Pattern::query(const TimeSpan& span, QueryContext& context) const {
  Events out;
  query(span, context, out);
  return out;
}

Pattern Pattern::live(Append body, Live reads) {
  auto node = std::make_shared<Node>();
  node->body = std::move(body);
  node->live = reads;
  Pattern result;
  result.node_ = std::move(node);
  return result;
}

Pattern::Live Pattern::reads_live() const {
  return node_ ? node_->live : Live{};
}

const Value* Pattern::constant() const {
  return node_ && node_->constant ? &*node_->constant : nullptr;
}
Span Pattern::constant_where() const {
  return node_ ? node_->where : Span{};
}
std::optional<Rational> Pattern::steps() const {
  return node_ ? node_->steps : std::nullopt;
}

Pattern Pattern::with_steps(std::optional<Rational> steps) const {
  if (!node_ || node_->steps == steps) return *this;
  auto node = std::make_shared<Node>(*node_);
  node->steps = steps;
  Pattern result;
  result.node_ = std::move(node);
  return result;
}

Pattern Pattern::pure(Value value, Span where, std::vector<Pattern> parts) {
  auto node = std::make_shared<Node>();
  node->parts = std::move(parts);
  node->constant = value;
  node->steady = true;
  node->where = where;
  node->steps = Rational(1);
  node->body = [value = std::move(value), where](const TimeSpan& span, QueryContext& context, Events& out) {
    const Rational first = span.begin.floor();
    TimeSpan cycle{first, first + 1};
    while (context.spend()) {
      out.push_back({cycle, {max(cycle.begin, span.begin), min(cycle.end, span.end)}, value, where});
      if (cycle.end >= span.end) return;
      cycle = {cycle.end, cycle.end + 1};
    }
  };
  Pattern result;
  result.node_ = std::move(node);
  return result;
}

Pattern Pattern::atom(Value value, Span where) {
  Pattern result = pure(std::move(value), where);
  auto node = std::make_shared<Node>(*result.node_);
  node->atom = true;
  result.node_ = std::move(node);
  return result;
}

void Pattern::each_word(const std::function<void(const std::string&, Span)>& give) const {
  std::unordered_set<const Node*> seen;
  std::vector<const Node*> left;
  const auto visit = [&](const Pattern& p) {
    if (p.node_ && seen.insert(p.node_.get()).second) left.push_back(p.node_.get());
  };
  visit(*this);
  while (!left.empty()) {
    const Node* node = left.back();
    left.pop_back();
    if (node->atom && node->constant->kind() == Value::Kind::word) give(node->constant->text(), node->where);
    for (auto part = node->parts.rbegin(); part != node->parts.rend(); ++part) visit(*part);
  }
}

namespace {

std::string short_text(Rational r) {
  return r.den() == 1 ? std::to_string(r.num()) : to_string(r);
}
std::string short_text(const TimeSpan& span) {
  return short_text(span.begin) + ".." + short_text(span.end);
}

// Where in the order an event stands; values only break ties.
bool before(const Event& a, const Event& b) {
  if (a.part.begin != b.part.begin) return a.part.begin < b.part.begin;
  if (a.span().begin != b.span().begin) return a.span().begin < b.span().begin;
  if (a.part.end != b.part.end) return a.part.end < b.part.end;
  if (a.value.is_numeric() && b.value.is_numeric()) return a.value.number() < b.value.number();
  return to_json(a.value) < to_json(b.value);
}

}  // namespace

Events tidied(Events events) {
  // Fragments of one event come together when sorted by whole, value and part: then one pass joins them.
  std::vector<std::string> keys(events.size());
  std::vector<std::size_t> order(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    order[i] = i;
    keys[i] = to_json(events[i].value);
  }
  std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
    const Event& a = events[i];
    const Event& b = events[j];
    if (a.whole.has_value() != b.whole.has_value()) return b.whole.has_value();
    if (a.whole && a.whole->begin != b.whole->begin) return a.whole->begin < b.whole->begin;
    if (a.whole && a.whole->end != b.whole->end) return a.whole->end < b.whole->end;
    if (keys[i] != keys[j]) return keys[i] < keys[j];
    if (a.part.begin != b.part.begin) return a.part.begin < b.part.begin;
    if (a.part.end != b.part.end) return a.part.end < b.part.end;
    return i < j;
  });
  Events joined;
  std::size_t run = 0;  // first event of `joined` with the same whole and value
  std::size_t run_key = 0;
  for (const std::size_t i : order) {
    Event& e = events[i];
    const bool same = !joined.empty() && e.whole && joined.back().whole == e.whole && keys[run_key] == keys[i];
    if (!same) run = joined.size();
    run_key = i;
    bool merged = false;
    for (std::size_t k = run; k < joined.size() && !merged && e.part.begin < e.part.end; ++k) {
      if (joined[k].part.end != e.part.begin || joined[k].part.begin == joined[k].part.end) continue;
      joined[k].part.end = e.part.end;
      merged = true;
    }
    if (!merged) joined.push_back(std::move(e));
  }
  std::stable_sort(joined.begin(), joined.end(), before);
  return joined;
}

std::string to_text(const Events& events) {
  std::string out;
  for (const Event& e : tidied(events)) {
    if (!out.empty()) out += " | ";
    if (!e.whole) out += "~";
    out += short_text(e.span()) + " " + to_text(e.value);
    if (e.whole && *e.whole != e.part) out += " in " + short_text(e.part);
  }
  return out;
}

}  // namespace hocket
