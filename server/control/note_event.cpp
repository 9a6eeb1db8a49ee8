#include "server/control/note_event.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "lang/graph_def.h"
#include "lang/pattern/function.h"
#include "server/control/tempo.h"

namespace hocket {

namespace {

constexpr double kC4Hz = 261.6255653005986;  // MIDI 60 where a4 is 440 Hz
constexpr double kC4Note = 60;
constexpr const char* kSampler = "sampler";

std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

// A control as a number: words are note names, in semitones from c4.
std::optional<double> number_of(const Value& value) {
  double x = 0;
  if (value.is_numeric()) {
    x = value.number();
  } else if (value.kind() == Value::Kind::word) {
    if (const auto note = note_from_name(value.text()))
      x = *note;
    else if (const auto chord = chord_from_name(value.text()); chord && !chord->empty())
      x = chord->front();
    else
      return std::nullopt;
  } else {
    return std::nullopt;
  }
  if (!std::isfinite(x)) return std::nullopt;
  return std::clamp(x, -1e30, 1e30);  // stays a number as a float
}

// What a note's controls say of it, read in one pass; what is not a number counts as not there.
struct Asked {
  using Number = std::optional<double>;
  std::string_view s, unit;
  Number n, note, freq, speed, vel, velocity, gain, pan, cut, nudge, legato, sustain;
};

struct AskedFor {
  std::string_view name;
  Asked::Number Asked::*number;
};
constexpr AskedFor kAsked[] = {
    {"cut", &Asked::cut},     {"freq", &Asked::freq},       {"gain", &Asked::gain},   {"legato", &Asked::legato},
    {"n", &Asked::n},         {"note", &Asked::note},       {"nudge", &Asked::nudge}, {"pan", &Asked::pan},
    {"speed", &Asked::speed}, {"sustain", &Asked::sustain}, {"vel", &Asked::vel},     {"velocity", &Asked::velocity},
};

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && a[0] == b[0] && a == b;  // most differ by then; no name is empty
}

Asked read(const Controls& controls) {
  Asked asked;
  for (const auto& [name, value] : controls) {
    if (name.empty()) continue;
    if (value.kind() == Value::Kind::word) {
      if (name == "s") asked.s = value.text();
      if (name == "unit") asked.unit = value.text();
    }
    for (const AskedFor& known : kAsked)
      if (same(name, known.name)) {
        asked.*known.number = number_of(value);
        break;
      }
  }
  return asked;
}

std::optional<double> control(const Controls& controls, std::string_view wanted) {
  for (const auto& [name, value] : controls)
    if (!name.empty() && same(name, wanted)) return number_of(value);
  return std::nullopt;
}

// `bd:3` is sound `bd`, number 3.
std::pair<std::string_view, std::optional<double>> split_sound(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return {text, std::nullopt};
  double number = 0;
  const auto* end = text.data() + text.size();
  if (const auto [at, error] = std::from_chars(text.data() + colon + 1, end, number); error != std::errc() || at != end)
    return {text, std::nullopt};
  return {text.substr(0, colon), number};
}

// The voice that plays a word: an instrument of that name, else the sampler if there is such a folder.
int voice_of(const PlayedSource& source, std::string_view sound) {
  int sampler = -1;
  for (std::size_t i = 0; i < source.voices.size(); ++i) {
    if (source.voices[i].name == sound) return static_cast<int>(i);
    if (source.voices[i].name == kSampler) sampler = static_cast<int>(i);
  }
  if (sound.empty() && source.voices.size() == 1 && sampler < 0) return 0;
  return sampler;
}

// How fast a sample is read: `speed`, bent by the note; with unit "c" the speed counts cycles, so that 1 lasts one cycle.
double sample_speed(const Asked& asked, double length_s, double note_semis, const NoteContext& context) {
  const double speed = asked.speed.value_or(1);
  const double bend = std::exp2(note_semis / 12);
  if (asked.unit == "c") return speed * length_s * context.cps.to_double() * bend;
  if (asked.unit == "s") return speed * length_s * bend;
  return speed * bend;
}

void set_length(TimedEvent& event, const Event& from, const Asked& asked, bool sampler, const NoteContext& context) {
  const TimeSpan& whole = *from.whole;
  bool held = sampler;
  Rational end = whole.end;
  if (asked.legato) {
    end = whole.begin + whole.length() * max(Rational(0), Rational::near(*asked.legato));
    held = false;
  }
  if (asked.sustain) {
    end = whole.begin + max(Rational(0), Rational::near(*asked.sustain) * context.cps);
    held = false;
  }
  event.until = held ? Position{0, 0} : to_position(end);
}

}  // namespace

