#include "server/control/note_event.h"

#include <algorithm>
#include <charconv>
#include <cmath>

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

// A note asks for twenty names and has a handful: most differ in length already.
const Value* find(const Controls& controls, std::string_view name) {
  for (const auto& [held, value] : controls)
    if (held == name) return &value;
  return nullptr;
}

std::optional<double> control(const Controls& controls, std::string_view name) {
  const Value* const found = find(controls, name);
  return found ? number_of(*found) : std::nullopt;
}

std::string_view word(const Controls& controls, std::string_view name) {
  const Value* const found = find(controls, name);
  return found ? std::string_view(found->text()) : std::string_view();
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
double sample_speed(const Controls& controls, double length_s, double note_semis, const NoteContext& context) {
  const double speed = control(controls, "speed").value_or(1);
  const double bend = std::exp2(note_semis / 12);
  const auto unit = word(controls, "unit");
  if (unit == "c") return speed * length_s * context.cps.to_double() * bend;
  if (unit == "s") return speed * length_s * bend;
  return speed * bend;
}

void set(TimedEvent& event, const VoiceDef& voice, std::string_view param, double value) {
  for (std::size_t i = 0; i < event.count; ++i)
    if (voice.params[i].name == param) event.values[i] = static_cast<float>(value);
}

bool has(const VoiceDef& voice, std::string_view param) {
  return std::any_of(voice.params.begin(), voice.params.end(), [&](const VoiceParam& p) { return p.name == param; });
}

void set_length(TimedEvent& event, const Event& from, const Controls& controls, bool sampler, const NoteContext& context) {
  const Rational onset = from.whole->begin;
  Rational length = from.whole->length();
  bool held = sampler;
  if (const auto legato = control(controls, "legato")) {
    length *= max(Rational(0), Rational::near(*legato));
    held = false;
  }
  if (const auto sustain_s = control(controls, "sustain")) {
    length = max(Rational(0), Rational::near(*sustain_s) * context.cps);
    held = false;
  }
  event.until = held ? Position{0, 0} : to_position(onset + length);
}

}  // namespace

std::uint32_t voice_seed(Rational onset, const std::string& source_key, std::uint32_t ordinal, std::uint64_t program_seed) {
  std::uint64_t x = mix(program_seed);
  x = mix(x ^ static_cast<std::uint64_t>(onset.num()));
  x = mix(x ^ static_cast<std::uint64_t>(onset.den()));
  for (const char c : source_key) x = mix(x ^ static_cast<std::uint8_t>(c));
  x = mix(x ^ ordinal);
  return static_cast<std::uint32_t>(x >> 32);
}

Note make_note(const PlayedSource& source, const Event& from, std::uint32_t ordinal, const NoteContext& context) {
  if (from.value.kind() != Value::Kind::controls) return {};
  const auto& controls = from.value.map();
  auto [name, number] = split_sound(word(controls, "s"));
  const std::string sound(name);
  if (sound == "~") return {};
  const int index = voice_of(source, sound);
  if (index < 0) {
    if (sound.empty()) return {std::nullopt, "an event names no sound: add # s \"...\" or an instrument"};
    return {std::nullopt, "no sound is called `" + sound + "`"};
  }
  const auto& voice = source.voices[static_cast<std::size_t>(index)];
  const bool sampler = voice.name == kSampler;

  TimedEvent event;
  event.at = to_position(from.whole->begin);
  event.source = source.id;
  event.voice = static_cast<std::uint16_t>(index);
  event.count = static_cast<std::uint16_t>(std::min<std::size_t>(voice.params.size(), kMaxVoiceValues));
  event.seed = voice_seed(from.whole->begin, source.def.key, ordinal, context.seed);
  if (const auto n = control(controls, "n")) number = n;
  // For an instrument `n` is another word for `note`; for a folder it counts the files.
  const double semis = control(controls, "note").value_or(sampler ? 0 : number.value_or(0));
  const bool own_speed = has(voice, "speed");
  const double speed = control(controls, "speed").value_or(1);
  const double factor = own_speed || speed == 0 ? 1 : std::fabs(speed);

  for (std::size_t i = 0; i < event.count; ++i) {
    const auto& param = voice.params[i];
    event.values[i] = static_cast<float>(control(controls, param.name).value_or(param.init));
  }
  set(event, voice, "freq", control(controls, "freq").value_or(kC4Hz * std::exp2(semis / 12)) * factor);
  set(event, voice, "note", kC4Note + semis + 12 * std::log2(factor));
  set(event, voice, "vel", control(controls, "vel").value_or(control(controls, "velocity").value_or(1)));
  set(event, voice, "gate", 1);
  if (sampler) {
    if (!context.samples) return {std::nullopt, "no sound is called `" + sound + "`"};
    const auto file = static_cast<std::int64_t>(std::floor(std::clamp(number.value_or(0), -1e9, 1e9)));
    const auto state = context.wait_for_samples ? context.samples->wait_for(sound, file) : context.samples->find(sound, file);
    using Kind = SampleState::Kind;
    if (state.kind == Kind::missing) return {std::nullopt, "no sound is called `" + sound + "`"};
    if (state.kind == Kind::loading) return {std::nullopt, "`" + sound + "` is still loading: its first events are left out"};
    if (state.kind == Kind::failed) return {};  // the library has said why
    set(event, voice, "sample", static_cast<double>(state.index));
    set(event, voice, "speed", sample_speed(controls, state.length_s, semis, context));
  }
  set_length(event, from, controls, sampler, context);
  event.gain = static_cast<float>(std::max(0.0, control(controls, "gain").value_or(1)));
  if (const auto pan = control(controls, "pan")) event.pan = static_cast<float>(std::clamp(*pan, 0.0, 1.0));
  event.cut = static_cast<std::int32_t>(std::clamp(control(controls, "cut").value_or(0), -1e6, 1e6));
  event.nudge_s = static_cast<float>(control(controls, "nudge").value_or(0));
  return {event, ""};
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
