// Which notes sound: keys, pedals and channel modes of every port, made into one begin and one end a note.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "server/control/midi_message.h"
#include "server/control/midi_parameter.h"

namespace hocket {

/// One sounding note. `id` is unique for as long as the server runs, never 0.
struct MidiNote {
  std::uint64_t id = 0;
  int port = 0;
  int channel = 1;
  int key = 60;
  float vel = 1;  ///< 0..1
};

/// How far a note is bent: its own channel's wheel, and in an MPE zone the master channel's.
struct MidiBend {
  float own = 0;         ///< -1..1
  float range = 2;       ///< semitones, by RPN 0 or MPE's default
  float zone_semis = 0;  ///< the master channel's
  float semis() const { return own * range + zone_semis; }
};

struct NoteChange {
  enum class Kind : std::uint8_t { on, off, bend, touch, slide };
  Kind kind = Kind::on;
  MidiNote note;
  float value = 0;  ///< touch, slide: 0..1; off: release velocity, 0..1
  MidiBend bend;
};

/// Every `on` is followed by exactly one `off` of the same id, whatever bytes come: a key struck again ends first, pedals and
/// channel modes keep and let go, a port that goes lets go of all. All-notes-off ends notes that a pedal holds too, for it is
/// what one sends when something hangs. An `on` is followed by its bend, touch and slide where they are not 0.
/// Source: MIDI 1.0 Detailed Specification, 1996; MIDI Polyphonic Expression 1.1, 2022 (zones by RPN 6).
class MidiNotes {
 public:
  /// What `message` changes, in order. `at_s`: by any steady clock.
  std::vector<NoteChange> take(int port, const MidiMessage&, double at_s);
  /// The port was unplugged.
  std::vector<NoteChange> leave(int port);
  /// Everything ends.
  std::vector<NoteChange> silence();
  /// Ends the notes of ports that used to send active sensing and have fallen silent.
  std::vector<NoteChange> expire(double now_s);

  /// In the order in which they were struck.
  std::vector<MidiNote> sounding() const;

 private:
  struct Key {
    std::uint64_t id = 0;  // 0: silent
    float vel = 0;
    float touch = 0;
    bool down = false;
    bool latched = false;  // by the sostenuto pedal
  };
  struct Channel {
    Key keys[128];
    bool sustain = false;
    bool sostenuto = false;
    float bend = 0;
    float range = -1;  // below 0: not set, the default counts
    float touch = 0;
    float slide = 0;
    MidiParameter parameter;
  };
  struct Port {
    Channel channels[16];
    int lower = 0;  // members of the MPE zones
    int upper = 0;
    bool senses = false;
    double heard_s = 0;
  };
  using Changes = std::vector<NoteChange>;

  void note_on(int port, int channel, int key, int velocity, Changes&);
  void note_off(int port, int channel, int key, float release, Changes&);
  void control(int port, int channel, int number, int value, Changes&);
  void end(int port, int channel, int key, float release, Changes&);
  void end_all(int port, int channel, Changes&);
  void tell(NoteChange::Kind, int port, int channel, int key, Changes&);
  void tell_all(NoteChange::Kind, int port, int channel, Changes&);
  Port& port_at(int port);
  static int zone_master(const Port&, int channel);
  MidiBend bend_of(const Port&, int channel) const;
  MidiNote note_of(int port, int channel, int key) const;

  std::map<int, std::unique_ptr<Port>> ports_;
  std::uint64_t last_id_ = 0;
};

}  // namespace hocket