std::uint32_t voice_seed(Rational onset, const std::string& source_key, std::uint32_t ordinal, std::uint64_t program_seed) {
  std::uint64_t x = mix(program_seed);
  x = mix(x ^ static_cast<std::uint64_t>(onset.num()));
  x = mix(x ^ static_cast<std::uint64_t>(onset.den()));
  std::uint64_t eight = 0;  // characters at a time
  for (std::size_t i = 0; i < source_key.size(); ++i) {
    eight = eight << 8 | static_cast<std::uint8_t>(source_key[i]);
    if (i % 8 == 7) x = mix(x ^ eight), eight = 0;
  }
  x = mix(x ^ eight);
  x = mix(x ^ ordinal);
  return static_cast<std::uint32_t>(x >> 32);
}

Note make_note(const PlayedSource& source, const Event& from, std::uint32_t ordinal, const NoteContext& context) {
  Note made;
  if (from.value.kind() != Value::Kind::controls) return made;
  const auto& controls = from.value.map();
  const Asked asked = read(controls);
  auto [sound, number] = split_sound(asked.s);
  if (sound == "~") return made;
  const auto unknown = [&, sound = sound] { made.problem = "no sound is called `" + std::string(sound) + "`"; };
  const int index = voice_of(source, sound);
  if (index < 0) {
    if (sound.empty())
      made.problem = "an event names no sound: add # s \"...\" or an instrument";
    else
      unknown();
    return made;
  }
  const auto& voice = source.voices[static_cast<std::size_t>(index)];
  const bool sampler = voice.name == kSampler;

  TimedEvent event;
  event.at = to_position(from.whole->begin);
  event.source = source.id;
  event.voice = static_cast<std::uint16_t>(index);
  event.count = static_cast<std::uint16_t>(std::min<std::size_t>(voice.params.size(), kMaxVoiceValues));
  event.seed = voice_seed(from.whole->begin, source.def.key, ordinal, context.seed);
  if (asked.n) number = asked.n;
  // For an instrument `n` is another word for `note`; for a folder it counts the files.
  const double semis = asked.note.value_or(sampler ? 0 : number.value_or(0));
  const double speed = asked.speed.value_or(1);

  int own_speed = -1, sample = -1;
  for (std::size_t i = kVoiceParams.size(); i < event.count; ++i) {
    const auto& param = voice.params[i];
    event.values[i] = static_cast<float>(control(controls, param.name).value_or(param.init));
    if (param.name == "speed") own_speed = static_cast<int>(i);
    if (param.name == "sample") sample = static_cast<int>(i);
  }
  const double factor = own_speed >= 0 || speed == 0 ? 1 : std::fabs(speed);
  const double values[kVoiceParams.size()] = {asked.freq.value_or(kC4Hz * std::exp2(semis / 12)) * factor,
                                              kC4Note + semis + (factor == 1 ? 0 : 12 * std::log2(factor)),
                                              asked.vel.value_or(asked.velocity.value_or(1)), 1};
  for (std::size_t i = 0; i < std::min<std::size_t>(event.count, kVoiceParams.size()); ++i) event.values[i] = static_cast<float>(values[i]);
  if (sampler) {
    if (!context.samples) {
      unknown();
      return made;
    }
    const auto file = static_cast<std::int64_t>(std::floor(std::clamp(number.value_or(0), -1e9, 1e9)));
    const std::string folder(sound);
    const auto state = context.wait_for_samples ? context.samples->wait_for(folder, file) : context.samples->find(folder, file);
    using Kind = SampleState::Kind;
    if (state.kind == Kind::missing) unknown();
    if (state.kind == Kind::loading) made.problem = "`" + folder + "` is still loading: its first events are left out";
    if (state.kind != Kind::ready) return made;  // of what failed, the library has said why
    if (sample >= 0) event.values[sample] = static_cast<float>(state.index);
    if (own_speed >= 0) event.values[own_speed] = static_cast<float>(sample_speed(asked, state.length_s, semis, context));
  }
  set_length(event, from, asked, sampler, context);
  event.gain = static_cast<float>(std::max(0.0, asked.gain.value_or(1)));
  if (asked.pan) event.pan = static_cast<float>(std::clamp(*asked.pan, 0.0, 1.0));
  event.cut = static_cast<std::int32_t>(std::clamp(asked.cut.value_or(0), -1e6, 1e6));
  event.nudge_s = static_cast<float>(asked.nudge.value_or(0));
  made.event = event;
  return made;
}

std::optional<TimedEvent> make_value(const PlayedSource& source, const Event& from) {
  TimedEvent event;
  event.source = source.id;
  event.count = 1;
  const bool gate = source.def.kind == SourceKind::gate;
  if (gate) {
    if (!from.whole || !from.value.truth()) return std::nullopt;
    event.values[0] = from.value.is_numeric() ? static_cast<float>(from.value.number()) : 1.F;
    event.until = to_position(from.whole->end);
  } else {
    const auto number = number_of(from.value);
    if (!number) return std::nullopt;
    event.values[0] = static_cast<float>(*number);
    event.until = {0, 0};
  }
  event.at = to_position(from.whole ? from.whole->begin : from.part.begin);
  return event;
}

}  // namespace hocket
