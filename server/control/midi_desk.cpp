#include "server/control/midi_desk.h"

#include <algorithm>
#include <cmath>

#include "server/control/tempo.h"

namespace hocket {

namespace {

constexpr double kRecent_s = 2;  // a knob that was turned so long ago is the one that is meant

}  // namespace

MidiDesk::MidiDesk(LivePlayer& live, const Engine& engine) : live_(live), engine_(engine) {
  live_.on_note = [this](const NoteChange& change, std::int64_t frame) { note(change, frame); };
  live_.on_move = [this](const ControlKey& key, double before, double value, std::int64_t frame) { move(key, before, value, frame); };
}

MidiDesk::~MidiDesk() {
  live_.on_note = nullptr;
  live_.on_move = nullptr;
}

Rational MidiDesk::position(std::int64_t frame) const {
  return to_rational(position_at(engine_.status().transport, frame));
}

// ---- learn

void MidiDesk::learn(std::string bus, std::string range, std::optional<double> value) {
  const auto now = engine_.status().frame;
  const std::lock_guard lock(mutex_);
  bus_ = std::move(bus);
  range_ = std::move(range);
  value_ = value;
  bound_.reset();
  const auto recent = static_cast<std::int64_t>(kRecent_s * engine_.settings().rate);
  if (moved_ && now - moved_at_ < recent) bound_ = moved_;
}

std::optional<std::string> MidiDesk::learnt() {
  std::optional<ControlKey> key;
  std::string statement;
  std::optional<double> value;
  {
    const std::lock_guard lock(mutex_);
    if (bus_.empty() || !bound_) return std::nullopt;
    key = bound_;
    statement = bus_ + ": " + to_text(*key) + range_ + live_.knobs().distinction(*key);
    value = value_;
    bus_.clear();
    moved_.reset();
  }
  if (value) live_.put(*key, *value);
  return statement;
}

void MidiDesk::move(const ControlKey& key, double before, double value, std::int64_t frame) {
  const std::lock_guard lock(mutex_);
  moved_ = key;
  moved_at_ = frame;
  if (!bus_.empty() && !bound_) bound_ = key;
  if (!taking_) return;
  const auto at = position(frame) - taking_->from;
  if (at >= Rational(taking_->form.cycles)) return;
  auto known = std::find_if(taking_->knobs.begin(), taking_->knobs.end(), [&](const Moves& m) { return m.key == key; });
  if (at < Rational(0)) {
    if (known != taking_->knobs.end()) known->before = value;
    return;
  }
  if (known == taking_->knobs.end()) known = taking_->knobs.insert(known, {key, before, {}});
  known->moves.push_back({at, value});
}

std::string MidiDesk::knobs() const {
  return live_.knobs().to_text();
}

Result<int> MidiDesk::put_knobs(const std::string& text) {
  return live_.read_knobs(text);
}

// ---- record

Rational MidiDesk::record(const PhraseForm& form) {
  const auto status = engine_.status();
  const auto now = to_rational(position_at(status.transport, status.frame));
  const std::lock_guard lock(mutex_);
  taking_ = Taking{form, next_multiple(now, Rational(form.cycles)), {}, {}, {}};
  return taking_->from;
}

bool MidiDesk::stop() {
  const std::lock_guard lock(mutex_);
  const bool was = taking_.has_value();
  taking_.reset();
  return was;
}

// On a grid a note counts that is struck up to half a step too early.
Rational MidiDesk::early(const Taking& taking) const {
  return taking.form.grid > Rational(0) ? taking.form.grid / Rational(2) : Rational(0);
}

void MidiDesk::note(const NoteChange& change, std::int64_t frame) {
  const std::lock_guard lock(mutex_);
  if (!taking_) return;
  const auto at = position(frame) - taking_->from;
  if (change.kind == NoteChange::Kind::on) {
    if (at < -early(*taking_) || at >= Rational(taking_->form.cycles) - early(*taking_)) return;
    const auto velocity = static_cast<int>(std::lround(change.note.vel * 127));
    taking_->held.push_back({change.note.id, {at, at, change.note.key, velocity}});
  } else if (change.kind == NoteChange::Kind::off) {
    const auto held = std::find_if(taking_->held.begin(), taking_->held.end(), [&](const Held& h) { return h.id == change.note.id; });
    if (held == taking_->held.end()) return;
    held->note.off = at;
    taking_->notes.push_back(held->note);
    taking_->held.erase(held);
  }
}

std::optional<std::vector<std::string>> MidiDesk::recorded() {
  const auto status = engine_.status();
  const auto now = to_rational(position_at(status.transport, status.frame));
  const std::lock_guard lock(mutex_);
  if (!taking_ || now < taking_->from + Rational(taking_->form.cycles)) return std::nullopt;
  auto taking = std::move(*taking_);
  taking_.reset();
  for (auto& held : taking.held) {
    held.note.off = Rational(taking.form.cycles);
    taking.notes.push_back(held.note);
  }
  std::stable_sort(taking.notes.begin(), taking.notes.end(), [](const PlayedNote& a, const PlayedNote& b) { return a.on < b.on; });
  std::vector<std::string> lines;
  if (!taking.notes.empty() || taking.knobs.empty()) lines.push_back(phrase_text(taking.notes, taking.form));
  for (const auto& knob : taking.knobs) lines.push_back(moves_text(knob.moves, knob.before, taking.form) + "  -- " + to_text(knob.key));
  return lines;
}

// ---- what a bus is

KnobRange knob_range(const Program& program, const std::string& bus, const std::vector<std::string>& args) {
  KnobRange range;
  for (const auto& arg : args) range.text += ' ' + arg;
  const auto found = program.definitions.find(bus);
  const auto* define = found == program.definitions.end() ? nullptr : std::get_if<DefineStatement>(&found->second.statement.node);
  if (!define || !define->value) return range;
  const auto* number = std::get_if<NumberExpr>(&define->value->node);
  if (number && args.empty()) {
    // The middle of the knob's way is where the number stands: it sounds as before until the knob comes by.
    range.text =
        number->value < 0 ? ' ' + shortest(2 * number->value) + " 0" : " 0 " + shortest(number->value == 0 ? 1 : 2 * number->value);
    range.value = number->value == 0 ? 0 : 0.5;
  }
  const auto* call = std::get_if<CallExpr>(&define->value->node);
  const auto* head = call ? std::get_if<NameExpr>(&call->head->node) : nullptr;
  if (head && head->name == "cc" && args.empty()) {
    const auto& text = found->second.source->text;
    for (std::size_t i = 1; i < call->args.size(); ++i) {
      const auto& arg = call->args[i];
      if (arg.name == "port" || arg.name == "channel") continue;  // the next knob has its own
      const auto begin = arg.name.empty() ? arg.value->span.begin : arg.name_span.begin;
      range.text += ' ' + text.substr(begin, arg.value->span.end - begin);
    }
  }
  return range;
}

}  // namespace hocket
