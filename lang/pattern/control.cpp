// Controls: what a sound's map may hold, and how patterns become such maps.
#include <algorithm>
#include <array>

#include "lang/pattern/combinators.h"
#include "lang/pattern/function.h"
#include "lang/pattern/mini_text.h"

namespace hocket {
namespace {

// The names that TidalCycles and SuperDirt give their controls, ordered.
constexpr std::array kControls = std::to_array<std::string_view>({
    "accelerate",  "amp",
    "attack",      "bandf",
    "bandq",       "begin",
    "bpf",         "bpq",
    "cc",          "ccn",
    "ccv",         "channel",
    "clip",        "coarse",
    "comb",        "crush",
    "cut",         "cutoff",
    "decay",       "delay",
    "delayfb",     "delayfeedback",
    "delayt",      "delaytime",
    "detune",      "distort",
    "djf",         "dry",
    "dur",         "end",
    "fadeInTime",  "fadeTime",
    "freq",        "freeze",
    "gain",        "gate",
    "hcutoff",     "hold",
    "hpf",         "hpq",
    "hresonance",  "krush",
    "kcutoff",     "lag",
    "legato",      "leslie",
    "lock",        "loop",
    "lpf",         "lpq",
    "midichan",    "midinote",
    "n",           "note",
    "nudge",       "number",
    "octave",      "offset",
    "orbit",       "overgain",
    "overshape",   "pan",
    "phaserdepth", "phaserrate",
    "pitch1",      "rate",
    "real",        "release",
    "resonance",   "ring",
    "ringdf",      "ringf",
    "room",        "roomsize",
    "rsize",       "s",
    "scram",       "semitone",
    "shape",       "size",
    "slide",       "smear",
    "sound",       "speed",
    "squiz",       "stutterdepth",
    "stuttertime", "sustain",
    "sz",          "tremolodepth",
    "tremolorate", "triode",
    "unit",        "up",
    "vel",         "velocity",
    "vibrato",     "voice",
    "vowel",       "waveloss",
    "xsdelay",
});

// `bd:3` is the sound `bd` and its sample number 3.
Controls split_sound(const Value& value) {
  const std::string text = to_text(value);
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return {{"s", Value::word(text)}};
  MiniText index(std::string_view(text).substr(colon + 1));
  const auto number = index.take_number();
  if (!number || !index.ended()) return {{"s", Value::word(text)}};
  return {{"n", Value(number->value)}, {"s", Value::word(text.substr(0, colon))}};
}

void read_notes(Event& e, QueryContext& context, Events& out) {
  if (e.value.kind() != Value::Kind::word) {
    out.push_back(std::move(e));
    return;
  }
  if (const auto note = note_from_name(e.value.text())) {
    out.push_back({e.whole, e.part, Value::note(*note), e.where});
    return;
  }
  const auto chord = chord_from_name(e.value.text());
  for (const double note : chord.value_or(std::vector<double>{})) {
    if (!context.spend()) return;
    out.push_back({e.whole, e.part, Value::note(note), e.where});
  }
}

// Note and chord names are read as such where a control is a note; other words stay words.
Pattern with_notes(const Pattern& p) {
  if (p.is_silence()) return p;
  const auto body = [p](const TimeSpan& span, QueryContext& context, Events& out) {
    const std::size_t first = out.size();
    p.query(span, context, out);
    if (!paid(first, context, out)) return;
    const auto from = out.begin() + static_cast<std::ptrdiff_t>(first);
    if (std::none_of(from, out.end(), [](const Event& e) { return e.value.kind() == Value::Kind::word; })) return;
    Events read(std::make_move_iterator(from), std::make_move_iterator(out.end()));
    out.resize(first);
    for (Event& e : read) read_notes(e, context, out);
  };
  return Pattern(Pattern::Append(body), {p}).steady(p.is_steady());
}

}  // namespace

Pattern make_control(std::string_view name, const Pattern& p) {
  if (name == "sound") name = "s";
  const bool notes = name == "n" || name == "note" || name == "up";
  const std::string control(name == "up" ? "note" : name);
  const auto wrap = [control](const Value& v) {
    if (v.kind() == Value::Kind::controls) return v;
    return control == "s" ? Value::controls(split_sound(v)) : Value::controls({{control, v}});
  };
  if (const Value* constant = p.constant(); constant && control == "s") return Pattern::pure(wrap(*constant), p.constant_where(), {p});
  if (const Value* constant = p.constant(); constant && (!notes || constant->is_numeric()))
    return Pattern::pure(wrap(*constant), p.constant_where());
  const Pattern read = notes ? with_notes(p) : p;
  if (control == "s") return map_values(read, wrap);
  const Pattern values = unnamed(read);
  const Pattern maps = map_events(values, [control](Event& e, QueryContext&) {
    if (e.value.kind() == Value::Kind::controls) return true;
    Value map = Value::controls();
    map.own_map().try_emplace(control, std::move(e.value));
    e.value = std::move(map);
    return true;
  });
  return Pattern::control(control, maps.steady(values.is_steady()), values);
}

bool is_control(std::string_view name) {
  return std::binary_search(kControls.begin(), kControls.end(), name);
}
std::span<const std::string_view> control_names() {
  return kControls;
}

Pattern as_notes(const Pattern& p) {
  const auto named = with_notes(p);
  return map_events(named, [](Event& e, QueryContext&) {
    if (!e.value.is_numeric()) return false;
    e.value = Value::note(e.value.number());
    return true;
  });
}

}  // namespace hocket
