// Sounds become voices: which instruments a sound may play, and the graph of one voice of each.
#include <algorithm>
#include <utility>

#include "lang/lower_eval.h"

namespace hocket {
namespace {

/// The instrument that plays every folder of samples; part of the kit.
constexpr const char* kSampler = "sampler";

}  // namespace

/// One `voices` node an instrument, all fed by the sound's one source, summed.
SignalTerm Evaluator::play(const PatternTerm& sound, Span at) {
  const auto key = std::make_tuple(sound.id, -1, 0);
  if (sound.id != 0) {
    if (const auto it = holds_.find(key); it != holds_.end()) return it->second;
  }
  const Owning owning(main, sound.home);
  GraphBuilder* const outer_voice = std::exchange(voice_, nullptr);
  std::vector<std::pair<std::string, int>> instruments;  // name, VoiceDef
  std::vector<std::string> met;
  for (const SoundWord& word : sound.words) {
    if (std::find(met.begin(), met.end(), word.text) != met.end()) continue;
    met.push_back(word.text);
    const Definition* own = nullptr;
    std::string name = word.text;
    if (const auto it = meaning_->program.definitions.find(name); it != meaning_->program.definitions.end()) {
      const bool plays = it->second.kind == Definition::Kind::synth || it->second.kind == Definition::Kind::bus;
      if (plays) own = &it->second;
    }
    if (own == nullptr && meaning_->vocabulary.folder(name) != nullptr) {
      name = kSampler;
      own = meaning_->definition(kSampler);
    }
    if (own == nullptr) own = meaning_->synth(name);
    if (own == nullptr) {
      std::vector<std::string> names;
      const auto gather = [&](const Program& program) {
        for (const auto& [defined, definition] : program.definitions) {
          if (definition.kind == Definition::Kind::synth || definition.kind == Definition::Kind::bus) names.push_back(defined);
        }
      };
      gather(meaning_->program);
      if (meaning_->vocabulary.kit != nullptr) gather(*meaning_->vocabulary.kit);
      for (const SoundFolder& folder : meaning_->vocabulary.folders) names.push_back(folder.name);
      const auto reader = std::exchange(source, word.source);
      error(word.span, "no sound is named `" + word.text + "`", did_you_mean(nearest(word.text, names)));
      source = reader;
      continue;
    }
    const auto same = [&](const auto& known) { return known.first == name; };
    if (std::any_of(instruments.begin(), instruments.end(), same)) continue;
    const int index = voice_def(name, *own, word.span);
    if (index >= 0) instruments.emplace_back(name, index);
  }
  if (sound.words.empty()) {
    QueryContext context;
    context.budget = 1000;
    const bool plays = !sound.pattern.query({Rational(0), Rational(4)}, context).empty() || sound.pattern.reads_live().any();
    if (plays) error(at, "this sound names no instrument", "add `# s \"pluck\"`, or start from `s \"bd sn\"`");
    voice_ = outer_voice;
    return {};  // `s "~"` is silence
  }

  SourceDef origin;
  origin.kind = SourceKind::sound;
  origin.pattern = sound.pattern;
  origin.live = sound.pattern.reads_live().notes;
  origin.where = at;
  const int index = static_cast<int>(main.graph.sources.size());
  origin.print = hash_mix(prints_.of(main.owner()), meaning_->program.settings.seed);
  std::vector<std::pair<Ref, int>> terms;
  int channels = sound.panned ? 2 : 1;
  for (const auto& [name, def] : instruments) {
    const VoiceDef& voice = main.graph.voices[static_cast<std::size_t>(def)];
    const int wide = std::max(sound.panned ? 2 : 1, voice.graph->outputs[0].channels);
    channels = std::max(channels, wide);
    origin.voices.push_back(static_cast<std::uint32_t>(def));
    origin.print = hash_mix(origin.print, hash_mix(hash_text(name), voice.print));
    NodeDef node{.unit = "voices", .channels = wide, .source = index, .voice = def, .where = at};
    const std::string stem = main.owner() + "/" + name;
    int count = 0;
    for (const NodeDef& other : main.graph.nodes) count += other.unit == "voices" && other.key.starts_with(stem + "#") ? 1 : 0;
    node.key = stem + "#" + std::to_string(count);
    terms.emplace_back(Ref::node(main.add(std::move(node), false)), wide);
  }
  const std::uint32_t sum = main.mix(terms, "sound");
  main.graph.nodes[sum].channels = channels;
  origin.key = main.node(sum).key;
  origin.print = hash_mix(origin.print, hash_text(origin.key));
  main.graph.sources.push_back(std::move(origin));
  voice_ = outer_voice;
  const SignalTerm result{Ref::node(sum), channels, false};
  if (sound.id != 0) holds_[key] = result;
  return result;
}

/// The VoiceDef of a synth, or of a bus played as one; -1 after an error.
int Evaluator::voice_def(const std::string& name, const Definition& definition, Span at) {
  if (const auto it = voice_defs_.find(name); it != voice_defs_.end()) return it->second;
  if (std::find(calls_.begin(), calls_.end(), name) != calls_.end()) {
    error(at, "the instrument `" + name + "` plays itself");
    return -1;
  }
  VoiceDef voice;
  voice.name = name;
  voice.print = hash_mix(prints_.of(name), meaning_->program.settings.seed);
  std::map<std::string, Term> scope;
  const auto add_param = [&](const std::string& param, double init) {
    const auto index = static_cast<std::uint32_t>(voice.params.size());
    scope[param] = make({}, SignalTerm{Ref::param(index), 1, true});
    voice.params.push_back({param, init});
  };
  static constexpr double kInits[] = {261.6255653005986, 60, 1, 0};
  for (std::size_t i = 0; i < kVoiceParams.size(); ++i) add_param(kVoiceParams[i], kInits[i]);

  const auto reader = std::exchange(source, definition.source);
  auto scopes = std::exchange(scopes_, {});
  ExprPtr body;
  if (const auto* synth = std::get_if<FunctionStatement>(&definition.statement.node)) {
    body = synth->body;
    for (const Parameter& p : synth->params) {
      double init = 0;
      if (p.init) {
        const Term value = eval(p.init);
        if (value.number() != nullptr) {
          init = value.number()->value;
        } else if (!value.failed()) {
          error(p.init->span, "a parameter's default is a number; this is " + kind_name(value));
        }
      }
      if (p.name == "voices") {
        voice.polyphony = static_cast<int>(std::clamp(init, 1.0, 1024.0));
      } else {
        add_param(p.name, init);
      }
    }
  } else {
    body = std::get<DefineStatement>(definition.statement.node).value;
  }

  GraphBuilder inner;
  GraphBuilder* const outer_voice = std::exchange(voice_, &inner);
  const std::string owner = main.owner();
  main.own(name);
  calls_.push_back(name);
  scopes_.push_back(std::move(scope));
  const Term term = eval(body);
  int index = -1;
  if (!term.failed()) {
    const SignalTerm signal = to_signal(term, PortUnit::signal);
    inner.graph.outputs.push_back({"voice", signal.ref, signal.channels});
    inner.finish();
    voice.graph = std::make_shared<const GraphDef>(std::move(inner.graph));
    index = static_cast<int>(main.graph.voices.size());
    main.graph.voices.push_back(std::move(voice));
  }
  scopes_ = std::move(scopes);
  calls_.pop_back();
  main.own(owner);
  voice_ = outer_voice;
  source = reader;
  voice_defs_[name] = index;
  return index;
}

}  // namespace hocket
