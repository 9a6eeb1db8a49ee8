#include "lang/lower_graph.h"

#include <algorithm>

namespace hocket {
namespace {

std::string spell(const Ref& ref) {
  if (ref.kind == Ref::Kind::number) {
    char text[40];
    std::snprintf(text, sizeof text, "=%.17g", ref.number);
    return text;
  }
  return std::string(1, "=nfpo"[static_cast<int>(ref.kind)]) + std::to_string(ref.index);
}

}  // namespace

std::string GraphBuilder::key_for(std::string_view word) {
  const std::string stem = owner_.empty() ? std::string(word) : owner_ + "/" + std::string(word);
  int& count = counts_[stem];
  counted_.push_back(&count);
  return stem + "#" + std::to_string(count++);
}

std::uint32_t GraphBuilder::add(NodeDef node, bool shareable) {
  std::string spelled;
  if (shareable) {
    spelled = owner_ + ' ' + node.unit + ' ' + std::to_string(node.channels) + ' ' + std::to_string(node.source) + ' ' +
              std::to_string(node.voice);
    for (const Ref& ref : node.inputs) spelled += ' ' + spell(ref);
    if (const auto it = known_.find(spelled); it != known_.end()) return it->second;
  }
  if (node.key.empty()) node.key = key_for(node.unit);
  const auto index = static_cast<std::uint32_t>(graph.nodes.size());
  graph.nodes.push_back(std::move(node));
  if (shareable) known_[spelled] = index;
  return index;
}

std::uint32_t GraphBuilder::mix(const std::vector<std::pair<Ref, int>>& terms, std::string_view key_word) {
  NodeDef sum{.unit = "mix"};
  for (const auto& [ref, channels] : terms) {
    sum.channels = std::max(sum.channels, channels);
    const bool own_mix = ref.kind == Ref::Kind::node && node(ref.index).unit == "mix" && node(ref.index).key.starts_with(owner_ + "/mix#");
    if (own_mix) {
      if (sum.key.empty()) sum.key = node(ref.index).key;  // the sum keeps its name as it grows
      sum.inputs.insert(sum.inputs.end(), node(ref.index).inputs.begin(), node(ref.index).inputs.end());
    } else {
      sum.inputs.push_back(ref);
    }
  }
  if (sum.key.empty()) {
    sum.key = key_for(key_word);
  } else {
    // the dissolved ones may be read elsewhere too: they get a name of their own
    for (const auto& [ref, _] : terms) {
      if (ref.kind == Ref::Kind::node && graph.nodes[ref.index].key == sum.key) graph.nodes[ref.index].key = key_for("part");
    }
  }
  return add(std::move(sum), false);
}

int GraphBuilder::channels_of(const Ref& ref) const {
  return ref.kind == Ref::Kind::node ? node(ref.index).channels : 1;
}

void GraphBuilder::back_to(const Mark& mark) {
  graph.nodes.resize(mark.nodes);
  graph.sources.resize(mark.sources);
  for (; counted_.size() > mark.counted; counted_.pop_back()) --*counted_.back();
  std::erase_if(known_, [&](const auto& entry) { return entry.second >= mark.nodes; });
}

void GraphBuilder::resolve_feedback(const std::map<std::uint32_t, Ref>& loops) {
  const auto close = [&](Ref& ref) {
    if (ref.kind != Ref::Kind::feedback || ref.index < kLoop) return;
    const auto it = loops.find(ref.index);
    const Ref target = it == loops.end() ? Ref::of(0) : it->second;
    ref = target.kind == Ref::Kind::node       ? Ref::feedback(target.index)
          : target.kind == Ref::Kind::feedback ? Ref::of(0)  // a loop of names alone: nothing sounds in it
                                               : target;
  };
  for (NodeDef& node : graph.nodes) {
    for (Ref& ref : node.inputs) close(ref);
  }
  for (OutputDef& output : graph.outputs) close(output.ref);
}

void GraphBuilder::finish() {
  std::vector<bool> alive(graph.nodes.size(), false);
  std::vector<std::uint32_t> todo;
  const auto reach = [&](const Ref& ref) {
    const bool node = ref.kind == Ref::Kind::node || ref.kind == Ref::Kind::feedback;
    if (node && !alive[ref.index]) {
      alive[ref.index] = true;
      todo.push_back(ref.index);
    }
  };
  for (const OutputDef& output : graph.outputs) reach(output.ref);
  while (!todo.empty()) {
    const NodeDef& node = graph.nodes[todo.back()];
    todo.pop_back();
    for (const Ref& ref : node.inputs) reach(ref);
    if (node.voice < 0) continue;
    for (const NodeDef& inner : graph.voices[static_cast<std::size_t>(node.voice)].graph->nodes) {
      for (const Ref& ref : inner.inputs) {
        if (ref.kind == Ref::Kind::outer) reach(Ref::node(ref.index));
      }
    }
    for (const OutputDef& inner : graph.voices[static_cast<std::size_t>(node.voice)].graph->outputs) {
      if (inner.ref.kind == Ref::Kind::outer) reach(Ref::node(inner.ref.index));
    }
  }

  std::vector<std::uint32_t> place(graph.nodes.size(), 0);
  std::vector<int> source_place(graph.sources.size(), -1);
  std::vector<int> voice_place(graph.voices.size(), -1);
  GraphDef kept;
  for (std::uint32_t i = 0; i < graph.nodes.size(); ++i) {
    if (!alive[i]) continue;
    place[i] = static_cast<std::uint32_t>(kept.nodes.size());
    kept.nodes.push_back(std::move(graph.nodes[i]));
  }
  const auto moved = [&](Ref& ref, bool outer_only) {
    const bool inner = ref.kind == Ref::Kind::node || ref.kind == Ref::Kind::feedback;
    if (ref.kind == Ref::Kind::outer ? outer_only : inner && !outer_only) ref.index = place[ref.index];
  };
  for (NodeDef& node : kept.nodes) {
    for (Ref& ref : node.inputs) moved(ref, false);
    if (node.source >= 0) {
      int& to = source_place[static_cast<std::size_t>(node.source)];
      if (to < 0) {
        to = static_cast<int>(kept.sources.size());
        kept.sources.push_back(std::move(graph.sources[static_cast<std::size_t>(node.source)]));
      }
      node.source = to;
    }
    if (node.voice >= 0) {
      int& to = voice_place[static_cast<std::size_t>(node.voice)];
      if (to < 0) {
        to = static_cast<int>(kept.voices.size());
        VoiceDef voice = graph.voices[static_cast<std::size_t>(node.voice)];
        auto inner = std::make_shared<GraphDef>(*voice.graph);
        for (NodeDef& n : inner->nodes) {
          for (Ref& ref : n.inputs) moved(ref, true);
        }
        for (OutputDef& o : inner->outputs) moved(o.ref, true);
        voice.graph = std::move(inner);
        kept.voices.push_back(std::move(voice));
      }
      node.voice = to;
    }
  }
  for (SourceDef& source : kept.sources) {
    for (std::uint32_t& voice : source.voices) voice = static_cast<std::uint32_t>(voice_place[voice]);
  }
  for (OutputDef& output : graph.outputs) {
    moved(output.ref, false);
    kept.outputs.push_back(std::move(output));
  }
  graph = std::move(kept);
}

}  // namespace hocket
