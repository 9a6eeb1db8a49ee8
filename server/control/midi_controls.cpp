#include "server/control/midi_controls.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <sstream>

namespace hocket {

namespace {

using Kind = ControlFilter::Kind;

constexpr double kUnknown = -2;

struct KindWord {
  Kind kind;
  const char* word;
  bool numbered;
};
constexpr KindWord kWords[] = {{Kind::cc, "cc", true},      {Kind::nrpn, "nrpn", true},    {Kind::rpn, "rpn", true},
                               {Kind::bend, "bend", false}, {Kind::touch, "touch", false}, {Kind::program, "program", false}};

const KindWord& word_of(Kind kind) {
  return *std::find_if(std::begin(kWords), std::end(kWords), [&](const KindWord& w) { return w.kind == kind; });
}

/// What an endless encoder's byte means, in steps.
int steps_of(ControlFilter::Encoding encoding, int value) {
  switch (encoding) {
    case ControlFilter::Encoding::twos:
      return value < 64 ? value : value - 128;
    case ControlFilter::Encoding::offset:
      return value - 64;
    case ControlFilter::Encoding::sign:
      return value < 64 ? value : 64 - value;
    case ControlFilter::Encoding::absolute:
      break;
  }
  return 0;
}

}  // namespace

bool port_fits(const std::string& name, const std::string& part) {
  const auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
  };
  return std::search(name.begin(), name.end(), part.begin(), part.end(), same) != name.end();
}

std::string to_text(const ControlKey& key) {
  const auto& word = word_of(key.kind);
  return word.word + (word.numbered ? ' ' + std::to_string(key.number) : std::string());
}

std::optional<KnobMove> MidiControls::take(const std::string& port, const MidiMessage& message) {
  if (!message.on_channel()) return std::nullopt;
  ControlKey key{port, message.channel(), Kind::cc, message.a};
  auto& channel = channels_[{port, key.channel}];
  const int before = std::exchange(channel.coarse_number, -1);
  switch (message.kind()) {
    case MidiKind::control:
      break;
    case MidiKind::bend: {
      key.kind = Kind::bend;
      key.number = 0;
      const int x = message.wide() - 8192;
      return move(key, x < 0 ? x / 8192. : x / 8191., 1 / 8192.);
    }
    case MidiKind::touch:
      key.kind = Kind::touch;
      key.number = 0;
      return move(key, message.a / 127., 1 / 127.);
    case MidiKind::program:
      key.kind = Kind::program;
      key.number = 0;
      return move(key, message.a, 128);
    default:
      return std::nullopt;
  }
  if (message.a >= 120) return std::nullopt;  // channel modes
  const bool selects = message.a >= 98 && message.a <= 101;
  if (const auto set = channel.parameter.take(message.a, message.b)) {
    key.kind = set->registered ? Kind::rpn : Kind::nrpn;
    key.number = set->number;
    return move(key, set->fine ? set->value / 16383. : (set->value >> 7) / 127., 1 / 127.);
  }
  if (selects) return std::nullopt;
  if (message.a < 32) {
    channel.coarse_number = message.a;
    channel.coarse = message.b;
  } else if (message.a < 64 && before == message.a - 32) {  // the fine part of the one before
    auto pair = key;
    pair.number = before;
    channel.coarse_number = before;
    return move(pair, (channel.coarse << 7 | message.b) / 16383., 1 / 127.);
  }
  auto& control = controls_[key];
  for (const auto encoding : {ControlFilter::Encoding::twos, ControlFilter::Encoding::offset, ControlFilter::Encoding::sign}) {
    auto& sum = control.steps[static_cast<std::size_t>(encoding) - 1];
    sum = std::clamp(sum + steps_of(encoding, message.b) / 127., 0., 1.);
  }
  return move(key, message.b / 127., 1 / 127.);
}

KnobMove MidiControls::move(const ControlKey& key, double to, double grain) {
  auto& control = controls_[key];
  const double before = control.value;
  control.moved = ++moves_;
  if (control.waits) {
    const bool near = std::fabs(to - control.value) <= 1.01 * grain;
    const bool passed = control.hand > kUnknown && (control.hand - control.value) * (to - control.value) <= 0;
    control.hand = to;
    if (!near && !passed) return {key, before, before};
    control.waits = false;
  }
  control.value = to;
  return {key, before, to};
}

std::optional<double> MidiControls::value(const ControlFilter& filter) const {
  const Control* last = nullptr;
  const bool numbered = word_of(filter.kind).numbered;
  for (const auto& [key, control] : controls_) {
    if (key.kind != filter.kind || (numbered && key.number != filter.number)) continue;
    if ((filter.channel && key.channel != filter.channel) || !port_fits(key.port, filter.port)) continue;
    if (!last || control.moved > last->moved) last = &control;
  }
  if (!last) return std::nullopt;
  if (filter.encoding == ControlFilter::Encoding::absolute) return last->value;
  return last->steps[static_cast<std::size_t>(filter.encoding) - 1];
}

void MidiControls::put(const ControlKey& key, double value) {
  auto& control = controls_[key];
  control.value = value;
  control.steps.fill(std::clamp(value, 0., 1.));
  control.hand = kUnknown;
  control.waits = true;
  control.moved = ++moves_;
}

std::string MidiControls::distinction(const ControlKey& key) const {
  bool channel = false;
  bool port = false;
  for (const auto& [other, control] : controls_) {
    if (other.kind != key.kind || other.number != key.number) continue;
    port = port || other.port != key.port;
    channel = channel || (other.port == key.port && other.channel != key.channel);
  }
  return (channel ? " channel=" + std::to_string(key.channel) : "") + (port ? " port=\"" + key.port + '"' : "");
}

std::string MidiControls::to_text() const {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text.precision(9);
  for (const auto& [key, control] : controls_)
    text << word_of(key.kind).word << ' ' << key.number << ' ' << key.channel << ' ' << control.value << " \"" << key.port << "\"\n";
  return text.str();
}

Result<int> MidiControls::read(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  int count = 0;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (line.empty() || line.starts_with("--")) continue;
    std::istringstream words(line);
    words.imbue(std::locale::classic());
    std::string word;
    ControlKey key;
    double value = 0;
    words >> word >> key.number >> key.channel >> value;
    const auto open = line.find('"');
    const auto close = line.rfind('"');
    const auto* row = std::find_if(std::begin(kWords), std::end(kWords), [&](const KindWord& w) { return w.word == word; });
    if (!words || row == std::end(kWords) || key.channel < 1 || key.channel > 16 || !std::isfinite(value) || open == close)
      return Result<int>::fail("line " + std::to_string(number) + " is no knob: cc 74 1 0.5 \"port\" is expected");
    key.kind = row->kind;
    key.port = line.substr(open + 1, close - open - 1);
    const double low = key.kind == Kind::bend ? -1 : 0;
    const double high = key.kind == Kind::program ? 127 : 1;
    put(key, std::clamp(value, low, high));
    ++count;
  }
  return count;
}

}  // namespace hocket
