// Units at work: arguments to ports, nodes in the graph; and the few words that are neither unit nor pattern function.
#include <algorithm>

#include "lang/lower_eval.h"

namespace hocket {

Term Evaluator::unit_node(std::string_view unit, std::vector<SignalTerm> inputs) {
  NodeDef node{.unit = std::string(unit)};
  const UnitInfo* info = meaning_->vocabulary.unit(unit);
  int widest = 1;
  for (const SignalTerm& input : inputs) {
    const SignalTerm seen = here(input);
    node.inputs.push_back(seen.ref);
    widest = std::max(widest, seen.channels);
  }
  bool shareable = true;
  if (info != nullptr) {
    for (std::size_t i = node.inputs.size(); i < info->ports.size(); ++i)
      node.inputs.push_back(Ref::of(static_cast<double>(info->ports[i].init)));
    shareable = !info->random;
    node.channels = info->shape == Shape::spread ? 2 : info->shape == Shape::linked && !inputs.empty() ? inputs[0].channels : widest;
  } else {
    error({}, "this needs the unit `" + std::string(unit) + "`, which is missing");
  }
  const int channels = node.channels;
  const bool in_voice = voice_ != nullptr;
  return make({}, SignalTerm{Ref::node(builder().add(std::move(node), shareable)), channels, in_voice});
}

SignalTerm Evaluator::mix(const std::vector<SignalTerm>& signals) {
  std::vector<std::pair<Ref, int>> terms;
  int channels = 1;
  for (const SignalTerm& s : signals) {
    const SignalTerm seen = here(s);
    terms.emplace_back(seen.ref, seen.channels);
    channels = std::max(channels, seen.channels);
  }
  return {Ref::node(builder().mix(terms)), channels, voice_ != nullptr};
}

/// `subject # unit args`: the subject takes the first port; positional arguments fill the ports after it.
Term Evaluator::apply_unit(const UnitInfo& unit, const FunctionTerm& f, const Term* subject) {
  const auto ports = unit.ports;
  std::vector<std::optional<SignalTerm>> inputs(ports.size());
  std::size_t place = 0;
  if (subject != nullptr) {
    if (ports.empty()) {
      error(f.word_span, "`" + f.word + "` takes no input");
      return failed(f.word_span);
    }
    if (ports[0].unit == PortUnit::gate && subject->signal() != nullptr) {
      error(f.word_span, "`" + f.word + "` is started by a pattern; on its left stands a signal",
            "to shape a signal with it, multiply: `… * " + f.word + " …`");
      return failed(f.word_span);
    }
    inputs[0] = to_signal(*subject, ports[0].unit);
    place = 1;
  } else if (unit.envelope && voice_ != nullptr) {
    inputs[0] = SignalTerm{Ref::param(3), 1, true};
    place = 1;
  } else if (unit.envelope) {
    error(f.word_span, "`" + f.word + "` needs something that starts it",
          "a pattern on its left, `\"1 ~ 1 1\" # " + f.word + "`; inside a synth the note does");
    return failed(f.word_span);
  }
  const auto describe = [&] {
    std::string text = f.word;
    for (std::size_t i = subject != nullptr || unit.envelope ? 1 : 0; i < ports.size(); ++i) text += std::string(" ") + ports[i].name;
    return "`" + text + "`";
  };
  for (const GivenArg& arg : f.args) {
    std::size_t at = place;
    if (!arg.name.empty()) {
      at = 0;
      while (at < ports.size() && arg.name != ports[at].name) ++at;
      if (at == ports.size()) {
        std::vector<std::string> names;
        for (const Port& p : ports) names.emplace_back(p.name);
        const std::string hint = did_you_mean(nearest(arg.name, names));
        error(arg.name_span, "`" + f.word + "` has no parameter `" + arg.name + "`", hint.empty() ? "its form is " + describe() : hint);
        return failed(f.word_span);
      }
    } else {
      ++place;
    }
    if (at >= ports.size()) {
      error(arg.term.span, "`" + f.word + "` takes no more arguments", "its form is " + describe());
      return failed(f.word_span);
    }
    if (arg.term.failed()) return failed(f.word_span);
    if (inputs[at]) {
      error(arg.term.span, std::string("`") + ports[at].name + "` is given twice");
      return failed(f.word_span);
    }
    inputs[at] = to_signal(arg.term, ports[at].unit);
  }
  std::vector<SignalTerm> all;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    all.push_back(inputs[i].value_or(SignalTerm{Ref::of(static_cast<double>(ports[i].init)), 1, false}));
  }
  Term made = unit_node(unit.name, std::move(all));
  GraphBuilder& graph = builder();
  graph.graph.nodes[made.signal()->ref.index].where = f.word_span;
  made.span = f.word_span;
  return made;
}

/// mix, chain, id, live input: words with a meaning of their own.
Term Evaluator::special(const FunctionTerm& f, bool& handled) {
  const std::string& name = f.word;
  const Span at = f.word_span;
  handled = true;
  const auto number = [&](std::size_t i, double otherwise) {
    return i < f.args.size() && f.args[i].term.number() != nullptr ? f.args[i].term.number()->value : otherwise;
  };
  if (name == "id") return make(at, FunctionTerm{});
  if (name == "mix") {
    if (f.args.size() != 1 || f.args[0].term.list() == nullptr) {
      error(at, "`mix` sums a list of signals", "`mix [~a, ~b]`");
      return failed(at);
    }
    std::vector<SignalTerm> signals;
    for (const Term& item : f.args[0].term.list()->items) {
      if (item.failed()) return failed(at);
      signals.push_back(to_signal(item, PortUnit::signal));
    }
    return signals.empty() ? make(at, NumberTerm{}) : make(at, mix(signals));
  }
  if (name == "chain") {
    if (f.args.size() != 1 || f.args[0].term.list() == nullptr) {
      error(at, "`chain` composes a list of functions", "`chain [(# lpf 800), (# hpf 80)]`");
      return failed(at);
    }
    FunctionTerm chain{.kind = FunctionTerm::Kind::chain};
    for (const Term& item : f.args[0].term.list()->items) {
      if (item.failed()) return failed(at);
      if (item.function() == nullptr) {
        error(item.span, "`chain` wants functions; this is " + kind_name(item));
        return failed(at);
      }
      chain.chain.push_back(std::get<std::shared_ptr<const FunctionTerm>>(item.value));
    }
    return make(at, std::move(chain));
  }
  if (name == "midi") return played_notes(f);
  if (name == "midiout") return make(at, FunctionTerm(f));
  if (is_live_word(name)) return turned_knob(f);
  if (name == "in" && f.args.size() <= 2) {
    NodeDef node{.unit = "in", .inputs = {Ref::of(number(0, 1))}, .channels = 1, .where = at};
    const std::uint32_t left = main.add(node);
    if (f.args.size() < 2) return make(at, here({Ref::node(left), 1, false}));
    // two hardware channels as one stereo signal: each panned hard to its side
    NodeDef second{.unit = "in", .inputs = {Ref::of(number(1, 2))}, .channels = 1, .where = at};
    const SignalTerm a{Ref::node(left), 1, false};
    const SignalTerm b{Ref::node(main.add(second)), 1, false};
    const Term hard_left = unit_node("pan", {a, {Ref::of(0), 1, false}});
    const Term hard_right = unit_node("pan", {b, {Ref::of(1), 1, false}});
    return make(at, mix({*hard_left.signal(), *hard_right.signal()}));
  }
  handled = false;
  return failed(at);
}

}  // namespace hocket
