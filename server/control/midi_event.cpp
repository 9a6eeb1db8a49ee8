#include "server/control/midi_event.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "lang/pattern/function.h"
#include "server/control/tempo.h"

namespace hocket {

namespace {

constexpr double kPlainVelocity = 100 / 127.;

std::optional<double> number_of(const Value& value) {
  if (value.is_numeric()) return std::isfinite(value.number()) ? std::optional(value.number()) : std::nullopt;
  if (value.kind() != Value::Kind::word) return std::nullopt;
  return note_from_name(value.text());
}

std::optional<double> control(const Controls& controls, std::string_view name) {
  const auto found = controls.find(name);
  return found == controls.end() ? std::nullopt : number_of(found->second);
}

// The keys that an event's value strikes: one, or a chord.
std::vector<double> semis_of(const Value& value) {
  if (const auto number = number_of(value)) return {*number};
  if (value.kind() == Value::Kind::word)
    if (const auto chord = chord_from_name(value.text())) return *chord;
  return {};
}

int seven_bits(double x) {
  return static_cast<int>(std::clamp(std::lround(x * 127), 0L, 127L));
}

}  // namespace

std::vector<OutsideEvent> make_outside(const PlayedSource& source, const Event& from, const NoteContext& context) {
  const auto& to = source.def.outside;
  OutsideEvent event;
  event.source = source.id;
  event.port = to.port;
  event.at = to_position(from.whole ? from.whole->begin : from.part.begin);
  const bool sound = from.value.kind() == Value::Kind::controls;
  const auto& controls = from.value.map();
  int channel = to.channel;
  if (const auto other = control(controls, "channel").value_or(control(controls, "midichan").value_or(0)); other >= 1 && other <= 16)
    channel = static_cast<int>(other);
  using As = OutsideDef::As;
  if (to.as != As::notes) {
    const auto x = number_of(from.value);
    if (!x) return {};
    if (to.as == As::cc) event.message = midi_message(MidiKind::control, channel, to.number, seven_bits(*x));
    if (to.as == As::touch) event.message = midi_message(MidiKind::touch, channel, seven_bits(*x));
    if (to.as == As::bend)
      event.message = midi_bend(channel, static_cast<int>(std::clamp(std::lround(*x * (*x < 0 ? 8192 : 8191)), -8192L, 8191L)));
    if (to.as == As::program) event.message = midi_message(MidiKind::program, channel, static_cast<int>(std::clamp(*x, 0., 127.)));
    return {event};
  }
  if (!from.whole) return {};
  std::vector<double> notes;
  if (!sound) notes = semis_of(from.value);
  if (const auto key = control(controls, "midinote")) {
    notes = {*key - 60};
  } else if (sound) {
    const auto found = controls.contains("note") ? controls.find("note") : controls.find("n");
    notes = found == controls.end() ? std::vector<double>{0} : semis_of(found->second);
  }
  Rational length = from.whole->length();
  if (const auto legato = control(controls, "legato")) length *= max(Rational(0), Rational::near(*legato));
  if (const auto sustain_s = control(controls, "sustain")) length = max(Rational(0), Rational::near(*sustain_s) * context.cps);
  event.until = to_position(from.whole->begin + length);
  const auto vel = control(controls, "vel");
  double velocity = vel ? *vel * 127 : control(controls, "velocity").value_or(kPlainVelocity) * 127;
  velocity *= control(controls, "gain").value_or(1);
  std::vector<OutsideEvent> events;
  for (const double semis : notes) {
    const double key = std::round(semis) + 12 * control(controls, "octave").value_or(5);
    if (key < 0 || key > 127) continue;
    event.message =
        midi_message(MidiKind::note_on, channel, static_cast<int>(key), static_cast<int>(std::clamp(std::lround(velocity), 1L, 127L)));
    events.push_back(event);
  }
  return events;
}

}  // namespace hocket
