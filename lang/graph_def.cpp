#include "lang/graph_def.h"

#include <cstdio>

namespace hocket {
namespace {

std::string number_text(double x) {
  char text[40];
  std::snprintf(text, sizeof text, "%.9g", x);
  return text;
}

std::string ref_text(const Ref& ref, const GraphDef& graph) {
  switch (ref.kind) {
    case Ref::Kind::number:
      return number_text(ref.number);
    case Ref::Kind::node:
      return graph.nodes[ref.index].key;
    case Ref::Kind::feedback:
      return graph.nodes[ref.index].key + "'";  // one block late
    case Ref::Kind::param:
      return "$" + std::to_string(ref.index);
    case Ref::Kind::outer:
      return "^" + std::to_string(ref.index);
  }
  return "";
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

const char* kind_text(SourceKind kind) {
  static constexpr const char* kNames[] = {"hold", "gate", "curve", "sound", "outside"};
  return kNames[static_cast<int>(kind)];
}

std::string graph_text(const GraphDef& graph, const std::string& indent) {
  std::string text;
  for (const NodeDef& node : graph.nodes) {
    text += indent + node.key + (node.channels == 2 ? " (stereo)" : "") + " = " + node.unit;
    for (const Ref& ref : node.inputs) text += " " + ref_text(ref, graph);
    if (node.source >= 0) text += " <- source " + std::to_string(node.source);
    if (node.voice >= 0) text += " plays " + graph.voices[static_cast<std::size_t>(node.voice)].name;
    text += "\n";
  }
  for (const OutputDef& output : graph.outputs) {
    text += indent + output.name + (output.channels == 2 ? " (stereo)" : "") + " : " + ref_text(output.ref, graph) + "\n";
  }
  return text;
}

std::string param_text(const VoiceDef& voice) {
  std::string text;
  for (std::size_t i = 0; i < voice.params.size(); ++i) {
    text += " $" + std::to_string(i) + "=" + voice.params[i].name;
    if (i >= kVoiceParams.size()) text += "=" + number_text(voice.params[i].init);
  }
  return text;
}

}  // namespace

std::string to_text(const GraphDef& graph) {
  std::string text = graph_text(graph, "");
  for (std::size_t i = 0; i < graph.sources.size(); ++i) {
    text += "source " + std::to_string(i) + " " + kind_text(graph.sources[i].kind) + " " + graph.sources[i].key + "\n";
  }
  for (const VoiceDef& voice : graph.voices) {
    text += "voice " + voice.name + " x" + std::to_string(voice.polyphony) + param_text(voice) + "\n" + graph_text(*voice.graph, "  ");
  }
  return text;
}

std::string to_json(const GraphDef& graph) {
  const auto ref_json = [](const Ref& ref) {
    static constexpr const char* kNames[] = {"number", "node", "feedback", "param", "outer"};
    const std::string value = ref.kind == Ref::Kind::number ? number_text(ref.number) : std::to_string(ref.index);
    return std::string("{\"") + kNames[static_cast<int>(ref.kind)] + "\":" + value + "}";
  };
  std::string text = "{\"nodes\":[";
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const NodeDef& node = graph.nodes[i];
    text += std::string(i > 0 ? "," : "") + "{\"key\":" + quoted(node.key) + ",\"unit\":" + quoted(node.unit) +
            ",\"channels\":" + std::to_string(node.channels) + ",\"inputs\":[";
    for (std::size_t k = 0; k < node.inputs.size(); ++k) text += (k > 0 ? "," : "") + ref_json(node.inputs[k]);
    text += "]";
    if (node.source >= 0) text += ",\"source\":" + std::to_string(node.source);
    if (node.voice >= 0) text += ",\"voice\":" + std::to_string(node.voice);
    text += "}";
  }
  text += "],\"sources\":[";
  for (std::size_t i = 0; i < graph.sources.size(); ++i) {
    const SourceDef& source = graph.sources[i];
    text += std::string(i > 0 ? "," : "") + "{\"key\":" + quoted(source.key) + ",\"kind\":" + quoted(kind_text(source.kind)) + "}";
  }
  text += "],\"voices\":[";
  for (std::size_t i = 0; i < graph.voices.size(); ++i) {
    const VoiceDef& voice = graph.voices[i];
    text += std::string(i > 0 ? "," : "") + "{\"name\":" + quoted(voice.name) + ",\"polyphony\":" + std::to_string(voice.polyphony) +
            ",\"params\":[";
    for (std::size_t k = 0; k < voice.params.size(); ++k) {
      text += std::string(k > 0 ? "," : "") + "{\"name\":" + quoted(voice.params[k].name) +
              ",\"init\":" + number_text(voice.params[k].init) + "}";
    }
    text += "],\"graph\":" + to_json(*voice.graph) + "}";
  }
  text += "],\"outputs\":[";
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
    const OutputDef& output = graph.outputs[i];
    text += std::string(i > 0 ? "," : "") + "{\"name\":" + quoted(output.name) + ",\"channels\":" + std::to_string(output.channels) +
            ",\"from\":" + ref_json(output.ref) + "}";
  }
  return text + "]}";
}

std::string to_dot(const GraphDef& graph) {
  std::string text = "digraph hocket {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n";
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    text += "  n" + std::to_string(i) + " [label=" + quoted(graph.nodes[i].key) + "];\n";
  }
  for (std::size_t i = 0; i < graph.sources.size(); ++i) {
    text += "  s" + std::to_string(i) + " [shape=note, label=" + quoted(graph.sources[i].key) + "];\n";
  }
  const auto edge = [&](const std::string& from, const std::string& to, const char* style) {
    text += "  " + from + " -> " + to + " [" + style + "];\n";
  };
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const std::string to = "n" + std::to_string(i);
    for (const Ref& ref : graph.nodes[i].inputs) {
      if (ref.kind == Ref::Kind::node) edge("n" + std::to_string(ref.index), to, "color=red");
      if (ref.kind == Ref::Kind::feedback) edge("n" + std::to_string(ref.index), to, "color=red, style=dashed, constraint=false");
    }
    if (graph.nodes[i].source >= 0) edge("s" + std::to_string(graph.nodes[i].source), to, "color=blue");
  }
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
    const OutputDef& output = graph.outputs[i];
    text += "  o" + std::to_string(i) + " [shape=doublecircle, label=" + quoted(output.name) + "];\n";
    if (output.ref.kind == Ref::Kind::node) edge("n" + std::to_string(output.ref.index), "o" + std::to_string(i), "color=red");
    if (output.ref.kind == Ref::Kind::feedback)
      edge("n" + std::to_string(output.ref.index), "o" + std::to_string(i), "color=red, style=dashed");
  }
  return text + "}\n";
}

}  // namespace hocket
