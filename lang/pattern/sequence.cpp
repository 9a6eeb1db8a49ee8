// Many patterns in one: layers, turns, and steps side by side.
#include <algorithm>

#include "lang/pattern/combinators.h"

namespace hocket {

namespace {

// What layers have in common: the least count that each of theirs divides.
std::optional<Rational> common_steps(const std::vector<Pattern>& patterns) {
  std::optional<Rational> common;
  for (const Pattern& p : patterns) {
    const auto steps = p.steps();
    if (!steps || *steps <= Rational(0)) return std::nullopt;
    common = common ? least_common_multiple(*common, *steps) : steps;
  }
  return common;
}

bool all_steady(const std::vector<Pattern>& patterns) {
  return std::all_of(patterns.begin(), patterns.end(), [](const Pattern& p) { return p.is_silence() || p.is_steady(); });
}

// One cycle of p squeezed into begin..end of a cycle, as far as `within` reaches. factor = 1 / (end - begin).
void play(const Pattern& p, const TimeSpan& slot, Rational factor, const TimeSpan& within, Rational cycle, QueryContext& context,
          Events& out) {
  const Rational begin = max(slot.begin, within.begin);
  const Rational end = min(slot.end, within.end);
  if (const Value* constant = p.constant()) {
    if (!context.spend()) return;
    const TimeSpan whole{cycle + slot.begin, cycle + slot.end};
    const bool entire = begin == slot.begin && end == slot.end;
    out.push_back({whole, entire ? whole : TimeSpan{cycle + begin, cycle + end}, *constant, p.constant_where()});
    return;
  }
  if (p.is_silence()) return;
  const Rational start = cycle + slot.begin;
  query_through(p, {factor, cycle - start * factor}, {cycle + begin, cycle + end}, context, out);
}

// Steps within one cycle, found by bisection.
class Steps {
 public:
  explicit Steps(const std::vector<Weighted>& steps) {
    Rational total;
    for (const Weighted& step : steps) total += step.weight;
    Rational at;
    for (const Weighted& step : steps) {
      const Rational length = step.weight / total;
      steps_.push_back({{at, at + length}, total / step.weight, step.pattern});
      at += length;
    }
    steps_.back().slot.end = 1;
  }

  void query(const TimeSpan& piece, Rational cycle, QueryContext& context, Events& out) const {
    const TimeSpan within{piece.begin - cycle, piece.end - cycle};
    auto step = std::upper_bound(steps_.begin(), steps_.end(), within.begin, [](Rational t, const Step& s) { return t < s.slot.end; });
    for (; step != steps_.end() && !context.exhausted; ++step) {
      if (step->slot.begin >= within.end && step->slot.begin != within.begin) return;
      play(step->pattern, step->slot, step->factor, within, cycle, context, out);
    }
  }

 private:
  struct Step {
    TimeSpan slot;
    Rational factor;
    Pattern pattern;
  };

  std::vector<Step> steps_;
};

}  // namespace

Pattern stack(std::vector<Pattern> layers) {
  std::erase_if(layers, [](const Pattern& p) { return p.is_silence(); });
  if (layers.empty()) return {};
  if (layers.size() == 1) return layers.front();
  const auto steps = common_steps(layers);
  return Pattern(Pattern::Append([layers](const TimeSpan& span, QueryContext& context, Events& out) {
                   for (const Pattern& layer : layers) layer.query(span, context, out);
                 }),
                 layers, steps);
}

Pattern cat(std::vector<Pattern> patterns) {
  if (patterns.empty()) return {};
  if (patterns.size() == 1) return patterns.front();
  const auto count = static_cast<std::int64_t>(patterns.size());
  const auto choose = [patterns, count](std::int64_t cycle, QueryContext&) -> CycleChoice {
    return {patterns[static_cast<std::size_t>(modulo(cycle, count))], floor_div(cycle, count)};
  };
  return by_cycle(choose, patterns).steady(all_steady(patterns));
}

Pattern timecat(std::vector<Weighted> steps) {
  std::erase_if(steps, [](const Weighted& step) { return step.weight <= Rational(0); });
  if (steps.empty()) return {};
  Rational total;
  std::vector<Pattern> parts;
  for (const Weighted& step : steps) {
    total += step.weight;
    parts.push_back(step.pattern);
  }
  if (steps.size() == 1) return parts.front().with_steps(total == Rational(1) ? parts.front().steps().value_or(1) : total);
  const auto play = std::make_shared<const Steps>(steps);
  const bool steady = all_steady(parts);
  return Pattern(Pattern::Append([play](const TimeSpan& span, QueryContext& context, Events& out) {
                   each_cycle(span, context, [&](const TimeSpan& piece, Rational cycle) { play->query(piece, cycle, context, out); });
                 }),
                 std::move(parts), total)
      .steady(steady);
}

Pattern fastcat(std::vector<Pattern> patterns) {
  std::vector<Weighted> steps;
  for (Pattern& p : patterns) steps.push_back({1, std::move(p)});
  return timecat(std::move(steps));
}

Pattern even_steps(std::int64_t count, ChooseStep choose, std::vector<Pattern> parts) {
  if (count < 1) return {};
  const auto body = [count, choose = std::move(choose)](const TimeSpan& span, QueryContext& context, Events& out) {
    const Rational steps = count;
    each_cycle(span, context, [&](const TimeSpan& piece, Rational cycle) {
      const TimeSpan within{piece.begin - cycle, piece.end - cycle};
      for (std::int64_t i = (within.begin * steps).floor(); i < count && context.toil(); ++i) {
        const TimeSpan slot{Rational(i, count), Rational(i + 1, count)};
        if (slot.begin >= within.end && slot.begin != within.begin) return;
        play(choose(i, cycle, context), slot, steps, within, cycle, context, out);
      }
    });
  };
  return Pattern(Pattern::Append(body), std::move(parts), Rational(count));
}

Pattern even_values(std::int64_t count, std::function<Value(std::int64_t)> value) {
  if (count < 1) return {};
  constexpr std::int64_t kMostEdges = 1024;
  std::vector<Rational> edges;  // between the steps, unless there are too many
  for (std::int64_t i = 0; i <= count && count <= kMostEdges; ++i) edges.emplace_back(i, count);
  const auto body = [count, edges = std::move(edges), value = std::move(value)](const TimeSpan& span, QueryContext& context, Events& out) {
    const auto edge = [&](std::int64_t i) { return edges.empty() ? Rational(i, count) : edges[static_cast<std::size_t>(i)]; };
    each_cycle(span, context, [&](const TimeSpan& piece, Rational cycle) {
      auto i = ((piece.begin - cycle) * count).floor();
      TimeSpan step{0, cycle + edge(i)};
      for (; i < count && context.toil(); ++i) {
        step = {step.end, cycle + edge(i + 1)};
        if ((step.begin >= piece.end && step.begin != piece.begin) || !context.spend()) return;
        out.push_back({step, {max(step.begin, piece.begin), min(step.end, piece.end)}, value(i), {}});
      }
    });
  };
  return Pattern(Pattern::Append(body), {}, Rational(count)).steady();
}

}  // namespace hocket
