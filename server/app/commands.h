// What the command line may say, as plain data; one struct a command.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/engine/settings.h"
#include "server/protocol/message.h"

namespace hocket {

struct SoundOptions {
  std::vector<std::string> samples;  ///< folders
  std::string player = "staged";
  bool batching = true;
  int threads = 0;  ///< 0: as many as the processor has, four at most
  int block = 64;
};

struct MidiOptions {
  bool off = false;
  std::string api;                  ///< empty: the first that works
  std::vector<std::string> inputs;  ///< parts of names; empty: every port
  double offset_ms = 0;             ///< what is sent outside goes so much later
};

struct ServeOptions {
  SoundOptions sound;
  MidiOptions midi;
  std::uint16_t port = kDefaultPort;
  bool null_device = false;
  std::string device;
  double rate = 0;
  double latency_ms = 0;
  int channels = 2;
  int inputs = 0;
  std::string recordings;  ///< folder; empty: ~/Music/hocket, or the working directory
  std::string session;     ///< file that the session is written to and taken up from; empty: none
};

/// hocket midi list, monitor, send.
struct MidiToolOptions {
  std::string api;
  std::string port;                ///< part of its name
  long count = 0;                  ///< monitor: ends after so many messages; 0: never
  bool clock = false;              ///< monitor: shows clock and active sensing too
  std::vector<std::string> words;  ///< send: what
  int channel = 1;
  double seconds = 0.5;  ///< send: of a note
};

struct PlayOptions {
  ServeOptions serve;
  std::string file;
};

struct RenderOptions {
  SoundOptions sound;
  std::string file;
  std::string out;
  double seconds = 0;
  std::string cycles;       ///< a number or fraction; 8 where neither is given
  std::string start = "0";  ///< cycle
  double rate = 48000;
  int bits = 32;  ///< 32 (float), 24 or 16
  bool stems = false;
  std::string midi;      ///< file played into the program's `midi`
  std::string midi_out;  ///< file of what `midiout` sends
};

struct QueryOptions {
  std::string code;
  std::vector<std::string> cycles{"0", "1"};
  bool json = false;
  bool json_lines = false;  ///< requests on stdin, one a line
  std::string program;      ///< a file whose names are in reach
  std::uint64_t seed = 0;
};

struct FormatOptions {
  std::vector<std::string> files;
  bool write = false;
  bool check = false;
};

struct ShowOptions {
  std::string stage;  ///< tokens, ast, program, graph, plan, tracker
  std::string file;
  bool json = false;
  bool dot = false;
  int lines = 0;  ///< tracker: of a block; 0: as few as needed
  SoundOptions sound;
};

struct HelpOptions {
  std::string name;
  std::vector<std::string> samples;
};

struct DevicesOptions {
  bool quiet = false;  ///< only the exit status: 0 where there is an output
};

/// Each runs one subcommand to its end and returns the exit status. Thread: main
int serve(const ServeOptions&);
int play(const PlayOptions&);
int render(const RenderOptions&);
int query(const QueryOptions&);
int format_files(const FormatOptions&);
int show(const ShowOptions&);
int units();
int reference();
int help(const HelpOptions&);
int devices(const DevicesOptions&);
int midi_list(const MidiToolOptions&);
int midi_monitor(const MidiToolOptions&);
int midi_send(const MidiToolOptions&);
int doctor();

/// Engine settings from the options, with defaults filled in for this machine; throws std::runtime_error on an unknown player.
EngineSettings engine_settings(const SoundOptions&, double rate, int channels);

}  // namespace hocket
