// Where every knob, wheel and pedal stands: what `cc`, `bend` and `touch` read.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lang/pattern/live.h"
#include "server/control/midi_message.h"
#include "server/control/midi_parameter.h"
#include "server/result.h"

namespace hocket {

/// One knob of one port; ports go by their names, so that a knob is the same after it was unplugged.
struct ControlKey {
  std::string port;
  int channel = 1;
  ControlFilter::Kind kind = ControlFilter::Kind::cc;
  int number = 0;

  friend auto operator<=>(const ControlKey&, const ControlKey&) = default;
};

struct KnobMove {
  ControlKey key;
  double before = 0;  ///< its value, from and to: the same while it waits for its hand
  double value = 0;
};

/// The text that a program reads this knob by: `cc 74`, `nrpn 300`, with channel and port where they are needed.
std::string to_text(const ControlKey&);

/// Knobs with 7 and 14 bits (a coarse controller 0..31 right before its fine one 32..63), registered and other parameters,
/// endless encoders, wheels, pressure, programs. Values that were put there otherwise than by the knob (a saved session, a
/// program) stay until the knob comes by them: soft take-over.
class MidiControls {
 public:
  /// The knob that this moved, if it did.
  std::optional<KnobMove> take(const std::string& port, const MidiMessage&);

  /// As LiveInput::control.
  std::optional<double> value(const ControlFilter&) const;
  /// Puts a value in the knob's place; it takes over when it comes by. 0..1, a bend -1..1, a program 0..127.
  void put(const ControlKey&, double value);

  /// What tells this knob from others that have moved and are of its kind and number: ` channel=2 port="nanoKONTROL2"`, either
  /// or nothing.
  std::string distinction(const ControlKey&) const;

  /// One line a knob: `cc 74 1 0.503937 "nanoKONTROL2"`; ordered.
  std::string to_text() const;
  /// Lines as `to_text` gives them; their values wait for their knobs. How many were read, or which line cannot be.
  Result<int> read(const std::string& text);

  /// Counts moves: equal counts mean that nothing moved.
  std::uint64_t moves() const { return moves_; }

 private:
  struct Control {
    double value = 0;
    std::array<double, 3> steps{};  // as endless encoders: twos, offset, sign
    double hand = -2;               // where the knob itself is, while its value waits for it; -2: not known
    bool waits = false;
    std::uint64_t moved = 0;  // in the order of moves
  };
  struct Channel {
    MidiParameter parameter;
    int coarse_number = -1;  // of the control change just before
    int coarse = 0;
  };
  KnobMove move(const ControlKey&, double to, double grain);

  std::map<ControlKey, Control> controls_;
  std::map<std::pair<std::string, int>, Channel> channels_;
  std::uint64_t moves_ = 0;
};

/// Whether a port's name fits what a program calls it: it holds it, case aside.
bool port_fits(const std::string& name, const std::string& part);

}  // namespace hocket
