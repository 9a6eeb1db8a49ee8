// The machine's MIDI ports in a performance: opened as they come, heard, and played at the audio clock's time.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "server/app/commands.h"
#include "server/bridge/queue.h"
#include "server/control/frame_clock.h"
#include "server/control/midi_clock.h"
#include "server/control/midi_live.h"
#include "server/control/midi_out.h"
#include "server/control/midi_parser.h"
#include "server/io/audio.h"
#include "server/io/midi_rtmidi.h"

namespace hocket {

/// Two threads: one looks for ports once a second and opens them, one reads and sends. Drivers' callbacks only push bytes into
/// a queue of their port. Without MIDI on the machine nothing happens, and nothing is said.
class MidiHost {
 public:
  MidiHost(const MidiOptions&, const AudioInfo&, LivePlayer&, MidiOut&, const Engine&, FrameClock&, Reports);
  /// Ends all notes outside and stops the clock there.
  ~MidiHost();
  MidiHost(const MidiHost&) = delete;
  MidiHost& operator=(const MidiHost&) = delete;

  /// `JACK: in "a", "b"; out "c"`, or that there is none. Thread: any
  std::string line() const;
  /// Which sender's clock is followed: part of its port's name; empty: none. Thread: any
  void follow_clock(const std::string& port, bool on);
  ClockState clock() const;

 private:
  static constexpr int kPacketBytes = 15;
  struct Packet {
    std::int64_t ns = 0;
    std::int64_t frame = 0;  // by the audio's turns
    std::uint8_t count = 0;
    std::uint8_t bytes[kPacketBytes] = {};
  };
  struct Input {
    int id = 0;
    std::string name;
    bool own = false;      // that others connect to: its name tells who
    bool by_hand = false;  // closed, for it is heard at our own
    Queue<Packet> queue{2048};
    std::atomic<std::uint64_t> lost{0};
    std::uint64_t lost_seen = 0;
    MidiParser parser;
    bool joined = false;
    std::shared_ptr<MidiInput> handle;  // last: closed before its queue goes
  };
  struct Output {
    std::string name;  // empty: not found yet
    std::shared_ptr<MidiOutput> handle;
    bool looked_for = false;
    std::vector<MidiMessage> early;  // came before it was looked for
  };
  struct Heard {
    std::int64_t ns = 0;
    std::int64_t frame = 0;
    int port = 0;
    MidiMessage message;
  };

  void watch();
  void look();
  void look_for_inputs(const std::vector<std::string>& there, const std::vector<std::string>& by_hand);
  void see_connections(const std::vector<std::string>& by_hand);
  void look_for_outputs(const std::vector<std::string>& there);
  std::shared_ptr<Input> opened(const std::string& name);
  void push(Input&, std::span<const std::uint8_t>) const;
  void play();
  void name_own_port();
  void hear();
  void follow(const Heard&);
  void send(const std::vector<MidiSend>&);
  std::int64_t play_once();
  std::int64_t frame_at(std::int64_t ns) const;

  const MidiOptions options_;
  const double output_latency_s_;
  const std::int64_t send_late_;  // frames, from a sound's to that of what is sent with it
  LivePlayer& live_;
  MidiOut& out_;
  const Engine& engine_;
  FrameClock& frames_;
  const Reports reports_;
  std::unique_ptr<MidiSystem> system_;  // the watching thread's, once it runs
  bool by_periods_ = false;             // messages are handed over once a period
  bool by_turns_ = false;               // those are the audio's own

  mutable std::mutex mutex_;  // of what follows
  std::vector<std::shared_ptr<Input>> inputs_;
  std::vector<std::shared_ptr<Input>> gone_;
  std::vector<std::string> by_hand_;       // connected to our own port, in order
  bool rewired_ = false;                   // that has changed
  bool unplugged_ = false;                 // and some have gone
  std::map<std::string, Output> outputs_;  // by what the program calls them
  std::string clock_part_;
  bool follows_ = false;
  int clock_source_ = 0;  // the port that is followed; 0: none yet
  ClockFollower follower_;
  int next_id_ = 1;
  std::set<std::string> told_;
  std::condition_variable wake_;
  bool look_now_ = false;
  bool stop_ = false;

  std::atomic<bool> playing_{true};
  std::thread watching_;
  std::thread playing_thread_;
};

}  // namespace hocket
